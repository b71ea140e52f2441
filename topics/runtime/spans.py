"""What the runtime tells whoever keeps traces; nobody does unless the composition root says so."""

from collections.abc import Sequence
from typing import Protocol

from topics.kafka import Write
from topics.runtime.step import Record


class Spans(Protocol):
    def handled(self, processor: str, records: Sequence[Record], writes: Sequence[Write], began: int) -> None:
        """`records` were handled in one committed transaction with `writes`, begun at `began` (ns since the epoch).

        Called between two transactions: no I/O, and it raises nothing.
        """
        ...
