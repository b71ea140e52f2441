"""A vacancy: its steps from notice to keys out, and the orders that make the dwelling ready (ONDERHOUD 4)."""

from collections.abc import Mapping
from random import Random
from typing import Final

from msgspec.structs import replace

from adapters.generator.agenda import MAANDAG, Agenda
from adapters.generator.bericht import Opdracht, Uiting
from adapters.generator.kalender import DAY, moment
from adapters.generator.partners import Partner
from adapters.generator.regie import Gepland, Regie, Voorbij
from adapters.generator.verloop import gewoon, weigering, zonder_afspraak

KLANT: Final = "havermeer"
AANNEMERS: Final = ("kobalt-noord", "tegendraad", "meridiaan")
STAPPEN: Final = ("opgezegd", "voorinspectie", "sleutels-in", "eindinspectie", "opgeleverd", "sleutels-uit")


def leegstand(kans: Random, agenda: Agenda, partners: Mapping[str, Partner], volgnummer: int) -> list[Gepland]:
    """Everything that is told of vacancy `volgnummer`: two or three orders name it, the client tells its steps."""
    klant = partners[KLANT]
    number, unit = f"MT-W14-{volgnummer:04}", f"VHE-M{volgnummer:05}"
    told: list[Gepland] = []
    at = moment(MAANDAG + kans.randrange(4) * DAY, 8, kans.randrange(60))
    for order in range(1, kans.choice((3, 4))):
        told += _order(kans, agenda, partners, klant, (number, unit), order)
    for place, step in enumerate(STAPPEN):
        at = agenda.na_werkuren(kans, at, 0.2, 30)
        known = agenda.ontvangst(at)
        if known is None or (place > 3 and kans.random() < 0.2):
            break
        uiting = Uiting(
            soort="mutatie",
            partner=klant.id,
            afzender=klant.gln,
            klant=klant.gln,
            nummer="",
            berichtnummer=f"{number}-{place}",
            inhoud=f"{number}/{step}",
            gebeurd=at,
            stap=step,
            mutatie=number,
            eenheid=unit,
        )
        told.append(Gepland(uiting=uiting, op=known, merken=("mutatie",)))
    return told


def _order(
    kans: Random,
    agenda: Agenda,
    partners: Mapping[str, Partner],
    klant: Partner,
    waarvan: tuple[str, str],
    volgnummer: int,
) -> list[Gepland]:
    aannemer = partners[kans.choice(AANNEMERS)]
    terms = klant.termen[aannemer.gln]
    at = moment(MAANDAG + kans.randrange(5) * DAY, kans.randrange(8, 16), kans.randrange(60))
    opdracht = Opdracht(
        aannemer=aannemer.gln,
        termen=terms,
        datum=at,
        soort="MUT",
        noemt_urgentie=True,
        contract=terms.contracten[0],
        eenheid=waarvan[1],
        element=f"Ruimte{volgnummer}",
        mutatie=waarvan[0],
    )
    regie = Regie(kans, agenda, klant, aannemer, f"HM-{waarvan[0][3:]}-{volgnummer}", partners)
    try:
        regie.geef(replace(opdracht, datum=at), at, formaat="json", merken=("mutatie-opdracht",))
        # the first one is carried out, so that the dwelling becomes ready
        kans.choice((gewoon, zonder_afspraak) if volgnummer == 1 else (gewoon, zonder_afspraak, weigering))(regie)
    except Voorbij:
        pass
    return regie.gepland
