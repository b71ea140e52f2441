"""Settings of a worker process: one frozen model, from the mapping that its `__main__` passes in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field

from topics.objectstore import ObjectStoreSettings
from topics.processes.secrets import with_secrets
from topics.processes.tracing import TraceSettings, standard
from topics.processes.variables import checked, variable_of

LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]


class ProcessSettings(ObjectStoreSettings, TraceSettings):
    """data: folder with profiles and, unless it is elsewhere, the object store. bootstrap: Kafka's address. view: SQLAlchemy URL.

    port: where health and metrics are served on 127.0.0.1 (0: a free one). instance: a stable name of this process (a
    pod's), which makes it a static member that takes over its partitions at once after a restart.
    """

    bootstrap: str = "127.0.0.1:19092"
    view: str | None = None
    port: int = Field(default=0, ge=0, le=65535)
    host: str = "127.0.0.1"
    instance: str | None = None
    log_level: LogLevel = "info"

    @property
    def profiles(self) -> Path:
        return self.data / "profielen"

    @property
    def view_url(self) -> str:
        return self.view or f"sqlite:///{self.data / 'view.db'}"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """From KETENBUS_<NAME>, KETENBUS_VIEW_FILE, and OpenTelemetry's own variable.

        Raises ConfigurationError: as `checked`, or when a secret's file cannot be read.
        """
        known = with_secrets(environment)
        given = {name: known[variable_of(name)] for name in cls.model_fields if variable_of(name) in known}
        return checked(cls, standard(known) | given)
