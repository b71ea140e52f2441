"""What an archive says of itself: `archief.json` once, and one manifest per cut. The manifest is the commit: what no
manifest names is not in the archive, and where the last one ends the archiver goes on.

    archief.json                      whose archive this is
    sneden/000000000012.json          cut 12: where it ends in every partition, and the files that it brought
    records/000000000012-…jsonl.gz    records, as capture files (topics.capture)
    blobs/ab/cd/…                     bodies of the object store by their hash
"""

from datetime import datetime
from typing import Final, TypeVar

import msgspec

from topics.archive.errors import ArchiveDamaged, ArchiveForeign

VERSION: Final = 1
HEAD: Final = "archief.json"
CUTS: Final = "sneden"
RECORDS: Final = "records"
BLOBS: Final = "blobs"

Offsets = dict[str, tuple[int, ...]]
"""Per topic, or per processor, an offset for each partition."""


class Head(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", tag="archief"):
    """`partitions`: of every topic of the catalogue, as the bus has them. `cluster`: Kafka's own id. `restored`: the
    restore that the bus came from, empty for none: it may have the id of the cluster that was lost."""

    version: int = VERSION
    made: datetime
    cluster: str
    restored: str = ""
    partitions: dict[str, int]


class Span(msgspec.Struct, frozen=True):
    """Records of one partition in a file: offsets from `first` to `last`, gaps of transactions in between."""

    topic: str
    partition: int
    first: int
    last: int
    records: int


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A capture file. `newest`: the time of its youngest record, ms since the epoch. `refs`: blobs that it refers to."""

    name: str
    shelf: str
    sha256: str
    bytes: int
    records: int
    newest: int
    spans: tuple[Span, ...]
    refs: tuple[str, ...] = ()


class Gap(msgspec.Struct, frozen=True):
    """Offsets that retention took before the archiver came, and that a person accepted as lost."""

    topic: str
    partition: int
    first: int
    until: int


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A moment to which everything can be restored.

    since: the first cut that is in it, when several were joined. high: every record of a source below it is in the
    archive. low: what was committed behind `positions` lies at or above it, so that a restore looks only there for what
    a processor has sent already. positions: of the processors that are rebuilt. stands: files of last records per key,
    by topic. missing: blobs that the object store does not have. erasing: it brought tombstones whose effect on older
    files is still to come.
    """

    version: int = VERSION
    number: int
    since: int
    tier: int = 0
    made: datetime
    low: Offsets
    high: Offsets
    positions: Offsets
    files: tuple[File, ...] = ()
    stands: dict[str, File] = {}
    gaps: tuple[Gap, ...] = ()
    missing: tuple[str, ...] = ()
    erasing: bool = False


T = TypeVar("T", Head, Cut)


def cut_name(number: int) -> str:
    return f"{CUTS}/{number:012d}.json"


def encode(found: Head | Cut) -> bytes:
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def decode(content: bytes, kind: type[T], name: str) -> T:
    """Raises ArchiveDamaged, ArchiveForeign for what a newer release wrote."""
    try:
        found = msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise ArchiveDamaged(f"{name}: {error}; it is not what was written") from error
    if found.version > VERSION:
        raise ArchiveForeign(f"{name}: found version {found.version}, this release reads up to {VERSION}")
    return found
