"""Settings of the broker itself that the bus stands on, each with the reason.

A topic's own settings are explicit (`Topic.config`); these cannot be set per topic, or hold for Kafka's internal topics.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from topics.catalogue.declarations import MESSAGE_LIMIT
from topics.catalogue.topic import DAY_MS, Sizing

STANDSTILL_MINUTES: Final = 30 * 24 * 60
"""How long a group may stand still: as long as `ruw.*` is kept."""

LONGEST_TRANSACTION_MS: Final = 60_000


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What one setting must be: at least `minimum`, or exactly `value`; and what goes wrong otherwise."""

    setting: str
    why: str
    minimum: int | None = None
    value: str | None = None

    @property
    def expected(self) -> str:
        return f"at least {self.minimum}" if self.minimum is not None else str(self.value)

    def holds(self, found: str) -> bool:
        if self.minimum is None:
            return found == self.value
        return found.lstrip("-").isdecimal() and int(found) >= self.minimum


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of the broker that is not what the bus needs. `found` None: the broker does not report it."""

    setting: str
    found: str | None
    expected: str
    why: str

    def __str__(self) -> str:
        found = "nothing" if self.found is None else repr(self.found)
        return f"broker: {self.setting}: found {found}, expected {self.expected}: {self.why}"


def rules(sizing: Sizing) -> tuple[Rule, ...]:
    """All of them, for a cluster of this size."""
    return (
        Rule(
            setting="auto.create.topics.enable",
            value="false",
            why="a misspelt name would become a topic with the broker's defaults, which delete after seven days",
        ),
        Rule(
            setting="message.max.bytes",
            minimum=MESSAGE_LIMIT,
            why="a dead letter must fit wherever a topic does not say its own limit",
        ),
        Rule(
            setting="offsets.retention.minutes",
            minimum=STANDSTILL_MINUTES,
            why="a group that stood still loses its offsets: its lag cannot be told, and measure starts over",
        ),
        Rule(
            setting="transactional.id.expiration.ms",
            minimum=7 * DAY_MS,
            why="an expired id fences nobody: a worker that comes back may write beside its successor",
        ),
        Rule(
            setting="transaction.max.timeout.ms",
            minimum=LONGEST_TRANSACTION_MS,
            why="tasks ask for transactions of up to a minute and would be refused",
        ),
        Rule(
            setting="offsets.topic.replication.factor",
            minimum=sizing.replication,
            why="offsets must survive the loss of a node as the topics do",
        ),
        Rule(
            setting="transaction.state.log.replication.factor",
            minimum=sizing.replication,
            why="the outcome of a transaction must survive the loss of a node as its records do",
        ),
        Rule(
            setting="transaction.state.log.min.isr",
            minimum=sizing.in_sync,
            why="a commit that only one node has can be lost with that node",
        ),
        Rule(
            setting="unclean.leader.election.enable",
            value="false",
            why="a leader that was not in sync drops records that were acknowledged",
        ),
        Rule(
            setting="log.cleaner.enable",
            value="true",
            why="without the cleaner a compacted topic grows for ever and tombstones erase nothing",
        ),
    )


def findings(sizing: Sizing, settings: Mapping[str, str]) -> tuple[Finding, ...]:
    """The rules that `settings` (as the broker reports them) break."""
    return tuple(
        Finding(setting=rule.setting, found=settings.get(rule.setting), expected=rule.expected, why=rule.why)
        for rule in rules(sizing)
        if not rule.holds(settings.get(rule.setting, ""))
    )
