"""Makes the broker's topics those of the catalogue, or says how they differ.

What lacks is created. What differs is never repaired: a partition count or a retention that somebody changed has
consequences (keys move, records are gone) that a person must judge.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from topics.catalogue.brokersettings import Finding, findings
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import Sizing, Topic, well_named
from topics.errors import CatalogueDrift, Unavailable

LOOKS: Final = 150
PAUSE_SECONDS: Final = 0.2
"""How often, and how far apart, to look whether the cluster shows a topic that was created."""


class Size(Protocol):
    """Partitions and replicas of a topic that is there."""

    @property
    def partitions(self) -> int: ...

    @property
    def replication(self) -> int: ...


class Admin(Protocol):
    """What of Kafka's administration is needed. Every call raises Unavailable when the broker is away."""

    async def topics(self) -> Mapping[str, Size]: ...

    async def topic_configs(self, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]: ...

    async def broker_configs(self) -> Mapping[str, str]: ...

    async def create(self, name: str, partitions: int, replication: int, config: Mapping[str, str]) -> bool: ...


class Existing(msgspec.Struct, frozen=True):
    """What a broker has: topics with their sizes, the settings of those that are declared, its own settings."""

    topics: Mapping[str, Size]
    configs: Mapping[str, Mapping[str, str]]
    broker: Mapping[str, str]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a topic that is there differs from its declaration. None: not there at all."""

    topic: str
    setting: str
    found: str | None
    expected: str | None

    def __str__(self) -> str:
        if self.expected is None:
            return f"{self.topic}: found a topic that the catalogue does not have, expected none"
        found = "nothing" if self.found is None else repr(self.found)
        return f"{self.topic}: {self.setting}: found {found}, expected {self.expected!r}"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be created, and what must be put right by a person first."""

    create: tuple[Topic, ...] = ()
    differences: tuple[Difference, ...] = ()
    broker: tuple[Finding, ...] = ()

    @property
    def drifted(self) -> bool:
        return bool(self.differences or self.broker)

    @property
    def in_order(self) -> bool:
        """Whether the broker is as the catalogue says, with nothing to create."""
        return not (self.create or self.drifted)

    def lines(self) -> tuple[str, ...]:
        """Everything that is not in order, one line each."""
        missing = (f"{topic.name}: found nothing, expected the topic" for topic in self.create)
        return (*missing, *map(str, self.differences), *map(str, self.broker))


def plan(topics: Sequence[Topic], sizing: Sizing, existing: Existing) -> Plan:
    """Compare, without asking or changing anything. Topics that are not ours by their name are left alone."""
    declared = {topic.name: topic for topic in topics}
    differences: list[Difference] = []
    for name, topic in declared.items():
        if (size := existing.topics.get(name)) is None:
            continue
        expected = {
            "partitions": str(sizing.partitions(topic.width)),
            "replication": str(sizing.replication),
            **topic.config(sizing),
        }
        found = {
            **existing.configs.get(name, {}),
            "partitions": str(size.partitions),
            "replication": str(size.replication),
        }
        differences += (
            Difference(topic=name, setting=setting, found=found.get(setting), expected=value)
            for setting, value in expected.items()
            if found.get(setting) != value
        )
    strays = sorted(name for name in existing.topics if name not in declared and is_ours(name, topics))
    differences += (Difference(topic=name, setting="topic", found="present", expected=None) for name in strays)
    return Plan(
        create=tuple(topic for name, topic in declared.items() if name not in existing.topics),
        differences=tuple(differences),
        broker=findings(sizing, existing.broker),
    )


def is_ours(name: str, topics: Sequence[Topic] = TOPICS) -> bool:
    """Whether a topic on a shared cluster is the bus's by its name: well named, in a domain of the catalogue; or a
    log or changelog, of whatever keten or processor."""
    domain, _, rest = name.partition(".")
    return well_named(name) and (
        domain in {topic.name.partition(".")[0] for topic in topics} or rest.startswith(("gebeurtenis.v", "toestand.v"))
    )


async def observe(admin: Admin, topics: Sequence[Topic] = TOPICS) -> Existing:
    """What the broker has now. Raises Unavailable."""
    sizes = await admin.topics()
    present = [topic.name for topic in topics if topic.name in sizes]
    return Existing(sizes, await admin.topic_configs(present), await admin.broker_configs())


async def check(admin: Admin, sizing: Sizing, topics: Sequence[Topic] = TOPICS) -> Plan:
    """The plan for this broker. Raises Unavailable."""
    return plan(topics, sizing, await observe(admin, topics))


async def apply(admin: Admin, sizing: Sizing, topics: Sequence[Topic] = TOPICS) -> tuple[Topic, ...]:
    """Create what lacks, and return it; a second time creates nothing.

    Raises CatalogueDrift, with every difference, before anything is created; Unavailable when the broker is away or
    does not show what it created.
    """
    before = await check(admin, sizing, topics)
    _refuse_drift(before)
    for topic in before.create:
        await admin.create(topic.name, sizing.partitions(topic.width), sizing.replication, topic.config(sizing))
    if before.create:
        _refuse_drift(await _visible(admin, sizing, topics))
    return before.create


async def _visible(admin: Admin, sizing: Sizing, topics: Sequence[Topic]) -> Plan:
    for _ in range(LOOKS):
        now = await check(admin, sizing, topics)
        if not now.create:
            return now
        await asyncio.sleep(PAUSE_SECONDS)
    lacking = ", ".join(topic.name for topic in now.create)
    raise Unavailable(f"created, but not shown after {LOOKS * PAUSE_SECONDS:.0f} s: {lacking}; see the broker's log")


def _refuse_drift(found: Plan) -> None:
    if found.drifted:
        lines = "\n  ".join((*map(str, found.differences), *map(str, found.broker)))
        raise CatalogueDrift(
            f"the broker is not what the catalogue says; nothing is repaired by itself. Put these right:\n  {lines}"
        )
