"""Which formats there are: every folder beside this file with a `FORMAT`.

A folder without one is a room that formats share, and then holds no schema.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from adapters.formats.format import Format
from topics.errors import ConfigurationError


def _declared() -> tuple[Format, ...]:
    found: list[Format] = []
    home = Path(__file__).parent
    for module in iter_modules([str(home)]):
        if not module.ispkg:
            continue
        declared = getattr(import_module(f"adapters.formats.{module.name}"), "FORMAT", None)
        if isinstance(declared, Format):
            found.append(declared)
        elif declared is not None or (home / module.name / "schema.py").exists():
            raise ConfigurationError(f"folder {module.name}: FORMAT is {declared!r}, expected a Format")
    return tuple(found)


FORMATS: tuple[Format, ...] = _declared()
