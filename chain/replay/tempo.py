"""How fast a capture is played: as fast as it goes, as fast as it happened, or a number of times that."""

import re
from collections.abc import Callable
from typing import Final

from topics.errors import Refused

Tell = Callable[[str], None]
"""Told, in a line, how far the work is."""

_TIMES: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)x")


def speed(text: str) -> float | None:
    """Seconds of the capture per second, of 'echt' (1), '10x'; None for 'vol': no waiting. Raises Refused."""
    if text == "vol":
        return None
    if text == "echt":
        return 1.0
    match = _TIMES.fullmatch(text)
    if match is None or float(match[1]) == 0:
        raise Refused(f"--tempo: found {text!r}, expected vol, echt, or a number of times that as 10x or 0.5x")
    return float(match[1])


class Pace:
    """When a record is due. `speed` as of `speed()`."""

    def __init__(self, speed: float | None, now: float) -> None:
        self._speed, self._started = speed, now
        self._first: int | None = None
        self._latest = 0

    def wait(self, timestamp: int, now: float) -> float:
        """Seconds from `now` until a record of `timestamp` (ms) is due; 0 when it is. Time never goes back."""
        if self._speed is None:
            return 0.0
        if self._first is None:
            self._first = self._latest = timestamp
        self._latest = max(self._latest, timestamp)
        due = self._started + (self._latest - self._first) / 1000 / self._speed
        return max(0.0, due - now)
