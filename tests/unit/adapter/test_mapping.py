"""What becomes of one part: who may say it, what it means, which terms travel along."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from adapters.adapter.mapping import Mapping
from adapters.adapter.outcome import Geweigerd, Toegelaten
from adapters.kinds import AANNEMER, CORPORATIE
from adapters.message import Bericht, Deel
from tests.unit.adapter.messages import (
    ERROR,
    KOBALT,
    LINDE,
    LINDE_OUD,
    MERIDIAAN,
    ONBEKEND,
    ORDERED,
    PLANNING,
    RECEIVED,
    SPANWERK,
    STATUS,
    TEGENDRAAD,
    WARNING,
    broken,
    content,
    order,
    part,
    status,
)
from topics.documents import Moment, Reden, encode
from topics.documents.onderhoud import (
    Bovenliggend,
    Eenheid,
    Opdracht,
    Planning,
    Status,
    Statuscode,
    Statusdetail,
    Urgentie,
)
from topics.profile.registry import Registry

Change = Callable[[str, str, str], Registry]
KEY = f"onderhoud/opdracht/{LINDE}/IN001"


def outcome(
    registry: Registry, partner: str, deel: Deel | Bericht, received: datetime = RECEIVED
) -> Toegelaten | Geweigerd:
    profile = registry.versions(partner)[-1]
    kind = {kind.name: kind for kind in (CORPORATIE, AANNEMER)}[profile.kind]
    found = Deel(bericht=deel) if isinstance(deel, Bericht) else deel
    return Mapping(registry, kind, profile, received).part(found)


def admitted(registry: Registry, partner: str, deel: Deel | Bericht) -> Toegelaten:
    found = outcome(registry, partner, deel)
    assert isinstance(found, Toegelaten), found
    return found


def refused(registry: Registry, partner: str, deel: Deel | Bericht) -> Geweigerd:
    found = outcome(registry, partner, deel)
    assert isinstance(found, Geweigerd), found
    return found


def opdracht(registry: Registry, bericht: Bericht) -> Opdracht:
    document = admitted(registry, "zilverlinde", bericht).document
    assert isinstance(document, Opdracht)
    return document


def test_an_order_becomes_a_canonical_document_in_its_dossier(registry: Registry) -> None:
    found = admitted(registry, "zilverlinde", order())
    document = found.document
    assert isinstance(document, Opdracht)
    assert (found.dossier, found.keten, found.log) == (KEY, "onderhoud", "onderhoud.gebeurtenis.v1")
    assert (document.afzender, document.opdrachtgever, document.aannemer) == (LINDE, LINDE, KOBALT)
    assert (document.opdrachtnummer, document.soort, document.contract) == ("IN 001", "REP", "ZL-KN-2026")
    assert found.gebeurd == ORDERED
    assert b"Verzonnen" not in encode(document)
    assert found.personen["locatie.naam"] == "M. Verzonnen"


def test_aliases_become_canonical_glns(registry: Registry) -> None:
    document = opdracht(registry, order(opdrachtgever=LINDE_OUD, aannemer="8799999000123"))
    assert (document.opdrachtgever, document.aannemer) == (LINDE, KOBALT)


@pytest.mark.parametrize(
    ("partner", "word", "detail", "code", "canonical"),
    [
        ("kobalt-noord", "Werk gereed", None, Statuscode.TGE, None),
        ("kobalt-noord", " Werk gereed ", "Noodvoorziening", Statuscode.TGE, Statusdetail.THD),
        ("kobalt-noord", "Gepauzeerd", "Weer", Statuscode.OND, Statusdetail.AFW),
        ("tegendraad", "50", "niet thuis", Statuscode.OND, Statusdetail.BNT),
        ("tegendraad", "50", "", Statuscode.OND, None),
        ("zilverlinde", "Akkoord", None, Statuscode.REA, None),
    ],
)
def test_a_partners_own_word_is_mapped_by_its_profile(
    registry: Registry,
    partner: str,
    word: str,
    detail: str | None,
    code: Statuscode,
    canonical: Statusdetail | None,
) -> None:
    found = admitted(registry, partner, status(word, detail, aannemer=None)).document
    assert isinstance(found, Status)
    assert (found.code, found.detail) == (code, canonical)
    assert found.eigen_status == f"{word.strip()}/{detail}" if detail else word.strip()
    assert found.afzender == registry.versions(partner)[0].gln


@pytest.mark.parametrize(
    ("word", "detail"), [("TGE", None), ("werk gereed", None), ("Werk gereed", "Weer"), ("", None)]
)
def test_a_word_that_the_profile_does_not_have_goes_to_a_person(
    registry: Registry, word: str, detail: str | None
) -> None:
    found = refused(registry, "kobalt-noord", status(word, detail))
    assert found.reden is Reden.ONBEKENDE_CODE
    assert found.dossier == KEY
    finding, known = found.bevindingen
    assert (f"'{word}/{detail}'" if detail else f"'{word}'" if word else "niets") in finding.tekst
    assert "'Werk gereed/Noodvoorziening'" in known.tekst
    assert "verwacht een van" in known.tekst


def test_planning_keeps_its_slots(registry: Registry) -> None:
    found = admitted(registry, "kobalt-noord", PLANNING).document
    assert isinstance(found, Planning)
    assert len(found.sloten) == 1
    assert found.afzender == KOBALT


def test_an_unknown_client_gives_no_key(registry: Registry) -> None:
    found = refused(registry, "kobalt-noord", status("Vraag", opdrachtgever=ONBEKEND))
    assert (found.reden, found.dossier) == (Reden.ZONDER_SLEUTEL, None)
    assert ONBEKEND in found.bevindingen[0].tekst


@pytest.mark.parametrize("number", ["", " \t", "\u2003"])
def test_an_empty_order_number_gives_no_key(registry: Registry, number: str) -> None:
    found = refused(registry, "kobalt-noord", status("Vraag", opdrachtnummer=number))
    assert (found.reden, found.dossier) == (Reden.ZONDER_SLEUTEL, None)


def test_a_corporatie_speaks_for_itself_only(registry: Registry) -> None:
    found = refused(registry, "zilverlinde", order(opdrachtgever=KOBALT))
    assert (found.reden, found.dossier) == (Reden.ONBEVOEGD, None)
    assert found.bevindingen[0].code == "namens-ander"


@pytest.mark.parametrize("named", [TEGENDRAAD, ONBEKEND, LINDE])
def test_an_aannemer_names_nobody_else_as_the_aannemer(registry: Registry, named: str) -> None:
    found = refused(registry, "kobalt-noord", status("Vraag", aannemer=named))
    assert (found.reden, found.dossier) == (Reden.ONBEVOEGD, None)


def test_an_aannemer_may_name_itself_by_an_alias_or_not_at_all(registry: Registry) -> None:
    for named in ("8799999000123", None):
        assert admitted(registry, "kobalt-noord", status("Vraag", aannemer=named)).dossier == KEY


def test_an_aannemer_orders_from_a_subcontractor_as_its_own_client(registry: Registry) -> None:
    above = Bovenliggend(LINDE_OUD, " IN001 ")
    bericht = order(content(bovenliggend=above), opdrachtgever=MERIDIAAN, aannemer=SPANWERK)
    found = admitted(registry, "meridiaan", bericht)
    assert found.dossier == f"onderhoud/opdracht/{MERIDIAAN}/IN001"
    assert isinstance(found.document, Opdracht)
    assert found.document.bovenliggend == Bovenliggend(LINDE, "IN001")
    answered = status("REA", opdrachtgever=MERIDIAAN, aannemer=SPANWERK)
    assert admitted(registry, "meridiaan", answered).dossier == found.dossier


def test_an_aannemer_never_orders_in_the_name_of_its_client(registry: Registry) -> None:
    found = refused(registry, "meridiaan", order(aannemer=MERIDIAAN))
    assert (found.reden, found.bevindingen[0].code) == (Reden.ONBEVOEGD, "namens-ander")


def test_an_aannemer_whose_profile_says_nothing_of_orders_sends_none(registry: Registry) -> None:
    found = refused(registry, "kobalt-noord", order(opdrachtgever=KOBALT, aannemer=TEGENDRAAD))
    assert (found.reden, found.bevindingen[0].code) == (Reden.ONBEVOEGD, "bericht-niet-toegestaan")


def test_a_profile_narrows_what_may_be_sent(changed: Change) -> None:
    registry = changed("kobalt-noord", '"onderhoud.planning", ', "")
    assert refused(registry, "kobalt-noord", PLANNING).reden is Reden.ONBEVOEGD
    assert admitted(registry, "kobalt-noord", STATUS)


def test_a_partner_outside_the_keten_may_not_send(changed: Change) -> None:
    registry = changed("kobalt-noord", "kind =", "ketens = []\nkind =")
    found = refused(registry, "kobalt-noord", STATUS)
    assert (found.reden, found.bevindingen[0].code) == (Reden.ONBEVOEGD, "keten-niet-toegestaan")


def test_terms_of_the_pair_travel_in_the_order(registry: Registry) -> None:
    terms = opdracht(registry, order()).voorwaarden
    assert terms.profiel == registry.versions("zilverlinde")[0].hash()
    assert terms.wachttijd_uren == 72
    assert (terms.kalender.begin.hour, terms.kalender.eind.hour) == (8, 16)


def test_free_days_run_from_the_order_to_two_years_after(registry: Registry) -> None:
    ordered = Moment(datetime.fromisoformat("2026-05-06T10:00:00+02:00"))
    days = opdracht(registry, order(content(datum=ordered))).voorwaarden.kalender.vrije_dagen
    assert days[0] == date(2026, 5, 14)
    assert days[-1] == date(2027, 8, 13)
    early = Moment(datetime.fromisoformat("2025-03-01T10:00:00+02:00"))
    days = opdracht(registry, order(content(datum=early))).voorwaarden.kalender.vrije_dagen
    assert (days[0], days[-1]) == (date(2026, 1, 1), date(2027, 1, 1))


def test_free_days_begin_at_the_tenants_report_when_that_came_first(registry: Registry) -> None:
    reported = Moment(datetime.fromisoformat("2026-05-04T10:00:00+02:00"))
    days = opdracht(registry, order(content(gemeld_op=reported))).voorwaarden.kalender.vrije_dagen
    assert days[0] == date(2026, 5, 5)


@pytest.mark.parametrize(
    ("soort", "urgentie", "measure", "value", "unit"),
    [
        ("REP", Urgentie.SPOED, "acceptatie", "2", Eenheid.UREN),
        ("REP", Urgentie.URGENT, "acceptatie", "1", Eenheid.WERKDAGEN),
        ("REP", Urgentie.REGULIER, "acceptatie", "2", Eenheid.WERKDAGEN),
        ("REP", Urgentie.REGULIER, "technisch-gereed", "10", Eenheid.WERKDAGEN),
        ("MUT", Urgentie.REGULIER, "technisch-gereed", "15", Eenheid.WERKDAGEN),
        ("MUT", Urgentie.SPOED, "technisch-gereed", "24", Eenheid.UREN),
        (None, Urgentie.URGENT, "administratief-gereed", "4", Eenheid.WERKDAGEN),
    ],
)
def test_the_narrowest_norm_that_fits_travels_in_the_order(
    registry: Registry, soort: str | None, urgentie: Urgentie, measure: str, value: str, unit: Eenheid
) -> None:
    norms = opdracht(registry, order(content(soort=soort, urgentie=urgentie))).voorwaarden.normen
    expected = ["acceptatie", "administratief-gereed", "facturatie", "gehele-keten", "technisch-gereed"]
    assert sorted(norm.maat for norm in norms) == expected, "those of the invoice itself travel in the invoice"
    (found,) = (norm for norm in norms if norm.maat == measure)
    assert (found.waarde, found.eenheid) == (Decimal(value), unit)


def test_terms_are_those_of_the_orders_own_date(changed: Change) -> None:
    old = 'aannemer = "8799999000215"  # Tegendraad\ngeldig_vanaf = 2025-01-01'
    new = (
        'aannemer = "8799999000215"\ngeldig_vanaf = 2025-01-01\ngeldig_tot = 2026-05-31\nwachttijd_uren = 10\n\n'
        '[[termen]]\naannemer = "8799999000215"\ngeldig_vanaf = 2026-06-01'
    )
    registry = changed("zilverlinde", old, new)
    waits = [
        opdracht(registry, order(content(datum=Moment(at)), aannemer=TEGENDRAAD)).voorwaarden.wachttijd_uren
        for at in (ORDERED - timedelta(days=1), ORDERED)
    ]
    assert waits == [10, 72]


def test_the_terms_are_those_of_the_registry_at_hand(registry: Registry, changed: Change) -> None:
    """One that was adopted since may say something else of the same pair and the same day."""
    other = changed("zilverlinde", "wachttijd_uren = 72", "wachttijd_uren = 12")
    waits = [opdracht(one, order()).voorwaarden.wachttijd_uren for one in (registry, other, registry)]
    assert waits == [72, 12, 72]


def test_an_order_without_contractor_goes_to_that_of_its_contract(registry: Registry) -> None:
    assert opdracht(registry, order(content(contract="ZL-TD-2026"), aannemer=None)).aannemer == TEGENDRAAD


@pytest.mark.parametrize("contract", [None, "ZL-ONBEKEND"])
def test_an_order_without_contractor_and_without_a_known_contract_goes_to_a_person(
    registry: Registry, contract: str | None
) -> None:
    found = refused(registry, "zilverlinde", order(content(contract=contract), aannemer=None))
    assert (found.reden, found.dossier) == (Reden.MEERDUIDIG, KEY)


def test_a_contract_of_two_aannemers_goes_to_a_person(changed: Change) -> None:
    registry = changed("zilverlinde", '["ZL-TD-2026"]', '["ZL-TD-2026", "ZL-KN-2026"]')
    found = refused(registry, "zilverlinde", order(aannemer=None))
    assert found.reden is Reden.MEERDUIDIG
    assert KOBALT in found.bevindingen[0].tekst
    assert TEGENDRAAD in found.bevindingen[0].tekst


def test_an_order_to_somebody_without_terms_is_refused(registry: Registry) -> None:
    found = refused(registry, "zilverlinde", order(aannemer=ONBEKEND))
    assert (found.reden, found.bevindingen[0].code) == (Reden.ONBEVOEGD, "geen-voorwaarden")


def test_a_stated_urgency_holds_over_every_rule(registry: Registry) -> None:
    document = opdracht(registry, order(content(urgentie=Urgentie.REGULIER, contract="ZL-SPOED-26")))
    assert (document.urgentie, document.urgentie_afgeleid) == (Urgentie.REGULIER, False)


def test_a_rule_of_the_profile_gives_the_urgency(registry: Registry) -> None:
    document = opdracht(registry, order(content(contract="ZL-SPOED-26")))
    assert (document.urgentie, document.urgentie_afgeleid) == (Urgentie.SPOED, False)
    due = Moment(ORDERED + timedelta(hours=48))
    assert opdracht(registry, order(content(gereed_uiterlijk=due))).urgentie is Urgentie.URGENT


def test_without_field_or_rule_the_urgency_is_regulier_with_a_warning(registry: Registry) -> None:
    found = admitted(registry, "zilverlinde", part(order(), WARNING))
    document = found.document
    assert isinstance(document, Opdracht)
    assert (document.urgentie, document.urgentie_afgeleid) == (Urgentie.REGULIER, True)
    assert [finding.code for finding in found.bevindingen] == ["let-op", "urgentie-afgeleid"]


def test_an_order_without_its_own_date_counts_from_when_it_was_sent_and_else_received(registry: Registry) -> None:
    sent = admitted(registry, "zilverlinde", order(content(datum=None)))
    assert sent.gebeurd == ORDERED
    bare = admitted(registry, "zilverlinde", order(content(datum=None), verzonden=None))
    assert bare.gebeurd == RECEIVED
    assert isinstance(bare.document, Opdracht)
    assert bare.document.verzonden == Moment(RECEIVED)


def test_what_happened_long_after_its_reception_is_a_warning(registry: Registry) -> None:
    late = outcome(registry, "kobalt-noord", STATUS, RECEIVED)
    assert isinstance(late, Toegelaten)
    assert [finding.code for finding in late.bevindingen] == ["in-de-toekomst"]
    after = outcome(registry, "kobalt-noord", STATUS, RECEIVED + timedelta(days=10))
    assert isinstance(after, Toegelaten)
    assert after.bevindingen == ()


@pytest.mark.parametrize("who", ["message", "sender", "client"])
def test_a_test_message_goes_to_the_proef_keten(registry: Registry, changed: Change, who: str) -> None:
    message = STATUS
    if who == "message":
        message = msgspec.structs.replace(STATUS, proef=True)
    elif who == "sender":
        registry = changed("kobalt-noord", "kind =", "proef = true\nkind =")
    else:
        registry = changed("zilverlinde", "kind =", "proef = true\nkind =")
    found = admitted(registry, "kobalt-noord", message)
    assert found.keten == "proef-onderhoud"
    assert found.log == "proef-onderhoud.gebeurtenis.v1"
    assert found.dossier == f"proef-{KEY}"


def test_a_deviation_that_the_profile_does_not_list_is_refused_with_the_line_that_allows_it(changed: Change) -> None:
    registry = changed("zilverlinde", "formaten =", 'dialecten = ["cp1252"]\nformaten =')
    found = refused(registry, "zilverlinde", Deel(bericht=order(), dialecten=("cp1252", "decimale-komma")))
    assert (found.reden, found.dossier) == (Reden.ONGELDIG, KEY)
    finding = found.bevindingen[-1]
    assert (finding.code, finding.waarde) == ("dialect-niet-toegestaan", "decimale-komma")
    assert 'dialecten = ["cp1252", "decimale-komma"]' in finding.tekst


def test_a_deviation_that_the_profile_lists_is_taken_with_its_warning(changed: Change) -> None:
    registry = changed("zilverlinde", "formaten =", 'dialecten = ["cp1252", "btw-spelling"]\nformaten =')
    deel = Deel(bericht=order(), bevindingen=(WARNING,), dialecten=("cp1252",))
    assert admitted(registry, "zilverlinde", deel).bevindingen[0] == WARNING


def test_a_broken_part_keeps_its_reason_and_its_dossier(registry: Registry) -> None:
    found = refused(registry, "kobalt-noord", broken((LINDE_OUD, "in 001")))
    assert (found.reden, found.dossier, found.bevindingen) == (Reden.ONGELDIG, KEY, (ERROR,))


@pytest.mark.parametrize("key", [None, (ONBEKEND, "IN001"), (LINDE, " ")])
def test_a_broken_part_without_a_derivable_key_has_no_dossier(registry: Registry, key: tuple[str, str] | None) -> None:
    assert refused(registry, "kobalt-noord", broken(key)).dossier is None


def test_a_stranger_to_the_client_touches_none_of_its_dossiers(changed: Change) -> None:
    registry = changed(
        "zilverlinde", 'geldig_vanaf = 2025-01-01\ncontracten = ["ZL-TD-2026"]', "geldig_vanaf = 2027-01-01"
    )
    assert refused(registry, "tegendraad", broken((LINDE, "IN001"))).dossier is None
    assert refused(registry, "kobalt-noord", broken((LINDE, "IN001"))).dossier == KEY


def test_a_document_too_large_for_the_log_is_refused(registry: Registry) -> None:
    line = ORDER_LINE_OF_100_BYTES
    found = refused(registry, "zilverlinde", order(content(regels=line * 12_000)))
    assert found.reden is Reden.TE_GROOT
    assert found.dossier == KEY


ORDER_LINE_OF_100_BYTES = (msgspec.structs.replace(content().regels[0], omschrijving="x" * 60),)
