"""XML as a tree, safely: no DTD, no entities, no network, bounded depth and size (libxml2's own limits stay on)."""

import re
from functools import lru_cache
from typing import Final, NamedTuple, Protocol, cast

from lxml import etree

from adapters.formats.findings import fout, printable, waarschuwing
from adapters.formats.unreadable import LIMITS, MAX_MARKS, SMALL, Unreadable
from topics.documents import Bevinding, Reden

SOURCE: Final = "XML 1.0"

_BOM: Final = b"\xef\xbb\xbf"
_UTF8: Final = (b"utf-8", b"utf8", b"us-ascii")
_ENCODINGS: Final = (*_UTF8, b"iso-8859-1", b"iso-8859-15", b"windows-1252", b"utf-16")
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,100}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})")
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)

_BEFORE: Final = (
    rb"(?:\xef\xbb\xbf)?(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?:UTF|utf)-8[\"'])?"
    rb"(?: standalone=[\"'](?:yes|no)[\"'])?\s*\?>)?\s*(?:<!--[^-]*(?:-[^-]+)*-->\s*)?<([A-Za-z]+)"
)
_HEAD: Final = 2048
"""Bytes in which a plain document declares its namespace; one that does so later takes the ordinary way."""

_PLAIN: Final = re.compile(
    _BEFORE + rb"(?:\s+[A-Za-z:]+=\"[^\"<>&]*\")*?(\s+xmlns=\"([^\"<>&]*)\")"
    rb"(?:\s+[A-Za-z]+:[A-Za-z]+=\"[^\"<>&]*\")*\s*>"
)
_BARE: Final = re.compile(_BEFORE + rb"(?:\s+[A-Za-z]+:[A-Za-z]+=\"[^\"<>&]*\")*\s*>")


def _parser(*, compact: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=compact,
        collect_ids=not compact,
    )


_PARSER: Final = _parser(compact=False)
_COMPACT: Final = _parser(compact=True)


class Plain(NamedTuple):
    """Root's name as '{namespace}local', and where in the bytes its default namespace is declared; nowhere when it has
    none."""

    name: str
    start: int
    end: int

    @property
    def spaced(self) -> bool:
        """Whether it has a namespace."""
        return self.end > self.start


def plain(raw: bytes) -> Plain | None:
    """Told from the bytes, without a parser: a small UTF-8 document whose root declares the one default namespace, or
    none, and that holds no comment, CDATA, processing instruction or DTD after it. None when in doubt.
    """
    if len(raw) > SMALL:
        return None
    declared = raw.find(b"xmlns=", 0, _HEAD)
    rest = raw.find(b">", declared, _HEAD) + 1 if declared >= 0 else 0
    found = _plain_head(raw[:rest]) if rest else None
    if found is None:
        match = (_PLAIN if declared >= 0 else _BARE).match(raw)
        if match is None:
            return None
        found, rest = _told(match), match.end()
    # a byte is found fifty times faster
    if _declares(behind := raw[rest:]):
        return None
    if (b"!" in behind and b"<!" in behind) or (b"?" in behind and b"<?" in behind):
        return None
    return found


def _declares(behind: bytes) -> bool:
    """Whether a tag may declare a namespace: it then says so between its '<' and a '='. Few texts hold a '=', and of
    more than a few not each is looked at."""
    at = behind.find(b"=")
    for _ in range(8):
        if at < 0:
            return False
        if b"xmlns" in behind[max(0, behind.rfind(b"<", 0, at)) : at]:
            return True
        at = behind.find(b"=", at + 1)
    return b"xmlns" in behind


@lru_cache(maxsize=256)
def _plain_head(head: bytes) -> Plain | None:
    """Of a document that is plain up to and including its root's start tag, and has a namespace. A sender's documents
    have one head, so that what it says is kept."""
    match = _PLAIN.fullmatch(head)
    return None if match is None else _told(match)


def _told(match: re.Match[bytes]) -> Plain:
    name = match[1].decode("ascii")
    if match.re is _BARE:
        return Plain(name, match.end(1), match.end(1))
    return Plain(f"{{{match[3].decode('ascii', 'replace')}}}{name}", match.start(2), match.end(2))


def without_namespace(raw: bytes, where: Plain) -> etree._Element | None:
    """The tree with the default namespace taken off; blanks between elements are gone too, which changes nothing as
    there is no CDATA or comment beside them. None when it is not well-formed: `parsed` then says why.
    """
    try:
        return etree.fromstring(raw[: where.start] + raw[where.end :], _COMPACT)
    except etree.XMLSyntaxError:
        return None


def parsed(raw: bytes, warnings: list[Bevinding]) -> etree._Element:
    """The root of any XML. Adds to `warnings` when the encoding is odd. Raises Unreadable."""
    if len(raw) > SMALL:
        _limit(max(raw.count(b"<"), raw.count(b"=")))
    utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not utf16:
        _check_declaration(raw, warnings)
        start = _PROLOG.match(raw, 3 if raw.startswith(_BOM) else 0)
        if start and raw.startswith(b"<!DOCTYPE", start.end()):
            raise Unreadable(_doctype())
    try:
        root = etree.fromstring(raw, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _syntax(error) from error
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding that the search above does not see through
        raise Unreadable(_doctype())
    if utf16:
        warnings.append(_odd_encoding("UTF-16"))
    return root


def first_tag(raw: bytes) -> str:
    """Of the root of what is UTF-8 up to there and not after; empty when the fault comes before."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        reader = etree.XMLPullParser(events=("start",), resolve_entities=False, load_dtd=False, no_network=True)
        try:
            reader.feed(raw[: min(error.start, SMALL)])
        except etree.XMLSyntaxError:
            return ""
        for _, found in reader.read_events():
            if isinstance(found, etree._Element):
                return str(found.tag)
    return ""


def _limit(marks: int) -> None:
    if marks > MAX_MARKS:
        tekst = f"Het bericht telt {marks} elementen of attributen; verwacht ten hoogste {MAX_MARKS}."
        raise Unreadable(fout("te-groot", "/", tekst, LIMITS), Reden.TE_GROOT)


def _check_declaration(raw: bytes, warnings: list[Bevinding]) -> None:
    declared = _DECLARED.match(raw, 3 if raw.startswith(_BOM) else 0)
    if declared is None:
        return
    name = declared[1].lower()
    if name not in _ENCODINGS:
        found = printable(name.decode("ascii"))
        tekst = f"De XML-declaratie noemt codering '{found}'; verwacht UTF-8."
        raise Unreadable(fout("codering-onbekend", "/", tekst, SOURCE, waarde=found))
    if name not in _UTF8:
        warnings.append(_odd_encoding(name.decode("ascii")))


def _doctype() -> Bevinding:
    tekst = "Het bericht bevat een DOCTYPE; verwacht XML zonder DTD en zonder entiteiten. Er is niets van opgehaald."
    return fout("doctype-verboden", "/", tekst, LIMITS)


def _odd_encoding(name: str) -> Bevinding:
    return waarschuwing("codering-afwijkend", "/", f"Het bericht is in {name}; verwacht UTF-8. Het is wel gelezen.")


_LIMIT_CODES: Final = (114, 110, 45)  # resource limit, name too long, comment too big
_ENCODING_CODES: Final = (81, 9, 31, 32)  # bytes, character, unknown encoding, unsupported encoding
_EXPECTED: Final = {
    4: "een element",
    5: "niets na het laatste element",
    26: "geen entiteiten",
    42: "elk attribuut één keer",
    38: "geen '<' in een attribuut",
    39: "een attribuutwaarde tussen aanhalingstekens",
    41: "een waarde bij elk attribuut",
    65: "een spatie tussen attributen",
    68: "een naam na '<' of '&'",
    73: "een '>' aan het eind van elke tag",
    64: "de XML-declaratie helemaal aan het begin",
    76: "een eindtag die bij de begintag past",
    77: "een eindtag bij elk geopend element",
    201: "een gedeclareerde namespace-prefix",
}


class _Coded(Protocol):
    code: int | None


def _syntax(error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    where, code = f"op regel {line}, positie {column}", cast(_Coded, error).code or 0
    if code in _LIMIT_CODES:
        tekst = (
            f"De XML gaat {where} over een veiligheidsgrens (nesting, lengte van een tekst of naam); verwacht ten "
            "hoogste 256 niveaus en 10 MB per tekst."
        )
        return Unreadable(fout("xml-grens", "/", tekst, LIMITS), Reden.TE_GROOT)
    if code in _ENCODING_CODES:
        tekst = f"De XML bevat {where} bytes of tekens die in de opgegeven codering niet bestaan; verwacht UTF-8."
        return Unreadable(fout("codering-ongeldig", "/", tekst, SOURCE))
    expected = _EXPECTED.get(code, "welgevormde XML")
    tekst = f"Het bericht is geen welgevormde XML: fout {where}; verwacht {expected}."
    return Unreadable(fout("xml-niet-welgevormd", "/", tekst, SOURCE))
