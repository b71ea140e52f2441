"""Maintenance order and order response in INSBOU003."""

from adapters.formats.insbou.version import DOCUMENTS
from adapters.formats.insbou003 import codes, parse, render, schema
from adapters.formats.payload import Payload
from adapters.message import Bericht, Gelezen


class Insbou003:
    """The format; see README.md."""

    name = codes.VERSION.name
    versions = (codes.VERSION.version,)
    documents = DOCUMENTS
    content_types = ("application/xml", "text/xml")

    def __init__(self) -> None:
        self._xsd = schema.schema()

    def recognise(self, payload: Payload) -> bool:
        """Its own roots, in the namespace of this version."""
        return payload.kind == "xml" and payload.name in codes.VERSION.roots

    def parse(self, payload: Payload) -> Gelezen:
        return parse.parse(payload, self._xsd)

    def render(self, bericht: Bericht) -> bytes:
        return render.render(bericht, self._xsd)


FORMAT = Insbou003()
