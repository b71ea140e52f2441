"""Invoices against what was agreed: what an order, or a contract, says of every part that was told it (ONDERHOUD 5). Pure.

README, 'Invoices: what is matched', tells the rules. Amounts are in euro excluding VAT, to the cent.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from chain.ketens.onderhoud.afkoop import is_periode
from chain.ketens.onderhoud.afspraak import Deelbeeld, Meerwerk, Orderregel, ruimte_van
from chain.ketens.onderhoud.delen import HOOFD, deel_van
from chain.ketens.onderhoud.origineel import herstel, opvangen, originelen, toerekenen, verreken
from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.ruimte import NUL, Ruimte, Wijze
from chain.ketens.onderhoud.verdeling import Groep, reden_van, verdeel
from chain.ketens.onderhoud.vordering import Deelvordering, Plaats, Saldo, lees
from topics.documents.factuur import Deeloordeel, Deelregel, Factuurdeel

__all__ = ["Deelbeeld", "Eerder", "Meerwerk", "Oordeel", "Orderbeeld", "Orderregel", "toets", "toets_contract"]


_VRAAGT_GELD: Final = {"381": Betwisting.CREDIT_POSITIEF, "384": Betwisting.CORRECTIE}
"""By UNTDID 1001: what is never released by itself when it asks money, for its original may be released beside it."""

_ONBEKEND: Final = (Betwisting.IBAN_ONBEKEND, Betwisting.LEVERANCIER_ONBEKEND)


class Orderbeeld(NamedTuple):
    """An order as its invoices meet it. `aannemers`: GLNs of the contractors that its versions name."""

    aannemers: frozenset[str]
    delen: tuple[Deelbeeld, ...]


class Oordeel(NamedTuple):
    """What is said of one Factuurdeel: its lines in their order, and the key of the invoice that it may double."""

    regels: tuple[Deeloordeel, ...]
    dubbel: str | None = None


Eerder = Mapping[str, Oordeel]
"""By key of the invoice: what was last answered, as this module gave it."""


def toets(beeld: Orderbeeld, delen: Sequence[Factuurdeel], eerder: Eerder) -> dict[str, Oordeel]:
    """What the order says of every part that it heard, by the key of the invoice.

    `delen`: the last of every invoice, in any order; of one that was withdrawn (`ingetrokken`) nothing is said and
    nothing counts. The answer never takes back what was released before.
    """
    rooms = {one.subnummer: ruimte_van(one) for one in beeld.delen}
    asked = _op_volgorde(delen)
    doubles = _dubbelen(asked, eerder)

    def read(deel: Factuurdeel) -> Deelvordering:
        blok = None if deel.aannemer in beeld.aannemers else Betwisting.LEVERANCIER_ONBEKEND
        found = lees(deel, _plaats(beeld, rooms, deel), _blok(deel, doubles) or blok, _regels(eerder, deel))
        others = [
            rooms[one.subnummer]
            for one in beeld.delen
            if one.aannemers is not None and deel.aannemer not in one.aannemers
        ]
        for claim in found.vorderingen:
            if claim.blok in (None, Betwisting.NIET_GEREED) and any(claim.ruimte is room for room in others):
                # it keeps the room that it took before, for the new contractor may not have that again
                claim.blok = Betwisting.AANNEMER_VERVANGEN
        return found

    return _antwoord([read(deel) for deel in asked], [Groep(tuple(rooms.values()))], doubles)


def toets_contract(delen: Sequence[Factuurdeel], eerder: Eerder) -> dict[str, Oordeel]:
    """As `toets`, of a contract with periodic invoices (AFK): per period at most its amount, once.

    A period that overlaps another one of which something is released, or that was received before, is disputed.
    """
    asked = _op_volgorde(delen)
    doubles = _dubbelen(asked, eerder)
    rooms: dict[tuple[date, date], Ruimte] = {}
    read = [lees(deel, _periode_plaats(rooms, deel), _blok(deel, doubles), _regels(eerder, deel)) for deel in asked]
    return _antwoord(read, [Groep((room,), period) for period, room in rooms.items()], doubles)


def _op_volgorde(delen: Sequence[Factuurdeel]) -> list[Factuurdeel]:
    return sorted((deel for deel in delen if not deel.ingetrokken), key=lambda deel: (deel.ontvangen, deel.factuur))


def _regels(eerder: Eerder, deel: Factuurdeel) -> tuple[Deeloordeel, ...]:
    former = eerder.get(deel.factuur)
    return () if former is None else former.regels


def _dubbelen(delen: Sequence[Factuurdeel], eerder: Eerder) -> dict[str, str]:
    """Which invoice may double which: the later one, but never one that was let through before or that a person judged.

    One of which nothing may be released makes no other a double: its supplier may have sent it again with the right
    account. Once it is known after all, it is the double of what was let through since.
    """
    found: dict[str, str] = {}
    groups: dict[tuple[object, ...], list[Factuurdeel]] = {}
    for deel in delen:
        credit = deel.te_betalen < 0
        mark = (deel.leverancier, deel.te_betalen, deel.factuurdatum, deel.periode_van, deel.periode_tot)
        groups.setdefault((*mark, deel.verwijst_naar if credit else None), []).append(deel)
    for group in groups.values():
        if len(group) == 1:
            continue
        group.sort(key=lambda deel: (_geblokkeerd(deel) is not None, not _door(eerder, deel)))
        first, *others = group
        found.update({d.factuur: first.factuur for d in others if not (d.beoordeeld or _blijft(eerder, d))})
    return found


def _blijft(eerder: Eerder, deel: Factuurdeel) -> bool:
    """Whether it was no double before and is none now: let through, or still held for its account or supplier."""
    former = eerder.get(deel.factuur)
    held = former is not None and former.dubbel is None and _geblokkeerd(deel) is not None
    return held or _door(eerder, deel)


def _door(eerder: Eerder, deel: Factuurdeel) -> bool:
    """Whether it was let through: not one that was held for its account or supplier, for another may have taken its
    place since."""
    former = eerder.get(deel.factuur)
    if former is None or former.dubbel is not None:
        return False
    return not any(line.reden in _ONBEKEND for line in former.regels) or any(line.vrij for line in former.regels)


def _geblokkeerd(deel: Factuurdeel) -> Betwisting | None:
    """Why nothing of the whole invoice may be released, whatever the order says."""
    if not deel.iban_bekend:
        return Betwisting.IBAN_ONBEKEND
    return None if deel.leverancier_bekend else Betwisting.LEVERANCIER_ONBEKEND


def _blok(deel: Factuurdeel, doubles: Mapping[str, str]) -> Betwisting | None:
    """Why nothing of the whole invoice may be released."""
    blocked = _geblokkeerd(deel)
    if blocked is not None:
        return blocked
    if deel.factuur in doubles:
        return Betwisting.MOGELIJK_DUBBEL
    return _VRAAGT_GELD.get(deel.typecode) if deel.te_betalen > 0 else None


def _plaats(beeld: Orderbeeld, rooms: Mapping[str, Ruimte], deel: Factuurdeel) -> Plaats:
    """Lines go to the part that they name; without a name, to the only one that stood when the invoice came."""
    standing = [one for one in beeld.delen if not (one.geannuleerd or one.geweigerd)] or list(beeld.delen)
    then = [one for one in standing if one.bekend is None or one.bekend <= deel.ontvangen] or standing
    only = rooms[then[0].subnummer] if len(then) == 1 else None

    def place(line: Deelregel) -> Ruimte | Betwisting:
        name = deel_van(line.subnummer)
        room = only if name == HOOFD else rooms.get(name)
        return Betwisting.DEEL_ONBEKEND if room is None else room

    return place


def _periode_plaats(rooms: dict[tuple[date, date], Ruimte], deel: Factuurdeel) -> Plaats:
    def place(line: Deelregel) -> Ruimte | Betwisting:
        if deel.periode_van is None or deel.periode_tot is None or deel.periode_tot < deel.periode_van:
            return Betwisting.PERIODE_ONBEKEND
        if deel.afkoop is None:
            return Betwisting.NIETS_AFGESPROKEN
        if not is_periode(deel.afkoop, deel.periode_van, deel.periode_tot):
            return Betwisting.PERIODE_ONBEKEND
        period = (deel.periode_van, deel.periode_tot)
        return rooms.setdefault(period, Ruimte(Wijze.SOM, Betwisting.BOVEN_AFKOOP, {}, deel.afkoop.bedrag))

    return place


def _antwoord(
    gevraagd: Sequence[Deelvordering], groepen: Sequence[Groep], doubles: Mapping[str, str]
) -> dict[str, Oordeel]:
    active = [one for one in gevraagd if one.deel.factuur not in doubles]
    credits = [credit for one in active for credit in one.credits]
    of = originelen(active)
    herstel(credits, of)
    opvangen(credits, of)
    toerekenen(credits, of)
    again = True
    while again:
        again = verdeel(active, groepen)
        again |= verreken(credits, of)
        again |= toerekenen(credits, of)
    return {one.deel.factuur: Oordeel(_oordelen(one), doubles.get(one.deel.factuur)) for one in gevraagd}


def _oordelen(one: Deelvordering) -> tuple[Deeloordeel, ...]:
    """What is said of the lines of one invoice, in their order."""
    lines = one.deel.regels
    free, offset, reasons = [NUL] * len(lines), [NUL] * len(lines), [""] * len(lines)
    for claim in one.vorderingen:
        free[claim.index], offset[claim.index] = claim.vrij, claim.verrekend
        reasons[claim.index] = reden_van(claim)
    for saldo in one.saldi:
        claims = saldo.vorderingen
        done = saldo.gedaan or _gedaan(saldo, lines)
        for place, amount in saldo.posten:
            free[place] += amount if done else NUL
            reasons[place] = reasons[place] or reden_van(claims[0])
    for credit in one.credits:
        free[credit.index] -= credit.vrij
        offset[credit.index] = -credit.verrekend
        reasons[credit.index] = credit.blok or credit.reden
    return tuple(
        Deeloordeel(
            nummer=line.nummer,
            vrij=free[i],
            reden=reasons[i] if _open(line, free[i], offset[i]) else "",
            verrekend=offset[i],
        )
        for i, line in enumerate(lines)
    )


def _gedaan(saldo: Saldo, lines: Sequence[Deelregel]) -> bool:
    """Whether what lines take off from others is released: with the first euro of the rest, unless that was settled
    otherwise, and that settled this too."""
    claims = saldo.vorderingen
    if claims[0].blok is not None or any(lines[i].geaccepteerd or lines[i].ingetrokken for i, _ in saldo.posten):
        return False
    return any(claim.vrij for claim in claims) or not any(claim.bedrag for claim in claims)


def _open(line: Deelregel, vrij: Decimal, verrekend: Decimal) -> bool:
    """Whether something of the line is disputed."""
    rest = line.bedrag - vrij - verrekend - line.geaccepteerd - line.ingetrokken
    return rest < 0 if line.bedrag < 0 else rest > 0
