"""Which principal may do what: one principal per name in the catalogue, nothing that the catalogue does not say it does.

Kafka derives Describe from Read and Write, and idempotent writing from Write.
"""

import shlex
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from topics.archive.selection import NEEDED
from topics.catalogue.declarations import TOPICS
from topics.catalogue.precedence import earlier, input_of
from topics.catalogue.principals import PRINCIPALS, Principal, Role
from topics.catalogue.topic import Topic
from topics.kafka import Right


class Resource(StrEnum):
    """As kafka-acls.sh names them."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"
    CLUSTER = "cluster"


# Kafka's own numbers of what its tools write as words
_RESOURCES: Final = {Resource.TOPIC: 2, Resource.GROUP: 3, Resource.CLUSTER: 4, Resource.TRANSACTIONAL_ID: 5}
_OPERATIONS: Final = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
_LITERAL: Final = 3
_PREFIXED: Final = 4


class Acl(msgspec.Struct, frozen=True, kw_only=True):
    """`principal` may do `operations` on the resource `name`, or on all whose name begins so when `prefixed`."""

    principal: str
    resource: Resource
    name: str
    operations: tuple[str, ...]
    prefixed: bool = False

    def command(self) -> str:
        """The line for kafka-acls.sh; the address is the shell's $BOOTSTRAP."""
        words = ["--add", "--allow-principal", self.principal]
        for operation in self.operations:
            words += ["--operation", operation]
        words += [f"--{self.resource.value}"]
        if self.resource is not Resource.CLUSTER:
            words += [self.name]
        if self.prefixed:
            words += ["--resource-pattern-type", "prefixed"]
        return f'kafka-acls.sh --bootstrap-server "$BOOTSTRAP" {shlex.join(words)}'

    def rights(self) -> tuple[Right, ...]:
        """The same, one per operation, as Kafka's protocol has them."""
        pattern = _PREFIXED if self.prefixed else _LITERAL
        kind = _RESOURCES[self.resource]
        return tuple(Right(self.principal, kind, self.name, pattern, _OPERATIONS[one]) for one in self.operations)


def user(name: str) -> str:
    """The principal as Kafka writes it, without an authentication that maps it otherwise."""
    return f"User:{name}"


def acls(topics: Sequence[Topic] = TOPICS) -> tuple[Acl, ...]:
    """All of them, by principal."""
    return tuple(acl for one in PRINCIPALS for acl in _of(one, topics))


def _of(one: Principal, topics: Sequence[Topic]) -> Iterator[Acl]:
    who, name = user(one.name), one.name
    for topic in topics:
        operations = (
            *(("Read",) if name in topic.consumers else ()),
            *(("Write",) if name in topic.producers else ()),
        )
        if operations:
            yield Acl(principal=who, resource=Resource.TOPIC, name=topic.name, operations=operations)
    if one.role in (Role.PROCESSOR, Role.GROUP):
        yield Acl(principal=who, resource=Resource.GROUP, name=name, operations=("Read",))
    if one.role is Role.PROCESSOR:
        # one transactional id per task: the processor's name, a hyphen, the partition
        yield Acl(
            principal=who, resource=Resource.TRANSACTIONAL_ID, name=f"{name}-", operations=("Write",), prefixed=True
        )
        # how far those are that it waits for after a restore
        for other in earlier(name, topics):
            yield Acl(principal=who, resource=Resource.GROUP, name=other, operations=("Describe",))
            source = input_of(other, topics).name
            yield Acl(principal=who, resource=Resource.TOPIC, name=source, operations=("Describe",))
    if one.role is Role.ARCHIVE:
        for read in NEEDED:
            yield Acl(principal=who, resource=Resource.TOPIC, name=read, operations=("Read",))
    if one.role is Role.OPERATOR:
        yield Acl(
            principal=who, resource=Resource.TOPIC, name="*", operations=("Create", "Describe", "DescribeConfigs")
        )
        yield Acl(
            principal=who, resource=Resource.CLUSTER, name="kafka-cluster", operations=("Describe", "DescribeConfigs")
        )
        # how far every processor is
        yield Acl(principal=who, resource=Resource.GROUP, name="*", operations=("Describe",))
