"""What the command tells, before it is shown in one form or another."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import msgspec

from chain.kengetallen import Cijfers, Groep, Interval, Periode, cijfers
from chain.kengetallen.cijfers import Dagen


class Regel(msgspec.Struct, frozen=True):
    """One group and its figures."""

    groep: Groep
    cijfers: Cijfers


class Rapport(msgspec.Struct, frozen=True, kw_only=True):
    """`peil`: the figures stand per this moment. `namen`: of partners, by GLN. `opmerkingen`: sentences about all of it."""

    periode: Periode
    peil: int
    regels: tuple[Regel, ...]
    namen: dict[str, str] = {}
    opmerkingen: tuple[str, ...] = ()


def regels(
    found: Iterable[tuple[Groep, Interval]], periode: Periode, peil: int, dagen: Callable[[Groep], Dagen]
) -> tuple[Regel, ...]:
    """Figures per group, in the order of their names; groups of which nothing falls in the period are left out."""
    groups: dict[Groep, list[Interval]] = defaultdict(list)
    for group, interval in found:
        groups[group].append(interval)
    counted = [Regel(group, cijfers(groups[group], periode, peil, dagen(group))) for group in sorted(groups)]
    return tuple([regel for regel in counted if _anything(regel.cijfers)])


def _anything(found: Cijfers) -> bool:
    return bool(found.n or found.vervallen or found.geweigerd or found.ingetrokken or found.gevallen)
