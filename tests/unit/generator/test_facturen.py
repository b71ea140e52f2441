"""Invoices of the generated week: what goes wrong with them, and a ledger whose sums balance to the cent."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from adapters.generator.beeld import Conclusie, Feit, Stuk
from adapters.generator.bericht import Bericht, Opdracht, Uiting
from adapters.generator.deling import Deling, Geld, verdeel
from adapters.generator.factuur import LAAG, NORMAAL, Factuur, Regel, Toeslag, cents, euro, procent
from adapters.generator.factuurfouten import MISSERS
from adapters.generator.partners import load
from adapters.generator.toets import Lijn, Vraag, beoordeel
from adapters.generator.week import Week, maak

GANGEN = (
    *("factuur", "factuur-verzameld", "factuur-in-delen", "factuur-voor-gereed", "factuur-voor-opdracht"),
    *("factuur-na-annulering", "factuur-garantie", "factuur-los-bij-afkoop", "factuur-periodiek"),
    *("factuur-toeslag", "factuur-afronding", "g-rekening", "btw-gemengd", "btw-verlegd", "betaalbaar", "betaald"),
)
FOUTEN = (
    *("factuur-totaal-omgewisseld", "factuur-hersteld", "factuur-dubbel-ander-nummer", "factuur-strijdig"),
    *("factuur-zelfde-bytes", "factuur-anders-geschreven", "factuur-prijs-hoger", "factuur-aantal-hoger"),
    *("factuur-boven-plafond", "factuur-boven-afkoop", "factuur-periode-tweemaal", "factuur-halve-maand"),
    *("factuur-binnen-tolerantie", "factuur-meerwerk", "factuur-meerwerk-zonder-akkoord", "factuur-iban-onbekend"),
    *("factuur-rechtspersoon-onbekend", "factuur-opdrachtnummer-fout", "factuur-opdracht-onbekend"),
    *("factuur-zonder-opdrachtnummer", "factuur-na-credit", "credit-zonder-origineel", "credit-381", "credit-380"),
    *("factuur-geaccepteerd", "factuur-ingetrokken", "factuur-meters", "factuur-niet-verlegd", "factuur-code-onbekend"),
)
"""What ONDERHOUD 5 and FACTS 8 name about invoices, as the week names it."""
AT = datetime(2026, 4, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def week() -> Week:
    return maak(500, 1)


def test_the_default_week_has_every_way_to_invoice_and_every_fault_of_it(week: Week) -> None:
    assert [name for name in (*GANGEN, *FOUTEN) if not week.grootboek.fouten.get(name)] == []
    assert len(MISSERS) >= 19


def test_invoices_change_nothing_of_what_is_said_of_orders(week: Week) -> None:
    without = maak(500, 1, facturen=False)
    told = [bericht.inhoud for bericht in week.berichten if not _of_invoice(bericht)]
    assert told == [bericht.inhoud for bericht in without.berichten]


def test_invoices_are_written_in_every_format_of_their_senders(week: Week) -> None:
    sent = {bericht.formaat for bericht in week.berichten for one in bericht.delen if one.factuur is not None}
    assert sent == {"json", "insbou003", "insbou004", "ubl"}


def test_of_one_order_only_one_partner_is_heard_at_a_moment_about_invoices_too(week: Week) -> None:
    heard: dict[tuple[str, datetime], str] = {}
    for bericht in week.berichten:
        for one in bericht.delen:
            orders = [] if one.factuur is None else list(one.factuur.opdrachten)
            keys = {one.dossier, *(f"onderhoud/opdracht/{one.klant}/{number.upper()}" for number in orders)}
            for key in keys:
                assert heard.setdefault((key, bericht.op), bericht.naam) == bericht.naam or not orders


def test_every_invoice_is_divided_to_the_cent_per_rate(week: Week) -> None:
    applied = _applied(week)
    assert len(applied) > 200
    assert {key for key, dossier in week.grootboek.dossiers.items() if dossier.geld is not None} == set(applied)
    for key, (factuur, money) in applied.items():
        assert money.geheel.totaal == factuur.te_betalen, key
        assert sum(one.totaal for one in money.per_tarief.values()) == factuur.te_betalen
        for category, rate in factuur.tarieven:
            payable = factuur.grondslag((category, rate)) + factuur.btw((category, rate)) + factuur.afronding
            assert money.per_tarief[f"{category} {rate}"].totaal == payable


def test_nothing_is_released_that_was_not_ordered(week: Week) -> None:
    """Of every order with its prices: all its invoices together with their charges, less what credits took back."""
    orders = {one.dossier: one.opdracht for _, one in _parts(week) if one.opdracht is not None}
    released: dict[str, int] = defaultdict(int)
    dossiers = week.grootboek.dossiers
    for key, (factuur, money) in _applied(week).items():
        if len(factuur.opdrachten) == 1 and dossiers[key].toestand != "wachtend":
            released[dossiers[key].opdrachten[0]] += money.geheel.vrijgegeven
    checked = 0
    for key, amount in released.items():
        found = orders.get(key)
        if found is None or found.afspraak not in ("ANS", "EHP") or dossiers[key].meerwerk or _accepted(week, key):
            continue
        agreed = int(Decimal(found.aantal) * 4550) * found.regels
        slack = max(found.termen.facturen.tolerantie, int(agreed * found.termen.facturen.tolerantie_percentage / 100))
        assert amount <= (agreed + slack) * 121 // 100 + 10, key
        checked += 1
    assert checked > 50


def test_an_unknown_account_or_legal_entity_is_never_released(week: Week) -> None:
    blocked = [
        dossier.geld
        for bericht, one in _invoices(week)
        if {"factuur-iban-onbekend", "factuur-rechtspersoon-onbekend"} & set(bericht.fouten)
        and (dossier := week.grootboek.dossiers.get(one.dossier)) is not None
        and dossier.geld is not None
    ]
    assert blocked
    assert all(money.geheel.vrijgegeven == 0 and money.geheel.betwist > 0 for money in blocked)


def test_a_json_invoice_adds_up_unless_it_is_to_be_refused(week: Week) -> None:
    for bericht, one in _invoices(week):
        if bericht.formaat != "json" or len(bericht.delen) > 1:
            continue
        said = json.loads(bericht.inhoud)
        total = Decimal(said["netto"]) + Decimal(said["afronding"])
        total += sum((Decimal(charge["bedrag"]) for charge in said["toeslagen"]), Decimal(0))
        total += sum((Decimal(group["bedrag"]) for group in said["btw"]), Decimal(0))
        assert (total == Decimal(said["te_betalen"])) is (one.reden != "ongeldig")


# by hand


def test_money_is_counted_in_whole_cents() -> None:
    assert (euro(-5), euro(123456), cents(Decimal("45.50"))) == ("-0.05", "1234.56", 4550)
    assert (procent(50, 21), procent(-50, 21), procent(21675, 21)) == (11, -11, 4552)
    with pytest.raises(ValueError, match="expected whole cents"):
        cents(Decimal("0.005"))


def test_more_than_ordered_is_disputed_line_by_line() -> None:
    asked = _vraag(_regel("1", "3"), _regel("2", "2"))
    beoordeel(_order("EHP", regels=2, aantal="2"), [asked])
    assert [(lijn.vrij, lijn.reden) for lijn in asked.lijnen] == [(9100, "aantal-hoger"), (9100, "")]


def test_of_a_sum_the_last_lines_are_disputed() -> None:
    asked = _vraag(_regel("1", "2", prijs=5000), _regel("2", "2"))
    beoordeel(_order("ANS", regels=2, aantal="2"), [asked])
    assert [(lijn.vrij, lijn.reden) for lijn in asked.lijnen] == [(10000, ""), (8200, "boven-aanneemsom")]


def test_nothing_is_released_of_what_is_not_ready_and_what_was_released_stays() -> None:
    asked = _vraag(_regel("1", "2"))
    order = _order("EHP", regels=1, aantal="2")
    beoordeel(replace(order, gereed=None), [asked])
    assert (asked.lijnen[0].vrij, asked.lijnen[0].reden) == (0, "niet-gereed")
    beoordeel(order, [asked])
    beoordeel(replace(order, gereed=None), [asked])
    assert (asked.lijnen[0].vrij, asked.lijnen[0].reden) == (9100, "")


def test_a_credit_takes_back_what_is_disputed_first() -> None:
    order = _order("EHP", regels=1, aantal="2")
    asked = _vraag(_regel("1", "3"))
    beoordeel(order, [asked])
    credit = _vraag(_regel("1", "-2"), nummer="C1", verwijst_naar="F1", uur=9)
    beoordeel(order, [asked, credit])
    assert (asked.lijnen[0].vrij, asked.lijnen[0].verrekend) == (9100, 4550)
    assert (credit.lijnen[0].vrij, credit.lijnen[0].verrekend) == (-4550, -4550)
    anew = _vraag(_regel("1", "2"), nummer="F2", uur=10)
    beoordeel(order, [asked, credit, anew])
    assert (anew.lijnen[0].vrij, anew.lijnen[0].reden) == (4550, "aantal-hoger")


def test_charges_are_borne_by_the_lines_of_their_rate_and_the_rest_is_disputed() -> None:
    factuur = replace(
        _factuur(_regel("1", "2"), _regel("2", "1", tarief=LAAG)), toeslagen=(Toeslag(bedrag=1000, tarief=NORMAAL),)
    )
    assert factuur.toegerekend() == [1000, 0]
    lijnen = [
        Lijn(regel=regel, toeslag=charge, beantwoord=True)
        for regel, charge in zip(factuur.regels, factuur.toegerekend(), strict=True)
    ]
    lijnen[0].vrij = 3000
    found = verdeel(factuur, lijnen, bekend=True)
    # 12221 = 10100 + 21 %: of 10100 is 3000 released
    assert found.per_tarief == {"S 21": Geld(3630, 8591), "S 9": Geld(0, 4960)}
    assert verdeel(factuur, lijnen, bekend=False).geheel == Geld(0, 12221 + 4960)


def test_cents_of_a_charge_that_are_left_go_to_the_largest_remainder() -> None:
    lines = [_regel("1", "1", prijs=1000), _regel("2", "1", prijs=2000), _regel("3", "-1", prijs=500)]
    factuur = replace(_factuur(*lines), toeslagen=(Toeslag(bedrag=4, tarief=NORMAAL),))
    assert factuur.toegerekend() == [1, 3, 0]
    with pytest.raises(ValueError, match="expected lines that bear it"):
        replace(factuur, toeslagen=(Toeslag(bedrag=4, tarief=LAAG),)).toegerekend()


@pytest.mark.parametrize(("afspraak", "reden"), [("EHP", "prijs-hoger"), ("ANS", "boven-aanneemsom")])
def test_a_charge_above_what_was_agreed_is_disputed(afspraak: str, reden: str) -> None:
    asked = _vraag(_regel("1", "2"))
    asked.lijnen[0].toeslag = 1250
    beoordeel(_order(afspraak, regels=1, aantal="2"), [asked])
    assert (asked.lijnen[0].vrij, asked.lijnen[0].betwist, asked.lijnen[0].reden) == (9100, 1250, reden)


def _invoices(week: Week) -> list[tuple[Bericht, Uiting]]:
    return [(bericht, one) for bericht, one in _parts(week) if one.factuur is not None]


def _parts(week: Week) -> list[tuple[Bericht, Uiting]]:
    return [(bericht, one) for bericht in week.berichten for one in bericht.delen]


def _applied(week: Week) -> dict[str, tuple[Factuur, Deling]]:
    """The invoice of every dossier that has one, and how it is divided."""
    found: dict[str, tuple[Factuur, Deling]] = {}
    for bericht in week.berichten:
        for place, one in enumerate(bericht.delen):
            money = week.grootboek.dossiers[one.dossier].geld if one.dossier in week.grootboek.dossiers else None
            applied = week.grootboek.berichten[bericht.naam].delen[place].status == "toegepast"
            if one.factuur is not None and money is not None and applied:
                found[one.dossier] = (one.factuur, money)
    return found


def _accepted(week: Week, order: str) -> bool:
    """Whether the client pays something after all."""
    asked = week.grootboek.dossiers[order].facturen
    return any(
        one.factuurstap is not None and one.factuurstap.stap == "geaccepteerd" and one.dossier in asked
        for _, one in _parts(week)
    )


def _of_invoice(bericht: Bericht) -> bool:
    first = bericht.delen[0].soort if bericht.delen else bericht.naam.rpartition("-")[2]
    return first in ("factuur", "factuurstatus")


def _regel(nummer: str, aantal: str, *, prijs: int = 4550, tarief: tuple[str, int] = NORMAAL) -> Regel:
    return Regel(
        nummer=nummer, aantal=Decimal(aantal), prijs=prijs, tarief=tarief, code=f"PB-00{nummer}", opdracht="ZL-1"
    )


def _factuur(*regels: Regel, nummer: str = "F1", verwijst_naar: str | None = None) -> Factuur:
    return Factuur(
        leverancier="NL879999019B01",
        nummer=nummer,
        datum=date(2026, 4, 2),
        regels=regels,
        iban="NL94KTNB0990000003",
        verwijst_naar=verwijst_naar,
    )


def _vraag(*regels: Regel, nummer: str = "F1", verwijst_naar: str | None = None, uur: int = 8) -> Vraag:
    terms = load()["zilverlinde"].termen["8799999000215"].facturen
    return Vraag(
        sleutel=f"onderhoud/factuur/NL879999019B01/{nummer}",
        factuur=_factuur(*regels, nummer=nummer, verwijst_naar=verwijst_naar),
        ontvangen=AT.replace(hour=uur),
        lijnen=[Lijn(regel=regel) for regel in regels],
        prijzen=terms.prijzen,
        tolerantie=0,
        tolerantie_percentage=Decimal(0),
        plafond=None,
        afkoop=None,
    )


def _order(afspraak: str, *, regels: int, aantal: str) -> Conclusie:
    """Ready, and ordered by those prices."""
    order = Opdracht(
        aannemer="8799999000215",
        termen=load()["zilverlinde"].termen["8799999000215"],
        datum=AT,
        afspraak=afspraak,
        regels=regels,
        aantal=aantal,
    )
    made = Conclusie(
        t0=AT,
        t0_huurder=AT,
        order=order,
        termen=order,
        toestand="technisch-gereed",
        stukken=[Stuk(AT, "aannemer", True)],
        clients=set(),
    )
    told = Uiting(
        soort="status",
        partner="tegendraad",
        afzender=order.aannemer,
        klant="8799999000017",
        nummer="ZL-1",
        berichtnummer="1",
        inhoud="1",
        gebeurd=AT,
        code="TGE",
    )
    made.gereed = Feit(uiting=told, bekend=AT)
    return made
