"""What was released of invoices, as everyone who reads the topic has seen it."""

from collections import defaultdict
from decimal import Decimal

from topics import documents
from topics.catalogue.declarations import FACTUURBEOORDELING
from topics.documents.keten import Factuurbeoordeling
from topics.kafka import open_reader


async def assessments(bootstrap: str) -> dict[str, list[Factuurbeoordeling]]:
    """Every assessment of every invoice, in order."""
    found: dict[str, list[Factuurbeoordeling]] = defaultdict(list)
    async with open_reader(bootstrap, [FACTUURBEOORDELING]) as reader:
        async for record in reader.to_end():
            document = documents.decode(record.envelope().type, record.value or b"")
            assert isinstance(document, Factuurbeoordeling)
            found[document.dossier].append(document)
    return found


def released_per_order(found: dict[str, list[Factuurbeoordeling]]) -> dict[str, Decimal]:
    """In euro including VAT, of invoices that are each for one order."""
    released: dict[str, Decimal] = defaultdict(Decimal)
    for revisions in found.values():
        last = revisions[-1]
        (order,) = {line.dossier for line in last.regels}
        released[order or ""] += last.vrijgegeven
    return released
