"""Faust's driver of Kafka, with what it lacks for us: committed records only, idempotent writes, and offsets that are true.

- Faust takes the isolation level from its processing guarantee, so that at_least_once counts records of transactions that
  were aborted; exactly_once would leave what a timer sends in an open transaction. So: at_least_once, and the level
  forced where the client is made.
- Its own book of acknowledged offsets lets a record out: it acknowledges what a stream skipped at a rebalance, and it
  commits past a first record that is not acknowledged. Here only what an agent has counted is committed.
- A fetch that was under way during the seek that ends a rebalance is delivered as if it came after, and what the seek
  went back for is then dropped as read. Here a fetch and a seek exclude each other, and what was fetched before a
  rebalance is not delivered after it.
- Per record it starts a task to see whether the flow was stopped; here per fetch. Likewise of a changelog: here a fetch is
  restored at once.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Final, NamedTuple, Protocol, cast

from faust.tables.manager import TableManager
from faust.transport.consumer import RecordMap
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from faust.types.transports import ConsumerT, ProducerT
from mode import Service
from mode.types import ServiceT

READ_COMMITTED: Final = "read_committed"
LOGGER: Final = logging.getLogger("faust.ketenbus")
"""For what of Faust is a class of ours: else it would tell of its comings and goings under our name."""
_FETCH_WAIT_MS: Final = 200
"""How long the broker may wait for something new. Faust asks for 1.5 s, which every request behind it waits for too."""


_FETCH_SECONDS: Final = 0.2
_HANDLING_SECONDS: Final = 5.0
"""How long a rebalance waits for what an agent has at hand."""
_AT_ONCE: Final = 100


class Gehaald(NamedTuple):
    """How far a partition was fetched: the next offset, the last stable offset as the broker then told, and the offset
    behind the last record since the assignment (None: there was none)."""

    volgende: int
    stabiel: int | None
    achter_laatste: int | None


class Restored(Protocol):
    """A table as a restore needs it."""

    def restore(self, partition: int, key: bytes | None, value: bytes | None) -> None: ...


class CommittedThread(driver.AIOKafkaConsumerThread):
    """The thread that reads."""

    logger = LOGGER

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        """Not started yet: what it fetches with is made of these two when it is."""
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = READ_COMMITTED
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS
        return consumer

    async def _fetch_records(self, consumer: Any, *given: Any, **named: Any) -> RecordMap:
        found = await super()._fetch_records(consumer, *given, **named)
        cast(Consumer, self.consumer).note(consumer, found)
        return found


class Consumer(driver.Consumer):
    """`gehaald`: of each partition that is assigned and was fetched since. `geteld`: the offset behind what an agent has
    counted of it since; that, and nothing else, is committed. `beurt`: number of the assignment, which every record
    carries in its field `checksum` (that of old formats, which nobody reads): one of a former turn counts no more."""

    logger = LOGGER

    def __post_init__(self) -> None:
        self.gehaald: dict[TP, Gehaald] = {}
        self.geteld: dict[TP, int] = {}
        self.beurt = 0
        self._sought = False
        self._fetching = asyncio.Lock()
        self._handling = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def _new_consumer_thread(self) -> CommittedThread:
        return CommittedThread(self, loop=self.loop, beacon=self.beacon)

    @contextmanager
    def handling(self) -> Iterator[None]:
        """While an agent counts: a rebalance waits for it, so that nobody writes behind who takes the partition over."""
        self._handling += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._handling -= 1
            if not self._handling:
                self._idle.set()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self._sought = False
        with suppress(TimeoutError):
            async with asyncio.timeout(_HANDLING_SECONDS):
                await self._idle.wait()
        await super().on_partitions_revoked(revoked)

    async def perform_seek(self) -> None:
        """At the end of every rebalance: what was fetched before and not committed is fetched again."""
        async with self._fetching:
            self._sought = False
            self.gehaald.clear()
            self.geteld.clear()
            await super().perform_seek()
            self.beurt += 1
            self._sought = True

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        stopped = cast(Service, fetcher)._stopped.is_set
        try:
            while not (self.should_stop or stopped()):
                if not self.flow_active:
                    await self.wait(self.can_resume_flow)  # type: ignore[arg-type]  # anything that can be waited for
                    continue
                async with self._fetching:
                    active = set(self._get_active_partitions())
                    if active and self.flow_active:
                        found = await self._getmany(active, _FETCH_SECONDS)
                        await self.wait_first(self._deliver(found), self.suspend_flow.wait())
                if not active:
                    await self.sleep(_FETCH_SECONDS)
                await asyncio.sleep(0)
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    async def _deliver(self, found: RecordMap) -> None:
        """To the agents; to the tables what lies on changelogs. Cut short when the flow is stopped: a seek follows."""
        for tp, records in found.items():
            source = self.app.topics.acks_enabled_for(tp.topic)
            if not source:
                await self._restore(tp, records)
            # of what was restored Faust is shown the last, to look whether that was all
            for number, record in enumerate(records if source else records[-1:]):
                if not self.flow_active or (source and not self._sought):
                    break
                await self.callback(self._to_message(tp, record))
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _restore(self, tp: TP, records: Sequence[Any]) -> None:
        """Rows of a changelog to their table, together. Faust takes one at a time, with a task and a look at every partition
        for each. Raises StateCorrupt for a row of a newer release."""
        recovery = cast(TableManager, self.app.tables).recovery
        table, offsets = cast(Restored | None, recovery.tp_to_table.get(tp)), recovery.active_offsets
        if table is None or tp not in recovery.active_tps:
            return
        for number, record in enumerate(records):
            if not self.flow_active:
                return
            if offsets.get(tp) is None or record.offset > offsets[tp]:
                table.restore(tp.partition, record.key, record.value)
                offsets[tp] = record.offset
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        message = super()._to_message(tp, record)
        message.checksum = self.beurt  # type: ignore[assignment]  # see the class
        return message

    def ack(self, message: Message) -> bool:
        """Faust acknowledges more than was counted; see `geteld`."""
        return False

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in list(self.geteld) if topics is None or tp in topics or tp.topic in topics)

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        counted = {tp: self.geteld[tp] for tp in tps if tp in self.geteld}
        return {tp: offset for tp, offset in counted.items() if offset > (self._committed_offset[tp] or 0)}

    def note(self, client: Any, found: RecordMap) -> None:
        """What a fetch gave. In the thread, so that nothing is fetched and not noted when others look."""
        assignment = client._subscription.subscription.assignment
        for tp in () if assignment is None else assignment.tps:
            state = assignment.state_value(tp)
            if state._position is not None:
                former, records = self.gehaald.get(tp), found.get(tp)
                last = records[-1].offset + 1 if records else None if former is None else former.achter_laatste
                self.gehaald[tp] = Gehaald(state._position, state.lso, last)

    def achter(self, tp: TP) -> int | None:
        """Records between what was counted and the last stable offset; None while that is not known. What lies there and
        is no record (the end of a transaction, what was aborted) is stepped over when it is fetched."""
        found = self.gehaald.get(tp)
        if found is None or found.stabiel is None:
            return None
        last = found.achter_laatste
        uncounted = 0 if last is None else max(0, last - self.geteld.get(tp, 0))
        return max(0, found.stabiel - found.volgende) + uncounted


class Producer(driver.Producer):
    """A retry may not put an older row of a changelog behind a newer one."""

    logger = LOGGER

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    Consumer: ClassVar[type[ConsumerT]] = Consumer
    Producer: ClassVar[type[ProducerT]] = Producer


def turn_of(message: Message) -> int:
    """`Consumer.beurt` when a record was delivered."""
    return cast(int, message.checksum)
