"""The original bytes behind a figure: from the topic, or from the object store where the record only refers to them."""

import hashlib
from collections.abc import Sequence

import msgspec

from topics.blobs import BlobStore
from topics.errors import Refused
from topics.kafka import Position, Reader, open_reader
from topics.runtime.step import Record
from topics.view.words import visible

_DATAREF = "ce_dataref"
_POLL_SECONDS = 0.2


class Place(msgspec.Struct, frozen=True):
    """Coordinates of one record."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Raises ValueError when it is not `topic/partition/offset`."""
        topic, partition, offset = text.rsplit("/", 2)
        return cls(topic, int(partition), int(offset))


class Original(msgspec.Struct, frozen=True):
    """A record as it was written, with its body resolved. `sha256`: hex of `body`."""

    record: Record
    body: bytes
    sha256: str


async def fetch(bootstrap: str, blobs: BlobStore, places: Sequence[Place]) -> dict[Place, Original]:
    """The originals at `places`; those that are past their retention are left out.

    Raises Unavailable when the broker or the object store is away, Refused for a topic that the broker does not have.
    """
    found: dict[Place, Original] = {}
    by_partition: dict[Position, list[Place]] = {}
    for place in places:
        by_partition.setdefault((place.topic, place.partition), []).append(place)
    for position, wanted in by_partition.items():
        start = min(place.offset for place in wanted)
        async with open_reader(bootstrap, [position[0]], {position: start}, only=[position]) as reader:
            if not (await reader.positions()):
                raise Refused(f"the broker has no partition {position[1]} of topic {position[0]}")
            records = await _records(reader, {place.offset for place in wanted})
        found |= {place: _resolved(records[place.offset], blobs) for place in wanted if place.offset in records}
    return found


async def _records(reader: Reader, offsets: set[int]) -> dict[int, Record]:
    goal = {position: min(end, max(offsets) + 1) for position, end in (await reader.ends()).items()}
    found: dict[int, Record] = {}
    while not await reader.caught_up(goal):
        for record in await reader.poll(_POLL_SECONDS):
            if record.offset in offsets:
                found[record.offset] = record
        if len(found) == len(offsets):
            break
    return found


def _resolved(record: Record, blobs: BlobStore) -> Original:
    reference = next((value.decode() for name, value in record.headers if name == _DATAREF), None)
    body = blobs.get(reference) if reference else record.value or b""
    return Original(record, body, hashlib.sha256(body).hexdigest())


def as_text(body: bytes) -> str:
    """The body as a person can read it: text where it is text, else its beginning in hexadecimal.

    Safe to show on a terminal; the body itself may not be.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    shown = visible(text, lines=True)
    if shown.count("\ufffd") <= 0.05 * len(shown):
        return shown
    return f"{body[:512].hex(' ', 2)}{' …' if len(body) > 512 else ''}"
