"""Masks JSON as it stands: every byte that is no value stays, so that what was wrong with a message is wrong still.

It reads tokens, no value: what is not well-formed is masked as well.
"""

import json
import re
from typing import Final

from adapters.masking.fields import ATTRIBUTE, JSON, OTHER, STAYS, VERA, VERA_ATTRIBUTES, Table, kind_of
from adapters.masking.words import Words

_TOKEN: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|-?[0-9][0-9.eE+-]*|[{}\[\]:,]|\s+|[^\s\"{}\[\]:,]+|\"", re.DOTALL)
_OF_VERA: Final = re.compile(r"\"idOrganisatie\"\s*:")
"""Every message of VERA has it (vera/schema.py). What is neither ours nor VERA is masked by the table that keeps less."""

_COLON: Final = re.compile(r"\s*:")
_LITERALS: Final = frozenset({"true", "false", "null", "NaN", "Infinity", "-Infinity"})
_NAME: Final = re.compile(r"[^\W\d][\w.$-]{0,39}")
"""Of a field; anything else in the place of one is a text."""

_MOST_DIGITS: Final = 4
_ATTRIBUTE_NAME: Final = re.compile(r"\"naam\"\s*:\s*\"([^\"\\]*)\"")


def mask_json(raw: bytes, words: Words) -> bytes:
    text = raw.decode("utf-8", "surrogateescape")
    table = VERA if _OF_VERA.search(text) else JSON
    return "".join(_masked(text, table, words)).encode("utf-8", "surrogateescape")


def _masked(text: str, table: Table, words: Words) -> list[str]:
    made: list[str] = []
    above: list[str] = []
    parent = name = ""
    for token in _TOKEN.finditer(text):
        found = token[0]
        first = found[0]
        if first in "{[":
            above.append(parent)
            # an array passes the name of its field on to what is in it
            parent = name or parent
            name = "" if first == "{" else name
        elif first in "}]":
            name, parent = parent, above.pop() if above else ""
        elif first == '"' and len(found) > 1:
            if _COLON.match(text, token.end()):
                name = _name(found)
                found = found if _is_name(name) else json.dumps(words.text(name))
            else:
                kind = kind_of(table, parent, name)
                if kind == ATTRIBUTE:
                    kind = STAYS if _attribute(text, token.start()) in VERA_ATTRIBUTES else OTHER
                found = _string(found, kind, words)
        elif first == '"':
            # a text that does not end: what follows is of no known field
            parent = name = ""
        elif first in ":," or found.isspace() or found in _LITERALS:
            pass
        elif kind_of(table, parent, name) != STAYS or not (first.isdigit() or first == "-"):
            found = words.scrambled(found)
        made.append(found)
    return made


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and sum(map(str.isdigit, name)) <= _MOST_DIGITS


def _attribute(text: str, at: int) -> str:
    """The name of the extra attribute of which something stands at `at`."""
    start, end = text.rfind("{", 0, at), text.find("}", at)
    named = _ATTRIBUTE_NAME.search(text, max(start, 0), end if end >= 0 else len(text))
    return named[1] if named else ""


def _string(found: str, kind: str, words: Words) -> str:
    if kind == STAYS:
        return found
    try:
        value, wrong = str(json.loads(found)), ""
    except ValueError:
        value, wrong = found[1:-1], _WRONG
    if kind == OTHER and value in _LITERALS:
        return found
    return json.dumps(words.masked(kind, value), ensure_ascii=False)[:-1] + wrong + '"'


_WRONG: Final = "\\?"
"""An escape that JSON does not have, in place of whatever was wrong with a text."""


def _name(found: str) -> str:
    try:
        return str(json.loads(found, strict=False))
    except ValueError:
        return found[1:-1]
