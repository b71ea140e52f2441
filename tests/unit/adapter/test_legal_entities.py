"""One legal entity under its VAT number and under its KvK number is one supplier, with one dossier per invoice."""

import msgspec
import pytest

from adapters.adapter.outcome import Geweigerd
from tests.unit.adapter.invoices import (
    KEY,
    KOBALT_BTW,
    KOBALT_KVK,
    STEP,
    Change,
    admitted,
    codes,
    factuur,
    invoice,
    outcome,
    step,
)
from tests.unit.adapter.test_invoice_steps import refused
from topics.documents import Reden
from topics.documents.factuur import Factuurstap, Factuurstatus
from topics.profile.registry import Registry

TEGENDRAAD_KVK = "99000215"
OTHER_BTW, OTHER_KVK = "NL123456782B90", "99000314"
BTW, KVK = f'btw_nummers = ["{KOBALT_BTW}"]', f'kvk_nummers = ["{KOBALT_KVK}"]'


@pytest.fixture
def several(changed: Change) -> Registry:
    """Two legal entities work for Kobalt: one with both numbers, one that pays no VAT; and a VAT number by itself."""
    changed("kobalt-noord", BTW, f'btw_nummers = ["{KOBALT_BTW}", "{OTHER_BTW}"]')
    pairs = f'[{{ btw = "{KOBALT_BTW}", kvk = "{KOBALT_KVK}" }}, {{ kvk = "{OTHER_KVK}" }}]'
    terms = f'btw_nummers = ["{OTHER_BTW}", "{KOBALT_BTW}"]\nkvk_nummers = ["{OTHER_KVK}", "{KOBALT_KVK}"]'
    return changed("zilverlinde", f"{BTW}\n{KVK}", f"{terms}\nentiteiten = {pairs}")


@pytest.mark.parametrize(
    ("vat", "kvk"), [(KOBALT_BTW, KOBALT_KVK), (KOBALT_BTW, None), (None, "9900 0116"), (KOBALT_BTW, "12345678")]
)
def test_either_number_is_the_same_dossier_and_the_same_supplier(
    registry: Registry, vat: str | None, kvk: str | None
) -> None:
    bericht = invoice(btw_nummer=vat, kvk_nummer=kvk)
    assert admitted(registry, "kobalt-noord", bericht).dossier == KEY
    document = factuur(registry, bericht)
    assert (document.leverancier, document.leverancier_bekend) == (KOBALT_BTW, True)


@pytest.mark.parametrize(("partner", "stap"), [("zilverlinde", Factuurstap.BETAALD), ("kobalt-noord", Factuurstap.INGETROKKEN)])  # fmt: skip
def test_a_step_by_either_number_is_of_the_same_invoice(registry: Registry, partner: str, stap: Factuurstap) -> None:
    inhoud = msgspec.structs.replace(STEP, leverancier=KOBALT_KVK, stap=stap)
    found = admitted(registry, partner, step(inhoud=inhoud))
    assert found.dossier == KEY
    assert isinstance(found.document, Factuurstatus)
    assert (found.document.leverancier, found.document.wachttijd_uren) == (KOBALT_BTW, 72)


def test_a_refused_invoice_by_either_number_holds_up_the_same_dossier(registry: Registry) -> None:
    found = outcome(registry, "kobalt-noord", refused(leverancier=KOBALT_KVK))
    assert isinstance(found, Geweigerd)
    assert found.dossier == KEY


def test_numbers_of_two_legal_entities_are_ambiguous(registry: Registry) -> None:
    found = outcome(registry, "kobalt-noord", invoice(kvk_nummer=TEGENDRAAD_KVK))
    assert isinstance(found, Geweigerd)
    assert (found.reden, codes(found), found.dossier) == (Reden.MEERDUIDIG, ["leverancier-meerduidig"], None)


def test_numbers_of_two_legal_entities_of_one_aannemer_are_ambiguous(several: Registry) -> None:
    for vat, kvk in ((KOBALT_BTW, OTHER_KVK), (OTHER_BTW, KOBALT_KVK), (OTHER_BTW, OTHER_KVK)):
        found = outcome(several, "kobalt-noord", invoice(btw_nummer=vat, kvk_nummer=kvk))
        assert isinstance(found, Geweigerd), (vat, kvk)
        assert (found.reden, codes(found)) == (Reden.MEERDUIDIG, ["leverancier-meerduidig"])


@pytest.mark.parametrize(
    ("vat", "kvk", "known_as"),
    [
        (None, KOBALT_KVK, KOBALT_BTW),
        (KOBALT_BTW, KOBALT_KVK, KOBALT_BTW),
        (None, OTHER_KVK, OTHER_KVK),
        (OTHER_BTW, None, OTHER_BTW),
        ("NL879999018B01", OTHER_KVK, OTHER_KVK),
    ],
)
def test_of_several_entities_the_pairs_tell_which_number_is_whose(
    several: Registry, vat: str | None, kvk: str, known_as: str
) -> None:
    document = factuur(several, invoice(btw_nummer=vat, kvk_nummer=kvk))
    assert (document.leverancier, document.leverancier_bekend) == (known_as, True)


def test_a_vat_number_that_the_client_does_not_know_is_not_known_by_the_kvk_number_of_another(
    registry: Registry,
) -> None:
    document = factuur(registry, invoice(btw_nummer=OTHER_BTW))
    assert (document.leverancier, document.leverancier_bekend) == (OTHER_BTW, False)


def test_an_entity_with_a_new_vat_number_keeps_its_name(changed: Change) -> None:
    changed("kobalt-noord", BTW, f'btw_nummers = ["{KOBALT_BTW}", "{OTHER_BTW}"]')
    later = f'geldig_vanaf = 2026-04-01\n[termen.facturen]\nbtw_nummers = ["{OTHER_BTW}"]\n{KVK}\n'
    registry = changed(
        "zilverlinde",
        'geldig_vanaf = 2025-01-01\ncontracten = ["ZL-KN-2026"',
        'geldig_vanaf = 2025-01-01\ngeldig_tot = 2026-03-31\ncontracten = ["ZL-KN-2026"',
    )
    registry = changed("zilverlinde", "[[termen]]", f'[[termen]]\naannemer = "8799999000116"\n{later}\n[[termen]]')
    for vat, kvk in ((OTHER_BTW, KOBALT_KVK), (None, KOBALT_KVK), (KOBALT_BTW, None)):
        document = factuur(registry, invoice(btw_nummer=vat, kvk_nummer=kvk))
        assert (document.leverancier, document.leverancier_bekend) == (KOBALT_BTW, True), (vat, kvk)
