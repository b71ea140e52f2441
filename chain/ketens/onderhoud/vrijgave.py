"""What of an invoice is released: from the answers on its lines to amounts including VAT, to the cent (ONDERHOUD 5). Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from topics.documents.factuur import Factuur
from topics.documents.keten import Factuurbeoordeling


class Regelstand(NamedTuple):
    """What is known of a line of an invoice, in euro excluding VAT. `dossier`: key of the order or contract that it is
    for.

    `beantwoord` False: that did not answer yet, the line is in behandeling. `vrij`, `verrekend`, `reden`: as it answered
    (Deeloordeel). `geaccepteerd`: disputed, and the opdrachtgever pays it after all; `ingetrokken`: disputed, and the
    supplier claims it no more.
    """

    dossier: str | None = None
    beantwoord: bool = False
    vrij: Decimal = Decimal(0)
    verrekend: Decimal = Decimal(0)
    reden: str = ""
    geaccepteerd: Decimal = Decimal(0)
    ingetrokken: Decimal = Decimal(0)


def accepteer(factuur: Factuur, standen: Sequence[Regelstand], dossier: str | None = None) -> tuple[Regelstand, ...]:
    """The lines after the opdrachtgever accepted what is disputed now: of the order with key `dossier`, else of all."""
    return tuple(standen)


def trek_in(factuur: Factuur, standen: Sequence[Regelstand], dossier: str | None = None) -> tuple[Regelstand, ...]:
    """The lines after the supplier withdrew what is disputed now: of the order with key `dossier`, else of all."""
    return tuple(standen)


def beoordeling(sleutel: str, revisie: int, factuur: Factuur, standen: Sequence[Regelstand]) -> Factuurbeoordeling:
    """What of the invoice `sleutel` is released, disputed, pending and taken back; `standen` is one per line, in order."""
    return Factuurbeoordeling(
        dossier=sleutel,
        revisie=revisie,
        vrijgegeven=Decimal(0),
        betwist=Decimal(0),
        in_behandeling=factuur.te_betalen,
        te_betalen=factuur.te_betalen,
        munt=factuur.munt,
    )
