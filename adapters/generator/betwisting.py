"""What is disputed of an invoice and how that ends; credits, and an invoice that is made anew (ONDERHOUD 5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from adapters.generator.factureren import betaald, tarief_van, vraagbaar
from adapters.generator.factuur import Factuur, Regel
from adapters.generator.kantoor import Kantoor
from adapters.generator.zaken import Zaak, regels_van


def klaar(zaak: Zaak) -> bool:
    """Whether it is ready and something can be asked for it."""
    return vraagbaar(zaak) and zaak.gereed is not None


def simpel(kantoor: Kantoor, zaak: Zaak) -> Factuur:
    """All of it at one rate, without charges: what is disputed of it can be told by hand."""
    regels = regels_van(zaak, kantoor.kans, tarief_van(kantoor, zaak))
    return kantoor.factuur((zaak,), regels, kantoor.nu(zaak))


def herstel_met_credit(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """Wholly credited, and invoiced anew."""
    if not klaar(zaak) or zaak.opdracht.afspraak == "REG":
        return False
    made = simpel(kantoor, zaak)
    sent = kantoor.stuur((zaak,), made, kantoor.nu(zaak), "factuur")
    if sent is None:
        return True
    at = kantoor.werk(sent, 4, 20)
    credit = terug(kantoor, zaak, made, made.regels, at)
    back = kantoor.stuur((zaak,), credit, at, "factuur", "credit-381")
    if back is not None:
        anew = replace(made, nummer=kantoor.nummer(zaak.aannemer), datum=made.datum + timedelta(days=1))
        kantoor.stuur((zaak,), anew, kantoor.werk(back, 12, 20), "factuur", "factuur-na-credit")
    return True


def credit_zonder_origineel(kantoor: Kantoor, zaak: Zaak, _: Sequence[Zaak]) -> bool:
    """A credit about an invoice that nobody sent."""
    if not klaar(zaak):
        return False
    made = simpel(kantoor, zaak)
    at = kantoor.nu(zaak)
    credit = replace(terug(kantoor, zaak, made, made.regels, at), verwijst_naar="NOOIT-VERZONDEN")
    return kantoor.stuur((zaak,), credit, at, "factuur", "credit-zonder-origineel") is not None


def betwist(kantoor: Kantoor, zaak: Zaak, factuur: Factuur, merk: str) -> bool:
    """What is disputed ends by a credit, acceptance or withdrawal, or not at all."""
    sent = kantoor.stuur((zaak,), factuur, kantoor.nu(zaak), "factuur", merk)
    if sent is None:
        return True
    at = kantoor.werk(sent, 6, 30)
    match kantoor.kans.choice(("credit-381", "credit-380", "geaccepteerd", "ingetrokken", None)):
        case "credit-381" | "credit-380" as soort:
            back = terug(kantoor, zaak, factuur, te_veel(zaak, factuur), at)
            kantoor.stuur((zaak,), replace(back, typecode=soort[-3:]), at, "factuur", soort)
        case "geaccepteerd":
            kantoor.stap(zaak.klant, (zaak,), factuur, "geaccepteerd", at, "factuur-geaccepteerd")
        case "ingetrokken":
            kantoor.stap(zaak.aannemer, (zaak,), factuur, "ingetrokken", at, "factuur-ingetrokken")
        case _:
            betaald(kantoor, (zaak,), factuur, sent)
    return True


def te_veel(zaak: Zaak, factuur: Factuur) -> tuple[Regel, ...]:
    """What is to be credited: the line that is too much, as far as it is."""
    ordered, found = Decimal(zaak.opdracht.aantal), []
    for regel in factuur.regels:
        rate = zaak.termen.prijzen.get(regel.code or "")
        if rate is None:
            found.append(regel)
        elif regel.prijs > rate:
            found.append(replace(regel, prijs=regel.prijs - rate))
        elif regel.aantal > ordered and zaak.opdracht.afspraak != "REG":
            found.append(replace(regel, aantal=regel.aantal - ordered))
    return tuple(found) or (replace(factuur.regels[0], aantal=Decimal(1)),)


def terug(kantoor: Kantoor, zaak: Zaak, factuur: Factuur, regels: Sequence[Regel], at: datetime) -> Factuur:
    """A credit note for `regels` of `factuur`."""
    back = [replace(regel, aantal=-regel.aantal) for regel in regels]
    return kantoor.factuur((zaak,), back, at, typecode="381", verwijst_naar=factuur.nummer, vervalt=None)
