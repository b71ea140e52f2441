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
_LINE, _PROPOSAL, _BLOCK, _HEAD, _UNMAPPED = Part.LINE, Part.PROPOSAL, Part.BLOCK, Part.HEAD, Part.UNMAPPED
_NOWHERE: Final = "\0"
"""Path of personal data that is left out."""
_OF_PLACE: Final = "locatie.contact."

Texts = dict[str, str]


class Walk:
    """What a walk gathered. Required texts are there and of their type by the schema.

    head: texts of the message; parties: per role; lines and proposals: in their order; unmapped: one element per name.
    """

    def __init__(self) -> None:
        self.head: Texts = {}
        self.personen: Texts = {}
        self.parties: dict[str, Texts] = {}
        self.lines: list[Texts] = []
        self.proposals: list[Texts] = []
        self.unmapped: dict[str, etree._Element] = {}

    def over(self, root: etree._Element, elements: Elements, *, keep_lines: bool) -> None:
        """keep_lines: whether what stands in a line is the line's own; in a response it repeats the order."""
        head, personen, lines = self.head, self.personen, self.lines
        texts, prefix, who = head, "", ""
        contacts, nowhere = 0, not keep_lines
        for element in root.iter():
            part, name = elements[element.tag]
            if part is _FIELD:
                texts[name] = element.text or ""
            elif part is _PERSON:
                personen[prefix + name] = element.text or ""
            elif part is _BLOCK or (part is _HEAD and not lines):
                texts, prefix = (lines[-1], f"regel.{len(lines)}.") if lines else (head, "")
                if name:
                    texts[name] = ""
            elif part is _LINE:
                texts = {}
                lines.append(texts)
                prefix = f"regel.{len(lines)}." if keep_lines else _NOWHERE
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
            else:
                if part is not Part.ECHO and prefix is not _NOWHERE:
                    self.unmapped.setdefault(str(element.tag), element)
                if len(element):
                    texts, prefix, nowhere = {}, _NOWHERE, True
        if nowhere:
            for path in [path for path in personen if path.startswith(_NOWHERE)]:
                del personen[path]
        if who == "locatie":
            self._contact_of_place()

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
