"""Own checks on an invoice: whether its amounts agree with each other, and what is seldom meant.

One list for every format; a format only says how it names a place. Amounts that contradict each other are errors, for
nobody but the sender may change them (ONDERHOUD 5); the rest are warnings. Codes: README.md of this folder.
"""

from collections.abc import Callable
from decimal import Decimal

from adapters.formats.findings import OWN_CHECK, fout
from adapters.message import FactuurInhoud
from topics.documents import Bevinding

Where = Callable[[str], str]
"""From a canonical path ('regel.2.bedrag', 'btw.1.grondslag', 'te_betalen') to the path in the partner's message."""


def check_invoice(inhoud: FactuurInhoud, where: Where) -> list[Bevinding]:
    """The findings on `inhoud`; one of severity `fout` refuses the message as `ongeldig`."""
    found: list[Bevinding] = []
    lines = sum((line.bedrag for line in inhoud.regels), Decimal(0))
    if lines != inhoud.netto:
        tekst = f"Veld netto: gevonden {inhoud.netto}, verwacht {lines}, de som van de regels."
        found.append(fout("netto-som", where("netto"), tekst, OWN_CHECK, waarde=str(inhoud.netto)))
    return found
