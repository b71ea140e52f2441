"""The housing corporation: it orders, answers, cancels and pays."""

from adapters.kinds.kind import Kind, Partij

CORPORATIE = Kind(
    name="corporatie",
    what="woningcorporatie: geeft opdrachten, reageert erop en betaalt ze",
    spreekt_als=Partij.OPDRACHTGEVER,
    documenten=(
        "onderhoud.opdracht",
        "onderhoud.status",
        "onderhoud.planning",
        "onderhoud.offerte",
        "onderhoud.mutatie",
        "onderhoud.factuurstatus",
    ),
    formaten=("dico", "insbou003", "insbou004", "json"),
)
