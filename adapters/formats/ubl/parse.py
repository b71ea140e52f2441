"""From a UBL invoice or credit note to a Bericht: held against the official rules and our XSD, then read."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from adapters.formats.checks import check, judged
from adapters.formats.einvoice import official
from adapters.formats.einvoice.parties import key_of
from adapters.formats.einvoice.reader import Reader
from adapters.formats.findings import fout, has_error, quoted, refused
from adapters.formats.numbers import DECIMAL_EXPECTED
from adapters.formats.payload import Payload
from adapters.formats.ubl import codes, schema
from adapters.formats.unreadable import LIMITS
from adapters.formats.xsd import Xsd, path_of
from adapters.message import Deel
from adapters.schematron import Rules
from topics.documents import Bevinding, Reden

_FIELD: Final = "CustomizationID"
_UNNAMED: Final = codes.PROFILES[codes.NLCIUS]
"""By these rules a message is held that does not say by which: they refuse it for that."""

_LARGE: Final = 256 * 1024
"""Bytes from which a message that our XSD refuses is not held against the rules too: they take time with the square of
what is wrong."""

_MOST_OUTSIDE: Final = 5000
"""Elements outside EN 16931, so for 2,000 lines two each: the rules look at every one, and at all that stand before it."""

_NUMBERS: Final = ("Amount", "Quantity", "Percent", "Numeric")
"""How names of elements that are numbers end."""

_LONGEST_NUMBER: Final = 1000
"""Characters: the rules calculate with all of them."""


def parse(payload: Payload, xsd: Xsd, rules: Rules) -> tuple[str, Deel]:
    """The version and the invoice in `payload`, or why it is none. Raises Unreadable when it is no XML, Unavailable when
    the official rules cannot be run."""
    root = payload.root
    named = (root.findtext(f"{codes.CBC}{_FIELD}") or "").strip()
    profile = codes.PROFILES.get(named) if named else _UNNAMED
    if profile is None:
        known = ", ".join(quoted(one) for one in codes.PROFILES)
        tekst = f"Veld {_FIELD}: gevonden {quoted(named)}, verwacht een van {known}."
        pad = f"/{codes.ROOTS[payload.name]}/{_FIELD}"
        finding = fout("niet-in-kaart", pad, tekst, schema.SOURCE, waarde=named)
        return "", refused(Reden.NIET_IN_KAART, [finding, *payload.warnings])
    # what is judged is the tree that is read, not the bytes that another parser might read otherwise
    text = etree.tostring(root, encoding="UTF-8")
    tree, left_out = schema.bare(root)
    errors = xsd.findings(tree)
    findings = [*errors, *payload.warnings, *left_out]
    costly = list(_costly(root, tree))
    if costly:
        return profile.version, refused(Reden.ONGELDIG, [*costly, *findings], key_of(tree))
    if not errors or len(text) <= _LARGE:
        findings = [*official.findings(rules.judge(profile.book, text), tree, profile), *findings]
    if has_error(findings):
        return profile.version, refused(Reden.ONGELDIG, findings, key_of(tree))
    reader = Reader(tree, payload.attachments)
    bericht = reader.bericht()
    findings += reader.findings
    if not has_error(findings):
        findings += official.softened(check(bericht, reader.where))
    return profile.version, judged(bericht, findings)


def _costly(root: etree._Element, tree: etree._Element) -> Iterator[Bevinding]:
    """What would keep the rules, which all senders share, busy for seconds: an error each, so that it is not begun."""
    outside = sum(1 for _ in root.iter(etree.Element)) - sum(1 for _ in tree.iter(etree.Element))
    if outside > _MOST_OUTSIDE:
        tekst = f"Gevonden {outside} elementen buiten EN 16931, verwacht ten hoogste {_MOST_OUTSIDE}."
        yield fout("te-groot", "/", tekst, LIMITS)
    for element in tree.iter(etree.Element):
        text = element.text or ""
        if len(text) > _LONGEST_NUMBER and str(element.tag).endswith(_NUMBERS):
            tekst = f"Veld {element.tag}: gevonden {quoted(text.strip())}, verwacht {DECIMAL_EXPECTED}."
            yield fout("getal-te-groot", path_of(element), tekst, LIMITS, waarde=text.strip())
            return
