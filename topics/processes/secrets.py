"""Settings that hold a secret and may stand in a file of their own, as container platforms hand them over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from topics.errors import ConfigurationError

SECRETS: Final = ("KETENBUS_VIEW",)
"""The view's URL has the password of its database."""
SUFFIX: Final = "_FILE"


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment`, in which each of SECRETS may also be given as `<name>_FILE`: the path of a file with its value.

    Raises ConfigurationError when such a file cannot be read, or when both are given.
    """
    found = dict(environment)
    for name in SECRETS:
        path = environment.get(name + SUFFIX)
        if path is None:
            continue
        if name in environment:
            raise ConfigurationError(f"{name} and {name}{SUFFIX}: found both, expected one of them")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{name}{SUFFIX} {path}: {error}; expected a file with the value") from error
    return found
