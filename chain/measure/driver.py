"""Faust's driver of Kafka, with what it lacks for us: it reads committed records only, and writes idempotently.

Faust takes the isolation level from its processing guarantee, so that at_least_once counts records of transactions that
were aborted; exactly_once would leave what a timer sends in an open transaction. So: at_least_once, and the level
forced here, where the client is made.
"""

import logging
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from faust.types.transports import ConsumerT, ProducerT

READ_COMMITTED: Final = "read_committed"
LOGGER: Final = logging.getLogger("faust.ketenbus")
"""For what of Faust is a class of ours: else it would tell of its comings and goings under our name."""
_FETCH_WAIT_MS: Final = 200
"""How long the broker may wait for something new. Faust asks for 1.5 s, which every request behind it waits for too."""


class CommittedThread(driver.AIOKafkaConsumerThread):
    """The thread that reads."""

    logger = LOGGER

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        """Not started yet: what it fetches with is made of these two when it is."""
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = READ_COMMITTED
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS
        return consumer


class Consumer(driver.Consumer):
    """`delivered`: per partition the offset behind the last record that went to an agent since the assignment."""

    logger = LOGGER

    def __post_init__(self) -> None:
        self.delivered: dict[TP, int] = {}

    def _new_consumer_thread(self) -> CommittedThread:
        return CommittedThread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        self.delivered[tp] = record.offset + 1
        return super()._to_message(tp, record)

    async def perform_seek(self) -> None:
        """At the end of every rebalance: what was delivered before and not counted is read again."""
        self.delivered.clear()
        await super().perform_seek()

    def fetched(self, tp: TP) -> tuple[int | None, int | None]:
        """The next offset to fetch of a partition and its last stable offset, as the broker last said."""
        client = self._thread._consumer
        assignment = None if client is None else client._subscription.subscription.assignment
        if assignment is None or tp not in assignment.tps:
            return None, None
        state = assignment.state_value(tp)
        return state._position, state.lso


class Producer(driver.Producer):
    """A retry may not put an older row of a changelog behind a newer one."""

    logger = LOGGER

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    Consumer: ClassVar[type[ConsumerT]] = Consumer
    Producer: ClassVar[type[ProducerT]] = Producer
