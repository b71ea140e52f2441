"""What a partner's software does otherwise than its standard is taken when its profile says so, and else refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.check.report import Oordeel, check
from topics.documents import Ernst, Reden
from topics.documents.onderhoud import Statuscode, Statusdetail
from topics.profile.profile import Codering, Profiel
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER

GOLDEN = Path(__file__).parents[2] / "contract" / "golden"
RECEIVED = datetime(2026, 3, 16, 9, tzinfo=UTC)


def registry(partner: str, **changes: object) -> tuple[Registry, Profiel]:
    """The sample partners, one of them changed."""
    loaded = Registry.load(FOLDER)
    versions = [one for name in loaded.partners() for one in loaded.versions(name)]
    changed = Registry(one.model_copy(update=changes) if one.partner == partner else one for one in versions)
    return changed, changed.versions(partner)[-1]


@pytest.mark.parametrize("version", ["insbou003", "insbou004"])
@pytest.mark.parametrize(("document", "partner"), [("opdracht", "zilverlinde"), ("factuur", "oudewal")])
def test_what_deviates_is_refused_until_the_profile_lists_what_it_needs(
    version: str, document: str, partner: str
) -> None:
    raw = (GOLDEN / version / f"{document}-dialecten.xml").read_bytes()
    known, profile = registry(partner, formaten=("insbou003", "insbou004"), dialecten=())
    refused = check(raw, profile, known, RECEIVED)
    assert (refused.uitkomst, refused.reden) == (Oordeel.AFGEKEURD, Reden.ONGELDIG)
    missing = [one for one in refused.bevindingen if one.code == "dialect-niet-toegestaan"]
    names = tuple(sorted({one.tekst.split("'")[1] for one in missing}))
    assert len(names) == len(missing) > 10
    known, profile = registry(partner, formaten=("insbou003", "insbou004"), dialecten=names)
    taken = check(raw, profile, known, RECEIVED)
    assert taken.uitkomst is Oordeel.GELDIG
    assert {one.code.removeprefix("dialect-") for one in taken.bevindingen if one.bron == "dialect"} == set(names)
    assert all(one.ernst is Ernst.WAARSCHUWING for one in taken.bevindingen)


@pytest.mark.parametrize("version", ["insbou003", "insbou004"])
def test_a_right_maintenance_invoice_needs_no_dialect_and_its_account_is_known(version: str) -> None:
    known, profile = registry("oudewal")
    raw = (GOLDEN / version / "factuur-onderhoud.xml").read_bytes()
    report = check(raw, profile, known, RECEIVED)
    assert (report.uitkomst, report.bevindingen) == (Oordeel.GELDIG, ())
    assert [part.dossier for part in report.delen] == ["onderhoud/factuur/NL879999032B01/F26-0440"]


def test_a_right_order_needs_no_dialect() -> None:
    known, profile = registry("zilverlinde", formaten=("insbou003",))
    raw = (GOLDEN / "insbou003" / "opdracht-volledig.xml").read_bytes()
    assert check(raw, profile, known, RECEIVED).uitkomst is Oordeel.GELDIG


def test_a_response_gives_a_status_by_the_partners_own_words_and_a_planning() -> None:
    words = {"bevestigd/afspraak": Codering(code=Statuscode.ACC, detail=Statusdetail.AFH, voorbeeld="afspraak")}
    known, profile = registry("oudewal", formaten=("insbou003",), statussen=words)
    raw = (GOLDEN / "insbou003" / "antwoord-volledig.xml").read_bytes()
    report = check(raw, profile, known, RECEIVED)
    assert [one.uitkomst for one in report.delen] == [Oordeel.GELDIG, Oordeel.GELDIG]
    assert {one.dossier for one in report.delen} == {"onderhoud/opdracht/8799999000017/OPD-26-00815"}
    known, profile = registry("oudewal", formaten=("insbou003",), statussen={})
    assert check(raw, profile, known, RECEIVED).delen[0].reden is Reden.ONBEKENDE_CODE
