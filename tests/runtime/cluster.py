"""What tests do to a broker behind the runtime's back: truncate logs, move or delete groups, look at what is open.

Only tests need these, so they use the client directly.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidTxnState
from aiokafka.protocol.admin import DeleteGroupsRequest
from aiokafka.structs import OffsetAndMetadata

from tests.runtime.waiting import until
from topics.broker.settings import NODE_ID


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def _consumer(bootstrap: str, group: str | None, isolation: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False, isolation_level=isolation
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def settled(bootstrap: str, topics: Iterable[str], limit: float = 60.0) -> None:
    """Returns when no transaction is open on `topics`: a commit is acknowledged before readers can see it."""
    async with (
        _consumer(bootstrap, None, "read_committed") as committed,
        _consumer(bootstrap, None, "read_uncommitted") as uncommitted,
    ):
        partitions = []
        for topic in topics:
            await committed._client._wait_on_metadata(topic)
            partitions += [TopicPartition(topic, p) for p in committed.partitions_for_topic(topic) or ()]

        held: list[TopicPartition] = []

        async def nothing_held() -> bool:
            stable, written = await committed.end_offsets(partitions), await uncommitted.end_offsets(partitions)
            held[:] = [at for at in partitions if stable[at] != written[at]]
            return not held

        try:
            await until(nothing_held, "no open transaction", limit)
        except AssertionError as error:
            raise AssertionError(f"{error}; held at {held}") from error


@asynccontextmanager
async def open_transaction(bootstrap: str, topic: str, partition: int) -> AsyncIterator[None]:
    """Somebody's transaction that holds the last stable offset of a partition; aborted at the end."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"hangs-{topic}-{partition}")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"", key=b"hangs", partition=partition)
        yield
        await producer.abort_transaction()
    finally:
        await producer.stop()


async def leave_hanging(bootstrap: str, transactional_id: str, topic: str, partition: int) -> None:
    """A record of a transaction that its coordinator does not know of: no fence and no end of it writes a marker."""
    async with _partitions_unverified(bootstrap):
        await until(
            lambda: _hangs(bootstrap, transactional_id, topic, partition), "the broker takes what it cannot end"
        )


@asynccontextmanager
async def _partitions_unverified(bootstrap: str) -> AsyncIterator[None]:
    key = "transaction.partition.verification.enable"

    async def verified(value: str) -> None:
        async with _admin(bootstrap) as admin:
            await admin.alter_configs([ConfigResource(ConfigResourceType.BROKER, str(NODE_ID), configs={key: value})])

    await verified("false")
    try:
        yield
    finally:
        await verified("true")


async def _hangs(bootstrap: str, transactional_id: str, topic: str, partition: int) -> bool:
    """False while the broker still verifies partitions: it acknowledges a setting before it works."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=transactional_id)
    await producer.start()
    try:
        await producer.begin_transaction()
        producer._txn_manager.txn_partitions.add(TopicPartition(topic, partition))
        await producer.send_and_wait(topic, b"hangs", key=b"hangs", partition=partition)
    except InvalidTxnState:
        return False
    finally:
        await producer.stop()
    return True


async def truncate(bootstrap: str, topic: str, partition: int, before: int) -> None:
    """Delete the records of a partition before an offset, as retention does."""
    async with _admin(bootstrap) as admin:
        await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(before_offset=before)})


async def delete_topic(bootstrap: str, topic: str) -> None:
    """Returns when the broker has forgotten it, so that it can be made anew."""
    async with _admin(bootstrap) as admin:
        await admin.delete_topics([topic])

        async def gone() -> bool:
            return topic not in await admin.list_topics()

        await until(gone, f"{topic} is gone")


async def move_group(bootstrap: str, group: str, topic: str, partition: int, offset: int) -> None:
    """What a person does with Kafka's own tools. The group must have no members."""
    tp = TopicPartition(topic, partition)
    async with _consumer(bootstrap, group, "read_committed") as consumer:
        consumer.assign([tp])
        await consumer.commit({tp: OffsetAndMetadata(offset, "")})


async def delete_group(bootstrap: str, group: str) -> None:
    """Returns when the group and its offsets are gone; the broker refuses as long as it has members."""
    async with _admin(bootstrap) as admin:

        async def deleted() -> bool:
            node = await admin.find_coordinator(group)
            answer = await admin._send_request_to_node(node, DeleteGroupsRequest([group]))
            ((_, code),) = answer.results
            return bool(code == 0)

        await until(deleted, f"group {group} is deleted")
