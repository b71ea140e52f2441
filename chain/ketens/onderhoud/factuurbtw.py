"""Reverse charge as an order has it, against the VAT of the lines of an invoice for it: a finding (ONDERHOUD 5). Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from chain.ketens.onderhoud.rekening import NIEMAND, Rekening
from chain.ketens.onderhoud.signalen import NIET_VERLEGD, WEL_VERLEGD
from chain.ketens.onderhoud.staat import Deelantwoord

BELAST: Final = "S"
VERLEGD: Final = "AE"
"""VAT categories (UNTDID 5305): taxed, and reverse charge."""


def anders_belast(rekening: Rekening, antwoorden: Mapping[str, Deelantwoord]) -> list[tuple[str, str]]:
    """What differs, and the key of the order that has it otherwise than lines which ask money for it: each pair once.

    An order that says nothing of it is no contradiction, nor is reverse charge for a client that is its own builder.
    """
    found: dict[tuple[str, str], None] = {}
    for post in rekening.regels:
        if post.dossier == NIEMAND or Decimal(post.bedrag) <= 0:
            continue
        key = rekening.dossiers[post.dossier]
        answer = antwoorden.get(key)
        if answer is None:
            continue
        if answer.verlegd and post.categorie == BELAST:
            found[NIET_VERLEGD, key] = None
        elif answer.verlegd is False and post.categorie == VERLEGD and not rekening.eigenbouwer:
            found[WEL_VERLEGD, key] = None
    return list(found)
