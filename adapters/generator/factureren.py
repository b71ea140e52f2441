"""How what was ordered is invoiced when nothing is wrong with the invoice itself: when, how many, and how it is paid.

Whether it is right to ask follows from the order: the ledger says what becomes of it.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from adapters.generator.factuur import LAAG, NORMAAL, VERLEGD, Factuur, Regel, Tarief, Toeslag
from adapters.generator.kalender import DAY, SECOND
from adapters.generator.kantoor import Kantoor
from adapters.generator.zaken import Zaak, regels_van

APRIL: Final = (date(2026, 4, 1), date(2026, 4, 30))
HALF_MEI: Final = (date(2026, 5, 1), date(2026, 5, 15))
Gang = Callable[[Kantoor, Zaak, Sequence[Zaak]], bool]
"""Invoices an order, or several of the same pair; False when it does not lend itself to it."""


def tarief_van(kantoor: Kantoor, zaak: Zaak) -> Tarief:
    if zaak.termen.eigenbouwer:
        return VERLEGD
    return kantoor.kans.choices((NORMAAL, LAAG), (4, 1))[0]


def vraagbaar(zaak: Zaak) -> bool:
    """Whether what it comes to is agreed: of a sum (ANS) somebody must have said how much."""
    order = zaak.opdracht
    if order.specificatie == "GAR" or order.afspraak == "AFK" or zaak.vervallen is not None:
        return False
    return order.afspraak == "REG" or (order.regels > 0 and (order.afspraak == "EHP" or order.bedrag is not None))


def opgemaakt(kantoor: Kantoor, zaak: Zaak) -> Factuur:
    """One invoice of all of it, now and then with a charge, a rounding or a part for the G-account."""
    kans, tarief = kantoor.kans, tarief_van(kantoor, zaak)
    regels = regels_van(zaak, kans, tarief)
    if tarief == NORMAAL and len(regels) > 1 and kans.random() < 0.3:
        # labour of some work has the low rate, and so the invoice has two
        regels = [replace(regel, tarief=LAAG if place % 2 == 0 else NORMAAL) for place, regel in enumerate(regels)]
    made = kantoor.factuur((zaak,), regels, kantoor.nu(zaak))
    if kans.random() < 0.15:
        made = replace(made, toeslagen=(Toeslag(bedrag=kans.choice((495, 1250, 2500)), tarief=regels[0].tarief),))
    if len(made.tarieven) == 1 and kans.random() < 0.15:
        made = replace(made, afronding=round(made.te_betalen / 5) * 5 - made.te_betalen)
    if zaak.termen.g_ibans and tarief != VERLEGD and kans.random() < 0.2:
        made = replace(
            made, g_iban=zaak.termen.g_ibans[0], g_bedrag=made.te_betalen // 4, g_arbeid=zaak.termen.g_arbeid
        )
    return made


def gewoon(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """After the work was ready, or the order closed; paid in a few days."""
    if not vraagbaar(zaak) or zaak.gereed is None:
        return False
    made = opgemaakt(kantoor, zaak)
    merken = tuple(name for name, there in (
        ("factuur-toeslag", made.toeslagen), ("factuur-afronding", made.afronding), ("g-rekening", made.g_bedrag),
        ("btw-gemengd", len(made.tarieven) > 1), ("btw-verlegd", VERLEGD in made.tarieven),
    ) if there)  # fmt: skip
    sent = kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur", *merken)
    if sent is not None:
        betaald(kantoor, (zaak,), made, sent)
    return True


def betaald(kantoor: Kantoor, zaken: Sequence[Zaak], factuur: Factuur, sent: datetime) -> None:
    """The client's ERP answers: put up for payment, and paid."""
    kans, klant = kantoor.kans, zaken[0].klant
    if kans.random() < 0.2:
        return
    said = kantoor.stap(
        klant, zaken, factuur, "betaalbaar-gesteld", kantoor.werk(sent, 2, 30), "betaalbaar", bedrag=factuur.te_betalen
    )
    if said is not None and kans.random() < 0.8:
        kantoor.stap(
            klant, zaken, factuur, "betaald", said + kans.choice((2, 5, 8)) * DAY, "betaald", bedrag=factuur.te_betalen
        )


def verzameld(kantoor: Kantoor, zaak: Zaak, andere: Sequence[Zaak]) -> bool:
    """One invoice over several orders of the pair that are ready."""
    if zaak.gereed is None or not vraagbaar(zaak):
        return False
    found = [one for one in andere if vraagbaar(one) and one.gereed is not None][: kantoor.kans.choice((1, 2, 3))]
    if not found:
        return False
    zaken = (zaak, *found)
    at = max(kantoor.nu(one) for one in zaken)
    tarief = tarief_van(kantoor, zaak)
    regels: list[Regel] = []
    for one in zaken:
        regels += regels_van(one, kantoor.kans, tarief, eerste=len(regels) + 1)
    made = kantoor.factuur(zaken, regels, at)
    sent = kantoor.stuur(zaken, made, at, "factuur", "factuur-verzameld")
    if sent is not None:
        betaald(kantoor, zaken, made, sent)
    return True


def in_delen(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """An invoice per line of the order."""
    order = zaak.opdracht
    if zaak.gereed is None or not vraagbaar(zaak) or order.afspraak == "REG" or order.regels < 2:
        return False
    tarief, at = tarief_van(kantoor, zaak), kantoor.nu(zaak)
    for regel in regels_van(zaak, kantoor.kans, tarief):
        made = kantoor.factuur((zaak,), (replace(regel, nummer="1"),), at)
        sent = kantoor.stuur((zaak,), made, at, "factuur", "factuur-in-delen")
        if sent is None:
            break
        # two of the same amount on one day might be doubles
        at = kantoor.werk(sent + DAY, 1, 12)
    return True


def voor_gereed(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """Before the work is ready: disputed until it is."""
    if not vraagbaar(zaak):
        return False
    at = kantoor.agenda.ontvangst(zaak.besteld + SECOND)
    if at is None or (zaak.gereed is not None and at >= zaak.gereed):
        return False
    made = kantoor.factuur((zaak,), regels_van(zaak, kantoor.kans, tarief_van(kantoor, zaak)), at)
    return kantoor.stuur((zaak,), made, at, "factuur", "factuur-voor-gereed") is not None


def voor_opdracht(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """Before the bus knows of the order, that was given by telephone: it waits."""
    if not vraagbaar(zaak):
        return False
    at = zaak.besteld - timedelta(hours=kantoor.kans.choice((2, 4, 20)))
    first = kantoor.agenda.momenten[0]
    if at < first:
        return False
    made = kantoor.factuur((zaak,), regels_van(zaak, kantoor.kans, tarief_van(kantoor, zaak)), at)
    if (found := kantoor.vrij(at, zaak.sleutel)) is None or found >= zaak.besteld:
        return False
    kantoor.stuur((zaak,), made, at, "factuur", "factuur-voor-opdracht")
    return True


def na_annulering(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """For what was cancelled or refused; some see it and take it back."""
    if zaak.vervallen is None or zaak.opdracht.regels == 0 or zaak.opdracht.specificatie == "GAR":
        return False
    at = kantoor.werk(zaak.vervallen, 2, 20)
    made = kantoor.factuur((zaak,), regels_van(zaak, kantoor.kans, tarief_van(kantoor, zaak)), at)
    sent = kantoor.stuur((zaak,), made, at, "factuur", "factuur-na-annulering")
    if sent is not None and kantoor.kans.random() < 0.5:
        kantoor.stap(zaak.aannemer, (zaak,), made, "ingetrokken", kantoor.werk(sent, 4, 20), "factuur-ingetrokken")
    return True


def garantie(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """For work under guarantee: any amount is disputed."""
    if zaak.opdracht.specificatie != "GAR" or zaak.gereed is None or zaak.opdracht.regels == 0:
        return False
    made = kantoor.factuur((zaak,), regels_van(zaak, kantoor.kans, tarief_van(kantoor, zaak)), kantoor.nu(zaak))
    return kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur", "factuur-garantie") is not None


def los_bij_afkoop(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """For an order that the periodic invoice of its contract covers."""
    order = zaak.opdracht
    if order.afspraak != "AFK" or order.specificatie == "GAR" or zaak.gereed is None or order.regels == 0:
        return False
    if kantoor.kans.random() > 0.25:
        return False
    made = kantoor.factuur((zaak,), regels_van(zaak, kantoor.kans, tarief_van(kantoor, zaak)), kantoor.nu(zaak))
    return kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur", "factuur-los-bij-afkoop") is not None


def periodiek(
    kantoor: Kantoor,
    zaak: Zaak,
    contract: str,
    bedrag: int,
    merk: str,
    *,
    dagen: int = 0,
    periode: tuple[date, date] = APRIL,
) -> None:
    """What a contract is bought off for, by one of its orders: an invoice for April, in advance, that names no order."""
    at = kantoor.agenda.momenten[0] + timedelta(days=3 + dagen)
    regel = Regel(nummer="1", aantal=Decimal(1), prijs=bedrag, tarief=tarief_van(kantoor, zaak))
    made = kantoor.factuur((zaak,), (regel,), at, contract=contract, periode=periode)
    key = f"onderhoud/contract/{zaak.klant.gln}/{contract}"
    kantoor.stuur((zaak,), made, at, "factuur", merk, keys=(key,))
