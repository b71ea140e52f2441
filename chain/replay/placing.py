"""Which partitions of a bus a record of a capture goes to."""

from collections.abc import Sequence
from typing import Final

from chain.replay.turns import CLOCK, CLOCK_TYPES, type_of
from topics.catalogue.declarations import BESLUIT, BESLUITSTAND, dead_letter_topic
from topics.kafka import partition_for
from topics.runtime.step import Record

_BY_LETTER: Final = (BESLUIT, BESLUITSTAND, dead_letter_topic(BESLUIT))


def placed(record: Record, captured: int, partitions: int) -> Sequence[int]:
    """The partitions of a topic of `partitions` that a record of one of `captured` goes to.

    The same where there are as many (masking gives letters other ids, so what is keyed by letter follows its key). Otherwise by its key, as every client computes it, so that a key keeps its order;
    and what the clock wrote to every partition goes to every partition, once.
    """
    if captured == partitions and record.topic not in _BY_LETTER:
        return (record.partition,)
    if record.key == CLOCK and type_of(record) in CLOCK_TYPES:
        return range(partitions) if record.partition == captured - 1 else ()
    return (partition_for(record.key, partitions),)
