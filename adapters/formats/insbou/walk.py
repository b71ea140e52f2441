"""One walk over a valid tree: the texts of each part, personal data by its path, and what has no place.

The walk is flat. The schema has fixed the order of elements, so the element that opens a part says where the texts
after it belong; `version` says per element what to do with its text.
"""

from typing import Final

from lxml import etree

from adapters.formats.findings import waarschuwing
from adapters.formats.insbou.version import Elements, Part
from adapters.formats.xsd import path_of
from topics.documents import Bevinding

_FIELD, _PERSON, _FREE_TEXT, _PARTY, _PLACE, _CONTACT = (
    Part.FIELD, Part.PERSON, Part.FREE_TEXT, Part.PARTY, Part.PLACE, Part.CONTACT,
)  # fmt: skip
_LINE, _PROPOSAL, _BLOCK, _HEAD = Part.LINE, Part.PROPOSAL, Part.BLOCK, Part.HEAD
_SECTION, _SEVERAL, _WITHIN = Part.SECTION, Part.SEVERAL, Part.WITHIN
_NOWHERE: Final = "\0"
"""Path of personal data that is left out."""
_OF_PLACE: Final = "locatie.contact."
_VAT: Final = "VATInformation"
"""What may stand inside a part that has one of its own."""

Texts = dict[str, str]


class Walk:
    """What a walk gathered. Required texts are there and of their type by the schema.

    head: texts of the message; parties: per role; lines, proposals and sections (by name): in their order; unmapped:
    one element per name.
    """

    def __init__(self) -> None:
        self.head: Texts = {}
        self.personen: Texts = {}
        self.parties: dict[str, Texts] = {}
        self.lines: list[Texts] = []
        self.proposals: list[Texts] = []
        self.sections: dict[str, list[Texts]] = {}
        self.unmapped: dict[str, etree._Element] = {}

    def over(self, root: etree._Element, elements: Elements, *, keep_lines: bool) -> None:
        """keep_lines: whether what stands in a line is the line's own; in a response it repeats the order."""
        head, personen, lines = self.head, self.personen, self.lines
        owner, owned = texts, prefix = head, ""
        who, contacts, nowhere = "", 0, not keep_lines
        passed: etree._Element | None = None
        outer: etree._Element | None = None
        for element in root.iter():
            part, name = elements[element.tag]
            if part is _FIELD:
                texts[name] = element.text or ""
            elif part is _PERSON:
                personen[prefix + name] = element.text or ""
            elif part is _BLOCK or (part is _HEAD and not lines):
                texts, prefix = (owner, owned) if element is not passed else ({}, _NOWHERE)
                if name:
                    texts[name] = ""
            elif part is _LINE:
                owner = texts = {}
                lines.append(texts)
                owned = prefix = f"regel.{len(lines)}." if keep_lines else _NOWHERE
            elif part is _FREE_TEXT:
                personen[f"regel.{len(lines)}.tekst" if lines and keep_lines else "tekst"] = element.text or ""
            elif part is _PARTY:
                texts, prefix, who, contacts = {}, f"{name}.", name, 0
                self.parties[name] = texts
            elif part is _PLACE:
                texts, prefix, who = head, "locatie.", "locatie"
                texts[name] = ""
            elif part is _CONTACT:
                contacts += 1
                if prefix is not _NOWHERE:
                    prefix = _OF_PLACE if who == "locatie" else f"{who}.contact.{contacts}."
            elif part is _PROPOSAL and not lines:
                texts = {}
                self.proposals.append(texts)
            elif part is _SECTION:
                owner, owned = texts, prefix = {}, _NOWHERE
                self.sections.setdefault(name, []).append(texts)
            elif part is _SEVERAL:
                texts[name] = f"{texts[name]}\n{element.text or ''}" if name in texts else element.text or ""
            elif part is _WITHIN:
                texts, prefix, passed = owner, owned, element.find(_VAT)
            else:
                if part is not Part.ECHO and (prefix is not _NOWHERE or (keep_lines and _beside(element, outer))):
                    self.unmapped.setdefault(str(element.tag), element)
                if len(element):
                    texts, prefix, nowhere, outer = {}, _NOWHERE, True, element
        if nowhere:
            self._forget()
        if who == "locatie":
            self._contact_of_place()

    def _forget(self) -> None:
        for path in [path for path in self.personen if path.startswith(_NOWHERE)]:
            del self.personen[path]

    def _contact_of_place(self) -> None:
        """The contact's telephone and address are those of the place; its name too, when the place has none."""
        personen = self.personen
        for field in ("naam", "telefoon", "email"):
            text = personen.pop(_OF_PLACE + field, None)
            if text is not None:
                taken = field == "naam" and "locatie.naam" in personen
                personen["locatie.contactpersoon" if taken else f"locatie.{field}"] = text

    def left_out(self) -> list[Bevinding]:
        """A warning per name of what the schema allows and a Bericht has no place for."""
        found = []
        for name, element in self.unmapped.items():
            tekst = f"Veld {name}: gevonden en niet overgenomen; verwacht alleen velden die in kaart zijn."
            found.append(waarschuwing("element-niet-in-kaart", path_of(element), tekst))
        return found


def _beside(element: etree._Element, outer: etree._Element | None) -> bool:
    """Whether `element` is a neighbour of `outer`, so not inside it."""
    return outer is not None and element.getparent() is outer.getparent()
