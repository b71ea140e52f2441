"""What goes wrong with invoices (FACTS 8, ONDERHOUD 5): in what they ask, in whose name, about which order, how often.

Each takes an order that is ready and can be invoiced, and says whether it lends itself to it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from adapters.generator.betwisting import betwist, credit_zonder_origineel, herstel_met_credit, klaar, simpel
from adapters.generator.factureren import opgemaakt
from adapters.generator.factuur import NORMAAL, Regel
from adapters.generator.kantoor import Kantoor
from adapters.generator.zaken import Zaak

Misser = Callable[[Kantoor, Zaak, Sequence[Zaak]], bool]
VREEMDE_IBAN: Final = "NL02KTNB0990000010"
VREEMDE_RECHTSPERSOON: Final = "NL879999044B01"
METER: Final = 1000
"""Of a metre, in cents."""
SPOOK: Final = "-9X"
"""Behind the number of an order: one that nobody gave."""


def totaal_omgewisseld(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """Two digits of the total changed places: refused, and sent again when its sender has seen it."""
    made = opgemaakt(kantoor, zaak) if klaar(zaak) else None
    wrong = None if made is None else _omgewisseld(made.te_betalen)
    if made is None or wrong is None:
        return False
    at = kantoor.nu(zaak)
    bad = replace(made, totaal_als=wrong)
    sent = kantoor.stuur((zaak,), bad, at, "factuur-totaal-omgewisseld", reden="ongeldig")
    if sent is not None:
        kantoor.stuur(
            (zaak,), made, sent + timedelta(hours=3), "factuur", "factuur-hersteld", berichtnummer=f"{made.nummer}-h"
        )
    return True


def _omgewisseld(total: int) -> int | None:
    text = str(total)
    for place in range(len(text) - 1):
        if text[place] != text[place + 1] and (place or text[place + 1] != "0"):
            return int(text[:place] + text[place + 1] + text[place] + text[place + 2 :])
    return None


def ander_nummer(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """The same once more under another number: perhaps a double."""
    if not klaar(zaak):
        return False
    made = opgemaakt(kantoor, zaak)
    sent = kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur")
    if sent is not None:
        again = replace(made, nummer=kantoor.nummer(zaak.aannemer))
        kantoor.stuur((zaak,), again, kantoor.werk(sent, 2, 30), "factuur-dubbel-ander-nummer")
    return True


def andere_inhoud(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """The same number with another charge: strijdig."""
    if not klaar(zaak):
        return False
    made = simpel(kantoor, zaak)
    sent = kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur")
    if sent is not None:
        first = replace(made.regels[0], prijs=made.regels[0].prijs + 100)
        other = replace(made, regels=(first, *made.regels[1:]))
        kantoor.stuur((zaak,), other, kantoor.werk(sent, 2, 20), "factuur-strijdig", berichtnummer=f"{made.nummer}-x")
    return True


def zelfde_bytes(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """The receipt got lost: the same bytes again."""
    if not klaar(zaak):
        return False
    made = opgemaakt(kantoor, zaak)
    sent = kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur")
    if sent is not None:
        kantoor.stuur((zaak,), made, kantoor.werk(sent, 1, 10), "factuur-zelfde-bytes", kopie=True)
    return True


def anders_geschreven(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """The same number and content in other bytes: dubbel."""
    if not klaar(zaak):
        return False
    made = opgemaakt(kantoor, zaak)
    sent = kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur")
    if sent is not None:
        kantoor.stuur((zaak,), made, kantoor.werk(sent, 1, 10), "factuur-anders-geschreven", schade="anders-geschreven")
    return True


def prijs_hoger(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """A price above what is agreed, and more than the tolerance of the pair."""
    if not klaar(zaak):
        return False
    made = simpel(kantoor, zaak)
    first = replace(made.regels[0], prijs=made.regels[0].prijs + 1000 * (2 if made.regels[0].aantal < 1 else 1))
    return betwist(kantoor, zaak, replace(made, regels=(first, *made.regels[1:])), "factuur-prijs-hoger")


def aantal_hoger(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """More of it than was ordered."""
    if not klaar(zaak) or zaak.opdracht.afspraak != "EHP":
        return False
    made = simpel(kantoor, zaak)
    last = replace(made.regels[-1], aantal=made.regels[-1].aantal + 2)
    return betwist(kantoor, zaak, replace(made, regels=(*made.regels[:-1], last)), "factuur-aantal-hoger")


def boven_plafond(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """More hours than the ceiling of the pair allows."""
    plafond = zaak.termen.plafond
    if not klaar(zaak) or zaak.opdracht.afspraak != "REG" or plafond is None or zaak.opdracht.bedrag is not None:
        # an order with prices has its own ceiling
        return False
    made = simpel(kantoor, zaak)
    hours = Decimal(plafond // 5840 + 4)
    first = replace(made.regels[0], aantal=hours)
    return betwist(kantoor, zaak, replace(made, regels=(first, *made.regels[1:])), "factuur-boven-plafond")


def code_onbekend(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """Beside what was ordered something with a code that the price book does not know any more."""
    if not klaar(zaak) or zaak.opdracht.afspraak != "EHP":
        return False
    made = simpel(kantoor, zaak)
    more = Regel(
        nummer="9", aantal=Decimal(1), prijs=3990, code="PB-009", opdracht=zaak.nummer, tarief=made.regels[0].tarief
    )
    return betwist(kantoor, zaak, replace(made, regels=(*made.regels, more)), "factuur-code-onbekend")


def binnen_tolerantie(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """A little dearer than agreed, within what the pair lets pass."""
    if not klaar(zaak) or zaak.termen.tolerantie < 100:
        return False
    made = simpel(kantoor, zaak)
    if made.regels[0].aantal != 1:
        return False
    first = replace(made.regels[0], prijs=made.regels[0].prijs + 60)
    made = replace(made, regels=(first, *made.regels[1:]))
    kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur", "factuur-binnen-tolerantie")
    return True


def meerwerk(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """With a line of extra work: approved, within the mandate, or never."""
    found = zaak.laatst
    asked = [int(amount * 100) for amount, ground in found.posten if ground in ("goedkeuring", "mandaat")]
    open_ = [int(feit.uiting.bedrag * 100) for feit in found.meerwerk_open if feit.uiting.bedrag is not None]
    if not klaar(zaak) or (not asked and not open_) or any(ground == "wijziging" for _, ground in found.posten):
        return False
    made = simpel(kantoor, zaak)
    more = Regel(
        nummer="8",
        aantal=Decimal(1),
        prijs=sum(asked) or sum(open_),
        opdracht=zaak.nummer,
        tarief=made.regels[0].tarief,
        meerwerk=True,
    )
    merk = "factuur-meerwerk" if asked else "factuur-meerwerk-zonder-akkoord"
    kantoor.stuur((zaak,), replace(made, regels=(*made.regels, more)), kantoor.nu(zaak), "factuur", merk)
    return True


def andere_eenheid(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """Delivered in pieces and priced by the metre, to the same amount: that is right."""
    order = zaak.opdracht
    if not klaar(zaak) or order.afspraak == "REG" or order.bedrag is None:
        return False
    made = simpel(kantoor, zaak)
    lines = [replace(one, geteld=(Decimal(one.bedrag) / METER, "MTR"), prijs=METER) for one in made.regels]
    return (
        kantoor.stuur((zaak,), replace(made, regels=tuple(lines)), kantoor.nu(zaak), "factuur", "factuur-meters")
        is not None
    )


def niet_verlegd(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """Taxed for a client that is its own builder: a finding, no refusal."""
    if not klaar(zaak) or not zaak.termen.eigenbouwer:
        return False
    made = simpel(kantoor, zaak)
    taxed = replace(made, regels=tuple(replace(regel, tarief=NORMAAL) for regel in made.regels))
    return kantoor.stuur((zaak,), taxed, kantoor.nu(zaak), "factuur", "factuur-niet-verlegd") is not None


def iban_onbekend(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """An account that the client does not know of this supplier: never released."""
    if not klaar(zaak):
        return False
    made = replace(simpel(kantoor, zaak), iban=VREEMDE_IBAN)
    return kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur", "factuur-iban-onbekend") is not None


def rechtspersoon_onbekend(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """In the name of another legal entity of the contractor, that the client does not know."""
    if not klaar(zaak):
        return False
    made = replace(simpel(kantoor, zaak), leverancier=VREEMDE_RECHTSPERSOON)
    return kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur", "factuur-rechtspersoon-onbekend") is not None


def opdrachtnummer_fout(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """The number of an order that does not exist: after the waiting time to a person."""
    if not klaar(zaak):
        return False
    made = simpel(kantoor, zaak)
    wrong = replace(made, regels=tuple(replace(one, opdracht=f"{zaak.nummer}{SPOOK}") for one in made.regels))
    key = f"{zaak.sleutel}{SPOOK}"
    return kantoor.stuur((zaak,), wrong, kantoor.nu(zaak), "factuur-opdrachtnummer-fout", keys=(key,)) is not None


def opdrachtnummer_deels_fout(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """One line is for an order that does not exist: the other is released meanwhile."""
    if not klaar(zaak) or zaak.opdracht.afspraak == "REG":
        return False
    made = simpel(kantoor, zaak)
    more = replace(made.regels[0], nummer="9", opdracht=f"{zaak.nummer}{SPOOK}")
    keys = (zaak.sleutel, f"{zaak.sleutel}{SPOOK}")
    both = replace(made, regels=(*made.regels, more))
    return kantoor.stuur((zaak,), both, kantoor.nu(zaak), "factuur", "factuur-opdracht-onbekend", keys=keys) is not None


def zonder_opdrachtnummer(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """No order, no contract: nobody can tell what it is for."""
    if not klaar(zaak):
        return False
    made = simpel(kantoor, zaak)
    bare = replace(made, regels=tuple(replace(regel, opdracht=None) for regel in made.regels))
    sent = kantoor.stuur(
        (zaak,), bare, kantoor.nu(zaak), "factuur-zonder-opdrachtnummer", keys=(), reden="zonder-sleutel"
    )
    return sent is not None


MISSERS: Final[tuple[Misser, ...]] = (
    totaal_omgewisseld,
    ander_nummer,
    prijs_hoger,
    aantal_hoger,
    iban_onbekend,
    zonder_opdrachtnummer,
    opdrachtnummer_fout,
    andere_inhoud,
    zelfde_bytes,
    anders_geschreven,
    code_onbekend,
    boven_plafond,
    binnen_tolerantie,
    rechtspersoon_onbekend,
    opdrachtnummer_deels_fout,
    andere_eenheid,
    niet_verlegd,
    herstel_met_credit,
    credit_zonder_origineel,
)
