"""The XSD against which order, response and invoice in INSBOU003 are held: our own project profile."""

from pathlib import Path
from typing import Final

from adapters.formats.insbou.version import PERSONAL
from adapters.formats.insbou003.codes import VERSION
from adapters.formats.xsd import Xsd

OWN: Final = Path(__file__).parent / "schema.xsd"
SOURCE: Final = f"{VERSION.version} projectprofiel"


def schema() -> Xsd:
    """Compiled at first use. Its trees have no namespace any more."""
    return Xsd(OWN, SOURCE, "", PERSONAL)
