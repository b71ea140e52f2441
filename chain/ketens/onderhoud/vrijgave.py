"""What of an invoice is released: from the answers on its lines to amounts including VAT, to the cent (ONDERHOUD 5). Pure.

Of every VAT category and rate, and of the whole, released + disputed + in behandeling + verrekend is what is payable.
What a supplier withdrew counts as `verrekend`: disputed, and never paid. Invoices here are as `toeslag.verdeeld` gives them:
their lines come to all that is to be paid, but for VAT, a small rounding and what was prepaid.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from sys import intern
from typing import NamedTuple

import msgspec

from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.rekening import rekening_bekend
from chain.ketens.onderhoud.ruimte import CENT, NUL, cents
from chain.ketens.onderhoud.toeslag import ZONDER, Categorie
from topics.documents.factuur import Factuur, Factuurregel, Kostensoort
from topics.documents.keten import Btwbeoordeling, Factuurbeoordeling, Regelbeoordeling

_HONDERD = Decimal(100)
_EEN = Decimal(1)


class Regelstand(NamedTuple):
    """What is known of a line of an invoice, in effective euro (`toeslag.verdeeld`) excluding VAT. `dossier`: key of the order or contract that it is
    for.

    `beantwoord` False: that did not answer yet, the line is in behandeling. `vrij`, `verrekend`, `reden`: as it answered
    (Deeloordeel). `geaccepteerd`: disputed, and the opdrachtgever pays it after all; `ingetrokken`: disputed, and the
    supplier claims it no more. All are signed as the line.
    """

    dossier: str | None = None
    beantwoord: bool = False
    vrij: Decimal = NUL
    verrekend: Decimal = NUL
    reden: str = ""
    geaccepteerd: Decimal = NUL
    ingetrokken: Decimal = NUL


class Bedragen(msgspec.Struct, gc=False):
    """An amount by what becomes of it."""

    vrij: Decimal = NUL
    verrekend: Decimal = NUL
    behandeling: Decimal = NUL
    betwist: Decimal = NUL


def accepteer(factuur: Factuur, standen: Sequence[Regelstand], dossier: str | None = None) -> tuple[Regelstand, ...]:
    """The lines after the opdrachtgever accepted what is disputed now: of the order with key `dossier`, else of all.

    Of an invoice with an unknown account nothing is accepted: it is never released.
    """
    if not rekening_bekend(factuur):
        return tuple(standen)
    parts = [_bedragen(factuur, line, stand) for line, stand in zip(factuur.regels, standen, strict=True)]
    return tuple(
        stand._replace(geaccepteerd=stand.geaccepteerd + part.betwist) if dossier in (None, stand.dossier) else stand
        for part, stand in zip(parts, standen, strict=True)
    )


def trek_in(factuur: Factuur, standen: Sequence[Regelstand], dossier: str | None = None) -> tuple[Regelstand, ...]:
    """The lines after the supplier withdrew what is disputed now: of the order with key `dossier`, else of all."""
    parts = [_bedragen(factuur, line, stand) for line, stand in zip(factuur.regels, standen, strict=True)]
    return tuple(
        stand._replace(ingetrokken=stand.ingetrokken + part.betwist) if dossier in (None, stand.dossier) else stand
        for part, stand in zip(parts, standen, strict=True)
    )


def beoordeling(sleutel: str, revisie: int, factuur: Factuur, standen: Sequence[Regelstand]) -> Factuurbeoordeling:
    """What of the invoice `sleutel` is released, disputed, pending and taken back; `standen` is one per line, in order.

    Raises ValueError when it is not.
    """
    parts = [_bedragen(factuur, line, stand) for line, stand in zip(factuur.regels, standen, strict=True)]
    payable = _betaalbaar(factuur)
    weights = _gewichten(factuur, payable)
    held = _houd_in(factuur, parts, weights)
    vat = _per_categorie(factuur, parts, weights, payable)
    lines = tuple(
        _regel(line, stand, part, back, rekening_bekend(factuur))
        for line, stand, part, back in zip(factuur.regels, standen, parts, held, strict=True)
    )
    released = sum((one.vrijgegeven for one in vat), NUL)
    return Factuurbeoordeling(
        dossier=sleutel,
        revisie=revisie,
        vrijgegeven=released,
        betwist=sum((one.betwist for one in vat), NUL),
        # a default is left out by identity: the same bytes whether the state was read back meanwhile or not
        munt=intern(factuur.munt),
        te_betalen=factuur.te_betalen,
        in_behandeling=sum((one.in_behandeling for one in vat), NUL),
        verrekend=sum((one.verrekend for one in vat), NUL),
        g_vrijgegeven=_g_deel(factuur, parts, weights, released),
        opdrachtgever=factuur.opdrachtgever,
        aannemer=factuur.aannemer,
        leverancier=factuur.leverancier,
        factuurnummer=factuur.factuurnummer,
        btw=vat,
        regels=lines,
        redenen=tuple(sorted({line.reden for line in lines if line.reden})),
    )


def _bedragen(factuur: Factuur, regel: Factuurregel, stand: Regelstand) -> Bedragen:
    """A line by what becomes of it, excluding VAT. What was released stays so, whatever is said of the rest."""
    sign = _teken(regel.bedrag)
    whole = abs(regel.bedrag)
    known = rekening_bekend(factuur)
    free = min(whole, max(NUL, (stand.vrij + stand.geaccepteerd) * sign)) if known else NUL
    back = min(whole - free, max(NUL, (stand.verrekend + stand.ingetrokken) * sign))
    left = whole - free - back
    pending = left if known and not stand.beantwoord else NUL
    found = (free, back, pending, left - pending)
    return Bedragen(*found) if sign > 0 else Bedragen(*(-amount for amount in found))


def _regel(line: Factuurregel, stand: Regelstand, part: Bedragen, held: Decimal, known: bool) -> Regelbeoordeling:
    reason = ""
    if part.betwist:
        reason = stand.reden if known else Betwisting.IBAN_ONBEKEND
        if held and not reason:
            reason = Betwisting.AFTREK_OPEN
    return Regelbeoordeling(
        nummer=line.nummer,
        vrijgegeven=part.vrij,
        betwist=part.betwist,
        dossier=stand.dossier,
        in_behandeling=part.behandeling,
        verrekend=part.verrekend,
        reden=str(reason),
    )


def _betaalbaar(factuur: Factuur) -> dict[Categorie, Decimal]:
    """What is payable of every category: its base and VAT, and its share of the rounding and of what was prepaid."""
    said = {(group.categorie, group.percentage): group.grondslag + group.bedrag for group in factuur.btw}
    rest = factuur.te_betalen - sum(said.values(), NUL)
    total = sum((abs(amount) for amount in said.values()), NUL)
    passed = given = NUL
    for category, amount in said.items():
        passed += abs(amount)
        upto = rest if passed == total else cents(rest * passed / total)
        said[category] = amount + upto - given
        given = upto
    return said or {ZONDER: factuur.te_betalen}


def _gewichten(factuur: Factuur, payable: dict[Categorie, Decimal]) -> list[Decimal]:
    """What every line comes to including VAT, and its share of the roundings of its category; not rounded."""
    sums: dict[Categorie, Decimal] = {}
    sizes: dict[Categorie, Decimal] = {}
    for line in factuur.regels:
        category = (line.btw_categorie, line.btw_percentage)
        sums[category] = sums.get(category, NUL) + line.bedrag
        sizes[category] = sizes.get(category, NUL) + abs(line.bedrag)
    found = []
    for line in factuur.regels:
        category = (line.btw_categorie, line.btw_percentage)
        factor = _EEN + category[1] / _HONDERD
        beside = payable[category] - sums[category] * factor
        found.append(line.bedrag * factor + (beside * abs(line.bedrag) / sizes[category] if sizes[category] else NUL))
    return found


def _houd_in(factuur: Factuur, parts: Sequence[Bedragen], weights: Sequence[Decimal]) -> list[Decimal]:
    """Hold back as much as lines of the other sign come to that are not released: of the last lines of the same
    category first, then of all.

    Else an invoice that takes something off could be paid in full while what it takes off is disputed. `parts` changes;
    given back is what is held, per line, excluding VAT.
    """
    sign = _teken(factuur.te_betalen)
    held = [NUL] * len(parts)
    short: dict[Categorie, Decimal] = {}
    for line, part, weight in zip(factuur.regels, parts, weights, strict=True):
        if weight * sign < 0 and line.bedrag:
            category = (line.btw_categorie, line.btw_percentage)
            short[category] = short.get(category, NUL) - sign * weight * (_EEN - part.vrij / line.bedrag)
    for same in (True, False) if any(short.values()) else ():
        for place in range(len(held) - 1, -1, -1):
            line, part, weight = factuur.regels[place], parts[place], weights[place]
            if weight * sign <= 0 or not part.vrij:
                continue
            for category in [(line.btw_categorie, line.btw_percentage)] if same else list(short):
                back = _terug(line, part, sign * weight, short.get(category, NUL))
                if back:
                    short[category] -= min(short[category], sign * weight * (back / line.bedrag))
                    part.vrij -= back
                    part.betwist += back
                    held[place] += back
    return held


def _terug(line: Factuurregel, part: Bedragen, gewicht: Decimal, tekort: Decimal) -> Decimal:
    """How much of the released part of a line makes up for `tekort`, rounded up to the cent."""
    released = gewicht * (part.vrij / line.bedrag)
    if tekort <= 0 or released <= tekort:
        return part.vrij if tekort > 0 else NUL
    return part.vrij - (part.vrij * (_EEN - tekort / released)).quantize(CENT, ROUND_DOWN)


def _per_categorie(
    factuur: Factuur, parts: Sequence[Bedragen], weights: Sequence[Decimal], payable: dict[Categorie, Decimal]
) -> tuple[Btwbeoordeling, ...]:
    shares = {category: Bedragen() for category in payable}
    for line, part, weight in zip(factuur.regels, parts, weights, strict=True):
        if line.bedrag:
            into = shares[(line.btw_categorie, line.btw_percentage)]
            into.vrij += weight * (part.vrij / line.bedrag)
            into.verrekend += weight * (part.verrekend / line.bedrag)
            into.behandeling += weight * (part.behandeling / line.bedrag)
    found = []
    for category, amount in payable.items():
        share = shares[category]
        free = cents(share.vrij)
        back = cents(share.vrij + share.verrekend) - free
        pending = cents(share.vrij + share.verrekend + share.behandeling) - free - back
        disputed = amount - free - back - pending
        found.append(
            Btwbeoordeling(
                categorie=category[0],
                percentage=category[1],
                vrijgegeven=free,
                betwist=disputed,
                in_behandeling=pending,
                verrekend=back,
            )
        )
    return tuple(found)


def _teken(amount: Decimal) -> Decimal:
    return -_EEN if amount < 0 else _EEN


def _g_deel(
    factuur: Factuur, parts: Sequence[Bedragen], weights: Sequence[Decimal], released: Decimal
) -> Decimal | None:
    """The G-account's part of what is released: as the released labour is of all labour, else pro rata."""
    if factuur.g_bedrag is None:
        return None
    ratio = released / factuur.te_betalen if factuur.te_betalen else NUL
    lines = zip(factuur.regels, parts, weights, strict=True)
    labour = [one for one in lines if one[0].soort is Kostensoort.ARBEID and one[0].bedrag]
    total = sum((weight for _, _, weight in labour), NUL)
    if factuur.voorwaarden.g_loon and total:
        ratio = sum((weight * (part.vrij / line.bedrag) for line, part, weight in labour), NUL) / total
    ratio = min(_EEN, max(NUL, ratio))
    sign = _teken(factuur.g_bedrag)
    return sign * max(NUL, min(cents(abs(factuur.g_bedrag) * ratio), released * sign))
