"""Rules by which a client's profile derives the urgency of an order that does not state it (ONDERHOUD 2).

A profile lists them under `[urgenties]`, as `"<form>:<value>" = "spoed" | "urgent" | "regulier"`; the first that fits
holds. Forms: `contract:<number>` and `prijscode:<code>` compare exactly, `gereed-binnen:<hours>` fits when the required
delivery lies at most so many hours (24 x 7) after the order.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from topics.documents.onderhoud import Urgentie

FORMS = ("contract", "prijscode", "gereed-binnen")


@lru_cache(maxsize=1024)
def split_rule(rule: str) -> tuple[str, str]:
    """('contract', 'RC-1') of 'contract:RC-1'. Raises ValueError when the form or its value is not one of the above."""
    form, colon, value = rule.partition(":")
    if not colon or form not in FORMS or not value:
        raise ValueError(f"found {rule!r}, expected one of {', '.join(f'{known}:<value>' for known in FORMS)}")
    if form == "gereed-binnen" and not (value.isdecimal() and int(value) > 0):
        raise ValueError(f"found {rule!r}, expected gereed-binnen:<whole hours>")
    return form, value


@lru_cache(maxsize=1024)
def _hours(value: str) -> timedelta:
    return timedelta(hours=int(value))


def derive(
    rules: Mapping[str, Urgentie],
    *,
    contract: str | None,
    prijscodes: Collection[str],
    datum: datetime,
    gereed_uiterlijk: datetime | None,
) -> Urgentie | None:
    """Urgency by the first rule that fits, None when none does."""
    left = None if gereed_uiterlijk is None else gereed_uiterlijk - datum
    for rule, urgentie in rules.items():
        form, value = split_rule(rule)
        if form == "contract":
            fits = contract == value
        elif form == "prijscode":
            fits = value in prijscodes
        else:
            fits = left is not None and left <= _hours(value)
        if fits:
            return urgentie
    return None
