"""References that a person sets on an event of a log: they take the place of the sender's, and nothing else does. Pure."""

import msgspec

from topics.documents import Document
from topics.documents.besluit import Koppeling
from topics.documents.factuur import Factuur, Factuurregel
from topics.documents.onderhoud import Offerte, Planning, Status
from topics.keys import keten_of, order_key


def coupled(koppeling: Koppeling, key: str, document: Document) -> tuple[str, Document]:
    """The event with other references: of a message about one order it also moves to the dossier of that order."""
    if isinstance(document, (Status, Planning, Offerte)) and koppeling.opdrachtnummer:
        number = koppeling.opdrachtnummer.strip()
        moved = order_key(keten_of(key), document.opdrachtgever, number)
        return moved, msgspec.structs.replace(document, opdrachtnummer=number)
    if not isinstance(document, Factuur):
        return key, document
    former = former_order(document)
    lines = tuple([_line(line, koppeling, former) for line in document.regels])
    return key, msgspec.structs.replace(document, regels=lines, contract=koppeling.contract or document.contract)


def former_order(document: Factuur) -> str | None:
    """The order that the invoice is about, as far as its lines name one only: what a coupling as a whole replaces. Of an
    invoice of several orders each line keeps its own, unless that line is coupled."""
    named = {line.opdrachtnummer for line in document.regels if line.opdrachtnummer}
    return named.pop() if len(named) == 1 else None


def reaches(koppeling: Koppeling, document: Factuur) -> bool:
    """Whether the order number of the whole coupling would be set on any line."""
    former = former_order(document)
    return any(
        line.nummer not in koppeling.regels and line.opdrachtnummer in (None, former) for line in document.regels
    )


def _line(line: Factuurregel, koppeling: Koppeling, former: str | None) -> Factuurregel:
    number = koppeling.regels.get(line.nummer)
    if number is None and line.opdrachtnummer in (None, former):
        number = koppeling.opdrachtnummer
    return msgspec.structs.replace(line, opdrachtnummer=number) if number else line
