"""The message standards that partners use, one folder each. A new folder with a `FORMAT` is a new format, nothing else."""

from pathlib import Path

from adapters.formats.declared import FORMATS
from adapters.formats.dico_sales005 import Sales005
from adapters.formats.format import CannotRender, Format, FormatError
from adapters.formats.recognise import is_slow, read


def with_sales005_xsd(path: Path) -> tuple[Format, ...]:
    """FORMATS with the official XSD of a licence holder in place of our own. For a composition root."""
    return tuple(Sales005(path) if isinstance(known, Sales005) else known for known in FORMATS)


__all__ = ["FORMATS", "CannotRender", "Format", "FormatError", "is_slow", "read", "with_sales005_xsd"]
