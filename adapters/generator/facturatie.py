"""All invoices of the week, planned after its orders: who sends which, what goes wrong with them, how they are paid."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from adapters.generator.factureren import (
    HALF_MEI,
    Gang,
    garantie,
    gewoon,
    in_delen,
    los_bij_afkoop,
    na_annulering,
    periodiek,
    verzameld,
    voor_gereed,
    voor_opdracht,
)
from adapters.generator.factuurfouten import MISSERS, meerwerk
from adapters.generator.kantoor import Kantoor
from adapters.generator.zaken import Zaak

GANGEN: Final[tuple[tuple[Gang, int], ...]] = (
    (gewoon, 44),
    (verzameld, 16),
    (in_delen, 10),
    (voor_gereed, 12),
    (voor_opdracht, 8),
    (na_annulering, 5),
    (garantie, 5),
)
"""How an order is invoiced, by weight; when it does not lend itself to that, the ordinary way."""
SOMS: Final[tuple[Gang, ...]] = (na_annulering, garantie, los_bij_afkoop)
"""What becomes of an order that has nothing to ask for: now and then somebody asks nevertheless."""
AFKOOP: Final = ("factuur-periodiek", "factuur-boven-afkoop", "factuur-periode-tweemaal", "factuur-halve-maand")
OM_DE: Final = 3
"""Of so many orders that can be invoiced one is invoiced wrongly."""
LAAT_LIGGEN: Final = 0.12
"""This share of the orders is not invoiced in these weeks."""


def factureer(kantoor: Kantoor, zaken: Sequence[Zaak]) -> None:
    """Plans everything that is said of invoices of `zaken`, in their order; each is invoiced in one way."""
    beurt = deque(MISSERS)
    done: set[str] = set()
    for number, zaak in enumerate(zaken):
        if zaak.nummer in done or kantoor.kans.random() < LAAT_LIGGEN:
            continue
        andere = [one for one in zaken[number + 1 :] if one.nummer not in done and _zelfde_paar(one, zaak)]
        before = len(kantoor.gepland)
        if meerwerk(kantoor, zaak, andere):
            # few orders have extra work, and what is asked for it must be asked
            pass
        elif number % OM_DE or not _misser(kantoor, zaak, andere, beurt):
            gang = kantoor.kans.choices([gang for gang, _ in GANGEN], [weight for _, weight in GANGEN])[0]
            _eerste(kantoor, zaak, andere, (gang, gewoon, voor_gereed, *SOMS))
        done.add(zaak.nummer)
        asked = [planned.uiting.factuur for planned in kantoor.gepland[before:]]
        done |= {number for factuur in asked if factuur is not None for number in factuur.opdrachten}
    _contracten(kantoor, zaken)


def _eerste(kantoor: Kantoor, zaak: Zaak, andere: Sequence[Zaak], gangen: Sequence[Gang]) -> None:
    for gang in gangen:
        if gang(kantoor, zaak, andere):
            return


def _misser(kantoor: Kantoor, zaak: Zaak, andere: Sequence[Zaak], beurt: deque[Gang]) -> bool:
    """The first whose turn it is and to which the order lends itself; it then waits for all others."""
    for misser in beurt:
        if misser(kantoor, zaak, andere):
            beurt.remove(misser)
            beurt.append(misser)
            return True
    return False


def _contracten(kantoor: Kantoor, zaken: Sequence[Zaak]) -> None:
    """The periodic invoices of April: one per contract that is bought off, of one of them a second one and
    one for half a month, of one too much."""
    seen: dict[tuple[str, str], tuple[Zaak, int]] = {}
    for zaak in zaken:
        for contract, amount in zaak.termen.afkoop.items():
            seen.setdefault((zaak.klant.gln, contract), (zaak, amount))
    for number, ((_, contract), (zaak, amount)) in enumerate(sorted(seen.items(), key=lambda pair: pair[0])):
        periodiek(kantoor, zaak, contract, amount + (5000 if number == 1 else 0), AFKOOP[min(number, 1)])
        if number == 0:
            periodiek(kantoor, zaak, contract, amount, AFKOOP[2], dagen=6)
            periodiek(kantoor, zaak, contract, amount // 2, AFKOOP[3], dagen=7, periode=HALF_MEI)


def _zelfde_paar(one: Zaak, other: Zaak) -> bool:
    return (one.klant.id, one.aannemer.id) == (other.klant.id, other.aannemer.id)
