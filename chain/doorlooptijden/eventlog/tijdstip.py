"""Moments as event logs write them. Without a zone it is Europe/Amsterdam (FACTS 8)."""

import re
from collections import Counter
from datetime import datetime
from typing import Final

from chain.kalender import micros
from chain.kalender.moment import AMSTERDAM

VERWACHT: Final = "a moment as 2026-03-01T09:30, 01-03-2026 09:30 or 1-3-26 9:30, from 1970 to 2100"
ALLEEN_DAG: Final = "alleen een dag, geteld als 00:00"
DUBBEL_UUR: Final = "in het uur dat bij het verzetten van de klok twee keer voorkomt, geteld als de eerste keer"
VERVALLEN_UUR: Final = "in het uur dat bij het verzetten van de klok niet bestaat, geteld als een uur later"

_DUTCH: Final = re.compile(
    r"(?P<day>\d{1,2})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})"
    r"(?:[ T]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_SLASHED: Final = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(.*)")
_YEARS: Final = range(1970, 2101)
_DAY_ONLY: Final = len("2026-03-01")


def read(text: str, noticed: Counter[str]) -> int | None:
    """Microseconds; None when it is not certain what was meant. What was noticed is counted."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text) if "-" in text[:5] or "T" in text else None
    except ValueError:
        found = None
    day_only = found is not None and len(text) <= _DAY_ONLY
    if found is None:
        found, day_only = _otherwise(text)
    if found is None or found.year not in _YEARS:
        return None
    if day_only:
        noticed[ALLEEN_DAG] += 1
    if found.tzinfo is None:
        found = _in_amsterdam(found, noticed)
    return micros(found)


def _in_amsterdam(found: datetime, noticed: Counter[str]) -> datetime:
    local = found.replace(tzinfo=AMSTERDAM)
    later = local.replace(fold=1)
    if local.utcoffset() != later.utcoffset():
        before, after = local.utcoffset(), later.utcoffset()
        if before is not None and after is not None:
            noticed[DUBBEL_UUR if before > after else VERVALLEN_UUR] += 1
    return local


def _otherwise(text: str) -> tuple[datetime | None, bool]:
    if slashed := _SLASHED.fullmatch(text):
        year, month, day, rest = slashed.groups()
        try:
            return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}{rest}"), not rest
        except ValueError:
            return None, False
    match = _DUTCH.fullmatch(text)
    if match is None:
        return None, False
    year = int(match["year"])
    try:
        found = datetime(
            year + 2000 if len(match["year"]) == 2 else year,
            int(match["month"]),
            int(match["day"]),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int((match["part"] or "0")[:6].ljust(6, "0")),
        )
        zone = match["zone"]
        if zone is not None:
            found = datetime.fromisoformat(found.isoformat() + zone)
    except ValueError:
        return None, False
    return found, match["hour"] is None
