"""Settings as the environment gives them: what they are called there, and what is told when one is wrong."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from topics.errors import ConfigurationError
from topics.processes.secrets import SECRETS

PREFIX: Final = "KETENBUS_"

M = TypeVar("M", bound=BaseModel)


def variable_of(field: str) -> str:
    """'KETENBUS_LOG_LEVEL' of 'log_level'."""
    return PREFIX + field.upper()


def checked(model: type[M], given: Mapping[str, object], variable: Callable[[str], str] = variable_of) -> M:
    """`model` of the values `given`. `variable`: what a field is called in the environment.

    Raises ConfigurationError, which names every variable that is wrong and what was found there; of a secret not what.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = (_told(variable(str(one["loc"][0])), one["input"], one["msg"]) for one in error.errors())
        # without its cause: pydantic's own text has the values
        raise ConfigurationError("; ".join(wrong)) from None


def _told(variable: str, found: object, expected: str) -> str:
    return f"{variable}: found {'a value that is not shown' if variable in SECRETS else repr(found)}; {expected}"
