"""What orders tell other dossiers: their unit, the vacancy that they belong to, the order above (ONDERHOUD 2, 4, 6).

Counted from how every order stands at the end: derived events only carry that along.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from adapters.generator.beeld import Conclusie
from adapters.generator.kalender import local
from adapters.generator.maten import GESLOTEN, OPEN, Maat
from adapters.generator.uitslag import Aankomst, Dossier

TERUG: Final = timedelta(days=90)
STAPPEN: Final = ("opgezegd", "voorinspectie", "eindinspectie", "sleutels-in", "opgeleverd", "sleutels-uit")
Orders = Mapping[str, Conclusie]
"""The orders by key, as they stand."""


def per_eenheid(orders: Orders) -> dict[str, list[str]]:
    """Keys of the orders of every unit that one names."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, order in orders.items():
        unit = _unit(key, order)
        if unit is not None:
            found[unit].append(key)
    return found


def eenheden(orders: Orders) -> dict[str, Dossier]:
    """The dossier of every unit that an order names, with the orders that stand."""
    return {
        unit: Dossier(toestand="eenheid", opdrachten=tuple(sorted(key for key in keys if not vervallen(orders[key]))))
        for unit, keys in per_eenheid(orders).items()
    }


def goed(key: str, orders: Orders, units: Mapping[str, Sequence[str]]) -> bool | None:
    """In één keer goed: no as soon as it was reopened, visited twice or ordered again; yes only after 90 days."""
    order = orders[key]
    if vervallen(order):
        return None
    if order.heropend or len({slot.begin for slot, _ in order.agenda.nagekomen}) > 1:
        return False
    return False if _again(key, orders, units) else None


def mutaties(arrivals: Mapping[str, Sequence[Aankomst]], orders: Orders) -> dict[str, Dossier]:
    """The dossier of every vacancy, from its steps and from the orders that name it."""
    named: dict[str, list[tuple[str, Conclusie]]] = defaultdict(list)
    for key, order in orders.items():
        if order.order.mutatie is not None:
            keten, _, client, _ = key.split("/", 3)
            named[f"{keten}/mutatie/{client}/{order.order.mutatie}"].append((key, order))
    keys = set(named) | {key for key in arrivals if "/mutatie/" in key}
    return {key: _mutatie(arrivals.get(key, ()), named[key]) for key in sorted(keys)}


def vervallen(order: Conclusie) -> bool:
    return order.einde is not None and order.einde.uiting.code in ("WEI", "ANN")


def _mutatie(steps: Sequence[Aankomst], orders: Sequence[tuple[str, Conclusie]]) -> Dossier:
    told = sorted(((one.uiting.gebeurd, STAPPEN.index(one.uiting.stap or "")) for one in steps), key=lambda step: step)
    first = {rank: min(at for at, other in told if other == rank) for _, rank in told}
    last = {rank: max(at for at, other in told if other == rank) for _, rank in told}
    standing = {key: order for key, order in orders if not vervallen(order)}
    measures: dict[str, Maat] = {}
    if 0 in first:
        measures["opzegging-sleutels-in"] = Maat(stand=OPEN, begin=first[0], eind=first.get(3))
    if 3 in first:
        if standing:
            ready = [None if order.gereed is None else order.gereed.moment for order in standing.values()]
            done = [at for at in ready if at is not None]
            end = max(done) if len(done) == len(ready) else None
            measures["sleutels-in-gereed"] = Maat(stand=OPEN, begin=first[3], eind=end)
        measures["sleutels-in-opgeleverd"] = Maat(stand=OPEN, begin=first[3], eind=last.get(4))
        measures["sleutels-in-sleutels-uit"] = Maat(stand=OPEN, begin=first[3], eind=last.get(5))
    return Dossier(
        toestand=STAPPEN[told[-1][1]] if told else "aangekondigd",
        feiten=len(told),
        opdrachten=tuple(sorted(standing)),
        maten={name: _counted(maat) for name, maat in measures.items()},
    )


def _counted(maat: Maat) -> Maat:
    """In calendar days."""
    if maat.eind is None:
        return maat
    days = max(0, (local(maat.eind).date() - local(maat.begin).date()).days)
    findings = ("eind-voor-begin",) if maat.eind < maat.begin else ()
    return replace(maat, stand=GESLOTEN, kalenderdagen=days, bevindingen=findings)


def _unit(key: str, order: Conclusie) -> str | None:
    keten, _, client, _ = key.split("/", 3)
    return None if order.order.eenheid is None else f"{keten}/eenheid/{client}/{order.order.eenheid}"


def _again(key: str, orders: Orders, units: Mapping[str, Sequence[str]]) -> bool:
    """Whether another order for the same unit and element began within 90 days after it was ready."""
    order = orders[key]
    unit, element = _unit(key, order), _element(order)
    if order.gereed is None or unit is None or element is None:
        return False
    ready = order.gereed.moment
    others = [orders[other] for other in units[unit] if other != key]
    return any(
        _element(other) == element and ready < other.t0 <= ready + TERUG for other in others if not vervallen(other)
    )


def _element(order: Conclusie) -> str | None:
    """What its first line is about."""
    return order.order.element if order.order.regels or order.order.element_los else None
