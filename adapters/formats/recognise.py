"""From bytes to parts: which format it is, told from the content, and what that format reads.

The content type that a sender declares is informative only: a wrong one is a warning, never a reason.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from lxml import etree

from adapters.formats.declared import FORMATS
from adapters.formats.findings import fout, printable, quoted, refused, waarschuwing
from adapters.formats.format import Format
from adapters.formats.payload import MAX_BYTES, Payload
from adapters.formats.unreadable import Unreadable
from adapters.message import Gelezen
from topics.documents import Bevinding, Reden

UNKNOWN: Final = "onbekend"
SOURCE: Final = "formaten van Ketenbus"

KNOWN_ROOTS: Final = {
    "DespatchAdvice": ("insbou", "003"),
}
"""Roots of official messages that are not mapped (yet)."""

KNOWN_NAMESPACES: Final = (
    ("http://www.ketenstandaard.nl/", "dico"),
    ("http://www.gs1.nl/", "insbou"),
    ("urn:oasis:names:specification:ubl:schema:xsd:", "ubl"),
    ("urn:nedu:edsn:", "edsn"),
)
"""Beginnings of namespaces of standards of these chains; the version is what follows the last slash or colon."""


_SLOW: Final = b"urn:oasis:names:specification:ubl:schema:xsd:"
_HEAD: Final = 65_536
_UTF_16: Final = (b"\xff\xfe<\0", b"\xfe\xff\0<")
_SPELLED: Final = re.compile(rb"xmlns[^<>]*&")
"""A namespace that is written with character references."""


def is_slow(raw: bytes) -> bool:
    """Whether reading `raw` is likely to take milliseconds or to wait for something outside: a UBL invoice, told from its
    bytes, wherever and however they name its namespace. What is not seen here is read all the same."""
    if raw.find(_SLOW, 0, MAX_BYTES) >= 0:
        return True
    head = raw[:_HEAD]
    return any(mark in head for mark in _UTF_16) or (b"&#" in head and _SPELLED.search(head) is not None)


def read(
    raw: bytes,
    content_type: str = "",
    allowed: Collection[str] | None = None,
    formats: Sequence[Format] = FORMATS,
) -> Gelezen:
    """What `raw` says. Never raises on content; at least one part.

    allowed: names of formats that the sender agreed to (None: any); another one is refused as `onbevoegd`.
    """
    payload = Payload(raw)
    try:
        return _read(payload, content_type, allowed, formats)
    except Unreadable as error:
        return _whole(UNKNOWN, "", "", error.reden, error.finding, *payload.warnings)


def _read(payload: Payload, content_type: str, allowed: Collection[str] | None, formats: Sequence[Format]) -> Gelezen:
    for format_ in formats:
        if not format_.recognise(payload):
            continue
        if allowed is not None and format_.name not in allowed:
            agreed = ", ".join(sorted(allowed)) or "geen enkel formaat"
            tekst = f"Veld formaat: gevonden '{format_.name}', verwacht {agreed}."
            finding = fout("formaat-niet-toegestaan", "/", tekst, SOURCE, waarde=format_.name)
            return _whole(format_.name, "/".join(format_.versions), "", Reden.ONBEVOEGD, finding)
        try:
            parsed = format_.parse(payload)
        except Unreadable as error:
            return _whole(format_.name, "/".join(format_.versions), "", error.reden, error.finding, *payload.warnings)
        if payload.attachments.unused:
            parsed = _with_warning(parsed, _unused(payload.attachments.unused))
        return (
            _with_warning(parsed, _wrong_type(content_type, payload.kind))
            if _contradicts(payload.kind, content_type)
            else parsed
        )
    return _unmapped_xml(payload.root) if payload.kind == "xml" else _unknown_json()


def _contradicts(kind: str, content_type: str) -> bool:
    declared = content_type.partition(";")[0].strip().lower()
    return ("json" in declared and kind != "json") or (declared.endswith("xml") and kind != "xml")


def _with_warning(read_: Gelezen, warning: Bevinding) -> Gelezen:
    delen = tuple([msgspec.structs.replace(deel, bevindingen=(*deel.bevindingen, warning)) for deel in read_.delen])
    return msgspec.structs.replace(read_, delen=delen)


def _wrong_type(content_type: str, kind: str) -> Bevinding:
    tekst = f"Content-Type: gevonden {quoted(content_type)} bij een bericht dat {kind.upper()} is, verwacht het juiste."
    return waarschuwing("content-type-wijkt-af", "/", tekst, waarde=content_type)


def _unused(names: Sequence[str]) -> Bevinding:
    tekst = f"{len(names)} bestand(en) naast het bericht gevonden dat het niet noemt, verwacht elk als bijlage genoemd."
    return waarschuwing("bijlage-niet-genoemd", "/", tekst, waarde=", ".join(names)[:200], persoonlijk=True)


def _unmapped_xml(root: etree._Element) -> Gelezen:
    tag = str(root.tag)
    namespace, _, name = tag.rpartition("}")
    namespace, name = namespace.removeprefix("{"), printable(name)
    known = KNOWN_ROOTS.get(tag)
    if known is None:
        for head, standard in KNOWN_NAMESPACES:
            if namespace.startswith(head):
                known = (standard, namespace.replace(":", "/").rpartition("/")[2])
                break
    found = f"hoofdelement {quoted(name)} met namespace {quoted(namespace)}"
    if known is None:
        tekst = f"Veld {quoted(name)}: gevonden {found}, verwacht het hoofdelement van een bekend bericht."
        finding = fout("formaat-onbekend", f"/{name}", tekst, SOURCE, waarde=name)
        return _whole(UNKNOWN, "", name, Reden.ONLEESBAAR, finding)
    tekst = f"Veld {quoted(name)}: gevonden {found}, een officieel bericht dat hier nog niet in kaart is; verwacht een bericht dat dat wel is."
    finding = fout("niet-in-kaart", f"/{name}", tekst, SOURCE, waarde=name)
    return _whole(known[0], printable(known[1]), name, Reden.NIET_IN_KAART, finding)


def _unknown_json() -> Gelezen:
    tekst = 'Veld formaat: niet gevonden of onbekend, verwacht "formaat": "ketenbus-json/1" in elk bericht.'
    finding = fout("formaat-onbekend", "/formaat", tekst, SOURCE)
    return _whole(UNKNOWN, "", "", Reden.ONLEESBAAR, finding)


def _whole(formaat: str, versie: str, document: str, reden: Reden, *findings: Bevinding) -> Gelezen:
    return Gelezen(formaat=formaat, versie=versie, document=document, delen=(refused(reden, findings),))
