"""XSD validation whose errors are findings: libxml2's messages by error type, as Dutch sentences that name the field."""

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Protocol, cast

from lxml import etree

from adapters.formats.findings import MAX_FINDINGS, fout, printable, quoted
from topics.documents import Bevinding
from topics.errors import ConfigurationError

_TYPES = {
    "xs:date": "een datum als 2026-03-02",
    "xs:time": "een tijd als 09:30:00",
    "xs:decimal": "een getal met een punt als decimaalteken",
    "xs:positiveInteger": "een geheel getal groter dan 0",
    "xs:gYear": "een jaartal van vier cijfers",
    "xs:base64Binary": "base64",
}
_LAST_QUOTED = re.compile(r"'([^']*)'\.?\s*\Z")
_CODES = re.compile(r"'([^']*)'")
_TAIL = 500
"""Characters at the end of a message that hold what was expected; before it stands the value, of any length."""
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)\.?\s*$")
_ATTRIBUTE = re.compile(r"attribute '([^']*)'")
_NAMESPACE = re.compile(r"\{[^}]*\}")


_ROOT = "hoofdelement-onbekend"


class _Entry(Protocol):
    """Of lxml's error log."""

    type_name: str
    message: str
    path: str | None


class Xsd:
    """The schema in `path`, compiled at first use and once. `bron` names it in findings.

    namespace: that of the schema. personal: local names of elements whose text is personal data. Raises ConfigurationError when `path` is no schema.
    """

    def __init__(self, path: Path, bron: str, namespace: str, personal: frozenset[str]) -> None:
        self.path = path
        self._namespace = namespace
        self.bron = bron
        self._personal = personal

    @cached_property
    def _schema(self) -> etree.XMLSchema:
        try:
            return etree.XMLSchema(
                etree.parse(str(self.path), etree.XMLParser(no_network=True, resolve_entities=False))
            )
        except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
            raise ConfigurationError(
                f"schema {self.path}: found {error}, expected a readable XSD; check the configured path"
            ) from error

    @cached_property
    def _plain(self) -> etree.XMLSchema:
        """The same schema without its target namespace, for trees whose one namespace was taken off."""
        text = self.path.read_text(encoding="utf-8")
        prefix = re.search(r'\sxmlns:(\w+)="([^"]*)"\s+targetNamespace="\2"', text)
        if prefix is None:
            raise ConfigurationError(f"schema {self.path}: expected xmlns:<prefix> and targetNamespace side by side")
        text = text.replace(prefix[0], "").replace(f'"{prefix[1]}:', '"')
        return etree.XMLSchema(etree.fromstring(text.encode()))

    def accepts_plain(self, root: etree._Element) -> bool:
        """Whether the tree of `Payload.plain_root` is valid. For a schema of our own, written with one prefix."""
        return self._plain.validate(root)

    def accepts(self, root: etree._Element) -> bool:
        """Whether the tree is valid, without saying what is wrong with it."""
        try:
            return self._schema.validate(root)
        except etree.XMLSchemaValidateError:
            return False

    def findings(self, root: etree._Element) -> list[Bevinding]:
        """What is wrong with the tree, in order of the document; empty when it is valid. At most MAX_FINDINGS."""
        try:
            if self._schema.validate(root):
                return []
        except etree.XMLSchemaValidateError:
            tekst = "Het bericht bevat iets dat tegen het schema niet te houden is; verwacht alleen elementen en tekst."
            return [fout("schema", "/", tekst, self.bron)]
        entries = cast(Iterable[_Entry], self._schema.error_log)
        return [self._finding(root, entry) for entry in islice(entries, MAX_FINDINGS)]

    def _finding(self, root: etree._Element, entry: _Entry) -> Bevinding:
        node = _node(root, entry.path or "")
        pad = path_of(node) if node is not None else printable(entry.path or "/", _TAIL)
        name = _local(node.tag) if node is not None else pad.rpartition("/")[2]
        value = (node.text or "") if node is not None and not len(node) else ""
        code, sentence, shown = _translate(entry.type_name, entry.message, name, value)
        if code == _ROOT:
            found = str(root.tag).rpartition("}")[0].removeprefix("{")
            sentence = f"gevonden namespace {quoted(found)}, verwacht '{self._namespace}'."
        return fout(
            code,
            pad,
            f"Veld {name}: {sentence}",
            self.bron,
            waarde=value if shown else None,
            persoonlijk=shown and name in self._personal,
        )


def path_of(node: etree._Element) -> str:
    """'/MaintenanceInstruction/InstructionData/InstructionLine[2]/Quantity': local names, positions where several."""
    steps: list[str] = []
    current: etree._Element | None = node
    while current is not None:
        step = _local(current.tag)
        before = sum(1 for _ in current.itersiblings(current.tag, preceding=True))
        if before or next(current.itersiblings(current.tag), None) is not None:
            step = f"{step}[{before + 1}]"
        steps.append(step)
        current = current.getparent()
    return "/" + "/".join(reversed(steps))


def _local(tag: str) -> str:
    """The local name as it can be shown: a name may be of any length and hold what cannot be printed."""
    return printable(tag.rpartition("}")[2])


def _node(root: etree._Element, path: str) -> etree._Element | None:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.xpath(path, namespaces=prefixes)
    except etree.XPathError:
        return None
    first = found[0] if isinstance(found, list) and found else None
    return first if isinstance(first, etree._Element) else None


def _translate(kind: str, message: str, name: str, value: str) -> tuple[str, str, bool]:
    """(code, sentence, whether the value is quoted in it) of one libxml2 error."""
    last = _LAST_QUOTED.search(message[-_TAIL:])
    number = last[1] if last else ""
    match kind:
        case "SCHEMAV_CVC_MAXLENGTH_VALID":
            sentence = f"gevonden {quoted(value)} ({len(value)} tekens), verwacht ten hoogste {number} tekens."
            return "waarde-te-lang", sentence, True
        case "SCHEMAV_CVC_MINLENGTH_VALID":
            return "waarde-te-kort", f"gevonden {quoted(value)}, verwacht ten minste {number} teken(s).", True
        case "SCHEMAV_CVC_LENGTH_VALID":
            return "waarde-lengte", f"gevonden {quoted(value)}, verwacht precies {number} tekens.", True
        case "SCHEMAV_CVC_PATTERN_VALID":
            expected = "13 cijfers" if name == "GLN" else f"de vorm {number}"
            return "waarde-vorm", f"gevonden {quoted(value)}, verwacht {expected}.", True
        case "SCHEMAV_CVC_ENUMERATION_VALID":
            codes = _CODES.findall(message[-_TAIL:].rpartition("element of the set")[2])
            return "code-onbekend", f"gevonden {quoted(value)}, verwacht een van {', '.join(codes)}.", True
        case "SCHEMAV_CVC_FRACTIONDIGITS_VALID":
            return "bedrag-vorm", f"gevonden {quoted(value)}, verwacht ten hoogste {number} decimalen.", True
        case "SCHEMAV_CVC_DATATYPE_VALID_1_2_1":
            return "waarde-soort", f"gevonden {quoted(value)}, verwacht {_TYPES.get(number, number)}.", True
        case "SCHEMAV_ELEMENT_CONTENT":
            return _content(message, name)
        case "SCHEMAV_CVC_ELT_1":
            return _ROOT, "", False
        case "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1" | "SCHEMAV_CVC_ELT_3_1" | "SCHEMAV_CVC_ELT_4_2":
            found = _ATTRIBUTE.search(message)
            attribute = _local(found[1]) if found else "nil"
            return "attribuut-onverwacht", f"gevonden attribuut {quoted(attribute)}, verwacht geen attributen.", False
        case "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
            return "tekst-onverwacht", "gevonden losse tekst tussen de elementen, verwacht alleen elementen.", False
        case "SCHEMAV_CVC_TYPE_3_1_2":
            return "element-onverwacht", "gevonden elementen binnen dit veld, verwacht alleen tekst.", False
        case _:
            return "schema", "voldoet niet aan het schema.", False


def _content(message: str, name: str) -> tuple[str, str, bool]:
    found = _EXPECTED.search(message)
    names = [_NAMESPACE.sub("", part).strip() for part in found[1].split(",")] if found else []
    expected = (names[0] if len(names) == 1 else f"een van {', '.join(names)}") if names else "hier geen element meer"
    if "Missing child" in message:
        return "element-ontbreekt", f"gevonden zonder verplicht onderdeel, verwacht daarin {expected}.", False
    return "element-onverwacht", f"gevonden {name} op een plaats waar het niet hoort, verwacht {expected}.", False
