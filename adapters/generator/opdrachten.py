"""The orders of the week: who orders what from whom, how urgently, and in which format."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

import msgspec
from msgspec.structs import replace

from adapters.generator.agenda import MAANDAG
from adapters.generator.bericht import Opdracht
from adapters.generator.kalender import DAY, moment
from adapters.generator.partners import Partner

PAREN: Final = (
    ("zilverlinde", "kobalt-noord", 28),
    ("zilverlinde", "tegendraad", 12),
    ("zilverlinde", "meridiaan", 15),
    ("zilverlinde", "oudewal", 8),
    ("havermeer", "kobalt-noord", 16),
    ("havermeer", "tegendraad", 8),
    ("havermeer", "meridiaan", 13),
)
"""Client, aannemer, weight."""
ZONDER_URGENTIE: Final = ("dico", "insbou004")
"""Standards that have no place for an urgency, nor for prices here."""
VOORVOEGSEL: Final = {"zilverlinde": "ZL", "havermeer": "HM", "meridiaan": "MD"}
ELEMENTEN: Final = ("Kraan", "Radiator", "Deur", "Kozijn", "Dakgoot", "Ketel", "Toilet", "Slot")


class Bestelling(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is given: when, in which format, under which number."""

    nummer: str
    opdracht: Opdracht
    verzonden: datetime
    formaat: str


def bestel(
    kans: Random, klant: Partner, aannemer: Partner, volgnummer: int, eerder: Sequence[Opdracht] = ()
) -> Bestelling:
    """An order of `klant` for `aannemer` somewhere in the working week, with an urgency that its format can tell.

    Now and then the same element of the same dwelling as one of `eerder`, of this client, is broken again.
    """
    urgentie = kans.choices(("spoed", "urgent", "regulier"), (12, 18, 70))[0]
    formaat = _formaat(kans, klant, aannemer)
    at = _moment(kans, urgentie)
    terms = klant.termen[aannemer.gln]
    contract, needed = terms.contracten[0], None
    if formaat in ZONDER_URGENTIE:
        contract, needed = _marked(kans, klant, terms.contracten, urgentie, at)
    soort = kans.choices(("REP", "MUT", "INS", "PRE"), (84, 7, 6, 3))[0]
    opdracht = Opdracht(
        aannemer=aannemer.gln,
        termen=terms,
        datum=at,
        soort="REP" if formaat != "json" and soort == "PRE" else soort,
        afspraak=kans.choice(("EHP", "REG", "ANS", "AFK")),
        specificatie="GAR" if formaat != "vera" and kans.random() < 0.03 else None,
        urgentie=urgentie,
        noemt_urgentie=formaat not in ZONDER_URGENTIE,
        afgeleid=formaat in ZONDER_URGENTIE and urgentie == "regulier",
        prijzen=formaat not in ZONDER_URGENTIE,
        contract=contract,
        gemeld_op=at - timedelta(minutes=kans.randrange(5, 2000))
        if formaat == "json" and kans.random() < 0.4
        else None,
        gereed_uiterlijk=needed,
        eenheid=f"VHE-{kans.randrange(1, 100_000):06}",
        element=kans.choice(ELEMENTEN),
        element_los=formaat == "vera",
        regels=kans.randrange(1, 5),
        aantal=kans.choice(("1", "2", "0.8", "12.5")),
    )
    if eerder and kans.random() < 0.12:
        former = kans.choice(eerder)
        opdracht = replace(opdracht, eenheid=former.eenheid, element=former.element)
    return Bestelling(
        nummer=f"{VOORVOEGSEL[klant.id]}-W14-{volgnummer:05}",
        opdracht=opdracht,
        verzonden=at + timedelta(minutes=kans.choice((0, 1, 4, 15))),
        formaat=formaat,
    )


def _formaat(kans: Random, klant: Partner, aannemer: Partner) -> str:
    """Each client's own; to who is old-fashioned in what that one reads, and some things by a portal in plain JSON."""
    if klant.id == "meridiaan" or kans.random() < 0.15:
        return "json"
    if klant.id == "havermeer":
        return "vera" if "vera" in klant.formaten else "json"
    return "insbou004" if aannemer.id == "oudewal" else "dico"


def _moment(kans: Random, urgentie: str) -> datetime:
    """Within the working week; what is urgent also comes in the evening."""
    day = MAANDAG + kans.randrange(5) * DAY
    hour = kans.randrange(6, 21) if urgentie == "spoed" else kans.randrange(7, 17)
    return moment(day, hour, kans.randrange(60))


def _marked(
    kans: Random, klant: Partner, contracten: tuple[str, ...], urgentie: str, at: datetime
) -> tuple[str, datetime | None]:
    """The standard knows no urgency: a contract or the required delivery tells it, by the rules of the client."""
    urgent = [one for one in contracten if klant.urgenties.get(f"contract:{one}") == urgentie]
    if urgent and kans.random() < 0.5:
        return urgent[0], None
    hours = {"spoed": 20, "urgent": 60}.get(urgentie)
    if hours is not None:
        return contracten[0], at + timedelta(hours=hours)
    return contracten[0], at + 14 * DAY if kans.random() < 0.5 else None
