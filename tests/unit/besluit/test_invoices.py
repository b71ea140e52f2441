"""Decisions on invoices: references only, a second person above the amount, and a double that is none."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from chain.review import desk
from tests.unit.besluit.world import ANNA, BRAM, CLIENT, CLIENT_GLN, CONTRACTOR, CONTRACTOR_GLN, World, order
from topics.documents import Account, Reden
from topics.documents.besluit import Besluitsoort, Koppeling, Toestand
from topics.documents.factuur import Factuur, Factuurdeel
from topics.errors import Refused


def invoice(number: str, order_number: str | None = "IN1", net: int = 100) -> bytes:
    gross = Decimal(net) * Decimal("1.21")
    head: dict[str, Any] = {
        "formaat": "ketenbus-json/1",
        "soort": "factuur",
        "opdrachtgever": CLIENT_GLN,
        "aannemer": CONTRACTOR_GLN,
        "berichtnummer": number,
        "btw_nummer": "NL879999019B01",
        "factuurnummer": number,
        "factuurdatum": "2026-03-02",
        "iban": "NL94KTNB0990000003",
        "regels": [
            {
                **{"nummer": "1", "aantal": 1, "eenheid": "PCE", "prijscode": "KRN", "prijs": str(net)},
                **{"bedrag": str(net), "btw_categorie": "S", "btw_percentage": 21},
            }
        ],
        "btw": [{"categorie": "S", "percentage": 21, "grondslag": str(net), "bedrag": str(gross - net)}],
        "netto": str(net),
        "te_betalen": str(gross),
    }
    return msgspec.json.encode(head | ({"opdrachtnummer": order_number} if order_number else {}))


def invoices(world: World) -> list[Factuur]:
    found = world.documents("onderhoud.gebeurtenis.v1")
    return [one for one in found if isinstance(one, Factuur)]


async def test_an_invoice_without_an_order_is_coupled_and_only_its_reference_changes(world: World) -> None:
    world.receive(CLIENT, order("IN1"))
    receipt = world.receive(CONTRACTOR, invoice("F1", None))
    letter = world.letter()
    assert letter.reden is Reden.ZONDER_SLEUTEL
    outcome = await world.decide(letter.id, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    assert outcome.stand.toestand is Toestand.DOORGESTUURD
    assert outcome.account is Account.TOEGEPAST, world.status(receipt)
    [coupled] = invoices(world)
    assert [line.opdrachtnummer for line in coupled.regels] == ["IN1"]
    assert (coupled.te_betalen, coupled.netto) == (Decimal("121.00"), Decimal(100))
    world.assert_balanced()


async def test_an_invoice_of_a_large_amount_is_coupled_by_two_people(world: World) -> None:
    world.receive(CLIENT, order("IN1"))
    receipt = world.receive(CONTRACTOR, invoice("F1", None, 5000))
    brief = world.letter().id
    outcome = await world.decide(brief, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    assert (outcome.stand.toestand, outcome.stand.wacht_op) == (Toestand.WACHT, ("bedrag",))
    world.outcome(await desk.confirm(world.desk, brief, door=BRAM))
    assert world.status(receipt).account is Account.TOEGEPAST
    world.assert_balanced()


async def test_what_may_be_a_double_is_none_once_a_person_says_so(world: World) -> None:
    world.receive(CLIENT, order("IN1"))
    world.receive(CONTRACTOR, invoice("F1"))
    receipt = world.receive(CONTRACTOR, invoice("F2"))
    letter = world.letter()
    assert letter.reden is Reden.MOGELIJK_DUBBEL
    outcome = await world.decide(letter.id, Besluitsoort.STUUR, reden="tweede termijn van hetzelfde bedrag")
    assert outcome.account is Account.TOEGEPAST, world.status(receipt)
    parts = [one for one in world.documents("onderhoud.gebeurtenis.v1") if isinstance(one, Factuurdeel)]
    assert [(one.factuurnummer, one.beoordeeld) for one in parts if not one.ingetrokken][-1] == ("F2", True)
    world.assert_balanced()


async def test_coupling_a_double_does_not_make_it_none(world: World) -> None:
    world.receive(CLIENT, order("IN1"))
    world.receive(CONTRACTOR, invoice("F1"))
    world.receive(CONTRACTOR, invoice("F2", None))
    outcome = await world.decide(world.letter().id, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    assert outcome.account is Account.UITVAL
    assert world.letter().reden is Reden.MOGELIJK_DUBBEL
    world.assert_balanced()


async def test_an_invoice_that_waited_in_vain_is_coupled_line_by_line(world: World) -> None:
    world.receive(CLIENT, order("IN1"))
    receipt = world.receive(CONTRACTOR, invoice("F1", "IN-BESTAAT-NIET"))
    world.tick(world.now.replace(month=5))
    letter = world.letter()
    assert letter.reden is Reden.ONBEKEND_DOSSIER
    with pytest.raises(Refused, match="regel-onbekend"):
        await world.decide(letter.id, Besluitsoort.KOPPEL, koppeling=Koppeling(regels={"9": "IN1"}))
    outcome = await world.decide(letter.id, Besluitsoort.KOPPEL, ANNA, koppeling=Koppeling(regels={"1": "IN1"}))
    assert outcome.account is Account.TOEGEPAST, world.status(receipt)
    world.assert_balanced()
