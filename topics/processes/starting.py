"""How a process of the table begins and which exit status it ends with."""

import logging
from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from topics.errors import ConfigurationError
from topics.processes.settings import PREFIX

MISCONFIGURED: Final = 2
"""Exit status of a process that a setting, a key file or a profile keeps from working."""

_log: Final = logging.getLogger(__name__)


def exit_status(run: Callable[[], None]) -> int:
    """0 once `run` returned, which it does after a signal; MISCONFIGURED when it could not begin, and then the log says why."""
    try:
        run()
    except ConfigurationError as error:
        _log.error("%s", error)
    except ValidationError as error:
        for wrong in error.errors():
            name = PREFIX + ".".join(str(part) for part in wrong["loc"]).upper()
            _log.error("%s: found %r; %s", name, wrong["input"], wrong["msg"])
    else:
        return 0
    return MISCONFIGURED
