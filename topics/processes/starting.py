"""How a process of the table begins and which exit status it ends with."""

import sys
from collections.abc import Callable, Iterator
from typing import Final

import structlog

from topics.errors import ConfigurationError, KetenbusError

FAILED: Final = 1
MISCONFIGURED: Final = 2
"""Exit status of a process that a setting, a key file or a profile keeps from working."""

log = structlog.get_logger(__name__)


def exit_status(run: Callable[[], None]) -> int:
    """0 once `run` returned, which it does after a signal; MISCONFIGURED when it could not begin, FAILED when it could not
    go on. Then the last line on stderr says why, with the code of the error."""
    status = 0
    try:
        run()
    except* ConfigurationError as errors:
        _tell(errors)
        status = MISCONFIGURED
    except* KetenbusError as errors:
        _tell(errors)
        status = status or FAILED
    return status


def _tell(errors: BaseExceptionGroup[KetenbusError]) -> None:
    for code, text in dict.fromkeys((error.code, str(error)) for error in _each(errors)):
        if structlog.is_configured():
            log.error("process.failed", code=code, error=text)
        else:
            print(f"{code}: {text}", file=sys.stderr)


def _each(errors: BaseExceptionGroup[KetenbusError]) -> Iterator[KetenbusError]:
    """However deep the tasks that failed were nested."""
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _each(error)
        else:
            yield error
