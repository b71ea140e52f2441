"""The XSD against which MaintenanceInstruction is held: our own, or a licensed official one in its place."""

from pathlib import Path
from typing import Final

from adapters.formats.dico_sales005.codes import NAMESPACE, PERSONAL, VERSION
from adapters.formats.xsd import Xsd

OWN: Final = Path(__file__).parent / "schema.xsd"
SOURCE: Final = f"{VERSION} XSD"


def schema(path: Path | None = None) -> Xsd:
    """`path`: the official XSD of a licence holder; None is our own. Compiled at first use."""
    return Xsd(path or OWN, SOURCE, NAMESPACE, PERSONAL)
