"""Decisions on invoices: references only, a second person above the amount, and a double that is none."""

import itertools
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from chain.review import desk
from tests.unit.besluit.world import ANNA, BRAM, CLIENT, CLIENT_GLN, CONTRACTOR, CONTRACTOR_GLN, World, order, status
from topics.documents import Account, Reden
from topics.documents.besluit import Besluitsoort, Koppeling, Toestand
from topics.documents.factuur import Factuur, Factuurdeel
from topics.documents.keten import Factuurbeoordeling
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


@pytest.mark.parametrize("written", [b"2.42E7", b"24200000", b'"24200000.00"'])
async def test_an_amount_is_the_same_however_it_is_written(world: World, written: bytes) -> None:
    world.receive(CLIENT, order("IN1"))
    world.receive(CONTRACTOR, invoice("F1", None, 20_000_000).replace(b'"24200000.00"', written))
    outcome = await world.decide(world.letter().id, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    assert (outcome.stand.toestand, outcome.stand.wacht_op) == (Toestand.WACHT, ("bedrag",))


@pytest.mark.parametrize("net", [10, 50_000])
async def test_whatever_is_replaced_by_an_invoice_asks_for_a_second_person(world: World, net: int) -> None:
    world.receive(CLIENT, order("IN1"))
    receipt = world.receive(CONTRACTOR, status("IN1", "S-1", "77"))
    brief = world.letter().id
    outcome = await world.decide(brief, Besluitsoort.VERVANG, bericht=invoice("F1", "IN1", net))
    assert (outcome.stand.toestand, outcome.stand.wacht_op) == (Toestand.WACHT, ("factuur-onbekend-bedrag",))
    assert invoices(world) == []
    world.outcome(await desk.confirm(world.desk, brief, door=BRAM))
    assert world.status(receipt).account is Account.VERVANGEN
    assert len(invoices(world)) == 1
    world.assert_balanced()


@pytest.mark.parametrize("iban", ["NL91ABNA0417164300", "", None])
async def test_an_invoice_to_an_account_that_no_client_knows_is_coupled_by_two_people(
    world: World, iban: str | None
) -> None:
    world.receive(CLIENT, order("IN1"))
    message = msgspec.json.decode(invoice("F1", None))
    world.receive(CONTRACTOR, msgspec.json.encode(message | {"iban": iban}))
    brief = world.letter().id
    outcome = await world.decide(brief, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    assert (outcome.stand.toestand, outcome.stand.wacht_op) == (Toestand.WACHT, ("iban",))


async def test_a_double_is_coupled_to_another_order_by_two_people_and_still_told_from_what_is_there(
    world: World,
) -> None:
    for number in ("IN1", "IN2"):
        world.receive(CLIENT, order(number))
    world.receive(CONTRACTOR, invoice("F1", "IN1"))
    world.receive(CONTRACTOR, invoice("F2", "IN2"))
    world.receive(CONTRACTOR, invoice("F3", "IN1"))
    letter = world.letter()
    assert letter.reden is Reden.MOGELIJK_DUBBEL
    outcome = await world.decide(letter.id, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN2"))
    assert (outcome.stand.toestand, outcome.stand.wacht_op) == (Toestand.WACHT, ("mogelijk-dubbel",))
    confirmed = world.outcome(await desk.confirm(world.desk, letter.id, door=BRAM))
    assert confirmed.account is Account.UITVAL
    assert world.letter().reden is Reden.MOGELIJK_DUBBEL
    assert [line.opdrachtnummer for line in invoices(world)[-1].regels] == ["IN2"]
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


def released(world: World) -> Decimal:
    """Over all invoices, by their last word."""
    last: dict[str, Decimal] = {}
    for one in world.documents("keten.factuurbeoordeling.v1"):
        assert isinstance(one, Factuurbeoordeling)
        last[one.dossier] = one.vrijgegeven
    return sum(last.values(), Decimal(0))


@pytest.mark.parametrize("decisions", list(itertools.product((ANNA, BRAM), (Besluitsoort.STUUR, Besluitsoort.AFVOER))))
async def test_whatever_two_people_decide_on_doubles_at_once_no_more_is_released_than_was_ordered(
    world: World, decisions: tuple[str, Besluitsoort]
) -> None:
    """Two doubles of one invoice, both declared to be none by one person, while another decides on one of them too."""
    door, soort = decisions
    priced = msgspec.json.decode(order("IN1"))
    priced |= {"afspraak": "EHP", "regels": [{**priced["regels"][0], "prijscode": "KRN", "prijs": "100"}]}
    world.receive(CLIENT, msgspec.json.encode(priced))
    world.receive(CONTRACTOR, status("IN1", "S-1", "80"))
    receipts = [world.receive(CONTRACTOR, invoice(number)) for number in ("F1", "F2", "F3")]
    assert released(world) == Decimal("121.00")
    letters = desk.letters(world.desk)
    assert {one.reden for one in letters} == {Reden.MOGELIJK_DUBBEL}
    await desk.decide(world.desk, letters[0].id, soort, door=door, reden="eerst")
    for letter in letters:
        other = BRAM if door == ANNA else ANNA
        await desk.decide(world.desk, letter.id, Besluitsoort.STUUR, door=other, reden="geen dubbele")
    world.run()
    first = Account.TOEGEPAST if soort is Besluitsoort.STUUR else Account.AFGEVOERD
    assert [world.status(one).account for one in receipts] == [Account.TOEGEPAST, first, Account.TOEGEPAST]
    assert released(world) == Decimal("121.00")
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


def of_orders(*numbers: str) -> bytes:
    """An invoice with a line of 100 per order."""
    found = msgspec.json.decode(invoice("F1", None, 100 * len(numbers)))
    [line] = msgspec.json.decode(invoice("F1", None))["regels"]
    found["regels"] = [
        line | {"nummer": str(at), **({"opdrachtnummer": one} if one else {})} for at, one in enumerate(numbers, 1)
    ]
    return msgspec.json.encode(found)


async def in_vain(world: World, *numbers: str) -> str:
    """The letter of an invoice of orders that never came."""
    world.receive(CLIENT, order("IN1"))
    world.receive(CONTRACTOR, of_orders(*numbers))
    world.tick(world.now.replace(month=5))
    letter = world.letter()
    assert letter.reden is Reden.ONBEKEND_DOSSIER
    return letter.id


async def test_a_line_keeps_the_order_that_it_names_unless_that_line_is_coupled(world: World) -> None:
    brief = await in_vain(world, "X8", "IN9")
    with pytest.raises(Refused, match="koppeling-past-niet"):
        await world.decide(brief, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    await world.decide(brief, Besluitsoort.KOPPEL, koppeling=Koppeling(regels={"1": "IN1"}))
    assert [line.opdrachtnummer for line in invoices(world)[-1].regels] == ["IN1", "IN9"]
    world.assert_balanced()


async def test_the_one_order_that_all_lines_name_is_replaced_as_a_whole(world: World) -> None:
    brief = await in_vain(world, "X8", "X8")
    await world.decide(brief, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    assert [line.opdrachtnummer for line in invoices(world)[-1].regels] == ["IN1", "IN1"]
    world.assert_balanced()
