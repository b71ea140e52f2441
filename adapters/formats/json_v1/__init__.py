"""The plain JSON form of Ketenbus itself, version 1."""

from adapters.formats.json_v1 import codes, parse, render
from adapters.formats.payload import Payload
from adapters.message import Bericht, Gelezen


class JsonV1:
    """The format. Any version of the family is recognised, so that a wrong one gets a finding that says so."""

    name = "json"
    versions = (codes.VERSION,)
    documents = ("opdracht", "status", "planning", "offerte", "mutatie", "factuur", "factuurstatus")
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


FORMAT = JsonV1()
