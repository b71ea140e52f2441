"""Which formats there are: every folder beside this file with a `FORMAT`."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from adapters.formats.format import Format
from topics.errors import ConfigurationError


def _declared() -> tuple[Format, ...]:
    found: list[Format] = []
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.ispkg:
            declared = import_module(f"adapters.formats.{module.name}").FORMAT
            if not isinstance(declared, Format):
                raise ConfigurationError(f"folder {module.name}: FORMAT is {declared!r}, expected a Format")
            found.append(declared)
    return tuple(found)


FORMATS: tuple[Format, ...] = _declared()
