"""Plays the sources of a capture on a stage: messages and decisions as they came, ticks where the capture has them."""

from collections.abc import Callable, Mapping

from topics.play.bodies import Bodies
from topics.play.decisions import Decisions, LeftOut
from topics.play.sources import Kind, Survey, Ticks, kind_of, known, tick_of
from topics.play.stage import sizing_of, staged
from topics.play.ticks import Clockwork
from topics.profile.registry import Registry
from topics.runtime.step import Output, Record

Seen = Callable[[Record], None]


class Player:
    """`partitions`: of the topics of the capture. `seen` gets every record that the bus would have written, the ticks
    included. Raises what `staged` raises."""

    def __init__(
        self,
        registry: Registry,
        survey: Survey,
        partitions: Mapping[str, int],
        seen: Seen,
        bodies: Bodies | None = None,
    ) -> None:
        self._survey, self._seen = survey, seen
        blobs = bodies or Bodies()
        self._stage = staged(sizing_of(partitions), registry, self._observe, blobs)
        self._decisions = Decisions(blobs)
        self._clockwork = Clockwork(survey.ticks, survey.marked)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Decisions that were not taken."""
        return tuple(self._decisions.left_out)

    def feed(self, record: Record) -> None:
        """One record of `sources.in_order`. Raises as `Stage.feed`, and DocumentError."""
        match kind_of(record):
            case Kind.BERICHT:
                at = known(record.headers)
                before = None if at is None else self._clockwork.before(at)
                if before is not None:
                    self._clockwork.reach(before)
                    self._tick(record.timestamp)
                self._stage.feed(record)
            case Kind.MERK:
                self._stage.feed(record)
                self._tick(record.timestamp)
            case Kind.KLOK:
                self._clockwork.reach(tick_of(record))
                self._tick(record.timestamp)
            case Kind.BESLUIT:
                for output in self._decisions.taken(record):
                    self._send(output, record.timestamp)
            case Kind.HERZONDEN | Kind.AFGELEID:
                return

    def finish(self) -> None:
        """The last look at the deadlines, of a capture that has no ticks of its own."""
        last = self._survey.tot
        if self._survey.ticks is Ticks.BERICHTEN and last is not None:
            self._clockwork.reach(last)
            self._tick(0)

    def _tick(self, timestamp: int) -> None:
        for output in self._clockwork.due():
            for partition in range(self._stage.partitions[output.topic]):
                self._send(Output(output.topic, output.key, output.value, output.headers, partition), timestamp)

    def _send(self, output: Output, timestamp: int) -> None:
        self._stage.feed(self._stage.send(output, timestamp))

    def _observe(self, record: Record) -> None:
        self._clockwork.observe(record)
        self._decisions.observe(record)
        self._seen(record)
