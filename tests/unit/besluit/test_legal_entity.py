"""Nothing is released twice because an invoice names the other number of its supplier."""

from decimal import Decimal
from typing import Any

import msgspec

from tests.unit.besluit.test_invoices import invoice
from tests.unit.besluit.world import CLIENT, CLIENT_GLN, CONTRACTOR, World, order, status
from topics.documents import Account, Reden
from topics.documents.keten import Factuurbeoordeling

BTW, KVK = "NL879999019B01", "99000215"
AGREED = {"nummer": 1, "aantal": 1, "eenheid": "PCE", "prijscode": "KRN", "prijs": "1000"}


def by_kvk(body: bytes, message: str) -> bytes:
    """The invoice in another message that names the KvK number only."""
    fields: dict[str, Any] = msgspec.json.decode(body)
    del fields["btw_nummer"]
    return msgspec.json.encode(fields | {"kvk_nummer": KVK, "berichtnummer": message})


def ready(world: World) -> None:
    """An order of 1000 that is done."""
    fields: dict[str, Any] = msgspec.json.decode(order("IN1"))
    world.receive(CLIENT, msgspec.json.encode(fields | {"afspraak": "ANS", "regels": [AGREED]}))
    world.receive(CONTRACTOR, status("IN1", "S1", "80"))


def judged(world: World) -> dict[str, Factuurbeoordeling]:
    """The last word on each invoice."""
    found = world.documents("keten.factuurbeoordeling.v1")
    return {one.dossier: one for one in found if isinstance(one, Factuurbeoordeling)}


def released(world: World) -> Decimal:
    return sum((one.vrijgegeven for one in judged(world).values()), Decimal(0))


def test_the_same_invoice_under_the_other_number_is_the_same_invoice(world: World) -> None:
    ready(world)
    world.receive(CONTRACTOR, invoice("F1", net=400))
    again = world.receive(CONTRACTOR, by_kvk(invoice("F1", net=400), "F1"))
    assert world.status(again).account is Account.DUBBEL
    renumbered = world.receive(CONTRACTOR, by_kvk(invoice("F1", net=400), "again"))
    [part] = world.status(renumbered).delen
    assert [one.code for one in part.bevindingen] == ["inhoud-al-bekend"]
    assert released(world) == Decimal("484.00")
    world.assert_balanced()


def test_another_invoice_of_that_number_under_the_other_number_contradicts(world: World) -> None:
    ready(world)
    world.receive(CONTRACTOR, by_kvk(invoice("F1", net=400), "first"))
    world.receive(CONTRACTOR, invoice("F1", net=300))
    assert world.letter().reden is Reden.STRIJDIG
    assert released(world) == Decimal("484.00")
    world.assert_balanced()


def test_a_credit_under_the_other_number_finds_its_invoice(world: World) -> None:
    ready(world)
    world.receive(CONTRACTOR, invoice("F1", net=1500))
    fields: dict[str, Any] = msgspec.json.decode(by_kvk(invoice("C1", net=-500), "C1"))
    fields["regels"][0] |= {"aantal": -1, "prijs": "500"}
    world.receive(CONTRACTOR, msgspec.json.encode(fields | {"typecode": "381", "verwijst_naar": "F1"}))
    first = judged(world)[f"onderhoud/factuur/{BTW}/F1"]
    assert (first.vrijgegeven, first.betwist, first.verrekend) == (Decimal("1210.00"), Decimal(0), Decimal("605.00"))
    assert judged(world)[f"onderhoud/factuur/{BTW}/C1"].redenen == ()
    world.assert_balanced()


def test_a_payment_under_the_other_number_finds_its_invoice(world: World) -> None:
    ready(world)
    world.receive(CONTRACTOR, invoice("F1", net=400))
    step = {"formaat": "ketenbus-json/1", "soort": "factuurstatus", "opdrachtgever": CLIENT_GLN, "berichtnummer": "B1"}
    step |= {"leverancier": KVK, "factuurnummer": "F1", "stap": "betaald", "gebeurd": "2026-03-02T09:00:00+01:00"}
    paid = world.receive(CLIENT, msgspec.json.encode(step))
    assert world.status(paid, CLIENT).account is Account.TOEGEPAST
    [part] = world.status(paid, CLIENT).delen
    assert part.dossier == f"onderhoud/factuur/{BTW}/F1"
    world.assert_balanced()
