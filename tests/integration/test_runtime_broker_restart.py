"""What a broker that was killed makes of the transactions that were open."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tests.runtime.cluster import settled
from topics.broker import EmbeddedBroker
from topics.catalogue.topic import SINGLE, Cleanup, Origin, Topic, Width
from topics.errors import Unavailable
from topics.kafka import TransactionalProducer, Write, no_hook, open_admin

TIMEOUT = 1.0
PARTITIONS = 4


async def fail_before_the_commit(point: str) -> None:
    if point == "offsets":
        raise Unavailable("injected")


async def test_what_timed_out_while_the_broker_was_dead_is_aborted_on_every_partition(
    broker: EmbeddedBroker, bootstrap: str, unique: Callable[[str], str]
) -> None:
    """Otherwise the next transaction of the same task would commit it. Three restarts: with the coordinator's timer at
    one second about two of three went wrong."""
    name = unique("hangt")
    topic = Topic(
        name=f"{name}.uit.v1",
        what="test",
        key="key",
        documents=("bytes",),
        width=Width.LOG,
        origin=Origin.BRON,
        cleanup=Cleanup.DELETE,
        owner=name,
        producers=(name,),
        consumers=(),
        erasure="none",
    )
    async with open_admin(bootstrap) as admin:
        await admin.create(topic.name, PARTITIONS, 1, topic.config(SINGLE))
    writes = [Write(topic.name, partition, b"k", b"v", (), 0) for partition in range(PARTITIONS)]
    for _ in range(3):
        former = TransactionalProducer(bootstrap, name, int(TIMEOUT * 1000), 20, fail_before_the_commit)
        await former.fence()
        with suppress(Unavailable):
            await former.transact(writes, name, topic.name, 0, 0)
        await asyncio.to_thread(broker.kill)
        await former.close()
        # the transaction's own time must have run out before the broker is back
        await asyncio.sleep(2 * TIMEOUT)
        await asyncio.to_thread(broker.start)
        successor = TransactionalProducer(bootstrap, name, 60_000, 20, no_hook)
        await successor.fence()
        await settled(bootstrap, [topic.name], limit=10)
        await successor.close()
