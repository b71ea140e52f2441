"""Settings of a worker process: one frozen model, from the mapping that its `__main__` passes in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field

from topics.objectstore import ObjectStoreSettings
from topics.processes.secrets import with_secrets
from topics.processes.tracing import TraceSettings, standard

PREFIX = "KETENBUS_"


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
    log_level: str = "info"

    @property
    def profiles(self) -> Path:
        return self.data / "profielen"

    @property
    def view_url(self) -> str:
        return self.view or f"sqlite:///{self.data / 'view.db'}"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """From KETENBUS_<NAME>, KETENBUS_VIEW_FILE, and OpenTelemetry's own variable.

        Raises pydantic.ValidationError, naming the field; ConfigurationError when a secret's file cannot be read.
        """
        given = with_secrets(environment)
        names = [name for name in cls.model_fields if PREFIX + name.upper() in given]
        return cls.model_validate(standard(given) | {name: given[PREFIX + name.upper()] for name in names})
