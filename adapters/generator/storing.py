"""Halfway the week a new release of one ERP breaks: it sends its last statuses again, cut off, until the bus suspends it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from adapters.generator.agenda import MAANDAG
from adapters.generator.kalender import DAY, local
from adapters.generator.regie import Gepland

PARTNER: Final = "tegendraad"
DAGEN: Final = (MAANDAG + 2 * DAY, MAANDAG + 3 * DAY)
ACHTEREEN: Final = 50
"""So many dead letters in a row suspend a partner whose profile says nothing else."""
GOED: Final = 2 * ACHTEREEN
"""So many parts must have gone well before, or the share of dead letters would suspend it earlier."""
MERK: Final = "storing"


def storing(gepland: Sequence[Gepland], momenten: Sequence[datetime]) -> list[Gepland]:
    """What the broken release sends, at a moment at which its partner sends nothing else and after something that went
    well; nothing in a week that has no such moment or not enough to send again."""
    own = [one for one in gepland if one.uiting.partner == PARTNER]
    heard: dict[datetime, set[str]] = defaultdict(set)
    for one in gepland:
        heard[one.op].add(one.uiting.dossier)
    for at in momenten:
        before = [one for one in own if one.op < at]
        good = [one for one in before if one.uiting.reden is None]
        if local(at).date() not in DAGEN or len(good) < GOED or before[-1].uiting.reden is not None:
            continue
        told = {
            one.uiting.dossier: one
            for one in good
            if one.uiting.soort == "status" and one.uiting.dossier not in heard[at]
        }
        if len(told) >= ACHTEREEN and all(one.op != at for one in own):
            return [_kapot(one, at, number) for number, one in enumerate(list(told.values())[-ACHTEREEN:], start=1)]
    return []


def _kapot(one: Gepland, at: datetime, number: int) -> Gepland:
    """Under a number of its own, so that no two are the same bytes where they are cut off."""
    uiting = replace(one.uiting, berichtnummer=f"{MERK}-{number}", reden="onleesbaar", zichtbaar=False)
    return replace(one, uiting=uiting, op=at, schade="afgekapt", kopie=False, formaat="json", merken=(MERK,))
