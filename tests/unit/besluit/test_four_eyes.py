"""Who must confirm, and sets of decisions behind a canary."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from chain.besluit import rules
from chain.besluit.letter import Carried
from chain.review import desk
from tests.unit.besluit.test_decisions import WORDS, failing
from tests.unit.besluit.world import ANNA, BRAM, CLIENT, CONTRACTOR, World, order, status
from topics.deadletters import Letter
from topics.documents import Account, Bevinding, Document, Ernst, Reden
from topics.documents.besluit import Besluit, Besluitsoort, Toestand
from topics.documents.factuur import Factuur, Factuurvoorwaarden
from topics.documents.onderhoud import Kalender
from topics.envelope import RAW_TYPE, Envelope
from topics.errors import Refused
from topics.runtime.step import Record

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LIMIT = Decimal(1000)


def invoice(amount: str, *, iban: bool = True) -> Factuur:
    return Factuur(
        berichtnummer="F-1", afzender="8799999000215", opdrachtgever="8799999000017", aannemer="8799999000215",
        leverancier="NL879999007B01", factuurnummer="2026-1", factuurdatum=AT.date(), te_betalen=Decimal(amount),
        netto=Decimal(amount), iban_bekend=iban, voorwaarden=Factuurvoorwaarden(profiel="x", kalender=Kalender()),
    )  # fmt: skip


def letter(document: Document | None, *, raw: bool = False, dossier: str = "", finding: str = "") -> Carried:
    found = (Bevinding(code=finding, pad="/", ernst=Ernst.FOUT, tekst="x"),) if finding else ()
    topic = "ruw.aannemer.v1" if raw else "onderhoud.gebeurtenis.v1"
    said = Letter(
        id="l1", topic=topic, partition=0, offset=0, timestamp=0, reden=Reden.ONGELDIG, stage="s", at=AT,
        dossier=dossier, receipt="r1", part="1", bevindingen=found,
    )  # fmt: skip
    envelope = Envelope(id="r1", source="tegendraad", type=RAW_TYPE, time=AT, recorded_time=AT)
    return Carried(
        letter=said, record=Record(topic, 0, 0, 0, b"k", b"", ()), envelope=envelope, blob=None, document=document
    )


def asked(of: Carried, **fields: object) -> tuple[str, ...]:
    besluit = Besluit(brief="l1", soort="stuur", door=ANNA, op=AT)
    return rules.second_person(msgspec.structs.replace(besluit, **fields), of, LIMIT)


@pytest.mark.parametrize(
    ("amount", "expected"), [("999.99", ()), ("1000", ()), ("1000.01", ("bedrag",)), ("-1000.01", ("bedrag",))]
)
def test_an_invoice_above_the_amount_asks_for_a_second_person_also_as_a_credit(
    amount: str, expected: tuple[str, ...]
) -> None:
    assert asked(letter(invoice(amount))) == expected


def test_what_concerns_an_iban_asks_for_a_second_person_whatever_the_amount() -> None:
    assert asked(letter(invoice("1", iban=False))) == ("iban",)
    assert "iban" in asked(letter(None, raw=True, finding="iban-ongeldig"))


@pytest.mark.parametrize("known", [None, False])
def test_an_invoice_whose_account_was_not_judged_asks_for_a_second_person_where_it_goes_on(known: bool | None) -> None:
    small = {"factuur": True, "bedrag": Decimal(1), "rekening_bekend": known}
    for soort in ("stuur", "hermap", "koppel"):
        assert asked(letter(None, raw=True), soort=soort, **small) == ("iban",)
    assert asked(letter(None, raw=True), soort="retour", **small) == ()
    assert asked(letter(None, raw=True), soort="koppel", **small | {"rekening_bekend": True}) == ()
    assert "iban" in asked(letter(None, raw=True, finding="rekening-meerduidig"), **small)


def test_an_invoice_of_an_unknown_amount_counts_as_above_it() -> None:
    unknown = ("factuur-onbekend-bedrag",)
    known = {"rekening_bekend": True}
    assert asked(letter(None, raw=True), factuur=True, **known) == unknown
    assert asked(letter(None, raw=True, dossier="onderhoud/factuur/NL1/1"), **known) == unknown
    assert asked(letter(None, raw=True), factuur=True, bedrag=Decimal(1000), **known) == ()
    assert asked(letter(None, raw=True), factuur=False) == ()


def test_a_replaced_invoice_is_judged_by_what_it_was_and_may_be_of_any_amount() -> None:
    assert asked(letter(invoice("1")), soort="vervang") == ("factuur-onbekend-bedrag",)


def test_what_cannot_be_told_counts_as_an_invoice_where_it_goes_on_and_not_where_it_goes_back() -> None:
    on = ("stuur", "hermap", "koppel", "vervang")
    said = {asked(letter(None, raw=True), soort=soort, rekening_bekend=True) for soort in on}
    assert said == {("factuur-onbekend-bedrag",)}
    assert [asked(letter(None, raw=True), soort=soort) for soort in ("retour", "afvoer")] == [(), ()]


# ---------------------------------------------------------------- confirmed, withdrawn, in sets


def sent_invoice(world: World) -> str:
    """A message that cannot be read, and is an invoice for all that can be told."""
    receipt = world.receive(CONTRACTOR, b'{"formaat": "ketenbus-json/1", "soort": "factuur"')
    assert world.letter().reden in (Reden.ONLEESBAAR, Reden.ONGELDIG)
    return receipt


async def test_another_person_must_confirm_and_then_it_is_forwarded(world: World) -> None:
    receipt = sent_invoice(world)
    brief = world.letter().id
    outcome = await world.decide(brief, Besluitsoort.RETOUR)
    assert (outcome.stand.toestand, outcome.stand.wacht_op) == (Toestand.WACHT, ("factuur-onbekend-bedrag",))
    assert world.letter().open
    assert world.status(receipt).account is Account.UITVAL
    with pytest.raises(Refused, match="zelfde-persoon"):
        await desk.confirm(world.desk, brief, door="  anna DE vries ")
    confirmed = world.outcome(await desk.confirm(world.desk, brief, door=BRAM))
    assert (confirmed.stand.gekeurd_door, confirmed.account) == (BRAM, Account.TERUGGESTUURD)
    assert desk.letters(world.desk) == []
    world.assert_balanced()


async def test_the_processor_itself_refuses_a_confirmation_by_the_same_person(world: World) -> None:
    sent_invoice(world)
    brief = world.letter().id
    await world.decide(brief, Besluitsoort.RETOUR)
    await world.send_besluit(Besluit(brief=brief, soort="keur", door="ANNA  de vries", op=world.now))
    stand = world.letter().besluit
    assert stand is not None
    assert [one.code for one in stand.geweigerd] == ["zelfde-persoon"]
    world.assert_balanced()


@pytest.mark.parametrize(
    "other",
    [
        "Jos\u00e9 Vries", "Jose\u0301 Vries", "jose vries", "\uff2aos\u00e9 Vries", "Jo\u200bs\u00e9 Vries", "Jos\u00e9Vries",
        "Jos\u00e9, Vries.", "Jos\u00e9\ufe0f-Vries", "JOS\u00c9\u00a0VRIES", "Jos\u00e9\u3164Vries",
    ],
)  # fmt: skip
def test_the_same_person_is_known_in_any_spelling(other: str) -> None:
    pending = Besluit(brief="l1", soort="retour", door="Jos\u00e9 Vries", op=AT)
    refused = rules.may_confirm(pending, Besluit(brief="l1", soort="keur", door=other, op=AT))
    assert refused is not None
    assert refused.code == "zelfde-persoon"
    assert rules.may_confirm(pending, Besluit(brief="l1", soort="keur", door="J. Vriess", op=AT)) is None


@pytest.mark.parametrize("nobody", ["", " ", "\u200b", "--", "\u3164"])
def test_a_name_that_does_not_show_is_none(nobody: str) -> None:
    pending = Besluit(brief="l1", soort="retour", door=ANNA, op=AT)
    refused = rules.may_confirm(pending, Besluit(brief="l1", soort="keur", door=nobody, op=AT))
    assert refused is not None
    assert refused.code == "zonder-naam"


async def test_what_waits_can_be_taken_back_and_then_decided_anew(world: World) -> None:
    receipt = sent_invoice(world)
    brief = world.letter().id
    await world.decide(brief, Besluitsoort.RETOUR)
    withdrawn = world.outcome(await desk.withdraw(world.desk, brief, door=ANNA, reden="vergissing"))
    assert withdrawn.stand.toestand is Toestand.OPEN
    with pytest.raises(Refused, match="wacht niets"):
        await desk.confirm(world.desk, brief, door=BRAM)
    await world.decide(brief, Besluitsoort.AFVOER, door=BRAM)
    world.outcome(await desk.confirm(world.desk, brief, door=ANNA))
    assert world.status(receipt).account is Account.AFGEVOERD
    world.assert_balanced()


async def test_what_was_forwarded_cannot_be_taken_back(world: World) -> None:
    failing(world)
    brief = world.letter().id
    await world.decide(brief, Besluitsoort.RETOUR)
    with pytest.raises(Refused, match="doorgestuurd"):
        await desk.withdraw(world.desk, brief, door=ANNA, reden="toch niet")
    await world.send_besluit(Besluit(brief=brief, soort="intrek", door=ANNA, op=world.now, toelichting="toch niet"))
    [shown] = desk.letters(world.desk, open_only=False)
    assert shown.besluit is not None
    assert [one.code for one in shown.besluit.geweigerd] == ["al-doorgestuurd"]


def many(world: World, count: int = 4) -> list[str]:
    world.receive(CLIENT, order("IN1"))
    return [world.receive(CONTRACTOR, status("IN1", f"S-{n}", "77")) for n in range(count)]


async def test_a_set_waits_for_its_canary_and_for_another_person(world: World) -> None:
    receipts = many(world)
    world.adopt(CONTRACTOR, WORDS, '"77" = { code = "ACC", voorbeeld = "nieuw woord" }\n' + WORDS)
    found = await desk.bulk(
        world.desk, Besluitsoort.HERMAP, reden="onbekende-code", partner=CONTRACTOR, door=ANNA, toelichting="in kaart"
    )
    world.run()
    assert found.aantal == 4
    assert [world.status(one).account for one in receipts] == [Account.TOEGEPAST] + [Account.UITVAL] * 3
    world.assert_balanced()
    with pytest.raises(Refused, match="zelfde-persoon"):
        await desk.go_on(world.desk, found.id, door=ANNA)
    await desk.go_on(world.desk, found.id, door=BRAM)
    world.run()
    assert {world.status(one).account for one in receipts} == {Account.TOEGEPAST}
    assert desk.letters(world.desk) == []
    assert world.dossier("IN1").onvolledig == ()
    world.assert_balanced()


async def test_a_set_whose_canary_failed_goes_no_further(world: World) -> None:
    receipts = many(world)
    found = await desk.bulk(
        world.desk, Besluitsoort.HERMAP, reden="onbekende-code", partner=None, door=ANNA, toelichting="in kaart"
    )
    world.run()
    with pytest.raises(Refused, match=r"kanarie .* gevonden uitval, verwacht toegepast"):
        await desk.go_on(world.desk, found.id, door=BRAM)
    waiting = [one for one in desk.letters(world.desk) if one.besluit is not None]
    keur = Besluit(brief=waiting[0].id, soort="keur", door=BRAM, op=world.now, kanarie_uitkomst="uitval")
    await world.send_besluit(keur)
    await world.send_besluit(msgspec.structs.replace(keur, kanarie_uitkomst=None))
    assert {world.status(one).account for one in receipts} == {Account.UITVAL}
    await desk.withdraw_set(world.desk, found.id, door=BRAM, reden="profiel klopt niet")
    world.run()
    assert {one.besluit.toestand for one in desk.letters(world.desk) if one.besluit} == {Toestand.OPEN}
    world.assert_balanced()


async def test_one_of_a_set_cannot_be_confirmed_alone(world: World) -> None:
    many(world)
    await desk.bulk(world.desk, Besluitsoort.RETOUR, reden="onbekende-code", partner=None, door=ANNA, toelichting="x")
    world.run()
    waiting = next(one for one in desk.letters(world.desk) if one.besluit is not None)
    with pytest.raises(Refused, match="reeks"):
        await desk.confirm(world.desk, waiting.id, door=BRAM)


async def test_what_differs_per_letter_is_not_decided_for_many(world: World) -> None:
    many(world)
    for soort in (Besluitsoort.KOPPEL, Besluitsoort.VERVANG):
        with pytest.raises(Refused, match="per oorzaak"):
            await desk.bulk(world.desk, soort, reden="onbekende-code", partner=None, door=ANNA, toelichting="x")
