"""One declaration per kind of partner. A new kind is a module here and its name in the catalogue's KINDS."""

from adapters.kinds.aannemer import AANNEMER
from adapters.kinds.corporatie import CORPORATIE
from adapters.kinds.kind import Kind, Partij

KINDS: dict[str, Kind] = {kind.name: kind for kind in (CORPORATIE, AANNEMER)}

__all__ = ["AANNEMER", "CORPORATIE", "KINDS", "Kind", "Partij"]
