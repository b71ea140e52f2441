"""Time in a play: the ticks of the logs, from what a capture holds of them. The suspended partners are this play's own."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from topics.catalogue.declarations import ALL_KETENS, OPSCHORTING, WATERMERK, log_topic
from topics.clock.watermark import Watermark
from topics.documents import ce_type, decode, encode
from topics.documents.keten import Klok, Opschorting, Watermerk
from topics.envelope import Envelope
from topics.play.sources import Ticks
from topics.runtime.step import Output, Record

INTERVAL: Final = timedelta(seconds=60)
_KEY: Final = b"klok"
_SOURCE: Final = "clock"
_ONE: Final = ("klok", 0)
"""The one partition that is answered for where a capture says itself when the bus ticked."""


class Clockwork:
    """Asks of every record what ticks follow from it. `marked` as of a Survey."""

    def __init__(self, ticks: Ticks, marked: tuple[tuple[str, int], ...]) -> None:
        feeds = frozenset(marked) if ticks is Ticks.RUW else frozenset((_ONE,))
        self.ticks: Final = ticks
        self._watermark = Watermark(dict.fromkeys(ALL_KETENS, feeds))
        self._given: datetime | None = None

    def observe(self, record: Record) -> None:
        """What an adapter wrote."""
        if record.topic not in (OPSCHORTING, WATERMERK) or record.value is None:
            return
        match decode(record.envelope().type, record.value):
            case Opschorting() as change:
                self._watermark.suspended(change)
            case Watermerk() as answer if self.ticks is Ticks.RUW:
                self._watermark.answered(answer)

    def before(self, at: datetime) -> datetime | None:
        """Of a capture without ticks: the tick before a message of `at`, when an interval has passed."""
        if self.ticks is not Ticks.BERICHTEN or (self._given is not None and at - self._given < INTERVAL):
            return None
        self._given = at
        return at

    def reach(self, tot: datetime) -> None:
        """Everything before `tot` has been read."""
        self._watermark.answered(Watermerk(topic=_ONE[0], partitie=_ONE[1], tot=tot))

    def due(self) -> Iterator[Output]:
        """Per keten whose time rose, the tick to write into each partition of its log: as the clock writes it."""
        for keten, klok in self._watermark.ticks().items():
            yield _tick(keten, klok)


def _tick(keten: str, klok: Klok) -> Output:
    envelope = Envelope(
        id=f"klok-{keten}-{klok.tot.isoformat()}",
        source=_SOURCE,
        type=ce_type(Klok),
        time=klok.tot,
        recorded_time=klok.tot,
    )
    return Output(log_topic(keten), _KEY, encode(klok), envelope.headers())
