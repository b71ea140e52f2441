"""The contractor: it reports what becomes of an order and invoices it; what it subcontracts it orders itself, as the client."""

from adapters.kinds.kind import Kind, Partij

AANNEMER = Kind(
    name="aannemer",
    what="aannemer: meldt voortgang en planning van opdrachten, en factureert ze",
    spreekt_als=Partij.AANNEMER,
    documenten=(
        "onderhoud.opdracht",
        "onderhoud.status",
        "onderhoud.planning",
        "onderhoud.offerte",
        "onderhoud.factuur",
        "onderhoud.factuurstatus",
    ),
    formaten=("dico-projectprofiel", "insbou003", "insbou004", "json", "ubl"),
)
