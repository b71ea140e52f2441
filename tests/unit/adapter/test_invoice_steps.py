"""What becomes of a refused invoice, and of the steps of one that was sent."""

import msgspec
import pytest

from adapters.adapter.outcome import Geweigerd, Toegelaten
from adapters.message import Deel, Factuursleutel
from tests.unit.adapter.invoices import (
    KEY,
    KOBALT_BTW,
    MERIDIAAN_BTW,
    SPANWERK_BTW,
    STEP,
    D,
    admitted,
    codes,
    invoice,
    outcome,
    step,
)
from tests.unit.adapter.messages import ERROR, LINDE, MERIDIAAN
from topics.documents import Reden
from topics.documents.factuur import Factuurstap, Factuurstatus
from topics.profile.registry import Registry


def refused(**fields: object) -> Deel:
    key = Factuursleutel(opdrachtgever=LINDE, leverancier="NL8799.99.007.B01", factuurnummer="F 2026/17")
    return Deel(reden=Reden.ONGELDIG, bevindingen=(ERROR,), sleutel=msgspec.structs.replace(key, **fields))


def test_a_refused_invoice_makes_its_dossier_incomplete(registry: Registry) -> None:
    found = outcome(registry, "kobalt-noord", refused())
    assert isinstance(found, Geweigerd)
    assert (found.reden, found.dossier) == (Reden.ONGELDIG, KEY)
    by_number = outcome(registry, "kobalt-noord", refused(opdrachtgever="", koper=(("kvk", "99000017"),), proef=True))
    assert isinstance(by_number, Geweigerd)
    assert by_number.dossier == f"proef-{KEY}"


def test_nobody_makes_the_invoice_of_another_incomplete(registry: Registry) -> None:
    for number in (MERIDIAAN_BTW, SPANWERK_BTW):
        found = outcome(registry, "kobalt-noord", refused(leverancier=number))
        assert isinstance(found, Geweigerd)
        assert found.dossier is None
    dialect = Deel(bericht=invoice(btw_nummer=MERIDIAAN_BTW, kvk_nummer=None), dialecten=("tijd-kort",))
    other = outcome(registry, "kobalt-noord", dialect)
    assert isinstance(other, Geweigerd)
    assert (codes(other), other.dossier) == (["dialect-niet-toegestaan"], None)


@pytest.mark.parametrize("fields", [{"leverancier": ""}, {"opdrachtgever": "8799999000314"}, {"factuurnummer": " "}])
def test_a_refused_invoice_without_a_key_is_a_letter_alone(registry: Registry, fields: dict[str, object]) -> None:
    found = outcome(registry, "kobalt-noord", refused(**fields))
    assert isinstance(found, Geweigerd)
    assert found.dossier is None


def test_a_step_of_the_client_lands_on_the_dossier_of_the_invoice(registry: Registry) -> None:
    found = admitted(registry, "zilverlinde", step())
    assert found.dossier == KEY
    document = found.document
    assert isinstance(document, Factuurstatus)
    assert (document.afzender, document.opdrachtgever, document.leverancier) == (LINDE, LINDE, KOBALT_BTW)
    assert (document.stap, document.bedrag, document.opdrachtnummer) == (Factuurstap.BETAALD, D("121.00"), None)
    assert document.wachttijd_uren == 72
    assert found.gebeurd == STEP.gebeurd.op


def test_a_step_about_one_order_names_it_as_its_key_does(registry: Registry) -> None:
    document = admitted(registry, "kobalt-noord", step(Factuurstap.INGETROKKEN, opdrachtnummer=" in 001 ")).document
    assert isinstance(document, Factuurstatus)
    assert document.opdrachtnummer == "IN001"


@pytest.mark.parametrize(
    ("partner", "stap", "allowed"),
    [
        *[("zilverlinde", stap, stap is not Factuurstap.INGETROKKEN) for stap in Factuurstap],
        *[("kobalt-noord", stap, stap is Factuurstap.INGETROKKEN) for stap in Factuurstap],
    ],
)
def test_each_party_takes_its_own_steps_only(
    registry: Registry, partner: str, stap: Factuurstap, allowed: bool
) -> None:
    found = outcome(registry, partner, step(stap))
    if allowed:
        assert isinstance(found, Toegelaten)
    else:
        assert isinstance(found, Geweigerd)
        assert (found.reden, codes(found)) == (Reden.ONBEVOEGD, ["stap-niet-toegestaan"])


def test_steps_are_about_ones_own_invoices_only(registry: Registry) -> None:
    for partner, stap in (("havermeer", Factuurstap.BETAALD), ("tegendraad", Factuurstap.INGETROKKEN)):
        found = outcome(registry, partner, step(stap))
        assert isinstance(found, Geweigerd)
        assert (found.reden, codes(found)) == (Reden.ONBEVOEGD, ["namens-ander"]), partner


def test_an_aannemer_pays_its_subcontractor(registry: Registry) -> None:
    inhoud = msgspec.structs.replace(STEP, leverancier=SPANWERK_BTW)
    document = admitted(registry, "meridiaan", step(opdrachtgever=MERIDIAAN, inhoud=inhoud)).document
    assert isinstance(document, Factuurstatus)
    assert (document.opdrachtgever, document.leverancier) == (MERIDIAAN, SPANWERK_BTW)
