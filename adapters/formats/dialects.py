"""The deviations from a standard that partners' software makes, by name: the words of `dialecten` in a profile.

A format reads what deviates in a way it knows and says which of these it took (`Deel.dialecten`), with a warning
`dialect-<name>` each. Whether that is taken from this sender is for its profile; rendering never deviates.
"""

from collections.abc import Iterable
from typing import Final

DIALECTEN: Final = {
    "afleverpartij-gln": "DeliveryParty met een GLN, dat de standaard daar niet kent; het wordt niet overgenomen",
    "arbeid-spelfout": "ABREID in plaats van ARBEID bij een factuurregel",
    "btw-spelling": "VATpercentage in plaats van VATPercentage",
    "contactgegevens": "Contactgegevens in plaats van ContactInformation in DeliveryParty",
    "cp1252": "bytes van windows-1252 zonder declaratie of onder een declaratie van UTF-8",
    "credit-met-min": "INSBOU: een creditnota (381) die haar bedragen met een min schrijft",
    "datum-dag-eerst": "een datum als 31-12-2026",
    "datum-jaar-kort": "een datum met een jaar van twee cijfers, die maar op één manier een datum is",
    "decimale-komma": "een getal als 12,5 of 1.234,56",
    "eindklantnummer-los": "EndCustomerOrderNumber buiten (INSBOU004: binnen) CustomerOrderReference",
    "lege-elementen": "lege elementen waar niets te melden is",
    "met-omhulsel": "INSBOU004 met de omhulsels van INSBOU003 (ProjectReference, ContractReference, …)",
    "namen-andere-versie": "namen van elementen van INSBOU004 in INSBOU003, of andersom",
    "regelkenmerk-spelfout": "LineIdentitfication in plaats van LineIdentification",
    "tijd-kort": "een tijd zonder seconden of zonder voorloopnul",
    "tijd-niet-utc": "VERA: een tijd met een andere zone dan Z",
    "tijd-zonder-zone": "VERA: een tijd zonder zone; gelezen als Nederlandse tijd",
    "zonder-omhulsel": "INSBOU003 zonder de omhulsels ProjectReference, ContractReference en AdditionalInformation",
}
"""Name and what it is."""


def unknown(names: Iterable[str]) -> tuple[str, ...]:
    """Which of `names` no format knows."""
    return tuple(name for name in names if name not in DIALECTEN)
