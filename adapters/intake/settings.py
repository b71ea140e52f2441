"""Settings of the intake process: one frozen model, from the mapping that `__main__` passes in."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from pydantic import Field

from adapters import bundle
from topics.objectstore import ObjectStoreSettings
from topics.processes.secrets import with_secrets
from topics.processes.settings import LogLevel
from topics.processes.tracing import TraceSettings, standard
from topics.processes.variables import PREFIX, checked

_OF_THE_BUS: Final = (*ObjectStoreSettings.model_fields, *TraceSettings.model_fields, "bootstrap", "view", "log_level")


class Settings(ObjectStoreSettings, TraceSettings):
    """Where the intake listens, what it talks to and its limits. Seconds are real seconds; sizes are bytes.

    data: folder with profiles, keys and object store; view: SQLAlchemy URL. answer: within how many seconds every
    request is answered once its body is in; read: for receiving the body; drain: for finishing at a stop. body: largest
    message, decoded; ratio: how many times larger a body may become by decoding, counted from 1 MB on; memory: bodies in
    hand at once; remembered: receipts kept in memory beside the view; lookup: for asking the view whether it is a repeat.
    checks, checks_each: checks of messages in hand at once, of all partners and of one; check: seconds that one may
    take. contact: whom a suspended partner calls.
    """

    bootstrap: str = "127.0.0.1:19092"
    view: str | None = None

    host: str = "127.0.0.1"
    port: int = Field(default=18080, ge=0, le=65535)
    answer: float = Field(default=5.0, gt=0)
    read: float = Field(default=60.0, gt=0)
    drain: float = Field(default=10.0, gt=0)
    lookup: float = Field(default=0.5, gt=0)
    body: int = Field(default=bundle.LARGEST, gt=0)
    ratio: int = Field(default=200, gt=1)
    memory: int = Field(default=400_000_000, gt=0)
    remembered: int = Field(default=100_000, gt=0)
    checks: int = Field(default=8, gt=0)
    checks_each: int = Field(default=2, gt=0)
    check: float = Field(default=30.0, gt=0)
    repeat_days: int = Field(default=7, gt=0)
    contact: str = "de beheerder van Ketenbus"
    log_level: LogLevel = "info"

    @property
    def view_url(self) -> str:
        return self.view or f"sqlite:///{self.data / 'view.db'}"

    @property
    def profiles(self) -> Path:
        return self.data / "profielen"

    @property
    def keys(self) -> Path:
        return self.data / "sleutels.json"

    @property
    def repeat_window(self) -> timedelta:
        return timedelta(days=self.repeat_days)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """From KETENBUS_DATA, _BLOBS, _TRACES and what belongs to them, _BOOTSTRAP, _VIEW and _LOG_LEVEL; the intake's own are KETENBUS_INTAKE_<NAME>.

        The view's URL may stand in a file, KETENBUS_VIEW_FILE. Raises ConfigurationError that names the
        variable: also when that file cannot be read.
        """
        known = with_secrets(environment)
        given = standard(known)
        for name in cls.model_fields:
            variable = variable_of(name)
            if variable in known:
                given[name] = known[variable]
        return checked(cls, given, variable_of)


def variable_of(field: str) -> str:
    """'KETENBUS_INTAKE_PORT' of 'port'; what the whole bus shares has no INTAKE in its name."""
    return PREFIX + ("" if field in _OF_THE_BUS else "INTAKE_") + field.upper()
