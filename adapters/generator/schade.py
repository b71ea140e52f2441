"""Damage to the bytes of a message: what encodings, old exports and hasty programmers do to it (FACTS 8)."""

import json
import re
from collections.abc import Callable
from typing import Final

BOM: Final = b"\xef\xbb\xbf"
Schade = Callable[[bytes], bytes]


def beschadig(schade: str, inhoud: bytes) -> bytes:
    """Raises KeyError for damage that is not in SCHADE."""
    return SCHADE[schade](inhoud)


def _anders_geschreven(inhoud: bytes) -> bytes:
    """The same message in other bytes: other white space, or a comment."""
    if inhoud.startswith(b"<"):
        return inhoud.replace(b"?>", b"?><!-- nogmaals verzonden -->", 1)
    return json.dumps(json.loads(inhoud), ensure_ascii=False, indent=4).encode()


def _cp1252(inhoud: bytes) -> bytes:
    """Windows-1252 under a declaration, or a standard, that says UTF-8."""
    return inhoud.decode().encode("cp1252", errors="replace")


def _utf16(inhoud: bytes) -> bytes:
    return inhoud.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"', 1).encode("utf-16")


def _dates(form: str) -> Schade:
    def written(inhoud: bytes) -> bytes:
        return re.sub(r"20(\d\d)-(\d\d)-(\d\d)", form, inhoud.decode()).encode()

    return written


def _swap(old: str, new: str) -> Schade:
    def swapped(inhoud: bytes) -> bytes:
        text = inhoud.decode()
        if not re.search(old, text):
            raise ValueError(f"found no {old!r} to damage")
        return re.sub(old, new, text, count=1).encode()

    return swapped


SCHADE: Final[dict[str, Schade]] = {
    "heel": lambda inhoud: inhoud,
    "anders-geschreven": _anders_geschreven,
    "cp1252": _cp1252,
    "bom": lambda inhoud: BOM + inhoud,
    "utf-16": _utf16,
    "dd-mm-jjjj": _dates(r"\3-\2-20\1"),
    "dd-mm-jj": _dates(r"\3-\2-\1"),
    "afgekapt": lambda inhoud: inhoud[: len(inhoud) * 2 // 3],
    "doctype": _swap(r"\?>", '?><!DOCTYPE x [<!ENTITY e "eeeeeeee">]>'),
    "gln-12-cijfers": _swap(r"(879999900\d{3})\d", r"\1"),
    "huisnummer-23a": _swap(r"<HouseNumber>(\d+)<", r"<HouseNumber>\1a<"),
    "uuid-als-nummer": _swap(r"<MessageNumber>[^<]*<", "<MessageNumber>0195d3a2-6f2b-7c4e-9a51-3f0e2b7c9d10<"),
    "leeg-element": _swap(r"<MessageTime>[^<]*</MessageTime>", "<MessageTime/>"),
    "onbekend-element": _swap(r"<InstructionData>", "<Kenmerk>7</Kenmerk><InstructionData>"),
    "eenheid-m2": _swap(r"<MeasurementUnitQuantity>PCE<", "<MeasurementUnitQuantity>M2<"),
    "plm-in-sales005": _swap(r"<InstructionType>[^<]*<", "<InstructionType>PLM<"),
    "zonder-namespace": _swap(r' xmlns="[^"]*"', ""),
    "decimale-komma": _swap(r"<Quantity>[^<]*<", "<Quantity>1,5<"),
    "decimale-komma-insbou": _swap(r"<OrderedQuantity>[^<]*<", "<OrderedQuantity>1,5<"),
    "tijd-kort": _swap(r"Time>0?(\d?\d:\d\d):\d\d<", r"Time>\1<"),
    "duizendtal": _swap(r"<Quantity>[^<]*<", "<Quantity>1.234,56<"),
    "gelieerd-is-aannemer": _swap(
        r"</Buyer>(\s*)<Contractor>(<GLN>\d+</GLN>)", r"</Buyer><Affiliate>\2</Affiliate>\1<Contractor>\2"
    ),
    "zomertijdgat": _swap(r'("gemeld_op": "2026-03-29)T[^"]*"', r'\1T02:30:00"'),
}
"""By name; each takes the right message and gives what is sent instead."""
