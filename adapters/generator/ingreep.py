"""How something that goes wrong is put into the planned story of one order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from adapters.generator.partners import Partner
from adapters.generator.regie import Gepland, Regie

INSBOU: Final = ("insbou003", "insbou004")
ZONDER_DIALECT: Final = ("json", "dico-projectprofiel", "vera")
"""Formats of statuses, by whether their senders' profiles name dialects."""
Ingreep = Callable[[Regie, dict[str, Partner]], bool]
"""Changes `regie.gepland`; False when this order does not lend itself to it."""


def gemerkt(gepland: Gepland, merk: str) -> Gepland:
    return replace(gepland, merken=(*gepland.merken, merk))


def opdracht_in(regie: Regie) -> int | None:
    return next((number for number, one in enumerate(regie.gepland) if one.uiting.opdracht is not None), None)


def status_in(regie: Regie, door: Partner | None = None, formaten: tuple[str, ...] = ()) -> int | None:
    """The place of some status, of `door` and in one of `formaten` if given."""
    places = [
        number
        for number, one in enumerate(regie.gepland)
        if one.uiting.soort == "status"
        and (not formaten or one.formaat in formaten)
        and one.uiting.reden is None
        and (door is None or one.uiting.afzender == door.gln)
    ]
    return regie.kans.choice(places) if places else None


def fout_cijfer(gln: str) -> str:
    """With a check digit that cannot be right."""
    return gln[:-1] + str((int(gln[-1]) + 3) % 10)


def voeg_toe(regie: Regie, place: int, made: Gepland, merk: str, after: timedelta = timedelta(hours=1)) -> bool:
    """Plans `made` some time after the utterance at `place`."""
    at = regie.agenda.ontvangst(regie.gepland[place].op + after)
    if at is None:
        return False
    regie.gepland.append(gemerkt(replace(made, op=at, merken=()), merk))
    return True


def nogmaals(regie: Regie, place: int, merk: str, *, schade: str, kopie: bool = False) -> bool:
    told = regie.gepland[place]
    if told.schade is not None or told.uiting.reden is not None:
        return False
    if kopie:
        regie.gepland[place] = told = replace(told, schade="heel")
    return voeg_toe(regie, place, replace(told, schade=schade, kopie=kopie), merk)


def eerst_fout(
    regie: Regie,
    place: int | None,
    merk: str,
    reden: str,
    *,
    zichtbaar: bool = True,
    schade: str | None = None,
    **changes: object,
) -> bool:
    """What stands at `place` is sent wrongly first; the right message follows some hours later, under the same number."""
    if place is None or regie.gepland[place].schade is not None:
        return False
    told = regie.gepland[place]
    at = regie.agenda.ontvangst(told.op + timedelta(hours=regie.kans.choice((2, 5, 20))))
    if at is None or at == told.op:
        return False
    wrong = replace(told.uiting, reden=reden, zichtbaar=zichtbaar, **changes)
    regie.gepland[place] = replace(told, op=at)
    regie.gepland.insert(place, gemerkt(replace(told, uiting=wrong, schade=schade or "heel", merken=()), merk))
    return True
