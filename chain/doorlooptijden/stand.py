"""The measures as they stand, or stood: the last revision of each that was known then, read from the topic."""

from collections.abc import Callable, Iterable

from chain.kalender import micros
from chain.kengetallen import Laatste
from topics import documents
from topics.catalogue.declarations import DOORLOOPTIJD, WATERMERK
from topics.documents.keten import Doorlooptijd, Watermerk
from topics.envelope import Envelope
from topics.errors import DocumentError
from topics.kafka import open_reader
from topics.runtime.step import Record

Read = Callable[[int, int], None]
"""Told how many records were read, of how many."""

_TELL_EVERY = 5_000


class Stand:
    """Folds records of `keten.doorlooptijd.v1`, and of `keten.watermerk.v1` how far messages were read.

    `peil`: revisions that became known later do not count yet; None takes all. `ketens`: others are left out;
    `maten`: only these; empty takes all. `huurder`: from when the tenant reported, where that is known.
    """

    def __init__(
        self, ketens: Iterable[str], peil: int | None = None, maten: Iterable[str] = (), *, huurder: bool = False
    ) -> None:
        self.laatste = Laatste(huurder=huurder)
        self._prefixes = tuple(f"{keten}/".encode() for keten in ketens)
        self._peil, self._maten = peil, frozenset(maten)
        self._read: dict[tuple[str, int], int] = {}

    @property
    def gelezen(self) -> int | None:
        """Up to when every message has been read, by the adapters that ever said so; None when none did.

        A deadline behind it says nothing yet: what met it may lie unread (DESIGN 5).
        """
        return min(self._read.values(), default=None)

    def add(self, record: Record) -> None:
        """Raises DocumentError for what is no measure of this release: then no figure can be trusted."""
        if record.topic == WATERMERK:
            self._watermark(record)
            return
        if record.value is None or not record.key.startswith(self._prefixes):
            return
        envelope = Envelope.read(record.headers)
        if self._peil is not None and micros(envelope.recorded_time) > self._peil:
            return
        document = documents.decode(envelope.type, record.value)
        if not isinstance(document, Doorlooptijd):
            raise DocumentError(f"{record.position}: found {envelope.type}, expected a doorlooptijd")
        if not self._maten or document.maat in self._maten:
            self.laatste.take(document)

    def _watermark(self, record: Record) -> None:
        if record.value is None:
            return
        document = documents.decode(Envelope.read(record.headers).type, record.value)
        if not isinstance(document, Watermerk):
            raise DocumentError(f"{record.position}: found {document.NAME}, expected a watermerk")
        at = document.topic, document.partitie
        self._read[at] = max(micros(document.tot), self._read.get(at, micros(document.tot)))


async def read(bootstrap: str, stand: Stand, tell: Read) -> None:
    """Everything that is on the topics now. Raises Unavailable, DocumentError."""
    async with open_reader(bootstrap, [DOORLOOPTIJD, WATERMERK]) as reader:
        begins, ends = await reader.positions(), await reader.ends()
        total = sum(ends[at] - begins[at] for at in ends)
        count = 0
        async for record in reader.to_end():
            stand.add(record)
            count += 1
            if count % _TELL_EVERY == 0:
                tell(count, total)
