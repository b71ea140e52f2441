"""What documents say of the words in them is what the rules really write there."""

import inspect

import pytest

from chain.ketens.onderhoud import eenheid, mutatie, signalen, tabel
from chain.ketens.onderhoud.bereiken import MATEN
from chain.ketens.onderhoud.publicatie import WACHTEND
from topics.documents import Document
from topics.documents.keten import Doorlooptijd, Dossier, Signaal

TOESTANDEN = {row.toestand for row in tabel.RIJEN.values() if row.toestand is not None}
STAPPEN = {step.value for step in mutatie.STAPPEN}
SOORTEN = {signalen.NORM, signalen.DREIGT, signalen.ONTBREEKT, signalen.BEOORDELEN}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (Dossier, TOESTANDEN | STAPPEN | {WACHTEND, mutatie.TOESTAND, f"`{eenheid.TOESTAND}`"}),
        (Doorlooptijd, {maat.naam for maat in MATEN} | set(mutatie.MATEN)),
        (Signaal, SOORTEN | {signalen.TE_GROOT, signalen.GESCHORST}),
    ],
)
def test_document_names_every_word_that_the_rules_write(document: type[Document], words: set[str]) -> None:
    told = inspect.getdoc(document) or ""
    assert sorted(word for word in words if word not in told) == []
