"""An archive as a very slow archiver would have made it: of what was handled meanwhile it has the causes, not the effects."""

import shutil
from pathlib import Path

import msgspec

from topics.archive import recordfile
from topics.archive.contents import Contents
from topics.archive.manifest import RECORDS, Cut, File, cut_name, encode
from topics.archive.place import Place, open_place
from topics.archive.selection import order
from topics.objectstore import ObjectStoreSettings
from topics.runtime.step import Record


def slowed(archive: Path, former: Path) -> int:
    """Leaves in `archive` of postings, personal data and dead letters only what its copy `former` has, and processors
    where they were then; how many records that took away."""
    with (
        open_place(ObjectStoreSettings(blobs=str(archive)), writing=True) as place,
        open_place(ObjectStoreSettings(blobs=str(former)), writing=False) as copy,
    ):
        contents, before = _loaded(place), _last(copy)
        effects, taken = order()[0], 0
        for cut in contents.cuts:
            files: list[File] = []
            for file in cut.files:
                records = list(recordfile.read(place, file))
                left = [one for one in records if one.topic not in effects or _had(before, one)]
                taken += len(records) - len(left)
                if len(left) == len(records):
                    files.append(file)
                elif left:
                    at, partitions = f"{cut.number:012d}-t{len(files)}", contents.head.partitions
                    files.append(recordfile.write(place, at, file.shelf, left, partitions, cut.made))
            kept = msgspec.structs.replace(cut, files=tuple(files))
            if cut is contents.last:
                high = cut.high | {topic: before.high[topic] for topic in effects}
                kept = msgspec.structs.replace(
                    kept, high=high, low=before.low, positions=before.positions, stands=before.stands
                )
            place.replace(cut_name(cut.number), encode(kept))
    for one in before.stands.values():
        shutil.copy(former / one.name, archive / RECORDS)
    return taken


def _had(before: Cut, record: Record) -> bool:
    return record.offset < before.high[record.topic][record.partition]


def _loaded(place: Place) -> Contents:
    found = Contents.load(place)
    assert found is not None
    return found


def _last(place: Place) -> Cut:
    found = _loaded(place).last
    assert found is not None
    return found
