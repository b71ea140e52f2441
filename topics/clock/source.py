"""The one source of time for intake and clock (DESIGN 5): real, or simulated so that a week passes in minutes."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog

from topics.errors import ConfigurationError

log = structlog.get_logger(__name__)

FILE: Final = "tijd.json"
_LOOK_AGAIN: Final = 0.05


class TimeSource(Protocol):
    """`now` is aware, in UTC. `seconds_until`: how many real seconds to wait before looking whether it is `at`."""

    def now(self) -> datetime: ...

    def seconds_until(self, at: datetime) -> float: ...


class RealTime:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.now()).total_seconds())


class SimulatedTime:
    """Time as the file `tijd.json` says: at real moment `since` it was `anchor`, and it runs `speed` times as fast.

    Every process that reads the same file has the same time, also after a restart. Speed 0 stands still: whoever wrote
    the file moves time on by writing it again, which is noticed at the next call. Without the file time is real again.
    While it cannot be looked at (a disk that is away), what it last said holds: time is asked for everything that is done.
    """

    def __init__(self, path: Path) -> None:
        """Raises ConfigurationError when the file is there but is not what `set_time` wrote."""
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._anchor, self._speed, self._since = datetime.now(UTC), 1.0, time.time()
        self._blind = False
        self._look()

    def now(self) -> datetime:
        try:
            self._look()
        except ConfigurationError as error:
            if not self._blind:
                log.error("time.unseen", code=error.code, error=str(error))
            self._blind = True
        else:
            self._blind = False
        if self._seen is None:
            return datetime.now(UTC)
        return self._anchor + timedelta(seconds=(time.time() - self._since) * self._speed)

    def seconds_until(self, at: datetime) -> float:
        left = (at - self.now()).total_seconds()
        if left <= 0:
            return 0.0
        if self._seen is None:
            return left
        return left / self._speed if self._speed else _LOOK_AGAIN

    def _look(self) -> None:
        try:
            stat = os.stat(self._path)
            seen = (stat.st_mtime_ns, stat.st_ino)
            if seen == self._seen:
                return
            fields = json.loads(self._path.read_text())
            anchor = datetime.fromisoformat(fields["anchor"])
            speed, since = float(fields["speed"]), float(fields["since"])
        except FileNotFoundError:
            self._seen = None
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"simulated time {self._path}: {getattr(error, 'strerror', None) or error}; expected JSON with anchor, speed, since"
            ) from error
        self._anchor, self._speed, self._since, self._seen = anchor, speed, since, seen


def set_time(folder: Path, anchor: datetime, speed: float = 0.0) -> None:
    """From now on it is `anchor` for every process of this data folder, running `speed` times as fast (0: standing)."""
    path = folder / FILE
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps({"anchor": anchor.isoformat(), "speed": speed, "since": time.time()}))
    os.replace(temporary, path)


def time_source(folder: Path) -> TimeSource:
    """Simulated as long as `folder` holds `tijd.json`, else real."""
    return SimulatedTime(folder / FILE)
