"""The runtime with one rule broken: what a plausible shortcut looks like. Each must be noticed by the checker.

`apply(name)` changes the running process for good, so it is called in worker processes only. The rules are those of
exactly-once on this client (D5 of the notes it came from) and of the runtime's own design: suspended tasks, one
position, cursors, dead letters inside the transaction.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from topics import kafka
from topics.catalogue.topic import DEAD_LETTER_SUFFIX
from topics.errors import Unavailable
from topics.kafka import Fenced, GroupConsumer, Reader, TransactionalProducer, Write
from topics.runtime import writes
from topics.runtime.batch import First
from topics.runtime.isolation import Isolation
from topics.runtime.positions import Position, encode_position
from topics.runtime.step import Record
from topics.runtime.store import Store
from topics.runtime.task import Task, TaskState

T = TypeVar("T")
Patch = Callable[[], None]

MUTANTS: Final[dict[str, tuple[Patch, str]]] = {}
"""By name: how it is done, and the rule that it breaks."""


def mutant(rule: str) -> Callable[[Patch], Patch]:
    def add(patch: Patch) -> Patch:
        MUTANTS[patch.__name__] = (patch, rule)
        return patch

    return add


def apply(name: str) -> None:
    MUTANTS[name][0]()


def _replace(owner: object, name: str, value: object) -> None:
    setattr(owner, name, value)


# ---------------------------------------------------------------- the transaction


@mutant("every send is awaited before the commit")
def unawaited() -> None:
    async def delivered(futures: Sequence[Awaitable[object]]) -> None:
        await asyncio.sleep(0)

    _replace(kafka, "_delivered", delivered)


@mutant("one transactional id per task, for ever the same")
def id_per_process() -> None:
    original = TransactionalProducer.__init__

    def init(self: TransactionalProducer, bootstrap: str, transactional_id: str, *rest: object) -> None:
        original(self, bootstrap, f"{transactional_id}-{os.getpid()}", *rest)  # type: ignore[arg-type]

    _replace(TransactionalProducer, "__init__", init)


def _remember_arguments() -> Callable[[TransactionalProducer], tuple[object, ...]]:
    original = TransactionalProducer.__init__
    given: dict[int, tuple[object, ...]] = {}

    def init(self: TransactionalProducer, *arguments: object) -> None:
        given[id(self)] = arguments
        original(self, *arguments)  # type: ignore[arg-type]

    _replace(TransactionalProducer, "__init__", init)
    return lambda producer: given[id(producer)]


@mutant("fenced means: leave the group and start over")
def fenced_and_goes_on() -> None:
    arguments = _remember_arguments()
    original = TransactionalProducer.transact

    async def transact(self: TransactionalProducer, *given: object) -> None:
        try:
            await original(self, *given)  # type: ignore[arg-type]
        except Fenced:
            TransactionalProducer.__init__(self, *arguments(self))  # type: ignore[arg-type]
            await self.fence()
            await original(self, *given)  # type: ignore[arg-type]

    _replace(TransactionalProducer, "transact", transact)


@mutant("after a failure the outcome is unknown: open the task anew")
def retries_in_place() -> None:
    original = TransactionalProducer.transact

    async def transact(self: TransactionalProducer, *given: object) -> None:
        try:
            await original(self, *given)  # type: ignore[arg-type]
        except Unavailable:
            if self._producer._txn_manager.is_in_transaction():
                await self._producer.abort_transaction()
            await original(self, *given)  # type: ignore[arg-type]

    _replace(TransactionalProducer, "transact", transact)


@mutant("the group's offset is part of the transaction")
def offsets_outside() -> None:
    arguments = _remember_arguments()
    original = TransactionalProducer.transact

    async def nothing(offsets: object, group: str) -> None:
        await asyncio.sleep(0)

    async def transact(
        self: TransactionalProducer, sent: Sequence[Write], group: str, topic: str, partition: int, offset: int
    ) -> None:
        _replace(self._producer, "send_offsets_to_transaction", nothing)
        await original(self, sent, group, topic, partition, offset)
        bootstrap, transactional_id, *_ = arguments(self)
        other = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{transactional_id}-{os.getpid()}")
        await other.start()
        await other.begin_transaction()
        await other.send_offsets_to_transaction({TopicPartition(topic, partition): offset}, group)
        await other.commit_transaction()
        await other.stop()

    _replace(TransactionalProducer, "transact", transact)


@mutant("dead letters are part of the transaction")
def letters_outside() -> None:
    arguments = _remember_arguments()
    original = TransactionalProducer.transact

    async def transact(self: TransactionalProducer, sent: Sequence[Write], *given: object) -> None:
        letters = [write for write in sent if write.topic.endswith(DEAD_LETTER_SUFFIX)]
        if letters:
            plain = AIOKafkaProducer(bootstrap_servers=arguments(self)[0], acks="all")
            await plain.start()
            for write in letters:
                fields = {"key": write.key, "partition": write.partition, "headers": list(write.headers)}
                await plain.send_and_wait(write.topic, write.value, **fields)
            await plain.stop()
        rest = [write for write in sent if write not in letters]
        await original(self, rest, *given)  # type: ignore[arg-type]

    _replace(TransactionalProducer, "transact", transact)


# ---------------------------------------------------------------- opening


@mutant("fence first, then restore and read the position")
def position_before_fence() -> None:
    opening, restoring, starting = Task._open, Task._restore, Task._start_offset
    early: dict[int, tuple[Store[object], int]] = {}

    async def open_(self: Task[object]) -> None:
        store, _ = await restoring(self)
        early[id(self)] = (store, await starting(self, store))
        if store.position is not None and store.position.offset:
            await self._hook("early")
        await opening(self)

    async def restore(self: Task[object]) -> tuple[Store[object], int]:
        return early[id(self)][0], 0

    async def start_offset(self: Task[object], store: Store[object]) -> int:
        return early[id(self)][1]

    _replace(Task, "_open", open_)
    _replace(Task, "_restore", restore)
    _replace(Task, "_start_offset", start_offset)


@mutant("state is read committed")
def restores_uncommitted() -> None:
    original = AIOKafkaConsumer

    def consumer(*topics: str, **settings: object) -> object:
        if settings.get("group_id") is None:
            settings["isolation_level"] = "read_uncommitted"
        return original(*topics, **settings)

    _replace(kafka, "AIOKafkaConsumer", consumer)


@mutant("a restore ends by position: the tail of a log is control records")
def restores_until_the_last_record() -> None:
    polling = Reader.poll
    last: dict[tuple[str, int], int] = {}

    async def poll(self: Reader, timeout: float = 1.0, most: int = 5000) -> list[Record]:
        found = await polling(self, timeout, most)
        last.update({(record.topic, record.partition): record.offset for record in found})
        return found

    async def caught_up(self: Reader, ends: dict[tuple[str, int], int] | None = None) -> bool:
        goal = await self.ends() if ends is None else ends
        return all(end == 0 or last.get(at, -1) >= end - 1 for at, end in goal.items())

    _replace(Reader, "poll", poll)
    _replace(Reader, "caught_up", caught_up)


@mutant("the changelog's position is the only one")
def position_of_the_group() -> None:
    async def start_offset(self: Task[object], store: Store[object]) -> int:
        committed = await self._consumer.committed(self.partition)
        begin, _ = await self._consumer.bounds(self.partition)
        offset = begin if committed is None else committed
        store.position = Position(offset)
        return offset

    _replace(Task, "_start_offset", start_offset)


@mutant("state in memory never outlives a failed attempt")
def state_kept_over_a_failure() -> None:
    original = Task._restore

    async def restore(self: Task[object]) -> tuple[Store[object], int]:
        if self.store.position is None:
            return await original(self)
        self.store.discard()
        return self.store, 0

    _replace(Task, "_restore", restore)


@mutant("state in memory changes only after the commit")
def state_before_the_commit() -> None:
    state_kept_over_a_failure()
    original = TransactionalProducer.transact
    attempting = Task._attempt

    async def attempt(self: Task[object]) -> None:
        async def transact(producer: TransactionalProducer, *given: object) -> None:
            self.store.commit(self.store.staged(), Position(given[-1]))  # type: ignore[arg-type]
            await original(producer, *given)  # type: ignore[arg-type]

        _replace(TransactionalProducer, "transact", transact)
        await attempting(self)

    _replace(Task, "_attempt", attempt)


@mutant("tasks are opened beside the listener: no heartbeat is sent while it runs")
def opens_in_the_listener() -> None:
    original = GroupConsumer.on_partitions_assigned

    async def assigned(self: GroupConsumer, partitions: set[TopicPartition]) -> None:
        await original(self, partitions)
        tasks: dict[int, Task[object]] = self._assigned.__self__._tasks  # type: ignore[attr-defined]
        while any(task.state in (TaskState.CREATED, TaskState.RESTORING) for task in tasks.values()):
            await asyncio.sleep(0.02)

    _replace(GroupConsumer, "on_partitions_assigned", assigned)


# ---------------------------------------------------------------- records, rebalances


@mutant("what waits is forgotten when a task is opened or positioned anew")
def stale_records() -> None:
    def forget(self: Task[object]) -> None:
        if self._batcher is not None:
            self._batcher.reset()

    _replace(Task, "_forget_records", forget)


@mutant("a new partition is paused at once, and records for a task that is not running are dropped")
def takes_records_too_early() -> None:
    async def assigned(self: GroupConsumer, partitions: set[TopicPartition]) -> None:
        self._assigned({tp.partition for tp in partitions})

    def offer(self: Task[object], records: list[Record]) -> None:
        self._incoming.extend(records)
        self._wake.set()

    _replace(GroupConsumer, "on_partitions_assigned", assigned)
    _replace(Task, "offer", offer)


@mutant("a revocation waits for the running transaction")
def suspends_without_waiting() -> None:
    async def suspend(self: Task[object]) -> None:
        if self.state is not TaskState.RUNNING:
            await self.close()
            return
        self.state = TaskState.SUSPENDED
        self._assigned = False
        self._forget_records()

    _replace(Task, "suspend", suspend)


@mutant("a task that is resumed keeps its producer: being fenced tells that its state is old")
def resumes_with_a_new_fence() -> None:
    arguments = _remember_arguments()
    resuming, attempting = Task.resume, Task._attempt
    resumed: set[int] = set()

    def resume(self: Task[object]) -> None:
        resumed.add(id(self))
        resuming(self)

    async def attempt(self: Task[object]) -> None:
        if id(self) in resumed and self._producer is not None:
            resumed.discard(id(self))
            TransactionalProducer.__init__(self._producer, *arguments(self._producer))  # type: ignore[arg-type]
            await self._producer.fence()
        await attempting(self)

    _replace(Task, "resume", resume)
    _replace(Task, "_attempt", attempt)


# ---------------------------------------------------------------- steps


@mutant("the cursor is part of the position")
def cursor_not_stored() -> None:
    _replace(
        writes, "encode_position", lambda position: encode_position(msgspec.structs.replace(position, cursor=None))
    )


@mutant("what the broker refuses is set apart step by step")
def no_isolation() -> None:
    def isolate(self: Isolation, first: First, why: str) -> bool:
        return True

    _replace(Isolation, "isolate", isolate)


# ---------------------------------------------------------------- staying alive


class _EscapedError(BaseException):
    """A cancellation that nobody asked for, let through."""


@mutant("a cancellation that nobody asked for means: build the worker anew")
def cancellation_escapes() -> None:
    original = kafka.guarded

    async def passing(call: Awaitable[T]) -> T:
        try:
            return await call
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _EscapedError from error

    async def guarded(call: Awaitable[T], limit: float, what: str) -> T:
        return await original(passing(call), limit, what)

    _replace(kafka, "guarded", guarded)


@mutant("every call of the client has a time limit")
def no_time_limits() -> None:
    original = kafka.guarded

    async def guarded(call: Awaitable[T], limit: float, what: str) -> T:
        return await original(call, 86_400, what)

    _replace(kafka, "guarded", guarded)
