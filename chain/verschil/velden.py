"""Where two documents differ, field by field, in words that people read. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from chain.verschil.rapport import Veld
from topics.accounts import AMSTERDAM

Waarde = object
"""What JSON holds."""

_NAMEN: Final = ("nummer", "maat", "code", "subnummer", "naam", "soort")
"""Fields by which the items of a list are told apart, where each is there once."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def verschillen(oud: Waarde, nieuw: Waarde, pad: str = "") -> Iterator[Veld]:
    """Fields in the order of their paths. An object or list that is on one side only counts as its fields."""
    if oud == nieuw:
        return
    if _is(oud, nieuw, Mapping):
        yield from _objects(_object(oud), _object(nieuw), pad)
    elif _is(oud, nieuw, list):
        yield from _lists(_list(oud), _list(nieuw), pad)
    else:
        found = Veld(pad, toon(oud), toon(nieuw))
        if found.oud != found.nieuw:
            yield found


def toon(waarde: Waarde) -> str | None:
    """As it is shown: moments in Amsterdam, yes and no as words. None: nothing."""
    match waarde:
        case None:
            return None
        case bool():
            return "ja" if waarde else "nee"
        case str() if _MOMENT.fullmatch(waarde):
            return moment(datetime.fromisoformat(waarde))
        case list():
            return ", ".join(toon(one) or "" for one in waarde)
        case dict():
            return ", ".join(f"{name} {toon(one)}" for name, one in sorted(waarde.items()))
        case _:
            return str(waarde)


def moment(at: datetime) -> str:
    """`2026-03-02 09:15:00` in Europe/Amsterdam."""
    return f"{at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}"


def _objects(oud: Mapping[str, Waarde], nieuw: Mapping[str, Waarde], pad: str) -> Iterator[Veld]:
    for name in sorted({*oud, *nieuw}):
        yield from verschillen(oud.get(name), nieuw.get(name), f"{pad}.{name}" if pad else name)


def _lists(oud: Sequence[Waarde], nieuw: Sequence[Waarde], pad: str) -> Iterator[Veld]:
    name = _name(oud, nieuw)
    if name is not None:
        yield from _objects(_by(name, oud), _by(name, nieuw), pad)
    elif any(isinstance(one, (dict, list)) for one in (*oud, *nieuw)):
        yield from _objects(_numbered(oud), _numbered(nieuw), pad)
    else:
        gone, come = [one for one in oud if one not in nieuw], [one for one in nieuw if one not in oud]
        # the same values in another order or number: then all of them
        before, after = (gone, come) if gone or come else (list(oud), list(nieuw))
        found = Veld(pad, toon(before) or None, toon(after) or None)
        if found.oud != found.nieuw:
            yield found


def _name(oud: Sequence[Waarde], nieuw: Sequence[Waarde]) -> str | None:
    for name in _NAMEN:
        if all(_unique(name, side) for side in (oud, nieuw)):
            return name
    return None


def _unique(name: str, items: Sequence[Waarde]) -> bool:
    found = [one[name] for one in items if isinstance(one, dict) and isinstance(one.get(name), (str, int))]
    return len(found) == len(items) == len(set(found))


def _by(name: str, items: Sequence[Waarde]) -> dict[str, Waarde]:
    return {str(one[name]): one for one in items if isinstance(one, dict)}


def _numbered(items: Sequence[Waarde]) -> dict[str, Waarde]:
    return {str(number): one for number, one in enumerate(items, 1)}


def _is(oud: Waarde, nieuw: Waarde, kind: type) -> bool:
    """Both are of that kind, or one is and the other is not there."""
    return (isinstance(oud, kind) and (nieuw is None or isinstance(nieuw, kind))) or (
        oud is None and isinstance(nieuw, kind)
    )


def _object(waarde: Waarde) -> Mapping[str, Waarde]:
    return waarde if isinstance(waarde, dict) else {}


def _list(waarde: Waarde) -> Sequence[Waarde]:
    return waarde if isinstance(waarde, list) else []
