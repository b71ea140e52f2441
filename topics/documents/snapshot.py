"""Snapshots of every document's schema, of every version that ever was: `snapshots/<name>.v<version>.json`.

A version may grow by what breaks nobody (`compatibility`); the snapshot before is then kept as
`<name>.v<version>.r<revision>.json`, so that the whole history can be held against the present. Run

    python -m topics.documents.snapshot

after a change of a document: it writes what is new, and refuses to rewrite a version incompatibly.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from topics.documents import Registry, registry
from topics.documents.compatibility import breaks
from topics.documents.document import Document
from topics.documents.schema import Json, shape
from topics.errors import Refused

FOLDER: Final = Path(__file__).parent / "snapshots"
_FILE: Final = re.compile(r"(?P<name>.+)\.v(?P<version>[1-9][0-9]*)(?:\.r(?P<revision>[1-9][0-9]*))?\.json")

Schema = Mapping[str, Json]


class Snapshot(msgspec.Struct, frozen=True):
    """A published schema. `revision` None: the version as it stands; else a former revision of it, from 1."""

    name: str
    version: int
    revision: int | None
    schema: Schema


def history(folder: Path = FOLDER) -> tuple[Snapshot, ...]:
    """All of them, by name and version, former revisions before the one that stands.

    Raises Refused for a file that is not named as a snapshot.
    """
    found = [_read(file) for file in folder.glob("*.json")]
    return tuple(sorted(found, key=lambda one: (one.name, one.version, one.revision or sys.maxsize)))


def regenerate(documents: Registry = registry, folder: Path = FOLDER) -> tuple[Path, ...]:
    """Write what differs, and return it. Raises Refused, and writes nothing, when a version would break somebody."""
    past: dict[tuple[str, int], list[Snapshot]] = {}
    for snapshot in history(folder):
        past.setdefault((snapshot.name, snapshot.version), []).append(snapshot)
    changed: list[type[Document]] = []
    refusals: list[str] = []
    for cls in documents.classes():
        revisions = past.get((cls.NAME, cls.VERSION), [])
        if revisions and revisions[-1].schema == shape(cls):
            continue
        found = sorted({str(one) for revision in revisions for one in breaks(revision.schema, shape(cls))})
        refusals += (f"{cls.NAME} v{cls.VERSION}: {line}" for line in found)
        changed.append(cls)
    if refusals:
        raise Refused(
            "a published version may not change so; make it a new VERSION with an upcaster:\n  " + "\n  ".join(refusals)
        )
    folder.mkdir(exist_ok=True)
    written: list[Path] = []
    for cls in changed:
        file = folder / f"{cls.NAME}.v{cls.VERSION}.json"
        if file.exists():
            former = len(past[(cls.NAME, cls.VERSION)])
            written.append(file.replace(file.with_suffix(f".r{former}.json")))
        file.write_text(json.dumps(shape(cls), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        written.append(file)
    return tuple(written)


def _read(file: Path) -> Snapshot:
    named = _FILE.fullmatch(file.name)
    if named is None:
        raise Refused(f"{file.name}: expected <name>.v<version>.json or <name>.v<version>.r<revision>.json")
    revision = named["revision"]
    schema: Schema = json.loads(file.read_text(encoding="utf-8"))
    return Snapshot(named["name"], int(named["version"]), int(revision) if revision else None, schema)


def main() -> int:
    """Exit status 1 when a change was refused."""
    try:
        written = regenerate()
    except Refused as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    for file in written:
        print(f"wrote {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
