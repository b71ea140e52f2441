"""The ledger of a week: from the messages that are sent to what must become of each, and how every dossier must stand."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from adapters.generator import facturenmaat
from adapters.generator.beeld import Conclusie
from adapters.generator.bericht import Bericht
from adapters.generator.facturenboek import boek
from adapters.generator.factuurloop import Loop
from adapters.generator.oordeel import Nieuws, Verloop, oordeel
from adapters.generator.partners import Partner
from adapters.generator.uitslag import Aankomst, Dossier, Lot
from adapters.generator.verband import eenheden, goed, mutaties, per_eenheid

FACTUREN: Final = ("factuur", "factuurstatus")
MUTATIE: Final = "/mutatie/"


class Verwacht(msgspec.Struct, frozen=True, kw_only=True):
    """What its sender must see of a message: the answer of the intake, and the lot of every part in order."""

    antwoord: int
    delen: tuple[Lot, ...]


class Grootboek(msgspec.Struct, frozen=True, kw_only=True):
    """What is right at `einde`. `berichten` by name, `dossiers` by key; `rekening`: parts per account."""

    einde: datetime
    momenten: tuple[datetime, ...]
    dossiers: dict[str, Dossier]
    berichten: dict[str, Verwacht]
    rekening: dict[str, int]
    uitval: dict[str, int]
    fouten: dict[str, int]


def grootboek(
    berichten: Sequence[Bericht], momenten: tuple[datetime, ...], partners: Mapping[str, Partner]
) -> Grootboek:
    """What must become of `berichten`, sent in this order, at the last of `momenten`."""
    per_dossier: dict[str, list[Aankomst]] = defaultdict(list)
    invoices: list[Aankomst] = []
    for bericht in berichten:
        for place, uiting in enumerate(bericht.delen, start=1):
            aankomst = Aankomst(deel=(bericht.naam, place), uiting=uiting, bekend=bericht.op)
            if uiting.soort in FACTUREN:
                invoices.append(aankomst)
            else:
                per_dossier[uiting.dossier].append(aankomst)
    dossiers: dict[str, Dossier] = {}
    orders: dict[str, Conclusie] = {}
    lots: dict[tuple[str, int], Lot] = {}
    links = _links(per_dossier)
    paren = {(klant.gln, gln): terms for klant in partners.values() for gln, terms in klant.termen.items()}
    alone = {key: oordeel(told, momenten, links.get(key)) for key, told in per_dossier.items() if MUTATIE not in key}
    booked = boek(invoices, {key: one.verloop for key, one in alone.items() if one.verloop}, momenten, paren)
    lots |= booked.delen
    dossiers |= facturenmaat.dossiers(booked, paren)
    for key, arrivals in sorted(per_dossier.items()):
        if MUTATIE in key:
            lots |= {one.deel: Lot("toegepast") for one in arrivals}
            continue
        found, told = alone[key], booked.per_opdracht.get(key)
        if told:
            found = oordeel(arrivals, momenten, links.get(key), _nieuws(told))
        lots |= found.delen
        if found.dossier is not None:
            dossiers[key] = found.dossier
        if found.conclusie is not None:
            orders[key] = found.conclusie
    units = per_eenheid(orders)
    for key in orders:
        dossiers[key] = replace(dossiers[key], in_een_keer_goed=goed(key, orders, units))
    dossiers |= eenheden(orders) | mutaties(per_dossier, orders)
    expected = {
        bericht.naam: Verwacht(
            antwoord=202 if bericht.herhaling_van is None else 200,
            delen=tuple(lots[(bericht.naam, place)] for place in range(1, len(bericht.delen) + 1)),
        )
        for bericht in berichten
    }
    return Grootboek(
        einde=momenten[-1],
        momenten=momenten,
        dossiers=dossiers,
        berichten=expected,
        rekening=dict(Counter(lot.status for lot in lots.values())),
        uitval=dict(Counter(lot.reden for lot in lots.values() if lot.reden is not None)),
        fouten=dict(sorted(Counter(merk for bericht in berichten for merk in bericht.fouten).items())),
    )


def verlopen(per_dossier: Mapping[str, Sequence[Aankomst]], momenten: Sequence[datetime]) -> dict[str, Verloop]:
    """How every order went, whatever is invoiced for it."""
    links = _links(per_dossier)
    found = {
        key: oordeel(arrivals, momenten, links.get(key)).verloop
        for key, arrivals in per_dossier.items()
        if MUTATIE not in key
    }
    return {key: verloop for key, verloop in found.items() if verloop}


def _nieuws(lopen: Sequence[Loop]) -> list[Nieuws]:
    """What an order hears of the invoices that ask it something, from the first one on."""
    moments = {at for run in lopen for at, _ in run.historie}
    moments |= {run.factuur.bekend for run in lopen if run.factuur is not None}
    made = []
    for at in sorted(moments):
        there = [run for run in lopen if run.factuur is not None and run.factuur.bekend <= at]
        claims = [run.factuur.bekend for run in there if run.factuur is not None and _vraagt(run)]
        ends = [[end for since, end in run.historie if since <= at] for run in there]
        done = [end[-1] for end in ends if end and end[-1] is not None]
        made.append(
            Nieuws(
                op=at,
                gefactureerd=min(claims, default=None),
                afgerond=max(moment for moment in done if moment is not None)
                if done and len(done) == len(there)
                else None,
                facturen=tuple(sorted(run.sleutel for run in there)),
            )
        )
    return made


def _vraagt(run: Loop) -> bool:
    """Whether it asks for money: a credit does not."""
    return run.inhoud is not None and run.inhoud.te_betalen > 0


def _links(per_dossier: Mapping[str, Sequence[Aankomst]]) -> dict[str, dict[str, datetime]]:
    """By order: who became a party to it by an order of its aannemer to a subcontractor, and when."""
    links: dict[str, dict[str, datetime]] = defaultdict(dict)
    for arrivals in per_dossier.values():
        for one in arrivals:
            order = one.uiting.opdracht
            if order is not None and order.bovenliggend is not None and one.uiting.reden is None:
                client, number = order.bovenliggend
                links[f"onderhoud/opdracht/{client}/{number}"].setdefault(order.aannemer, one.bekend)
    return links
