"""What becomes of an invoice: where it belongs, who may send it, what the terms of its client answer."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest

from adapters.adapter.outcome import Geweigerd
from tests.unit.adapter.invoices import (
    BERICHT,
    INVOICE,
    KEY,
    KOBALT_BTW,
    KOBALT_IBAN,
    MERIDIAAN_BTW,
    SPANWERK_BTW,
    Change,
    D,
    admitted,
    codes,
    factuur,
    invoice,
    outcome,
)
from tests.unit.adapter.messages import KOBALT, LINDE, LINDE_OUD, MERIDIAAN, SPANWERK
from topics.accounts import AMSTERDAM
from topics.documents import Reden, encode
from topics.documents.content import content_hash
from topics.documents.factuur import Afkoop, Periodelengte
from topics.profile.registry import Registry

JAAR_2026 = Afkoop(
    bedrag=D(1850), periode=Periodelengte.MAAND, geldig_vanaf=date(2026, 1, 1), geldig_tot=date(2026, 12, 31)
)


def test_an_invoice_becomes_an_event_on_its_own_dossier(registry: Registry) -> None:
    found = admitted(registry, "kobalt-noord", BERICHT)
    assert (found.keten, found.dossier) == ("onderhoud", KEY)
    assert found.gebeurd == datetime(2026, 5, 4, tzinfo=AMSTERDAM)
    assert found.bevindingen == ()
    document = factuur(registry, BERICHT)
    assert (document.afzender, document.opdrachtgever, document.aannemer) == (KOBALT, LINDE, KOBALT)
    assert (document.leverancier, document.leverancier_bekend) == (KOBALT_BTW, True)
    assert (document.factuurnummer, document.berichtnummer) == ("f 2026/17", "F-1")
    assert (document.te_betalen, document.netto) == (D("121.00"), D("100.00"))


def test_an_alias_of_the_client_is_its_canonical_gln(registry: Registry) -> None:
    assert factuur(registry, invoice(opdrachtgever=LINDE_OUD)).opdrachtgever == LINDE


@pytest.mark.parametrize(
    "koper",
    [(("kvk", "9900 0017"),), (("btw", "NL009999012B01"),), (("gln", LINDE),), (("oin", "1"), ("kvk", "99000017"))],
)
def test_the_client_is_found_by_its_legal_numbers(registry: Registry, koper: tuple[tuple[str, str], ...]) -> None:
    assert factuur(registry, invoice(opdrachtgever="", koper=koper)).opdrachtgever == LINDE


@pytest.mark.parametrize("koper", [(), (("kvk", "12345678"),), (("oin", "99000017"),)])
def test_an_invoice_to_nobody_that_is_known_has_no_key(registry: Registry, koper: tuple[tuple[str, str], ...]) -> None:
    found = outcome(registry, "kobalt-noord", invoice(opdrachtgever="", koper=koper))
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found), found.dossier) == (Reden.ZONDER_SLEUTEL, ["opdrachtgever-onbekend"], None)


def test_numbers_of_two_clients_are_ambiguous(registry: Registry) -> None:
    found = outcome(registry, "kobalt-noord", invoice(koper=(("kvk", "99000055"),)))
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found)) == (Reden.MEERDUIDIG, ["opdrachtgever-meerduidig"])


def test_a_kvk_number_that_the_client_does_not_know_names_the_supplier_when_there_is_no_vat_number(
    registry: Registry,
) -> None:
    found = admitted(registry, "kobalt-noord", invoice(btw_nummer=None, kvk_nummer="1234 5678"))
    assert found.dossier == "onderhoud/factuur/12345678/F2026%2F17"
    assert not factuur(registry, invoice(btw_nummer=None, kvk_nummer="12345678")).leverancier_bekend


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"btw_nummer": None, "kvk_nummer": " "}, "leverancier-onbenoemd"),
        ({"factuurnummer": "  "}, "factuurnummer-leeg"),
        ({"factuurnummer": "9" * 129}, "factuurnummer-leeg"),
        ({"opdrachtnummer": "9" * 129}, "opdrachtnummer-leeg"),
        ({"opdrachtnummer": " "}, "opdrachtnummer-ontbreekt"),
    ],
)
def test_an_invoice_without_what_names_it_has_no_key(registry: Registry, fields: dict[str, object], code: str) -> None:
    found = outcome(registry, "kobalt-noord", invoice(**fields))
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found)) == (Reden.ZONDER_SLEUTEL, [code])


def test_an_invoice_without_order_number_is_a_letter_on_its_own_dossier(registry: Registry) -> None:
    found = outcome(registry, "kobalt-noord", invoice(opdrachtnummer=""))
    assert isinstance(found, Geweigerd)
    assert found.dossier == KEY
    assert found.bevindingen[0].pad == "regel.1.opdrachtnummer", "the second line has one"


def test_lines_take_the_order_of_the_whole_invoice_where_they_name_none(registry: Registry) -> None:
    one, two = factuur(registry, BERICHT).regels
    assert (one.opdrachtnummer, one.subnummer) == ("IN001", "3")
    assert (two.opdrachtnummer, two.subnummer) == ("IN2", None)


def test_a_periodic_invoice_carries_the_agreed_sum_of_its_contract(registry: Registry) -> None:
    bare = tuple(msgspec.structs.replace(line, opdrachtnummer=None) for line in INVOICE.regels)
    document = factuur(registry, invoice(opdrachtnummer="", contract=" ZL-KN-2026 ", regels=bare))
    assert (document.contract, document.voorwaarden.afkoop) == ("ZL-KN-2026", JAAR_2026)
    assert [line.opdrachtnummer for line in document.regels] == [None, None]
    assert factuur(registry, invoice(contract="ZL-SPOED-26")).voorwaarden.afkoop is None


def test_a_periodic_invoice_without_its_period_is_a_warning(registry: Registry) -> None:
    bare = tuple(msgspec.structs.replace(line, opdrachtnummer=None) for line in INVOICE.regels)
    periodic = {"opdrachtnummer": "", "contract": "ZL-KN-2026", "regels": bare}
    days = {"periode_van": date(2026, 4, 1), "periode_tot": date(2026, 4, 30)}
    assert codes(admitted(registry, "kobalt-noord", invoice(**periodic))) == ["periode-ontbreekt"]
    assert codes(admitted(registry, "kobalt-noord", invoice(**periodic, **days))) == []


def test_lines_with_the_same_number_are_numbered_by_their_place(registry: Registry) -> None:
    same = tuple(msgspec.structs.replace(line, nummer=" 10") for line in INVOICE.regels)
    assert [line.nummer for line in factuur(registry, invoice(regels=same)).regels] == ["1", "2"]
    own = msgspec.structs.replace(INVOICE.regels[0], nummer=" 10 ")
    assert [line.nummer for line in factuur(registry, invoice(regels=(own,))).regels] == ["10"]


def test_a_line_carries_the_agreed_price_of_its_code(registry: Registry) -> None:
    one, two = factuur(registry, BERICHT).regels
    assert (one.afgesproken, two.afgesproken) == (D("45.50"), None)


@pytest.mark.parametrize(("invoiced", "price"), [(date(2025, 12, 31), D("39.90")), (date(2026, 1, 1), None)])
def test_a_price_is_that_of_the_day_of_the_invoice(registry: Registry, invoiced: date, price: Decimal | None) -> None:
    line = msgspec.structs.replace(INVOICE.regels[0], prijscode=" PB-009 ")
    (found,) = factuur(registry, invoice(factuurdatum=invoiced, regels=(line,))).regels
    assert (found.prijscode, found.afgesproken) == ("PB-009", price)


def test_the_terms_of_the_pair_travel_in_the_invoice(registry: Registry) -> None:
    terms = factuur(registry, BERICHT).voorwaarden
    assert terms.profiel == registry.versions("zilverlinde")[0].hash()
    assert (terms.tolerantie, terms.tolerantie_percentage, terms.regieplafond) == (D("2.50"), D(1), D(900))
    assert (terms.betaaltermijn_dagen, terms.g_loon, terms.eigenbouwer, terms.wachttijd_uren) == (30, True, False, 72)
    assert {(norm.maat, norm.waarde) for norm in terms.normen} == {("beoordeling", D(5))}
    days = terms.kalender.vrije_dagen
    assert (days[0], days[-1]) == (date(2026, 5, 14), date(2027, 8, 13))


def test_a_g_account_that_follows_everything_is_said(registry: Registry) -> None:
    other = invoice(btw_nummer="NL879999019B01", kvk_nummer=None, iban="NL94KTNB0990000003")
    assert not factuur(registry, other, "tegendraad").voorwaarden.g_loon


@pytest.mark.parametrize(
    ("iban", "payable", "known", "code"),
    [
        (KOBALT_IBAN, "121.00", True, []),
        ("NL94KTNB0990000003", "121.00", False, ["iban-onbekend"]),  # of another aannemer
        (None, "121.00", False, []),
        (None, "-121.00", True, []),
        ("NL94KTNB0990000003", "-121.00", False, ["iban-onbekend"]),
    ],
)
def test_the_event_says_whether_the_account_is_known(
    registry: Registry, iban: str | None, payable: str, known: bool, code: list[str]
) -> None:
    bericht = invoice(iban=iban, te_betalen=D(payable))
    assert factuur(registry, bericht).iban_bekend is known
    assert codes(admitted(registry, "kobalt-noord", bericht)) == code


def test_the_g_account_is_looked_up_by_itself(registry: Registry) -> None:
    assert factuur(registry, invoice(g_iban="NL24 KTNB 0990 0000 02")).g_iban_bekend is True
    unknown = invoice(g_iban=KOBALT_IBAN)
    assert factuur(registry, unknown).g_iban_bekend is False
    assert codes(admitted(registry, "kobalt-noord", unknown)) == ["g-iban-onbekend"]
    assert factuur(registry, BERICHT).g_iban_bekend is None


def test_account_numbers_stay_off_the_log(registry: Registry) -> None:
    found = admitted(registry, "kobalt-noord", invoice(g_iban="NL24KTNB0990000002"))
    assert b"KTNB" not in encode(found.document)
    assert found.personen == {
        "regel.1.omschrijving": "Kraan bij Veenstra",
        "iban": KOBALT_IBAN,
        "g_iban": "NL24KTNB0990000002",
    }


def test_an_unknown_account_is_not_shown_in_a_finding_that_travels(registry: Registry) -> None:
    (finding,) = admitted(registry, "kobalt-noord", invoice(iban="NL94KTNB0990000003")).bevindingen
    assert finding.persoonlijk


def test_a_legal_entity_that_the_client_does_not_know_is_said(registry: Registry) -> None:
    other = invoice(btw_nummer="NL123456782B90", kvk_nummer=None)
    document = factuur(registry, other)
    assert (document.aannemer, document.leverancier_bekend) == (KOBALT, False)
    assert "leverancier-onbekend" in codes(admitted(registry, "kobalt-noord", other))


def test_a_partner_invoices_for_itself_only(registry: Registry) -> None:
    found = outcome(registry, "kobalt-noord", invoice(btw_nummer=MERIDIAAN_BTW, kvk_nummer=None))
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found), found.dossier) == (Reden.ONBEVOEGD, ["namens-ander"], None)
    named = outcome(registry, "kobalt-noord", invoice(aannemer=MERIDIAAN))
    assert isinstance(named, Geweigerd)
    assert (named.reden, codes(named)) == (Reden.ONBEVOEGD, ["namens-ander"])


def test_a_legal_entity_of_another_partner_is_refused_also_when_the_client_does_not_know_it(registry: Registry) -> None:
    found = outcome(registry, "kobalt-noord", invoice(btw_nummer=SPANWERK_BTW))
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found)) == (Reden.ONBEVOEGD, ["namens-ander"])


def test_a_partner_may_invoice_for_its_own_entity_that_works_for_another(changed: Change) -> None:
    registry = changed("zilverlinde", f'btw_nummers = ["{MERIDIAAN_BTW}"]', 'btw_nummers = ["NL123456782B90"]')
    registry = changed("kobalt-noord", f'["{KOBALT_BTW}"]', f'["{KOBALT_BTW}", "NL123456782B90"]')
    document = factuur(registry, invoice(btw_nummer="NL123456782B90", kvk_nummer=None))
    assert (document.afzender, document.aannemer, document.leverancier_bekend) == (KOBALT, MERIDIAAN, True)


def test_an_aannemer_without_terms_may_not_invoice(registry: Registry) -> None:
    found = outcome(registry, "spanwerk", invoice(btw_nummer=SPANWERK_BTW))
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found)) == (Reden.ONBEVOEGD, ["geen-voorwaarden"])


def test_a_subcontractor_invoices_the_aannemer_that_ordered(registry: Registry) -> None:
    bericht = invoice(opdrachtgever=MERIDIAAN, btw_nummer=SPANWERK_BTW, iban="NL29KTNB0990000009")
    document = factuur(registry, bericht, "spanwerk")
    assert (document.opdrachtgever, document.aannemer) == (MERIDIAAN, SPANWERK)
    assert document.iban_bekend


def test_the_terms_of_the_invoice_date_hold_when_the_contract_has_ended(changed: Change) -> None:
    old = 'aannemer = "8799999000116"  # Kobalt Noord\ngeldig_vanaf = 2025-01-01'
    registry = changed("zilverlinde", old, f"{old}\ngeldig_tot = 2026-05-04")
    document = factuur(registry, BERICHT)
    assert document.voorwaarden.tolerantie == D("2.50")
    assert document.iban_bekend
    assert document.leverancier_bekend


def test_taxed_lines_for_an_eigenbouwer_are_a_warning(registry: Registry) -> None:
    bericht = invoice(btw_nummer=MERIDIAAN_BTW, kvk_nummer=None, iban="NL40KTNB0990000005")
    assert codes(admitted(registry, "meridiaan", bericht)) == ["btw-niet-verlegd"]


def test_an_invoice_from_the_future_is_a_warning(registry: Registry) -> None:
    assert codes(admitted(registry, "kobalt-noord", invoice(factuurdatum=date(2026, 5, 7)))) == ["in-de-toekomst"]
    assert codes(admitted(registry, "kobalt-noord", invoice(factuurdatum=date(2026, 5, 6)))) == []


def test_a_test_invoice_goes_to_the_proef_keten(registry: Registry) -> None:
    found = admitted(registry, "kobalt-noord", invoice(proef=True))
    assert (found.keten, found.dossier) == ("proef-onderhoud", f"proef-{KEY}")


def test_a_client_may_not_send_an_invoice(registry: Registry) -> None:
    found = outcome(registry, "zilverlinde", BERICHT)
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found)) == (Reden.ONBEVOEGD, ["bericht-niet-toegestaan"])


def test_a_reference_of_white_space_is_none(registry: Registry) -> None:
    assert factuur(registry, invoice(verwijst_naar=" ")).verwijst_naar is None
    assert factuur(registry, invoice(verwijst_naar=" F-0 ")).verwijst_naar == "F-0"


def test_prices_that_were_looked_up_do_not_make_it_another_invoice(registry: Registry, changed: Change) -> None:
    later = changed("zilverlinde", '{ code = "PB-001", prijs = "45.50" }', '{ code = "PB-001", prijs = "46" }')
    assert factuur(registry, BERICHT).regels != factuur(later, BERICHT).regels
    assert content_hash(factuur(registry, BERICHT)) == content_hash(factuur(later, BERICHT))
    other = msgspec.structs.replace(INVOICE.regels[0], prijs=D(46))
    assert content_hash(factuur(registry, BERICHT)) != content_hash(
        factuur(registry, invoice(regels=(other, INVOICE.regels[1])))
    )


def test_a_finding_quotes_only_some_of_the_numbers_of_a_buyer_that_is_unknown(registry: Registry) -> None:
    koper = tuple(("kvk", f"{number:080}") for number in range(3000))
    found = outcome(registry, "kobalt-noord", invoice(opdrachtgever="", koper=koper))
    assert codes(found) == ["opdrachtgever-onbekend"]
    assert len(found.bevindingen[0].tekst) < 1000
    assert "en nog 2995" in found.bevindingen[0].tekst
