"""The bus that a capture is played into: its topics made where they lack, and empty."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from topics.capture import Header, open_capture
from topics.catalogue.apply import apply
from topics.catalogue.declarations import TOPICS, by_name
from topics.catalogue.topic import SINGLE, Sizing, Width
from topics.errors import Refused
from topics.kafka import TopicState, open_admin, open_reader

_DAY_MS = 86_400_000
_SELDOM_MS = 365 * _DAY_MS
_NEVER = str(10 * 365 * _DAY_MS)
_LOOKS = "log.retention.check.interval.ms"
LASTING: Mapping[str, str] = {_LOOKS: _NEVER, "log.initial.task.delay.ms": _NEVER}
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


async def fleeting(bootstrap: str, path: Path, names: Collection[str], now: int) -> list[str]:
    """Topics of `names` with records in the capture that are older than the broker keeps them there: it deletes them at
    its next look, read or not. `now`: ms since the epoch, of the broker's clock. None of a broker that never looks.

    Raises as `Capture.records`, Unavailable.
    """
    async with open_admin(bootstrap) as admin:
        looks = int((await admin.broker_configs()).get(_LOOKS, 0))
        configs = {} if looks >= _SELDOM_MS else await admin.topic_configs(sorted(names))
    kept = {name: int(found["retention.ms"]) for name, found in configs.items() if found["cleanup.policy"] == "delete"}
    kept = {name: ms for name, ms in kept.items() if ms >= 0}
    if not kept:
        return []
    found: set[str] = set()
    with open_capture(path) as capture:
        for record in capture.records():
            if record.timestamp >= now - min(kept.values()):
                break  # a capture is in order of time
            if record.topic in kept and record.timestamp < now - kept[record.topic]:
                found.add(record.topic)
    return [f"{name} ({kept[name] / _DAY_MS:g} days)" for name in sorted(found)]


async def _filled(bootstrap: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    async with open_reader(bootstrap, names) as reader:
        ends, begins = await reader.ends(), await reader.positions()
    return sorted({topic for (topic, number), end in ends.items() if end > begins[(topic, number)]})
