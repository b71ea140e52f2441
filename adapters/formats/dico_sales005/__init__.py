"""DICO maintenance order, SALES005: MaintenanceInstruction."""

from pathlib import Path

from adapters.formats.dico_sales005 import codes, parse, render, schema
from adapters.formats.payload import Payload
from adapters.message import Bericht, Gelezen

_ROOTS = (f"{{{codes.NAMESPACE}}}{codes.DOCUMENT}", codes.DOCUMENT)


class Sales005:
    """The format. `xsd`: the official schema of a licence holder in place of our own (README.md)."""

    name = "dico"
    versions = (codes.VERSION,)
    documents = (codes.DOCUMENT,)
    content_types = ("application/xml", "text/xml")

    def __init__(self, xsd: Path | None = None) -> None:
        self._xsd = schema.schema(xsd)

    def recognise(self, payload: Payload) -> bool:
        """Its own root, also without namespace: that is a fault of this message, not another message."""
        return payload.kind == "xml" and payload.name in _ROOTS

    def parse(self, payload: Payload) -> Gelezen:
        deel = parse.parse(payload, self._xsd)
        return Gelezen(formaat=self.name, versie=codes.VERSION, document=codes.DOCUMENT, delen=(deel,))

    def render(self, bericht: Bericht) -> bytes:
        return render.render(bericht, self._xsd)


FORMAT = Sales005()
