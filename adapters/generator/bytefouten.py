"""Messages whose bytes cannot be handled, or only look odd (FACTS 8); what is damaged how stands in `schade.py`."""

from datetime import date
from typing import Final

from msgspec.structs import replace

from adapters.generator.ingreep import Ingreep, eerst_fout, gemerkt, opdracht_in, status_in
from adapters.generator.kalender import moment
from adapters.generator.partners import Partner
from adapters.generator.regie import Regie


def schade_aan_opdracht(schade: str, reden: str, *, zichtbaar: bool = True, formaat: str = "dico") -> Ingreep:
    """An order whose bytes cannot be handled; the right one follows."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        place = opdracht_in(regie)
        if place is None or regie.gepland[place].formaat != formaat:
            return False
        return eerst_fout(
            regie, place, schade, reden, zichtbaar=zichtbaar, schade=schade, tekst="Sleutel bij café Zonzicht"
        )

    return ingreep


def schade_aan_status(schade: str, reden: str, *, zichtbaar: bool = True, formaten: tuple[str, ...] = ()) -> Ingreep:
    """A status whose bytes cannot be handled; the right one follows."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        return eerst_fout(
            regie,
            status_in(regie, None, formaten),
            schade,
            reden,
            zichtbaar=zichtbaar,
            schade=schade,
            tekst="Bewoner zat in café Zonzicht",
        )

    return ingreep


def eigenaardig(schade: str, *, formaat: str = "dico") -> Ingreep:
    """An order in unusual bytes, which is read all the same."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        place = opdracht_in(regie)
        if place is None or regie.gepland[place].formaat != formaat:
            return False
        order = regie.gepland[place].uiting.opdracht
        if order is None or (schade == "gelieerd-is-aannemer" and not order.noemt_aannemer):
            return False
        told = regie.gepland[place]
        if schade == "zomertijdgat":
            reported = replace(order, gemeld_op=_GAT)
            told = replace(told, uiting=replace(told.uiting, opdracht=reported))
        regie.gepland[place] = gemerkt(replace(told, schade=schade), schade)
        return True

    return ingreep


def eigenaardige_status(schade: str, merk: str, formaten: tuple[str, ...] = ()) -> Ingreep:
    """A status in unusual bytes, which is read all the same: always, or as a dialect that the sender's profile names."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        place = status_in(regie, None, formaten)
        if place is None or regie.gepland[place].schade is not None:
            return False
        told = regie.gepland[place]
        uiting = replace(told.uiting, tekst="Sleutel bij café Zonzicht")
        regie.gepland[place] = gemerkt(replace(told, uiting=uiting, schade=schade), merk)
        return True

    return ingreep


_GAT: Final = moment(date(2026, 3, 29), 3, 30)
"""What half past two becomes in the night in which the clock is moved forward."""
