"""DICO maintenance status and planning, SALES005, by a map of element paths: the official XSD is not public."""

from collections.abc import Sequence

from adapters.formats.dico_projectprofiel import codes, parse, render, schema
from adapters.formats.dico_projectprofiel.schema import Kaart
from adapters.formats.payload import Payload
from adapters.message import Bericht, Gelezen


class Projectprofiel:
    """The format. `kaarten` are tried in order, the first that knows every element is taken; the first renders."""

    name = "dico-projectprofiel"
    versions = (codes.VERSION,)
    content_types = ("application/xml", "text/xml")

    def __init__(self, kaarten: Sequence[Kaart] | None = None) -> None:
        self._kaarten = tuple(schema.shipped() if kaarten is None else kaarten)
        self._schemas = [soort for kaart in self._kaarten for soort in kaart.bericht]
        self._roots = {codes.OFFICIAL_ROOT} | {soort.root for soort in self._schemas}
        self._roots |= {soort.document for soort in self._schemas} | {codes.OFFICIAL_DOCUMENT}
        self._xsd = schema.schema()

    @property
    def documents(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(soort.document for soort in self._schemas))

    def recognise(self, payload: Payload) -> bool:
        """Roots of the maps and the official status, also without namespace: that is a fault of this message."""
        return payload.kind == "xml" and payload.name in self._roots

    def parse(self, payload: Payload) -> Gelezen:
        document = payload.name.rpartition("}")[2]
        kaart, delen = parse.parse(payload, self._kaarten)
        versie = codes.VERSION if kaart is None else f"{codes.VERSION} {kaart.label}"
        return Gelezen(formaat=self.name, versie=versie, document=document, delen=delen)

    def render(self, bericht: Bericht) -> bytes:
        return render.render(bericht, self._kaarten, self._xsd)


FORMAT = Projectprofiel()
