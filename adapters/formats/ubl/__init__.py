"""UBL 2.1 invoice and credit note under NLCIUS (SI-UBL 2.0), its G-account extension, and Peppol BIS Billing 3."""

from adapters.formats.payload import Payload
from adapters.formats.ubl import codes, parse, render, schema
from adapters.message import Bericht, Gelezen
from adapters.schematron import Rules

_ROOTS = frozenset(codes.ROOTS)


class Ubl:
    """The format. `rules`: the official rule books; reading raises Unavailable while they cannot be run."""

    name = "ubl"
    versions = tuple(profile.version for profile in codes.PROFILES.values())
    documents = tuple(codes.ROOTS.values())
    content_types = ("application/xml", "text/xml")

    def __init__(self, rules: Rules) -> None:
        self._xsd, self._rules = schema.schema(), rules

    def recognise(self, payload: Payload) -> bool:
        return payload.kind == "xml" and payload.name in _ROOTS

    def parse(self, payload: Payload) -> Gelezen:
        """Raises Unavailable when the official rules cannot be run: without them nothing is valid."""
        version, deel = parse.parse(payload, self._xsd, self._rules)
        return Gelezen(formaat=self.name, versie=version, document=codes.ROOTS[payload.name], delen=(deel,))

    def render(self, bericht: Bericht) -> bytes:
        return render.render(bericht, self._xsd, self._rules)


FORMAT = Ubl(Rules())
