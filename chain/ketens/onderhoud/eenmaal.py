"""In één keer goed of an order (ONDERHOUD 2): one kept visit, no reopening, no order that came back. Pure."""

from typing import Final

import msgspec

from chain.kalender import UUR
from chain.ketens.onderhoud.conclusie import Conclusie
from chain.ketens.onderhoud.feiten import ANN, WEI
from chain.ketens.onderhoud.signalen import Tik
from chain.ketens.onderhoud.staat import Antwoord, Dossierstaat

TERMIJN: Final = 90 * 24 * UUR
"""How long after it was ready an order may come back for the same unit and element."""


class Eenmaal(msgspec.Struct, frozen=True, gc=False):
    """`waarde` None: not known, or not to be counted (no unit, no kept visit known, refused, cancelled).

    `termijn`: the end of the unit's term that a tick has passed, kept in the state. `due`: when a tick is awaited.
    """

    waarde: bool | None
    termijn: int
    due: int | None = None


def eenmaal_van(staat: Dossierstaat, found: Conclusie, tik: Tik | None) -> Eenmaal:
    """False at once by a reopening, a second kept visit or an order that came back; True when a tick has passed the
    end of the term that the unit answered."""
    if found.einde is not None and found.einde.rang in (WEI, ANN):
        return Eenmaal(None, staat.termijn)
    visits = found.bezoeken
    if found.heropend is not None or (visits is not None and visits > 1):
        return Eenmaal(False, staat.termijn)
    until = _term(staat, found)
    if until is None:
        return Eenmaal(None, staat.termijn)
    passed = staat.termijn
    if tik is not None and until <= tik.tot:
        passed = until
    due = until if passed < until else None
    if _repeated(staat, found):
        return Eenmaal(False, passed, due)
    return Eenmaal(True if due is None and visits == 1 else None, passed, due)


def _term(staat: Dossierstaat, found: Conclusie) -> int | None:
    """The end of the term, once the unit has answered this TGE."""
    answer = _answer(staat, found)
    if answer is None or found.gereed is None or answer.termijn != found.gereed.moment + TERMIJN:
        return None
    return answer.termijn


def _repeated(staat: Dossierstaat, found: Conclusie) -> bool:
    answer = _answer(staat, found)
    return answer is not None and answer.herhaald_door is not None


def _answer(staat: Dossierstaat, found: Conclusie) -> Antwoord | None:
    """What the unit of the order as it stands answered."""
    verband = found.versie.verband
    if verband is None or not staat.gehoord:
        return None
    for item in staat.gehoord:
        if isinstance(item, Antwoord) and item.sleutel == verband.eenheid:
            return item
    return None
