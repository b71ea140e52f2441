"""One version of INSBOU as a format."""

from collections.abc import Callable

from adapters.formats.insbou.version import DOCUMENTS, Version
from adapters.formats.payload import Payload
from adapters.formats.xsd import Xsd
from adapters.message import Bericht, Gelezen


class Insbou:
    """The format; see the README.md of its folder, which gives `parse` and `render`."""

    documents = DOCUMENTS
    content_types = ("application/xml", "text/xml")

    def __init__(
        self,
        version: Version,
        xsd: Xsd,
        parse: Callable[[Payload, Xsd], Gelezen],
        render: Callable[[Bericht, Xsd], bytes],
    ) -> None:
        self.name, self.versions = version.name, (version.version,)
        self._roots, self._xsd, self._parse, self._render = version.roots, xsd, parse, render

    def recognise(self, payload: Payload) -> bool:
        """Its own roots, in the namespace of this version."""
        return payload.kind == "xml" and payload.name in self._roots

    def parse(self, payload: Payload) -> Gelezen:
        return self._parse(payload, self._xsd)

    def render(self, bericht: Bericht) -> bytes:
        return self._render(bericht, self._xsd)
