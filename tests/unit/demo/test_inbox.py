"""The inbox holds together by itself, and covers what it is there for."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree
from stdnum import ean

from adapters.demo.inbox import COMPANION, DOSSIERS, FOLDER, Sample, load
from adapters.formats import read
from adapters.message import Bericht, OpdrachtInhoud, Soort, StatusInhoud
from topics.catalogue.declarations import ALL_KETENS
from topics.documents import Account, Reden
from topics.documents.keten import AanZet, Stand
from topics.documents.onderhoud import Slotsoort, Statuscode, Urgentie
from topics.errors import ConfigurationError
from topics.keys import keten_of, normalise_number, order_key
from topics.profile import samples as partners
from topics.profile.registry import Registry

SAMPLES, EINDE = load()
REGISTRY = Registry.load(partners.FOLDER)
EXAMPLE = FOLDER.parent / "voorbeeld.json"
GLN = re.compile(r"<GLN>(\d+)</GLN>|\"(?:opdrachtgever|aannemer|gelieerd)\": ?\"(\d+)\"")


def messages(samples: tuple[Sample, ...] = SAMPLES) -> Iterator[tuple[Sample, Bericht]]:
    """Every part of the inbox that is a message."""
    for sample in samples:
        for part in read(sample.bestand.read_bytes(), sample.content_type).delen:
            if part.bericht is not None:
                yield sample, part.bericht


def text(sample: Sample) -> str:
    raw = sample.bestand.read_bytes()
    return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1")


def expected(field: str) -> set[object]:
    return {getattr(sample.verwacht, field) for sample in SAMPLES}


# it holds together


def test_every_message_has_a_companion_and_every_companion_a_message() -> None:
    companions = {path.name.removesuffix(COMPANION) for path in FOLDER.glob(f"*{COMPANION}")}
    others = [path for path in FOLDER.iterdir() if not path.name.endswith(COMPANION) and path.name != DOSSIERS]
    assert {sample.naam for sample in SAMPLES} == companions
    assert sorted(path.stem for path in others) == sorted(companions)


def test_names_are_unique_and_in_the_order_in_which_they_come() -> None:
    assert [sample.naam for sample in SAMPLES] == sorted({sample.naam for sample in SAMPLES})
    assert all(one.verwacht.op <= other.verwacht.op for one, other in pairwise(SAMPLES))
    assert SAMPLES[-1].verwacht.op <= EINDE.einde


def test_every_partner_of_the_inbox_has_a_profile() -> None:
    assert expected("partner") <= set(REGISTRY.partners())


def test_every_expectation_says_why_in_one_sentence() -> None:
    reasons = [sample.verwacht.waarom for sample in SAMPLES] + [one.waarom for one in EINDE.dossiers.values()]
    assert [reason for reason in reasons if not re.fullmatch(r"[A-Z].{20,}\.", reason)] == []


def test_every_gln_has_a_right_check_digit_except_where_that_is_the_point() -> None:
    wrong = {
        sample.naam: [number for found in GLN.findall(text(sample)) if not ean.is_valid(number := found[0] or found[1])]
        for sample in SAMPLES
    }
    named = {naam: found for naam, found in wrong.items() if found}
    assert [len(found) for found in named.values()] == [1]
    (naam,) = named
    assert "gln-controlecijfer" in next(one for one in SAMPLES if one.naam == naam).verwacht.bevindingen


def test_a_repeat_is_the_same_bytes_and_names_an_earlier_message() -> None:
    by_name = {sample.naam: sample for sample in SAMPLES}
    repeats = [sample for sample in SAMPLES if sample.verwacht.herhaling_van is not None]
    assert repeats
    for sample in repeats:
        first = by_name[sample.verwacht.herhaling_van or ""]
        assert first.bestand.read_bytes() == sample.bestand.read_bytes()
        assert first.verwacht.op < sample.verwacht.op
        assert sample.verwacht.antwoord == 200


def test_facts_and_waiting_messages_of_the_dossiers_are_the_parts_that_were_applied_or_wait() -> None:
    parts = Counter(
        account for sample in SAMPLES if sample.verwacht.antwoord == 202 for account in sample.verwacht.status
    )
    assert sum(dossier.feiten for dossier in EINDE.dossiers.values()) == parts[Account.TOEGEPAST]
    assert sum(dossier.wachtend for dossier in EINDE.dossiers.values()) == parts[Account.WACHTEND]


def test_companion_with_an_unknown_field_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "001-leeg.json").write_text("{}")
    (tmp_path / f"001-leeg{COMPANION}").write_text("partner = 'a'\nop = 2026-03-02T08:00:00+01:00\nwarom = 'x'\n")
    with pytest.raises(ConfigurationError, match=r"001-leeg\.verwacht\.toml(.|\n)*warom"):
        load(tmp_path)


def test_moment_without_a_zone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "001-leeg.json").write_text("{}")
    (tmp_path / f"001-leeg{COMPANION}").write_text("partner = 'a'\nop = 2026-03-02T08:00:00\nwaarom = 'x'\n")
    with pytest.raises(ConfigurationError, match="offset from UTC"):
        load(tmp_path)


def test_orders_in_dico_that_are_applied_are_valid_by_the_official_schema_too(shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(shared / "domain" / "dico" / "Onderhoudsopdracht_SALES005.xsd")))
    applied = [one for one in SAMPLES if one.bestand.suffix == ".xml" and one.verwacht.status == (Account.TOEGEPAST,)]
    assert applied
    wrong = [one.naam for one in applied if not schema.validate(etree.fromstring(one.bestand.read_bytes()))]
    assert wrong == []


# it covers what it is there for


def test_every_account_that_a_message_reaches_without_a_person_occurs() -> None:
    found = {account for sample in SAMPLES for account in sample.verwacht.status}
    assert found == {Account.TOEGEPAST, Account.DUBBEL, Account.WACHTEND, Account.UITVAL}


def test_every_reason_but_of_size_and_of_our_own_bugs_occurs() -> None:
    assert expected("reden") - {None} == set(Reden) - {Reden.TE_GROOT, Reden.ONVERWACHT}


def test_every_answer_of_the_intake_to_a_partner_that_is_known_occurs() -> None:
    assert expected("antwoord") == {202, 200, 415}


def test_every_status_code_occurs_in_the_words_of_some_partner() -> None:
    found = set()
    for sample, bericht in messages():
        profile = REGISTRY.partner(sample.verwacht.partner, sample.verwacht.op.date())
        assert profile is not None
        if isinstance(bericht.inhoud, StatusInhoud):
            word = "/".join(filter(None, (bericht.inhoud.eigen, bericht.inhoud.eigen_detail)))
            coding = profile.statussen.get(word)
            if coding is not None:
                found.add((coding.code.value, coding.detail.value if coding.detail else None))
    assert {code for code, _ in found} == {code.value for code in Statuscode}
    details = {detail for code, detail in found if code == "OND"}
    assert details == {None, "BNT", "BBT", "VBW", "MIB", "OHD", "AFW", "AFR", "AVW"}
    assert {("TGE", "THD"), ("ACC", "AFH")} <= found


def test_both_directions_of_rev_rea_and_van_occur() -> None:
    words = {
        "REV": {"Wacht op akkoord", "Reactie gevraagd"},
        "REA": {"Akkoord", "41"},
        "VAN": {"Verzoek intrekken", "Annulering gevraagd"},
    }
    said = {bericht.inhoud.eigen for _, bericht in messages() if isinstance(bericht.inhoud, StatusInhoud)}
    assert [code for code, both in words.items() if not both <= said] == []


def test_orders_come_in_both_formats_to_both_contractors_of_every_kind_and_urgency() -> None:
    orders = [(sample, one) for sample, one in messages() if isinstance(one.inhoud, OpdrachtInhoud)]
    assert {(sample.bestand.suffix, one.aannemer) for sample, one in orders} >= {
        (".xml", "8799999000116"),
        (".xml", "8799999000215"),
        (".json", "8799999000215"),
    }
    assert {one.inhoud.soort for _, one in orders if isinstance(one.inhoud, OpdrachtInhoud)} >= {"REP", "MUT", "INS"}
    stated = {one.inhoud.urgentie for _, one in orders if isinstance(one.inhoud, OpdrachtInhoud)}
    assert stated == {None, Urgentie.REGULIER, Urgentie.SPOED}
    assert any(one.subnummer for _, one in orders)
    assert any(one.aannemer is None for _, one in orders)


def test_planning_tells_of_slots_offered_agreed_moved_kept_and_missed() -> None:
    slots = {
        slot.soort for _, one in messages() if one.soort is Soort.PLANNING for slot in getattr(one.inhoud, "sloten", ())
    }
    assert slots == set(Slotsoort)


def test_odd_encodings_and_odd_times_occur() -> None:
    raw = [sample.bestand.read_bytes() for sample in SAMPLES]
    assert any(one.startswith(b"\xff\xfe") for one in raw)
    assert sum(one.startswith(b"\xef\xbb\xbf") for one in raw) == 2
    assert any(b"\r\n" in one for one in raw)
    happened = [one.inhoud.gebeurd for _, one in messages() if isinstance(one.inhoud, StatusInhoud)]
    assert any(moment.alleen_dag for moment in happened)
    assert any('"2026-03-17T10:00:00"' in text(sample) for sample in SAMPLES)


def test_findings_that_go_along_and_findings_that_refuse_are_both_expected() -> None:
    codes = {code for sample in SAMPLES for code in sample.verwacht.bevindingen}
    assert codes >= {
        *("urgentie-afgeleid", "aannemer-ontbreekt", "btw-verlegd-met-tarief", "gln-controlecijfer", "email-vorm"),
        *("bijlage-zonder-inhoud", "bom", "codering-afwijkend", "content-type-wijkt-af", "inhoud-al-bekend"),
        *("doctype-verboden", "xml-niet-welgevormd", "codering-ongeldig", "waarde-soort", "veld-ontbreekt"),
    }


def test_dossiers_end_in_every_state_with_every_party_aan_zet() -> None:
    assert {dossier.toestand for dossier in EINDE.dossiers.values()} == {
        *("wachtend", "geregistreerd", "geaccepteerd", "geweigerd", "in-behandeling", "onderbroken"),
        *("annulering-gevraagd", "geannuleerd", "technisch-gereed", "administratief-gereed"),
        *("betwist", "vrijgegeven", "afgerond", "contract"),
    }
    assert {dossier.aan_zet for dossier in EINDE.dossiers.values()} == {None, *AanZet}
    assert {keten_of(key) for key in EINDE.dossiers} == set(ALL_KETENS)


def test_invoices_end_released_disputed_taken_back_and_in_every_mix() -> None:
    found = {
        (bool(one.vrijgegeven), bool(one.betwist), bool(one.verrekend))
        for one in EINDE.dossiers.values()
        if one.vrijgegeven is not None
    }
    assert found == {(True, False, False), (False, True, False), (False, False, True), (True, False, True)}


def test_measures_end_in_every_way_and_signals_stand_or_are_withdrawn() -> None:
    measures = [measure for dossier in EINDE.dossiers.values() for measure in dossier.maten.values()]
    assert {measure.stand for measure in measures} == set(Stand)
    assert any(measure.gepauzeerd for measure in measures)
    assert any(measure.voorlopig for measure in measures)
    assert {signal for dossier in EINDE.dossiers.values() for signal in dossier.signalen} == {
        *("beoordelen", "norm-dreigt:technisch-gereed"),
        *(f"bericht-ontbreekt:{maat}" for maat in ("acceptatie", "administratief-gereed", "facturatie")),
        *(f"norm-overschreden:{maat}" for maat in ("acceptatie", "technisch-gereed", "administratief-gereed")),
        "norm-overschreden:facturatie",
    }
    assert any(dossier.ingetrokken for dossier in EINDE.dossiers.values())
    assert any(dossier.buiten_beschouwing for dossier in EINDE.dossiers.values())


# the example of the README


def test_example_of_the_readme_is_an_order_that_is_not_in_the_inbox() -> None:
    (part,) = read(EXAMPLE.read_bytes(), "application/json").delen
    assert part.bericht is not None
    assert part.bevindingen == ()
    key = order_key("onderhoud", part.bericht.opdrachtgever, part.bericht.opdrachtnummer)
    numbers = {normalise_number(one.opdrachtnummer) for _, one in messages() if one.opdrachtnummer}
    assert key not in EINDE.dossiers
    assert normalise_number(part.bericht.opdrachtnummer) not in numbers


def test_example_of_the_readme_may_be_sent_by_the_sample_partner() -> None:
    fields = json.loads(EXAMPLE.read_bytes())
    profile = tomllib.loads((partners.FOLDER / "zilverlinde" / "1.toml").read_text())
    assert fields["opdrachtgever"] == profile["gln"]
    assert (
        fields["contract"]
        in next(one for one in profile["termen"] if one["aannemer"] == fields["aannemer"])["contracten"]
    )
