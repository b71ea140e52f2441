"""The intake's log: one JSON object per line on standard error, own lines and libraries' alike. Never a body.

Its own instead of topics.processes.logging, because there is a line for every message and this costs a fifth."""

import logging
import sys
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger

from topics.errors import ConfigurationError

PROCESS: Final = "intake"

_encoder = msgspec.json.Encoder(enc_hook=str)


def configure(level: str) -> None:
    """For the whole process. Raises ConfigurationError for a level that is none."""
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ConfigurationError(f"log level {level!r}: expected debug, info, warning or error")
    structlog.configure(
        processors=[_line],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)


def _line(_: WrappedLogger, level: str, event: EventDict) -> bytes:
    """One step instead of structlog's chain: there is a line for every message."""
    event["level"] = level
    event["process"] = PROCESS
    event["timestamp"] = datetime.now(UTC)
    return _encoder.encode(event)


class _Formatter(logging.Formatter):
    """A library's line, as ours: its text and logger, never its arguments' values beyond the text."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "process": PROCESS,
            "logger": record.name,
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(event).decode()
