"""Whether a process tells of its spans, and to whom."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field

from topics.errors import ConfigurationError

if TYPE_CHECKING:
    from topics.traces import Traces

STANDARD: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""What every program that knows OpenTelemetry reads; KETENBUS_TRACES goes before it."""


class TraceSettings(BaseModel):
    """traces: base address of a collector that speaks OTLP over HTTP (`http://collector:4318`); None: no traces.
    traces_share: of which part of the messages one is begun, 0 to 1; a sender's own is always continued."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    traces: str | None = None
    traces_share: float = Field(default=1.0, ge=0, le=1)

    def open_traces(self, process: str) -> "Traces | None":
        """None when nobody asked for traces. Raises ConfigurationError when the extra is not installed."""
        if not self.traces:
            return None
        try:
            from topics.traces import over_http
        except ImportError as error:
            raise ConfigurationError(
                f"traces to {self.traces} need OpenTelemetry ({error}): pip install 'ketenbus[otel]'"
            ) from error
        return over_http(process, self.traces, self.traces_share)


def standard(environment: Mapping[str, str]) -> dict[str, str]:
    """The setting `traces` as the variable of OpenTelemetry gives it, if it does."""
    found = environment.get(STANDARD)
    return {"traces": found} if found else {}
