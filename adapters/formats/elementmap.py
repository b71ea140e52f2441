"""XML read by a map of element paths: every text goes to its canonical field, and what no path names is reported."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml import etree

from adapters.formats.findings import MAX_FINDINGS, fout, printable, quoted, waarschuwing
from adapters.formats.moments import sentence
from adapters.formats.tolerances import EMPTY
from adapters.formats.xsd import path_of
from topics.documents import Bevinding

_ATTRIBUTES: Final = etree.XPath("//@*[namespace-uri() != 'http://www.w3.org/2001/XMLSchema-instance']/..")
_SIZE: Final = etree.XPath(
    "concat(count(descendant::*), ' ', "
    "count(descendant-or-self::*/@*[namespace-uri() != 'http://www.w3.org/2001/XMLSchema-instance']))"
)
"""Numbers of elements below the root and of attributes, in one go."""

_INSIDE: Final = etree.XPath("//*[*]")
_LOOSE: Final = etree.XPath("//text()[normalize-space()]/parent::*[*]")
_LOOKED_AT: Final = 2000
"""Elements inside one that is not mapped that are looked at; more paths than findings are never told."""


class Place:
    """An element by where it stands: the text of a `field`, the opening of a `group`, or what is around them.

    leaf: the last part of `field`. limit: characters of the text. personal: whether it goes to the personal data.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.field = self.leaf = self.group = ""
        self.limit = 0
        self.personal = False
        self.children: dict[str, Place] = {}

    def below(self, path: str, namespace: str) -> "Place":
        """The place at `path`, made where it is not there yet; found by its name with and without namespace."""
        place = self
        for name in path.split("/"):
            known = place.children.get(name)
            if known is None:
                known = place.children[name] = Place(name)
                if namespace:
                    place.children[f"{{{namespace}}}{name}"] = known
            place = known
        return place


class Opened:
    """One occurrence of a group, or the message itself: its texts by canonical field, and the groups inside it."""

    __slots__ = ("groups", "prefix", "texts")

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.texts: dict[str, str] = {}
        self.groups: dict[str, list[Opened]] = {}

    def open(self, group: str) -> "Opened":
        """A next occurrence of `group`. Its prefix begins the canonical paths of personal data: `bijlage.1.kenmerk.2.`"""
        found = self.groups.get(group)
        if found is None:
            found = self.groups[group] = []
        inside = group[group.rindex(".") + 1 :] if self.prefix else group
        opened = Opened(f"{self.prefix}{inside}.{len(found) + 1}.")
        found.append(opened)
        return opened


class Findings:
    """What was found wrong in one message, bounded; `dialects` names the deviations that were taken."""

    def __init__(self, source: str, warnings: list[Bevinding]) -> None:
        self.source = source
        self.all = list(warnings)
        self.dialects: dict[str, None] = {}
        self._errors = self._warnings = 0

    def at(self, element: etree._Element) -> str:
        """The path of `element`, not looked for any more when there are findings enough."""
        return path_of(element) if max(self._errors, self._warnings) <= MAX_FINDINGS else "/"

    def wrong(self, code: str, pad: str, what: str, found: str | None = None, *, personal: bool = False) -> None:
        """An error at `pad`; `what` goes on from the field's name."""
        self._errors += 1
        if self._errors <= MAX_FINDINGS + 1:
            tekst = f"Veld {pad.rpartition('/')[2]}: {what}"
            self.all.append(fout(code, pad, tekst, self.source, waarde=found, persoonlijk=personal))

    def odd(self, code: str, pad: str, what: str, found: str | None = None) -> None:
        """A warning at `pad`; `what` goes on from the field's name."""
        self._warn(code, pad, f"Veld {pad.rpartition('/')[2]}: {what}", found)

    def moment(self, oddity: str, pad: str, found: str) -> None:
        """A warning about a moment, with the code and sentence of `moments`."""
        self._warn(oddity, pad, sentence(oddity, pad.rpartition("/")[2], found), found)

    def deviates(self, name: str, pad: str, what: str) -> None:
        """A deviation from the standard that was taken: whether it may, is for the sender's profile."""
        self.dialects[name] = None
        self.odd(f"dialect-{name}", pad, what)

    def _warn(self, code: str, pad: str, tekst: str, found: str | None) -> None:
        self._warnings += 1
        if self._warnings <= MAX_FINDINGS + 1:
            self.all.append(waarschuwing(code, pad, tekst, waarde=found))


class Walk:
    """One message by one map: `message` its texts, `personen` its personal data, `unmapped` a finding per path that the
    map does not know."""

    def __init__(self, found: Findings) -> None:
        self._found = found
        self.message = Opened()
        self.personen: dict[str, str] = {}
        self.unmapped: dict[str, Bevinding] = {}
        self._passed = self._characters = 0

    def read(self, root: etree._Element, places: Place) -> None:
        """Reads all of it. Attributes, loose text and elements in a field are looked for one by one only where the
        number of elements or of characters says that there is something that the walk did not pass."""
        self._walk(root, places, self.message)
        if f"{self._passed} 0" == _SIZE(root) and self._characters == _length(root):
            return
        for element in _elements(_INSIDE(root)):
            if len(self.unmapped) <= MAX_FINDINGS and _is_field(element, places):
                self._unknown(element)
        for element in islice(_elements(_ATTRIBUTES(root)), MAX_FINDINGS):
            self._missing(f"{_path(element)}/@{printable(str(element.keys()[0]).rpartition('}')[2])}")
        for element in islice(_elements(_LOOSE(root)), MAX_FINDINGS):
            what = "gevonden losse tekst tussen de elementen, verwacht alleen elementen."
            self._found.wrong("tekst-onverwacht", self._found.at(element), what)

    def _walk(self, element: etree._Element, place: Place, opened: Opened) -> None:
        get, texts, personen, prefix = place.children.get, opened.texts, self.personen, opened.prefix
        self._passed += len(element)
        characters = 0
        for child in element:
            known = get(child.tag)
            if known is None:
                self._unknown(child)
                continue
            field = known.field
            if not field:
                self._walk(child, known, opened.open(known.group) if known.group else opened)
                continue
            text = child.text
            if not text or text.isspace():
                what = "gevonden niets (leeg), verwacht een waarde of geen element."
                self._found.deviates(EMPTY, self._found.at(child), what)
                continue
            size = len(text)
            characters += size
            if size > known.limit:
                what = f"gevonden {quoted(text)} ({size} tekens), verwacht ten hoogste {known.limit} tekens."
                self._found.wrong("waarde-te-lang", self._found.at(child), what, text, personal=True)
            if known.personal:
                where, key = personen, prefix + known.leaf if prefix else field
            else:
                where, key = texts, field
            if key in where:
                what = "meer dan een keer gevonden, verwacht een keer."
                self._found.wrong("element-dubbel", self._found.at(child), what)
            where[key] = text
        self._characters += characters

    def _unknown(self, element: etree._Element) -> None:
        for leaf in islice(element.iter(), _LOOKED_AT):
            if not len(leaf) and len(self.unmapped) <= MAX_FINDINGS:
                self._missing(_path(leaf))

    def _missing(self, pad: str) -> None:
        source = self._found.source
        tekst = f"Veld {pad.rpartition('/')[2]}: gevonden op een pad dat {source} niet kent; verwacht een kaart die het kent."
        self.unmapped.setdefault(pad, fout("niet-in-kaart", pad, tekst, source))


def _length(root: etree._Element) -> int:
    """Characters of all text in it."""
    return len(etree.tostring(root, encoding="unicode", method="text", with_tail=False))


def _path(element: etree._Element) -> str:
    """The path by names alone."""
    names = [printable(str(one.tag).rpartition("}")[2]) for one in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(names))


def _is_field(element: etree._Element, places: Place) -> bool:
    """Whether the map has a text where `element` stands."""
    place: Place | None = places
    for one in (*reversed([*element.iterancestors()][:-1]), element):
        place = place.children.get(one.tag) if place is not None else None
    return place is not None and bool(place.field)


def _elements(found: object) -> Iterator[etree._Element]:
    return (one for one in found if isinstance(one, etree._Element)) if isinstance(found, list) else iter(())
