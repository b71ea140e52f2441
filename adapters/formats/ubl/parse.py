"""From a UBL invoice or credit note to a Bericht: held against the official rules and our XSD, then read."""

from typing import Final

from lxml import etree

from adapters.formats.checks import check, judged
from adapters.formats.einvoice import official
from adapters.formats.einvoice.parties import key_of
from adapters.formats.einvoice.reader import Reader
from adapters.formats.findings import fout, has_error, quoted, refused
from adapters.formats.payload import Payload
from adapters.formats.ubl import codes, schema
from adapters.formats.xsd import Xsd
from adapters.message import Deel
from adapters.schematron import Rules
from topics.documents import Reden

_FIELD: Final = "CustomizationID"
_UNNAMED: Final = codes.PROFILES[codes.NLCIUS]
"""By these rules a message is held that does not say by which: they refuse it for that."""

_LARGE: Final = 256 * 1024
"""Bytes from which a message that our XSD refuses is not held against the rules too: they take time with the square of
what is wrong."""


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
