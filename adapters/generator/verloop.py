"""How ordinary orders go: the usual way, and the ways in which they do not. One function per course (see `lopen.py`)."""

from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from adapters.generator.regie import Regie
from adapters.generator.stappen import aanname, afspraak, bezoek, gereed


def gewoon(regie: Regie) -> None:
    """Accepted, planned, visited, ready, closed."""
    aanname(regie)
    bezoek(regie, afspraak(regie))
    gereed(regie)


def zonder_afspraak(regie: Regie) -> None:
    """Accepted and done without telling of any appointment."""
    aanname(regie)
    gereed(regie, uren=(3, 30))


def niet_thuis(regie: Regie) -> None:
    """The tenant is not at home; a new appointment; done."""
    aanname(regie)
    slot = afspraak(regie)
    regie.nu = max(regie.nu, slot.begin)
    regie.planning(regie.aannemer, replace(slot, soort="gemist", door="huurder", reden="BNT"), merken=("no-show",))
    regie.status(regie.aannemer, "OND", "BNT", uren=(0.1, 1), merken=("no-show",))
    regie.nu += timedelta(days=regie.kans.choice((1, 2, 5)))
    again = regie.slot("afgesproken", (6, 20))
    regie.planning(regie.aannemer, again)
    regie.status(regie.aannemer, "ACC", "AFH" if regie.kans.random() < 0.5 else None, uren=(0.1, 1))
    bezoek(regie, again)
    gereed(regie)


def niet_verschenen(regie: Regie) -> None:
    """The aannemer itself does not come: no code says so, a slot does."""
    aanname(regie)
    slot = afspraak(regie)
    regie.nu = max(regie.nu, slot.begin)
    regie.planning(
        regie.aannemer,
        replace(slot, soort="gemist", door="aannemer", reden="niet-verschenen"),
        merken=("aannemer-niet-verschenen",),
    )
    again = regie.slot("verplaatst", (8, 20), door="aannemer")
    regie.planning(regie.aannemer, replace(again, vorig_begin=slot.begin))
    bezoek(regie, again)
    gereed(regie)


def wens_bewoner(regie: Regie) -> None:
    """The tenant has to call back, is not reached, or wants it later."""
    aanname(regie)
    offered = regie.slot("aangeboden", (8, 24))
    regie.planning(regie.aannemer, offered)
    regie.status(regie.aannemer, "OND", regie.kans.choice(("BBT", "AFN", "VBW")), uren=(1, 6))
    regie.nu += timedelta(days=regie.kans.choice((1, 3, 6)))
    slot = regie.slot("afgesproken", (6, 20))
    regie.planning(regie.aannemer, slot)
    regie.status(regie.aannemer, "ACC", uren=(0.1, 0.5))
    bezoek(regie, slot)
    gereed(regie)


def materiaal(regie: Regie) -> None:
    """Material on order, or a part that cannot be had: the clock runs on."""
    aanname(regie)
    regie.status(regie.aannemer, "OND", regie.kans.choice(("MIB", "OHD")), uren=(4, 20))
    gereed(regie, uren=(8, 60))


def weer(regie: Regie) -> None:
    """Nobody can help the weather."""
    aanname(regie)
    regie.status(regie.aannemer, "OND", "AFW", uren=(4, 16))
    regie.status(regie.aannemer, "ACC", uren=(8, 24))
    gereed(regie, uren=(4, 16))


def meerwerk(regie: Regie) -> None:
    """Extra work, a supervisor, or work by another first: the client has to act."""
    aanname(regie)
    detail = regie.kans.choice(("AVW", "AVW", "AFR", "AWE"))
    amount = Decimal(regie.kans.randrange(40, 900)) if detail == "AVW" else None
    regie.status(regie.aannemer, "OND", detail, uren=(4, 16), bedrag=amount, merken=("meerwerk",) if amount else ())
    if regie.kans.random() < 0.85:
        regie.status(regie.klant, "REA", uren=(2, 14), bedrag=amount)
    else:
        regie.status(regie.aannemer, "ACC", uren=(10, 20))
    gereed(regie, uren=(4, 16))


def reactie_aannemer(regie: Regie) -> None:
    """The aannemer needs a reaction: the clock stops until it comes."""
    aanname(regie)
    regie.status(regie.aannemer, "REV", uren=(2, 12), merken=("rev-aannemer",))
    regie.status(regie.klant, regie.kans.choice(("REA", "AIN")), uren=(2, 16))
    gereed(regie, uren=(4, 16))


def reactie_opdrachtgever(regie: Regie) -> None:
    """The client needs a reaction: the clock runs on."""
    aanname(regie)
    regie.status(regie.klant, "REV", uren=(2, 12), merken=("rev-opdrachtgever",))
    regie.status(regie.aannemer, "REA", uren=(1, 10))
    gereed(regie, uren=(4, 16))


def vraag(regie: Regie) -> None:
    """A question that stops nothing, asked by either."""
    aanname(regie)
    asks, answers = (regie.aannemer, regie.klant) if regie.kans.random() < 0.6 else (regie.klant, regie.aannemer)
    regie.status(asks, "VIN", uren=(1, 8), merken=("vin",))
    if regie.kans.random() < 0.7:
        regie.status(answers, "AIN", uren=(2, 20))
        gereed(regie, uren=(4, 16))
    else:
        gereed(regie, uren=(4, 16), sluiten=False)
        regie.status(answers, "AIN", uren=(1, 6))


def verlenging(regie: Regie) -> None:
    """The aannemer asks for more time; granted or not."""
    aanname(regie)
    asked = None
    if regie.plat(regie.aannemer) and regie.kans.random() < 0.6:
        asked = regie.agenda.na_werkuren(regie.kans, regie.nu, 30, 90)
    regie.status(regie.aannemer, "VER", uren=(8, 20), merken=("ver",), gevraagd=asked)
    if regie.kans.random() < 0.5:
        regie.status(regie.klant, "REA", uren=(2, 10))
    gereed(regie, uren=(10, 40))


def weigering(regie: Regie) -> None:
    """Refused, once as a quotation that was not awarded."""
    regie.status(regie.aannemer, "WEI", "QUR" if regie.kans.random() < 0.3 else None, uren=(0.5, 12), merken=("wei",))


def annulering(regie: Regie) -> None:
    """A request to cancel by either; the client cancels."""
    if regie.kans.random() < 0.7:
        aanname(regie)
    asks = regie.aannemer if regie.kans.random() < 0.5 else regie.klant
    regie.status(asks, "VAN", uren=(2, 12), merken=("van",))
    regie.status(regie.klant, "ANN", uren=(1, 14), merken=("ann",))


def verzoek_vervalt(regie: Regie) -> None:
    """A request to cancel that nobody grants: the work goes on."""
    aanname(regie)
    regie.status(regie.klant, "VAN", uren=(2, 12), merken=("van",))
    regie.status(regie.aannemer, "ACC", uren=(1, 10))
    gereed(regie)


def noodvoorziening(regie: Regie) -> None:
    """Made safe first, mended later."""
    aanname(regie)
    regie.status(regie.aannemer, "TGE", "THD", uren=(0.5, 4), merken=("thd",))
    gereed(regie, uren=(6, 30))


def heropend(regie: Regie) -> None:
    """Ready, and then it was not."""
    aanname(regie)
    gereed(regie, uren=(4, 16), sluiten=False)
    detail = regie.kans.choice((None, "AVW", "MIB", "OHD"))
    regie.status(regie.aannemer, "OND", detail, uren=(2, 16), merken=("heropend",))
    if detail == "AVW":
        regie.status(regie.klant, "REA", uren=(2, 10))
    if regie.kans.random() < 0.75:
        gereed(regie, uren=(2, 12))


def na_sluiten(regie: Regie) -> None:
    """Something is told after the order was closed."""
    aanname(regie)
    gereed(regie, uren=(2, 12))
    code, detail = regie.kans.choice((("OND", "BNT"), ("VIN", None), ("TGE", None)))
    regie.status(regie.aannemer, code, detail, uren=(2, 20), merken=("na-age",))


def gereed_zonder_aanname(regie: Regie) -> None:
    """Ready, and never accepted."""
    gereed(regie, uren=(2, 16), merken=("tge-voor-acc",))


def twee_keer_gereed(regie: Regie) -> None:
    """Reported ready twice, at different moments."""
    aanname(regie)
    gereed(regie, uren=(2, 16), sluiten=False)
    gereed(regie, uren=(2, 10), merken=("tge-twee-keer",))


def stilte(regie: Regie) -> None:
    """Nobody answers, or nothing comes after the acceptance."""
    if regie.kans.random() < 0.5:
        aanname(regie)
