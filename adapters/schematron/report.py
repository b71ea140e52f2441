"""From the report that the rules write (SVRL) to a verdict."""

import re
from typing import Final

from lxml import etree

from adapters.schematron.book import MOST, Assertion, Verdict

_SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"
_STEP: Final = re.compile(r"/(?:\*:)?([^/\[]+)(?:\[namespace-uri\(\)='[^']*'\])?(\[[0-9]+\])?")
_NAMED: Final = re.compile(r"\[([A-Z][A-Za-z0-9-]*-[A-Za-z0-9-]+)\]\s*-?\s*")
_LONGEST: Final = 400


def verdict(svrl: bytes) -> Verdict:
    """Raises XMLSyntaxError when it is no report."""
    root = etree.fromstring(svrl, etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True))
    found = [_assertion(one) for one in root.iter(f"{_SVRL}failed-assert")]
    found.sort(key=lambda assertion: not assertion.fatal)
    return Verdict(tuple(found[:MOST]), max(0, len(found) - MOST))


def _assertion(element: etree._Element) -> Assertion:
    text = " ".join((element.findtext(f"{_SVRL}text") or "").split())
    named = _NAMED.match(text)
    rule = element.get("id") or (named[1] if named else "regel")
    if named:
        text = text[named.end() :]
    location = "".join(f"/{name}{position or ''}" for name, position in _STEP.findall(element.get("location") or ""))
    # a rule without a known flag weighs as the heaviest: what is not understood is never let pass
    return Assertion(rule, element.get("flag") not in ("warning", "information"), location or "/", text[:_LONGEST])
