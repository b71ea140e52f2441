"""Whatever an invoice says of its numbers, it ends somewhere, and where it ends is what it carries."""

from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.adapter.outcome import Geweigerd, Toegelaten
from tests.unit.adapter.invoices import INVOICE, KOBALT_BTW, invoice, outcome
from topics import keys
from topics.documents import Reden, decode, encode
from topics.documents.factuur import Factuur
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER
from topics.profile.supplier import legal_number

REGISTRY = Registry.load(FOLDER)
DOT_LEADER = "\u2024"
texts = st.text(st.characters(codec="utf-8"), max_size=140) | st.sampled_from(
    ["", " ", "\u200b", f"NL1{DOT_LEADER}2", "ｎｌ8799", "IN 1", "ß" * 128]
)
numbers = texts | st.sampled_from([KOBALT_BTW, "nl 8799.99.007.b01", "879999007B01", "99000116", "NL879999043B01"])
AT_HAND = (Reden.ZONDER_SLEUTEL, Reden.ONBEVOEGD, Reden.MEERDUIDIG)


@given(
    numbers,
    st.none() | numbers,
    texts,
    texts,
    st.lists(st.none() | texts, min_size=1, max_size=3),
    st.none() | texts,
    st.none() | texts,
)
@settings(max_examples=300, deadline=None)
def test_an_invoice_ends_on_the_dossier_that_its_own_fields_name(
    vat: str,
    kvk: str | None,
    number: str,
    header: str,
    orders: list[str | None],
    contract: str | None,
    iban: str | None,
) -> None:
    lines = tuple(msgspec.structs.replace(INVOICE.regels[0], opdrachtnummer=one, prijscode=one) for one in orders)
    fields = {"btw_nummer": vat, "kvk_nummer": kvk, "factuurnummer": number, "contract": contract, "iban": iban}
    found = outcome(REGISTRY, "kobalt-noord", invoice(**fields, opdrachtnummer=header, regels=lines))
    if isinstance(found, Geweigerd):
        assert found.reden in AT_HAND
        return
    assert isinstance(found, Toegelaten)
    document = decode("nl.ketenbus.onderhoud.factuur.v1", encode(found.document))
    assert isinstance(document, Factuur)
    assert found.dossier == keys.invoice_key("onderhoud", document.leverancier, document.factuurnummer)
    assert keys.parts(found.dossier)[2] == document.leverancier
    for line in document.regels:
        if line.opdrachtnummer is None:
            assert document.contract
        else:
            assert keys.normalise_number(line.opdrachtnummer) == line.opdrachtnummer
    assert len({line.nummer for line in document.regels}) == len(document.regels)
    assert document.te_betalen == Decimal("121.00")


@given(texts)
@settings(deadline=None)
def test_a_legal_number_is_one_form_of_itself(text: str) -> None:
    found = legal_number(text)
    if found is not None:
        assert legal_number(found) == found
        assert legal_number(f" {text.lower()} ".replace("-", " - ")) == legal_number(text.lower())
