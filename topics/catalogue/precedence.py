"""Which processors come first when a bus is rebuilt from its archive."""

from collections.abc import Sequence

from topics.catalogue.declarations import PROCESSORS, TOPICS
from topics.catalogue.topic import Origin, Topic


def input_of(processor: str, topics: Sequence[Topic] = TOPICS) -> Topic:
    """The one topic that `processor` handles. Raises ValueError when it does not consume exactly one."""
    (found,) = (topic for topic in topics if processor in topic.consumers and not topic.private)
    return found


def earlier(processor: str, topics: Sequence[Topic] = TOPICS) -> tuple[str, ...]:
    """Processors that must have sent what they had not sent yet before `processor` handles what was restored.

    They write what it reads, so that an input of it may be there while the rest of their transaction is not; and both
    write to one source, where what follows would come before what it follows from. Who writes to no source that they
    write to reads everything in its order whenever it begins, as the ledger does.
    """
    source = input_of(processor, topics)
    own = _sources(processor, topics)
    return tuple(
        name for name in PROCESSORS if name != processor and name in source.producers and own & _sources(name, topics)
    )


def _sources(processor: str, topics: Sequence[Topic]) -> set[str]:
    return {topic.name for topic in topics if topic.origin is Origin.BRON and processor in topic.producers}
