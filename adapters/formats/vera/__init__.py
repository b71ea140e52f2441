"""VERA: the maintenance order and the appointment of the corporation's own data model, OpenAPI 4.x."""

from adapters.formats.payload import Payload
from adapters.formats.vera import codes, parse, render
from adapters.message import Bericht, Gelezen


class Vera:
    """The format. Other objects of VERA are recognised too, as `niet-in-kaart`."""

    name = "vera"
    versions = (codes.VERSION,)
    documents = (codes.ORDER, codes.APPOINTMENT)
    content_types = ("application/json",)

    def recognise(self, payload: Payload) -> bool:
        return payload.kind == "json" and parse.recognised(payload.value)

    def parse(self, payload: Payload) -> Gelezen:
        return Gelezen(
            formaat=self.name,
            versie=codes.VERSION,
            document=parse.document(payload.value),
            delen=parse.parts(payload),
        )

    def render(self, bericht: Bericht) -> bytes:
        return render.render(bericht)


FORMAT = Vera()
