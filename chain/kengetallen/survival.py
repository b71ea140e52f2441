"""Kaplan-Meier: how long it takes when some have not ended yet.

By hand, because it is this one page and `lifelines`, the well-kept library, brings pandas, scipy and matplotlib along;
held against published tables in the tests. Kaplan and Meier, JASA 53 (1958) 457-481.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

_ROUNDING: Final = 1e-12
"""Far more than the rounding of the product below, far less than one observation in a million."""


class Quantile(NamedTuple):
    """`reached`: by `value` the asked share had ended. Else it lies beyond `value`, the longest that was observed."""

    value: int
    reached: bool


class Survival:
    """The share that has not ended after a time, from durations of what ended and of what was still open (censored).

    Durations are whole numbers of any unit. At equal durations an end comes before a censoring, as is the convention.
    """

    def __init__(self, ended: Iterable[int], censored: Iterable[int] = ()) -> None:
        ends, opens = Counter(ended), Counter(censored)
        self._steps: list[tuple[int, float, int, int]] = []
        self.longest: int | None = max(max(ends, default=None), max(opens, default=None), key=_or_before)
        at_risk = ends.total() + opens.total()
        before, whole = 1.0, at_risk
        for duration in sorted(ends.keys() | opens.keys()):
            gone, hidden = ends[duration], opens[duration]
            if gone:
                at_risk -= gone
                self._steps.append((duration, before, at_risk, whole))
            if hidden:
                # only a censoring starts a new factor, so that without any the share is one exact fraction
                before *= at_risk / whole
                at_risk -= hidden
                whole = at_risk

    def share(self, duration: int) -> float:
        """The share that lasts longer than `duration`."""
        found = 1.0
        for at, before, left, whole in self._steps:
            if at > duration:
                break
            found = before * left / whole
        return found

    def quantile(self, percent: int) -> Quantile | None:
        """The first duration after which at least `percent` (1 to 99) of all have ended; None without any observation."""
        if self.longest is None:
            return None
        for at, before, left, whole in self._steps:
            if before * left * 100 <= whole * (100 - percent) * (1 + _ROUNDING):
                return Quantile(at, True)
        return Quantile(self.longest, False)


def _or_before(duration: int | None) -> int:
    return -1 if duration is None else duration
