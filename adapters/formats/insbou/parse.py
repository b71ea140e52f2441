"""From bytes to what an order, its response or an invoice says; what deviates in a known way is repaired first, and said."""

import re
from typing import Final

from lxml import etree

from adapters.formats.checks import check, judged
from adapters.formats.findings import bounded, has_error, refused
from adapters.formats.insbou import order, response
from adapters.formats.insbou.invoice import BUYER_NUMBERS, SUPPLIER_NUMBERS, Reader
from adapters.formats.insbou.repair import Repairs, repaired
from adapters.formats.insbou.values import Values
from adapters.formats.insbou.version import INVOICE, ORDER, RESPONSE, Version
from adapters.formats.insbou.walk import Walk
from adapters.formats.payload import Payload
from adapters.formats.unreadable import Unreadable
from adapters.formats.xsd import Xsd
from adapters.message import Deel, Factuursleutel, Gelezen
from topics.documents import Bevinding, Reden

_BOM: Final = b"\xef\xbb\xbf"
_UTF8_DECLARED: Final = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding\s{0,9}=\s{0,9}[\"']utf-?8[\"']", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding\s{0,9}=")
_SEQUENCE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_LONGEST_KEY: Final = 64


def parse(payload: Payload, version: Version, xsd: Xsd) -> Gelezen:
    """The order, the status and the planning of its response, or the invoice. Raises Unreadable when it is no XML."""
    document = version.roots[payload.name]
    return Gelezen(
        formaat=version.name,
        versie=version.version,
        document=document,
        delen=tuple(_delen(payload, document, version, xsd)),
    )


def _delen(payload: Payload, document: str, version: Version, xsd: Xsd) -> list[Deel]:
    root = payload.plain_root() if version.namespaces[document] else payload.bare_root()
    repairs = Repairs()
    if root is not None and xsd.accepts(root):
        findings = list(payload.warnings)
    else:
        root, oddities = _root(payload, repairs) if root is None else (root, payload.warnings)
        repaired(root, document, version, repairs)
        errors = xsd.findings(root)
        if errors or repairs.errors:
            named = {finding.pad for finding in repairs.errors}
            errors = [*repairs.errors, *(finding for finding in errors if finding.pad not in named)]
            return [refused(Reden.ONGELDIG, [*errors, *repairs.warnings, *oddities], _key(root))]
        findings = [*oddities, *repairs.warnings]
    walk, values = Walk(), Values(version.version, findings)
    walk.over(root, version.elements[document], keep_lines=document != RESPONSE)
    if walk.unmapped:
        findings += walk.left_out()
    if document == INVOICE:
        return [_invoice(Reader(walk, values, repairs), findings, repairs)]
    made = [order.bericht(walk, values)] if document == ORDER else response.berichten(walk, values)
    if findings and has_error(findings):
        return [refused(Reden.ONGELDIG, findings, _key(root))]
    findings += check(made[0], order.where if document == ORDER else response.where)
    shown, dialecten = bounded(findings) if findings else (), tuple(sorted(repairs.dialecten))
    return [Deel(bericht=one, bevindingen=shown, dialecten=dialecten) for one in made]


def _invoice(reader: Reader, findings: list[Bevinding], repairs: Repairs) -> Deel:
    before = len(repairs.warnings)
    made = reader.bericht()
    findings += repairs.warnings[before:]
    if not has_error(findings):  # else a number may be missing, and its sum with it
        findings += check(made, reader.where)
    return judged(made, findings, tuple(sorted(repairs.dialecten)))


def _root(payload: Payload, repairs: Repairs) -> tuple[etree._Element, list[Bevinding]]:
    """The tree of a payload that is not plain, and what is odd about its bytes."""
    try:
        return payload.root, payload.warnings
    except Unreadable as error:
        again = _recoded(payload.raw) if error.finding.code == "codering-ongeldig" else None
        if again is None:
            raise
        other = Payload(again)
        root = other.root
        found = "bytes van windows-1252 in een bericht dat UTF-8 zegt te zijn"
        repairs.add("cp1252", None, found, "UTF-8, of een declaratie van windows-1252")
        return root, other.warnings


def _recoded(raw: bytes) -> bytes | None:
    """`raw` in UTF-8, when it can only be windows-1252: not declared as anything else, and nothing in it that is a
    character of UTF-8 by the same bytes."""
    body = raw.removeprefix(_BOM)
    if _DECLARED.match(body) and not _UTF8_DECLARED.match(body):
        return None
    if _SEQUENCE.search(body) or _UNDEFINED.search(body):
        return None
    return body.decode("cp1252").encode()


def _key(root: etree._Element) -> tuple[str, str] | Factuursleutel | None:
    """What names the dossier, where a refused message still shows it: GLN of the Buyer and order number, or an invoice's
    own."""
    if etree.QName(root).localname == INVOICE:
        return _key_of_invoice(root)
    gln, number = _shown(root, "Buyer/GLN"), _shown(root, "OrderNumber") or _shown(root, "BuyersOrderNumber")
    return (gln, number) if gln and number else None


def _key_of_invoice(root: etree._Element) -> Factuursleutel | None:
    buyer, invoice = _shown(root, "Buyer/GLN"), _shown(root, "InvoiceNumber")
    supplier = ""
    for path in SUPPLIER_NUMBERS:
        supplier = supplier or _shown(root, path)
    if not buyer or not invoice or not supplier:
        return None
    numbers = tuple((scheme, text) for scheme, name in BUYER_NUMBERS.items() if (text := _shown(root, f"Buyer/{name}")))
    return Factuursleutel(opdrachtgever=buyer, leverancier=supplier, factuurnummer=invoice, koper=numbers)


def _shown(root: etree._Element, path: str) -> str:
    """The text at `path`, whatever its namespace; empty when it is blank or too long to be a key."""
    text = root.findtext("/".join(f"{{*}}{name}" for name in path.split("/"))) or ""
    return text if text.strip() and len(text) <= _LONGEST_KEY else ""
