"""Pydantic's errors as findings: code, JSON pointer, value and a Dutch sentence with field, found and expected."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from pydantic import ValidationError

from adapters.formats.findings import fout, printable, quoted
from adapters.formats.jsonvalue import BadNumber
from topics.documents import Bevinding

_KINDS: Final = {
    "string_type": "een tekst",
    "bool_type": "true of false",
    "list_type": "een lijst",
    "int_type": "een geheel getal",
    "model_type": "een object",
    "dict_type": "een object",
}

_STRUCTURES: Final = ("list_type", "model_type", "dict_type")


def findings_of(error: ValidationError, at: str, bron: str, personal: frozenset[str]) -> list[Bevinding]:
    """One finding per error. at: JSON pointer of the object validated; personal: names of fields about persons."""
    return [
        _finding(one["type"], one["loc"], one["input"], one.get("ctx", {}), at, bron, personal)
        for one in error.errors(include_url=False)
    ]


def pointer(name: str | int) -> str:
    """One step of a JSON pointer (RFC 6901), safe to show."""
    return printable(str(name).replace("~", "~0").replace("/", "~1"))


def shown(value: object) -> str:
    """What was found, short: texts between quotes, objects and lists by name only."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case BadNumber(text):
            return text
        case int() | Decimal():
            return printable(str(value))
        case Mapping():
            return "een object"
        case Sequence():
            return "een lijst"
        case _:
            return type(value).__name__


def _finding(
    kind: str,
    loc: tuple[int | str, ...],
    found: object,
    ctx: Mapping[str, object],
    at: str,
    bron: str,
    personal: frozenset[str],
) -> Bevinding:
    pad = at + "".join(f"/{pointer(step)}" for step in loc)
    name = printable(".".join(map(str, loc))) or "bericht"
    code, expected = _translated(kind, ctx)
    if code == "veld-ontbreekt":
        return fout(code, pad, f"Veld {name}: niet gevonden, verwacht {expected}.", bron)
    loose_text = kind in _STRUCTURES and isinstance(
        found, str | int | Decimal
    )  # an address in one line instead of its fields
    private = code == "veld-onbekend" or loose_text or any(step in personal for step in loc)
    tekst = f"Veld {name}: gevonden {shown(found)}, verwacht {expected}."
    value = shown(found) if isinstance(found, Mapping | list) else _value(found)
    return fout(code, pad or "/", tekst, bron, waarde=value, persoonlijk=private)


def _value(found: object) -> str:
    return found if isinstance(found, str) else shown(found)


def _translated(kind: str, ctx: Mapping[str, object]) -> tuple[str, str]:
    """(code, what was expected) of one kind of error."""
    if kind in _KINDS:
        return "waarde-soort", _KINDS[kind]
    match kind:
        case "missing":
            return "veld-ontbreekt", "dit veld: het is verplicht"
        case "extra_forbidden":
            return "veld-onbekend", "dit veld niet: dit bericht kent het niet"
        case "string_too_short":
            return "waarde-te-kort", f"ten minste {ctx.get('min_length')} teken(s)"
        case "string_too_long":
            return "waarde-te-lang", f"ten hoogste {ctx.get('max_length')} tekens"
        case "string_pattern_mismatch":
            return "waarde-vorm", _PATTERNS.get(str(ctx.get("pattern")), f"de vorm {ctx.get('pattern')}")
        case "literal_error":
            return "code-onbekend", f"een van {ctx.get('expected')}".replace(" or ", " of ")
        case "too_short" | "too_long":
            bound = (
                f"ten minste {ctx.get('min_length')}" if kind == "too_short" else f"ten hoogste {ctx.get('max_length')}"
            )
            return "lijst-lengte", f"{bound} onderdelen"
        case "greater_than_equal" | "less_than_equal" | "less_than":
            bound = (
                "ten minste" if kind == "greater_than_equal" else "minder dan" if kind == "less_than" else "ten hoogste"
            )
            return "waarde-bereik", f"{bound} {ctx.get('ge', ctx.get('le', ctx.get('lt')))}"
        case _:
            return kind, str(ctx.get("verwacht", "een geldige waarde"))


GLN_PATTERN: Final = "^[0-9]{13}$"
BASE64_PATTERN: Final = "^[A-Za-z0-9+/]*={0,2}$"
_PATTERNS: Final = {GLN_PATTERN: "een GLN van 13 cijfers", BASE64_PATTERN: "base64 zonder regeleinden"}
