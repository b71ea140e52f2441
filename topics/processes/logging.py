"""Logs of a process: one JSON object per line on stderr, by structlog; the client's own warnings go the same way."""

import logging
import sys
from typing import Final

import structlog

_OURS: Final = ("topics", "adapters", "chain")
_TRACEBACKS: Final = structlog.processors.ExceptionRenderer(
    # never the values of variables: a message's content and a partner's key are among them
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def configure(process: str, level: str) -> None:
    """Called once, by the composition root. `level`: debug, info, warning or error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _TRACEBACKS,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for package in _OURS:
        logging.getLogger(package).setLevel(number)
    structlog.contextvars.bind_contextvars(process=process)
