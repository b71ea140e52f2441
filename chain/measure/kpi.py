"""Key figures as documents: the key and the body of one group over one period."""

from decimal import Decimal
from typing import Final

from chain.kalender.moment import moment
from chain.kengetallen import Cijfers, Groep, Kwantielen, Quantile, Tijdvak
from topics.documents import keten
from topics.documents.keten import Kpi

DOORLOOPTIJD: Final = "doorlooptijd"
_FOUR: Final = Decimal("0.0001")


def key_of(groep: Groep, periode: str) -> bytes:
    """Of the record on `keten.kpi.v1`."""
    part = "delen" if groep.deel else "geheel"
    words = (groep.keten, groep.opdrachtgever, groep.aannemer, groep.maat, groep.soort, groep.urgentie, part)
    return "/".join((DOORLOOPTIJD, *words, groep.dagen, periode)).encode()


def document(groep: Groep, tijdvak: Tijdvak, found: Cijfers, peil: int) -> Kpi:
    share = (Decimal(found.gehaald) / found.gevallen).quantize(_FOUR).normalize() if found.gevallen else None
    return Kpi(
        naam=DOORLOOPTIJD,
        keten=groep.keten,
        periode=tijdvak.naam,
        aantal=found.n,
        waarde=None if share is None else Decimal(f"{share:f}"),
        opdrachtgever=groep.opdrachtgever,
        aannemer=groep.aannemer,
        maat=groep.maat,
        soort=groep.soort,
        urgentie=groep.urgentie,
        deel=groep.deel,
        telt_in=groep.dagen,
        van=tijdvak.van,
        tot=tijdvak.tot,
        open=found.open,
        uitgebleven=found.uitgebleven,
        vervallen=found.vervallen,
        geweigerd=found.geweigerd,
        ingetrokken=found.ingetrokken,
        gevallen=found.gevallen,
        gehaald=found.gehaald,
        voorlopig=found.voorlopig,
        bruto=_quantiles(found.uren),
        netto=_quantiles(found.netto),
        dagen=_quantiles(found.dagen),
        aan_zet_seconden=dict(found.aan_zet),
        stand_per=moment(peil),
    )


def _quantiles(found: Kwantielen) -> keten.Kwantielen:
    return keten.Kwantielen(_quantile(found.p50), _quantile(found.p90))


def _quantile(found: Quantile | None) -> keten.Kwantiel | None:
    return None if found is None else keten.Kwantiel(found.value, found.reached)
