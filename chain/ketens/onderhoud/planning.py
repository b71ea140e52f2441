"""Slots that were offered, agreed, moved, kept and missed (ONDERHOUD 3), and whom a planning puts aan zet. Pure.

The tenant's time: a missed slot lasts until a new appointment (BNT), BBT and AFN until the next contact, VBW until the
slot that the tenant chose. The aannemer's own no-show has no code: a slot that the aannemer missed is its own time.
"""

from typing import Final, NamedTuple

import msgspec

from chain.ketens.onderhoud.feiten import (
    AANGEBODEN,
    AFGESPROKEN,
    DETAILS,
    GEMIST,
    NAGEKOMEN,
    VERPLAATST,
    Tijdslot,
    Vermelding,
)
from topics.documents.keten import AanZet
from topics.documents.onderhoud import Statusdetail as D

HUURDER: Final = "huurder"
AANNEMER: Final = "aannemer"
NIET_VERSCHENEN: Final = "niet-verschenen"
BNT, BBT, AFN, VBW = (DETAILS.index(detail) for detail in (D.BNT, D.BBT, D.AFN, D.VBW))
_VAN_HUURDER: Final = frozenset((D.BNT.value, D.BBT.value, D.AFN.value, D.VBW.value))


class Wending(NamedTuple):
    """From `begin` on somebody else is aan zet; `reden` is the detail of a tenant's time, or none."""

    begin: int
    aan_zet: AanZet
    klok_loopt: bool
    reden: int


class Agenda(msgspec.Struct, gc=False):
    """The slots of an order so far.

    `afspraak`: the fact that first reported an agreed slot. `bezoek`: the fact with the earliest kept slot, which began
    at `bezoek_begin`. `aanbod`: begin and fact of what was offered; `gekozen`: begin, end and fact of what was agreed. `nagekomen` and
    `gemist` by begin, with the fact and the cause. `wens`: a VBW was told. `niet_aanwezig`: statuses that say BNT.
    """

    feiten: list[Vermelding]
    aanbod: list[tuple[int, Vermelding]]
    gekozen: list[tuple[int, int, Vermelding]]
    nagekomen: dict[int, Vermelding]
    gemist: dict[int, str]
    afspraak: Vermelding | None = None
    bezoek: Vermelding | None = None
    bezoek_begin: int = 0
    wens: bool = False
    niet_aanwezig: int = 0

    def voeg(self, feit: Vermelding) -> bool:
        """Take the slots of a planning in; True when that begins or ends a measure."""
        self.feiten.append(feit)
        touched = False
        for slot in feit.sloten:
            if slot.soort == AANGEBODEN:
                self.aanbod.append((slot.begin, feit))
                touched = True
            elif slot.soort in (AFGESPROKEN, VERPLAATST):
                self.gekozen.append((slot.begin, slot.eind, feit))
                self.afspraak = self.afspraak or feit
                self.wens = self.wens or slot.reden == D.VBW.value
                touched = True
            elif slot.soort == NAGEKOMEN:
                self.nagekomen.setdefault(slot.begin, feit)
                if self.bezoek is None or slot.begin < self.bezoek_begin:
                    self.bezoek, self.bezoek_begin = feit, slot.begin
                touched = True
            else:
                self.gemist.setdefault(slot.begin, oorzaak_van(slot))
        return touched

    @property
    def vergeefs(self) -> dict[str, int]:
        """Visits in vain by cause; a missed slot and the status that says so are one visit."""
        found: dict[str, int] = {}
        for cause in self.gemist.values():
            found[cause] = found.get(cause, 0) + 1
        if self.niet_aanwezig > found.get(D.BNT.value, 0):
            found[D.BNT.value] = self.niet_aanwezig
        return found


def leeg() -> Agenda:
    return Agenda([], [], [], {}, {})


def door_van(slot: Tijdslot) -> str | None:
    """Who moved or missed a slot: as told, else as the reason tells."""
    if slot.door is not None:
        return slot.door
    if slot.reden in _VAN_HUURDER:
        return HUURDER
    return AANNEMER if slot.reden == NIET_VERSCHENEN else None


def oorzaak_van(slot: Tijdslot) -> str:
    """Why a visit was in vain: a detail code of the tenant's, `<party>-niet-verschenen`, or `onbekend`."""
    by = door_van(slot)
    if by == HUURDER:
        return slot.reden if slot.reden in _VAN_HUURDER else D.BNT.value
    return "onbekend" if by is None else f"{by}-{NIET_VERSCHENEN}"


def wending(feit: Vermelding, at: int, begin: int, aan_zet: AanZet, reden: int) -> Wending | None:
    """Whom a planning that counts at `at` puts aan zet, when since `begin` it was `aan_zet` for `reden`.

    Only the time of the aannemer and of the tenant turns: who waits for the opdrachtgever goes on waiting.
    """
    if aan_zet is not AanZet.HUURDER and aan_zet is not AanZet.AANNEMER:
        return None
    missed = {slot.begin: door_van(slot) for slot in feit.sloten if slot.soort == GEMIST}
    agreed = any(slot.soort in (AFGESPROKEN, VERPLAATST) and slot.begin not in missed for slot in feit.sloten)
    if HUURDER in missed.values() and not agreed:
        turned = aan_zet is AanZet.HUURDER and reden == BNT
        return None if turned else Wending(at, AanZet.HUURDER, False, BNT)
    if aan_zet is AanZet.AANNEMER:
        return None
    kept = [slot.begin for slot in feit.sloten if slot.soort == NAGEKOMEN]
    if kept:
        return Wending(max(begin, min(at, *kept)), AanZet.AANNEMER, True, -1)
    if AANNEMER in missed.values():
        return Wending(at, AanZet.AANNEMER, True, -1)
    ends = agreed if reden == BNT else bool(feit.sloten) and reden in (BBT, AFN)
    return Wending(at, AanZet.AANNEMER, True, -1) if ends else None
