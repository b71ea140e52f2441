"""Everything that travels. `registry` knows every document; a new document is added here and nowhere else."""

from topics.documents import besluit, factuur, keten, onderhoud
from topics.documents.document import Bevinding, Bewijs, Document, Ernst, Instant, Moment, Registry, ce_type, split_type
from topics.documents.keten import Account, Posting, Reden

registry = Registry()
registry.add(
    onderhoud.Opdracht,
    onderhoud.Status,
    onderhoud.Planning,
    onderhoud.Offerte,
    onderhoud.Mutatie,
    onderhoud.Eenheidsmelding,
    onderhoud.Eenheidsantwoord,
    onderhoud.Mutatiemelding,
    onderhoud.Onderaanneming,
    factuur.Factuur,
    factuur.Factuurstatus,
    factuur.Factuurdeel,
    factuur.Factuurantwoord,
    factuur.Factuurafronding,
    keten.Uitval,
    keten.Posting,
    keten.Klok,
    keten.Tik,
    keten.Watermerk,
    keten.Hervat,
    keten.Opschorting,
    keten.Persoon,
    keten.Dossier,
    keten.Doorlooptijd,
    keten.Signaal,
    besluit.Besluit,
    besluit.Besluitstand,
    keten.Factuurbeoordeling,
    keten.Kpi,
)
registry.upcaster("kpi", 1, dict)

encode = registry.encode
decode = registry.decode

__all__ = [
    "Account",
    "Bevinding",
    "Bewijs",
    "Document",
    "Ernst",
    "Instant",
    "Moment",
    "Posting",
    "Reden",
    "Registry",
    "besluit",
    "ce_type",
    "decode",
    "encode",
    "factuur",
    "keten",
    "onderhoud",
    "registry",
    "split_type",
]
