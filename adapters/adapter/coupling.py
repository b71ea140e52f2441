"""References that a person set on a part that is sent again: they take the place of the sender's, and nothing else does."""

import msgspec

from adapters.message import Bericht, Deel, FactuurInhoud
from topics.documents.besluit import Koppeling


def coupled(deel: Deel, koppeling: Koppeling) -> Deel:
    """`deel` with the references of `koppeling`. One that was refused when it was read stays so."""
    bericht = deel.bericht
    if bericht is None:
        return deel
    former = bericht.opdrachtnummer
    if koppeling.opdrachtnummer:
        bericht = msgspec.structs.replace(bericht, opdrachtnummer=koppeling.opdrachtnummer.strip())
    if isinstance(bericht.inhoud, FactuurInhoud):
        bericht = _invoice(bericht, bericht.inhoud, koppeling, former)
    return msgspec.structs.replace(deel, bericht=bericht)


def _invoice(bericht: Bericht, inhoud: FactuurInhoud, koppeling: Koppeling, former: str) -> Bericht:
    """A line that names an order of its own keeps it, unless that line was coupled."""
    lines = []
    for line in inhoud.regels:
        number = koppeling.regels.get(line.nummer)
        if number is None and koppeling.opdrachtnummer and line.opdrachtnummer in (None, "", former):
            number = koppeling.opdrachtnummer
        lines.append(msgspec.structs.replace(line, opdrachtnummer=number.strip()) if number else line)
    contract = koppeling.contract or inhoud.contract
    return msgspec.structs.replace(
        bericht, inhoud=msgspec.structs.replace(inhoud, regels=tuple(lines), contract=contract)
    )
