"""Writing XML of INSBOU: elements by INSBOU003's names, and what every message has."""

from datetime import datetime
from decimal import Decimal
from typing import Final, cast

from lxml import etree

from adapters.formats.findings import fout
from adapters.formats.insbou.version import WRAPPERS, Version
from adapters.formats.moments import is_ambiguous
from topics.accounts import AMSTERDAM
from topics.documents import Bevinding, Moment

_CONTACT: Final = {"ContactPersonName": "naam", "PhoneNumber": "telefoon", "EmailAddress": "email"}
_ADDRESS: Final = ("straat", "huisnummer", "huisletter", "toevoeging")
_LATER: Final = {"City": "plaats", "PostalCode": "postcode", "Country": "land"}


class Writer:
    """Writes one message; what has no place becomes a misfit. left: personal data that is not written yet."""

    def __init__(self, version: Version, personen: dict[str, str]) -> None:
        self.version = version
        self.misfits: list[Bevinding] = []
        self.space = ""
        self.left = dict(personen)

    def misfit(self, pad: str, what: str) -> Bevinding:
        tekst = f"Veld {pad.rpartition('/')[2] or 'bericht'}: {what}."
        return fout("niet-uit-te-drukken", pad, tekst, self.version.version)

    def refuse(self, pad: str, wrong: bool, what: str) -> None:
        if wrong:
            self.misfits.append(self.misfit(pad, what))

    def unplaced(self) -> list[Bevinding]:
        """Personal fields for which the standard has no place."""
        return [self.misfit(f"/personen/{path}", "hiervoor kent de standaard geen element") for path in self.left]

    def root(self, document: str) -> etree._Element:
        space = self.version.namespaces[document]
        self.space = f"{{{space}}}" if space else ""
        nsmap = cast(dict[str, str], {None: space} if space else {})  # None is the default namespace
        return etree.Element(f"{self.space}{document}", nsmap=nsmap)

    def sub(self, parent: etree._Element, name: str) -> etree._Element:
        return etree.SubElement(parent, f"{self.space}{self.version.own(name)}")

    def put(self, parent: etree._Element, name: str, text: str | None) -> None:
        if text is not None:
            self.sub(parent, name).text = text

    def wrapped(self, parent: etree._Element, wrapper: str, texts: tuple[str | None, ...]) -> None:
        """In the wrapper that INSBOU003 has around these."""
        if any(text is not None for text in texts):
            owner = self.sub(parent, wrapper) if self.version.wrapped else parent
            for name, text in zip(WRAPPERS[wrapper], texts, strict=True):
                self.put(owner, name, text)

    def moment(self, parent: etree._Element, name: str, moment: Moment | None) -> None:
        """Local date, and time in the element beside it; with its offset only where the local time occurs twice."""
        if moment is None:
            return
        at: datetime = moment.op.astimezone(AMSTERDAM)
        self.put(parent, name, at.date().isoformat())
        if not moment.alleen_dag:
            offset = f"{at:%z}" if is_ambiguous(at) else ""
            zone = f"{offset[:3]}:{offset[3:]}" if offset else ""
            self.put(parent, name.replace("Date", "Time"), at.time().isoformat() + zone)

    def address(self, parent: etree._Element, who: str) -> None:
        pop = self.left.pop
        self.put(parent, "Name", pop(f"{who}.naam", None))
        self.put(parent, "Name2", pop(f"{who}.naam2", None))
        street, number, letter, suffix = (pop(f"{who}.{field}", None) for field in _ADDRESS)
        numbered = f"{number or ''}{letter or ''}" + (f"-{suffix}" if suffix else "")
        self.put(parent, "StreetAndNumber", " ".join(part for part in (street, numbered) if part) or None)
        for name, field in _LATER.items():
            self.put(parent, name, pop(f"{who}.{field}", None))

    def flag(self, parent: etree._Element, name: str, yes: bool | None) -> None:
        if yes is not None:
            self.put(parent, name, "J" if yes else "N")

    def party(self, root: etree._Element, name: str, gln: str | None) -> etree._Element:
        party = self.sub(root, name)
        self.put(party, "GLN", gln)
        return party

    def named(self, party: etree._Element, who: str) -> None:
        """Name, address and contacts."""
        self.address(party, who)
        for number in range(1, 6):
            self.contact(party, f"{who}.contact.{number}", _CONTACT)

    def place(self, root: etree._Element) -> etree._Element:
        """The place of work: who is there, where it is, how to reach them."""
        place = self.sub(root, "DeliveryParty")
        nameless = "locatie.contactpersoon" in self.left and "locatie.naam" not in self.left
        self.refuse("/locatie/contactpersoon", nameless, "gevonden zonder locatie.naam, verwacht dan locatie.naam")
        self.address(place, "locatie")
        self.put(place, "LocationDescription", self.left.pop("locatie.omschrijving", None))
        self.contact(place, "locatie", {**_CONTACT, "ContactPersonName": "contactpersoon"})
        return place

    def contact(self, parent: etree._Element, where: str, fields: dict[str, str]) -> None:
        found = {name: text for name, field in fields.items() if (text := self.left.pop(f"{where}.{field}", None))}
        if found:
            contact = self.sub(parent, "ContactInformation")
            for name, text in found.items():
                self.put(contact, name, text)


def plain(number: Decimal | None) -> str | None:
    """Without an exponent."""
    return None if number is None else f"{number:f}"
