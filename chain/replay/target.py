"""The bus that a capture is played into: its topics made where they lack, and empty."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from topics.capture import Header
from topics.catalogue.apply import apply
from topics.catalogue.declarations import TOPICS, by_name
from topics.catalogue.topic import SINGLE, Sizing, Width
from topics.errors import Refused
from topics.kafka import TopicState, open_admin, open_reader

_NEVER = str(10 * 365 * 86_400_000)
LASTING: Mapping[str, str] = {"log.retention.check.interval.ms": _NEVER, "log.initial.task.delay.ms": _NEVER}
"""Settings of a broker that is there for captures alone: it never looks for what is older than its topic keeps, which
others do for the first time half a minute after their start."""


class NotEmpty(Refused):
    """The bus has records already."""

    code = "doel-niet-leeg"


_NAMES = frozenset(topic.name for topic in TOPICS)


async def prepare(bootstrap: str, header: Header, *, anyway: bool) -> dict[str, int]:
    """Partitions per topic of the bus at `bootstrap`, after what lacks of the catalogue was made.

    A bus without topics gets the partitions that the capture had. Raises NotEmpty unless `anyway`, Refused for topics that this release does not know; CatalogueDrift, Unavailable.
    """
    strange = sorted(topic.name for topic in header.topics if topic.name not in _NAMES)
    if strange:
        raise Refused(f"the capture has topics that this release does not know: {', '.join(strange)}; install a newer")
    async with open_admin(bootstrap) as admin:
        present = {name: state for name, state in (await admin.topics()).items() if name in _NAMES}
        filled = [] if anyway else await _filled(bootstrap, [name for name in present if not by_name(name).private])
        if filled:
            raise NotEmpty(
                f"{bootstrap} has records on {', '.join(filled[:5])}{' and more' if len(filled) > 5 else ''}; play into an "
                "empty broker, or say --toch to add to what is there"
            )
        await apply(admin, sizing(present, header))
        return {name: state.partitions for name, state in (await admin.topics()).items() if name in _NAMES}


def sizing(present: Mapping[str, TopicState], header: Header) -> Sizing:
    """As the bus has it already, else as the capture had it, else `SINGLE`; replication as the bus has it."""
    found: dict[Width, int] = {}
    for topic in header.topics:
        found.setdefault(by_name(topic.name).width, topic.partitions)
    found |= {by_name(name).width: state.partitions for name, state in present.items()}
    return Sizing(
        log=found.get(Width.LOG, SINGLE.log),
        ruw=found.get(Width.RAW, SINGLE.ruw),
        klein=found.get(Width.SMALL, SINGLE.klein),
        replication=next((state.replication for state in present.values()), SINGLE.replication),
    )


def fleeting(header: Header, now: datetime) -> list[str]:
    """Topics of a capture whose records a broker with the catalogue's retention throws away, for they are too old."""
    age = now - header.made
    return [
        f"{topic.name} ({kept} days)"
        for topic in header.topics
        if 0 <= (kept := by_name(topic.name).retention_days) < age.days
    ]


async def _filled(bootstrap: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    async with open_reader(bootstrap, names) as reader:
        ends, begins = await reader.ends(), await reader.positions()
    return sorted({topic for (topic, number), end in ends.items() if end > begins[(topic, number)]})
