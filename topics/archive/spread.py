"""Where the records of the bus that was archived go on one with more partitions.

A key is in partition `hash mod n`, so that with 2n partitions what was in p goes to p or p + n, in the order that it had:
a dossier stays one ordered log. What the clock wrote into every partition goes to every successor of it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import DEAD_LETTER_SUFFIX, Sizing
from topics.documents import ce_type
from topics.documents.keten import Klok, Tik
from topics.errors import Refused
from topics.kafka import partition_for
from topics.runtime.step import Record

_EVERYWHERE: Final = tuple(ce_type(document).rpartition(".v")[0].encode() + b".v" for document in (Tik, Klok))
"""Types of what is written into every partition, in any version."""


class Spread:
    """From the partitions of an archive to those of a size; None: as they were."""

    def __init__(self, former: Mapping[str, int], sizing: Sizing | None) -> None:
        """Raises Refused when a topic would not have as many partitions as before, or a whole multiple of that."""
        self.sizing = sizing
        self._former, self._now = dict(former), dict(former)
        if sizing is None:
            return
        for topic in TOPICS:
            now = sizing.partitions(topic.width)
            was = self._former.setdefault(topic.name, now)
            if now % was:
                raise Refused(
                    f"{topic.name}: the archive has {was} partitions, this size {now}: possible are {was} and its "
                    f"multiples (--maat production:{topic.width}={2 * was}). A partition can be divided by its keys; two "
                    "have no order between them in which they could be joined"
                )
            self._now[topic.name] = now

    def partitions(self, topic: str) -> int:
        """How many it has now."""
        return self._now[topic]

    def former(self, topic: str, number: int) -> int:
        """The partition of the archive that partition `number` is, or is a part of."""
        return number % self._former[topic]

    def successors(self, topic: str, number: int) -> range:
        """The partitions that partition `number` of the archive becomes."""
        return range(number, self._now[topic], self._former[topic])

    def to(self, record: Record) -> Sequence[int]:
        """Partitions that get `record`. Raises Refused for one that does not lie where its key belongs: the partition
        that it lies in cannot be divided by keys."""
        topic, number = record.topic, record.partition
        successors = self.successors(topic, number)
        if len(successors) == 1:
            return successors
        letter = topic.endswith(DEAD_LETTER_SUFFIX)
        if not letter and any(name == "ce_type" and value.startswith(_EVERYWHERE) for name, value in record.headers):
            return successors
        one = partition_for(record.key, self._now[topic])
        if one in successors:
            return (one,)
        if letter:
            # of a tick; for people, who find it wherever it lies
            return (number,)
        raise Refused(
            f"{record.position}: found a key of partition {one % self._former[topic]}: what was not written by its key "
            f"cannot be divided. Restore into {self._former[topic]} partitions"
        )
