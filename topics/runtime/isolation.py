"""What is done when the broker or the changelog refuses a batch: its steps one by one, and what fails alone set apart."""

from topics.runtime.batch import First, Limits


class Isolation:
    """Outlives the producer and the store of a task, which a refusal spoils."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = 0
        self.refused: dict[First, str] = {}
        """Steps that were refused alone, and why: the batcher replaces them by what sets them apart."""

    @property
    def limits(self) -> Limits:
        """Those of the next batch."""
        return Limits(steps=1, bytes=1, seconds=self._limits.seconds) if self._left else self._limits

    def isolate(self, first: First, why: str) -> bool:
        """The batch from `first` on was refused. False when what sets a step apart was refused too: nothing is left
        that could be written."""
        if first in self.refused:
            return False
        if self._left:
            self.refused[first] = why
        self._left = self._limits.steps
        return True

    def committed(self, first: First) -> None:
        self._left = max(0, self._left - 1)
        self.refused.pop(first, None)
