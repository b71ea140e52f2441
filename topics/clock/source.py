"""The one source of time for intake and clock (DESIGN 5): real, or simulated so that a week passes in minutes."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from topics.errors import ConfigurationError


class TimeSource(Protocol):
    """`now` is aware, in UTC. `seconds_until` says how long to wait, in real seconds, until that time."""

    def now(self) -> datetime: ...

    def seconds_until(self, at: datetime) -> float: ...


class RealTime:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.now()).total_seconds())


class SimulatedTime:
    """Time that starts at `anchor` and runs `speed` simulated seconds per real second, from real moment `since`.

    Every process that reads the same file has the same time, also after a restart.
    """

    def __init__(self, anchor: datetime, speed: float, since: float) -> None:
        self._anchor, self._speed, self._since = anchor, speed, since

    def now(self) -> datetime:
        return self._anchor + timedelta(seconds=(time.time() - self._since) * self._speed)

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.now()).total_seconds() / self._speed)

    def write(self, path: Path) -> None:
        body = json.dumps({"anchor": self._anchor.isoformat(), "speed": self._speed, "since": self._since})
        temporary = path.with_suffix(".tmp")
        temporary.write_text(body)
        os.replace(temporary, path)

    @classmethod
    def read(cls, path: Path) -> "SimulatedTime":
        """Raises ConfigurationError when the file is not what `write` wrote."""
        try:
            fields = json.loads(path.read_text())
            return cls(datetime.fromisoformat(fields["anchor"]), float(fields["speed"]), float(fields["since"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"simulated time {path.name}: {error}; expected JSON with anchor, speed, since"
            ) from error


def time_source(folder: Path) -> TimeSource:
    """Simulated when `folder` holds `tijd.json`, else real."""
    path = folder / "tijd.json"
    return SimulatedTime.read(path) if path.exists() else RealTime()
