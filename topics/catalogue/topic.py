"""What one topic is: a declaration that a person reads in ten seconds. Everything else is derived from it."""

import re
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from topics.errors import ConfigurationError

FOREVER: Final = -1
DAY_MS: Final = 86_400_000
BODY_LIMIT: Final = 1_048_576
DEAD_LETTER_EXTRA: Final = 65_536
LETTER_DAYS: Final = 365
ANY_TIME: Final = 2**63 - 1
DEAD_LETTER_SUFFIX: Final = ".dlq"
_NAME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+\.v[1-9][0-9]*")


def well_named(name: str) -> bool:
    """Whether `name` is `<domain>.<what>.v<n>`, or the dead-letter topic of such a name."""
    return _NAME.fullmatch(name.removesuffix(DEAD_LETTER_SUFFIX)) is not None


class Origin(StrEnum):
    """`bron` is archived and has a retention and an erasure rule; `afgeleid` can be rebuilt from sources."""

    BRON = "bron"
    AFGELEID = "afgeleid"


class Width(StrEnum):
    """How many partitions: a class, so that a size (`Sizing`) changes all topics that must stay co-partitioned."""

    LOG = "log"
    RAW = "ruw"
    SMALL = "klein"


class Cleanup(StrEnum):
    DELETE = "delete"
    COMPACT = "compact"


class Sizing(BaseModel):
    """Partitions per width, and replication. `production` is DESIGN 4's; `single` fits one machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    log: int
    ruw: int
    klein: int
    replication: int

    @property
    def in_sync(self) -> int:
        """How many replicas must have a record before it is acknowledged: all but one."""
        return max(1, self.replication - 1)

    def partitions(self, width: Width) -> int:
        return {Width.LOG: self.log, Width.RAW: self.ruw, Width.SMALL: self.klein}[width]

    @classmethod
    def of(cls, text: str) -> Self:
        """`single`, `production`, or one of them with other numbers of partitions: `production:log=64,ruw=16`.

        Raises ConfigurationError."""
        name, _, rest = text.partition(":")
        others = [one.partition("=") for one in rest.split(",")] if rest else []
        widths, sizes = {width.value for width in Width}, {"single": SINGLE, "production": PRODUCTION}
        if name not in sizes or any(
            key not in widths or not number.isdecimal() or not int(number) for key, _, number in others
        ):
            raise ConfigurationError(
                f"size {text!r}: expected single or production, and behind a colon numbers of partitions of "
                f"{', '.join(sorted(widths))}: production:log=64,ruw=16"
            )
        return cls.model_validate({**sizes[name].model_dump(), **{key: int(number) for key, _, number in others}})


PRODUCTION: Final = Sizing(log=32, ruw=8, klein=8, replication=3)
SINGLE: Final = Sizing(log=4, ruw=2, klein=2, replication=1)


class Topic(BaseModel):
    """One declaration.

    key: what the record key is. documents: names of the documents it carries ("bytes" for a partner's own).
    retention_days: -1 keeps for ever; compacted topics keep the last record per key. producers and consumers: names of
    principals. erasure: how personal data leaves it, or why there is none. dead_letters: whether a processor reads it,
    so that `<name>.dlq` exists. private: a changelog, for its processor alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    what: str
    key: str
    documents: tuple[str, ...]
    width: Width
    origin: Origin
    cleanup: Cleanup = Cleanup.DELETE
    retention_days: int = FOREVER
    owner: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    erasure: str
    dead_letters: bool = False
    max_bytes: int = Field(default=BODY_LIMIT)
    private: bool = False

    @field_validator("name")
    @classmethod
    def _name(cls, name: str) -> str:
        if not well_named(name):
            raise ValueError(f"topic name {name!r}: expected <domain>.<what>.v<n>, lower case, no underscore")
        return name

    @property
    def kept(self) -> str:
        """How long records stay, in words."""
        if self.cleanup is Cleanup.COMPACT:
            return "last per key"
        return "for ever" if self.retention_days == FOREVER else f"{self.retention_days} days"

    def config(self, sizing: Sizing) -> dict[str, str]:
        """The broker's settings of this topic, every one explicit.

        A record's time is the bus's own (simulated in a demonstration), so no distance to the broker's clock is
        refused; Kafka 4 would refuse an hour ahead. Retention works by whole segments: a day each, so that what must
        go is gone a day after its term.
        """
        retention = self.retention_days if self.retention_days == FOREVER else self.retention_days * DAY_MS
        settings = {
            "cleanup.policy": self.cleanup.value,
            "retention.ms": str(retention),
            "retention.bytes": "-1",
            "max.message.bytes": str(self.max_bytes),
            "min.insync.replicas": str(sizing.in_sync),
            "message.timestamp.type": "CreateTime",
            "message.timestamp.before.max.ms": str(ANY_TIME),
            "message.timestamp.after.max.ms": str(ANY_TIME),
            "compression.type": "producer",
        }
        if self.cleanup is Cleanup.COMPACT:
            settings |= {
                "min.cleanable.dirty.ratio": "0.2",
                "min.compaction.lag.ms": "0",
                "max.compaction.lag.ms": str(DAY_MS),
                "delete.retention.ms": str(DAY_MS),
            }
        if self.cleanup is Cleanup.COMPACT or self.retention_days != FOREVER:
            settings["segment.ms"] = str(DAY_MS)
        return settings

    def dead_letter_topic(self, producers: tuple[str, ...]) -> "Topic":
        """`<name>.dlq`: the originals that could not be handled, 64 kB roomier than the source.

        Kept for a year at least: nothing may be lost while a person has not decided. producers: the processors that read this topic.
        """
        return Topic(
            name=self.name + DEAD_LETTER_SUFFIX,
            what=f"dead letters of {self.name}: the original byte for byte, with dlq.* headers",
            key=self.key,
            documents=self.documents,
            width=self.width,
            origin=Origin.BRON,
            retention_days=FOREVER if self.retention_days == FOREVER else max(self.retention_days, LETTER_DAYS),
            owner=self.owner,
            producers=producers,
            consumers=("view", "review"),
            erasure=f"retention, or by decision; the source: {self.erasure}",
            max_bytes=self.max_bytes + DEAD_LETTER_EXTRA,
        )
