"""How orders go: the usual way, and the ways in which they do not. One function per course, each with its weight."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from adapters.generator.bericht import Slot
from adapters.generator.regie import Regie

Loop = Callable[[Regie], None]


def gewoon(regie: Regie) -> None:
    """Accepted, planned, visited, ready, closed."""
    _aanname(regie)
    _bezoek(regie, _afspraak(regie))
    _gereed(regie)


def zonder_afspraak(regie: Regie) -> None:
    """Accepted and done without telling of any appointment."""
    _aanname(regie)
    _gereed(regie, uren=(3, 30))


def niet_thuis(regie: Regie) -> None:
    """The tenant is not at home; a new appointment; done."""
    _aanname(regie)
    slot = _afspraak(regie)
    regie.nu = max(regie.nu, slot.begin)
    regie.planning(regie.aannemer, replace(slot, soort="gemist", door="huurder", reden="BNT"), merken=("no-show",))
    regie.status(regie.aannemer, "OND", "BNT", uren=(0.1, 1), merken=("no-show",))
    regie.nu += timedelta(days=regie.kans.choice((1, 2, 5)))
    again = regie.slot("afgesproken", (6, 20))
    regie.planning(regie.aannemer, again)
    regie.status(regie.aannemer, "ACC", "AFH" if regie.kans.random() < 0.5 else None, uren=(0.1, 1))
    _bezoek(regie, again)
    _gereed(regie)


def niet_verschenen(regie: Regie) -> None:
    """The aannemer itself does not come: no code says so, a slot does."""
    _aanname(regie)
    slot = _afspraak(regie)
    regie.nu = max(regie.nu, slot.begin)
    regie.planning(
        regie.aannemer,
        replace(slot, soort="gemist", door="aannemer", reden="niet-verschenen"),
        merken=("aannemer-niet-verschenen",),
    )
    again = regie.slot("verplaatst", (8, 20), door="aannemer")
    regie.planning(regie.aannemer, replace(again, vorig_begin=slot.begin))
    _bezoek(regie, again)
    _gereed(regie)


def wens_bewoner(regie: Regie) -> None:
    """The tenant has to call back, is not reached, or wants it later."""
    _aanname(regie)
    offered = regie.slot("aangeboden", (8, 24))
    regie.planning(regie.aannemer, offered)
    regie.status(regie.aannemer, "OND", regie.kans.choice(("BBT", "AFN", "VBW")), uren=(1, 6))
    regie.nu += timedelta(days=regie.kans.choice((1, 3, 6)))
    slot = regie.slot("afgesproken", (6, 20))
    regie.planning(regie.aannemer, slot)
    regie.status(regie.aannemer, "ACC", uren=(0.1, 0.5))
    _bezoek(regie, slot)
    _gereed(regie)


def materiaal(regie: Regie) -> None:
    """Material on order, or a part that cannot be had: the clock runs on."""
    _aanname(regie)
    regie.status(regie.aannemer, "OND", regie.kans.choice(("MIB", "OHD")), uren=(4, 20))
    _gereed(regie, uren=(8, 60))


def weer(regie: Regie) -> None:
    """Nobody can help the weather."""
    _aanname(regie)
    regie.status(regie.aannemer, "OND", "AFW", uren=(4, 16))
    regie.status(regie.aannemer, "ACC", uren=(8, 24))
    _gereed(regie, uren=(4, 16))


def meerwerk(regie: Regie) -> None:
    """Extra work, a supervisor, or work by another first: the client has to act."""
    _aanname(regie)
    detail = regie.kans.choice(("AVW", "AVW", "AFR", "AWE"))
    amount = Decimal(regie.kans.randrange(40, 900)) if detail == "AVW" else None
    regie.status(regie.aannemer, "OND", detail, uren=(4, 16), bedrag=amount, merken=("meerwerk",) if amount else ())
    if regie.kans.random() < 0.85:
        regie.status(regie.klant, "REA", uren=(2, 14), bedrag=amount)
    else:
        regie.status(regie.aannemer, "ACC", uren=(10, 20))
    _gereed(regie, uren=(4, 16))


def reactie_aannemer(regie: Regie) -> None:
    """The aannemer needs a reaction: the clock stops until it comes."""
    _aanname(regie)
    regie.status(regie.aannemer, "REV", uren=(2, 12), merken=("rev-aannemer",))
    regie.status(regie.klant, regie.kans.choice(("REA", "AIN")), uren=(2, 16))
    _gereed(regie, uren=(4, 16))


def reactie_opdrachtgever(regie: Regie) -> None:
    """The client needs a reaction: the clock runs on."""
    _aanname(regie)
    regie.status(regie.klant, "REV", uren=(2, 12), merken=("rev-opdrachtgever",))
    regie.status(regie.aannemer, "REA", uren=(1, 10))
    _gereed(regie, uren=(4, 16))


def vraag(regie: Regie) -> None:
    """A question that stops nothing, asked by either."""
    _aanname(regie)
    asks, answers = (regie.aannemer, regie.klant) if regie.kans.random() < 0.6 else (regie.klant, regie.aannemer)
    regie.status(asks, "VIN", uren=(1, 8), merken=("vin",))
    if regie.kans.random() < 0.7:
        regie.status(answers, "AIN", uren=(2, 20))
        _gereed(regie, uren=(4, 16))
    else:
        _gereed(regie, uren=(4, 16), sluiten=False)
        regie.status(answers, "AIN", uren=(1, 6))


def verlenging(regie: Regie) -> None:
    """The aannemer asks for more time; granted or not."""
    _aanname(regie)
    asked = None
    if regie.plat(regie.aannemer) and regie.kans.random() < 0.6:
        asked = regie.agenda.na_werkuren(regie.kans, regie.nu, 30, 90)
    regie.status(regie.aannemer, "VER", uren=(8, 20), merken=("ver",), gevraagd=asked)
    if regie.kans.random() < 0.5:
        regie.status(regie.klant, "REA", uren=(2, 10))
    _gereed(regie, uren=(10, 40))


def weigering(regie: Regie) -> None:
    """Refused, once as a quotation that was not awarded."""
    regie.status(regie.aannemer, "WEI", "QUR" if regie.kans.random() < 0.3 else None, uren=(0.5, 12), merken=("wei",))


def annulering(regie: Regie) -> None:
    """A request to cancel by either; the client cancels."""
    if regie.kans.random() < 0.7:
        _aanname(regie)
    asks = regie.aannemer if regie.kans.random() < 0.5 else regie.klant
    regie.status(asks, "VAN", uren=(2, 12), merken=("van",))
    regie.status(regie.klant, "ANN", uren=(1, 14), merken=("ann",))


def verzoek_vervalt(regie: Regie) -> None:
    """A request to cancel that nobody grants: the work goes on."""
    _aanname(regie)
    regie.status(regie.klant, "VAN", uren=(2, 12), merken=("van",))
    regie.status(regie.aannemer, "ACC", uren=(1, 10))
    _gereed(regie)


def noodvoorziening(regie: Regie) -> None:
    """Made safe first, mended later."""
    _aanname(regie)
    regie.status(regie.aannemer, "TGE", "THD", uren=(0.5, 4), merken=("thd",))
    _gereed(regie, uren=(6, 30))


def heropend(regie: Regie) -> None:
    """Ready, and then it was not."""
    _aanname(regie)
    _gereed(regie, uren=(4, 16), sluiten=False)
    detail = regie.kans.choice((None, "AVW", "MIB", "OHD"))
    regie.status(regie.aannemer, "OND", detail, uren=(2, 16), merken=("heropend",))
    if detail == "AVW":
        regie.status(regie.klant, "REA", uren=(2, 10))
    if regie.kans.random() < 0.75:
        _gereed(regie, uren=(2, 12))


def na_sluiten(regie: Regie) -> None:
    """Something is told after the order was closed."""
    _aanname(regie)
    _gereed(regie, uren=(2, 12))
    code, detail = regie.kans.choice((("OND", "BNT"), ("VIN", None), ("TGE", None)))
    regie.status(regie.aannemer, code, detail, uren=(2, 20), merken=("na-age",))


def gereed_zonder_aanname(regie: Regie) -> None:
    """Ready, and never accepted."""
    _gereed(regie, uren=(2, 16), merken=("tge-voor-acc",))


def twee_keer_gereed(regie: Regie) -> None:
    """Reported ready twice, at different moments."""
    _aanname(regie)
    _gereed(regie, uren=(2, 16), sluiten=False)
    _gereed(regie, uren=(2, 10), merken=("tge-twee-keer",))


def stilte(regie: Regie) -> None:
    """Nobody answers, or nothing comes after the acceptance."""
    if regie.kans.random() < 0.5:
        _aanname(regie)


def afkeuring_offerte(regie: Regie) -> None:
    """A quotation is asked, received, adapted, approved or refused."""
    maker = regie.aannemer if "onderhoud.offerte" in regie.aannemer.documenten else None
    if maker is None or "onderhoud.offerte" not in regie.klant.documenten:
        gewoon(regie)
        return
    _aanname(regie)
    amount = Decimal(regie.kans.randrange(200, 4000))
    regie.offerte(regie.klant, "gevraagd")
    regie.offerte(maker, "ontvangen", amount)
    if regie.kans.random() < 0.4:
        regie.offerte(maker, "aangepast", amount - 50)
    if regie.kans.random() < 0.7:
        regie.offerte(regie.klant, "goedgekeurd", amount)
        _gereed(regie, uren=(8, 24))
    else:
        regie.offerte(regie.klant, "afgewezen")
        regie.status(regie.aannemer, "WEI", "QUR", uren=(1, 8), merken=("wei",))


def onderaanneming(regie: Regie) -> None:
    """The aannemer orders a part from a subcontractor, which then speaks about the order above too."""
    if not regie.aannemer.client or regie.proef:
        gewoon(regie)
        return
    regie.ongestoord = True
    _aanname(regie)
    sub = regie.onder()
    try:
        sub.geef(sub.uitbesteed(regie), sub.nu, formaat="json", merken=("onderaanneming",))
        regie.nu = sub.nu
        sub.status(sub.aannemer, "ACC", uren=(0.2, 2))
        regie.status(
            sub.aannemer, "OND", regie.kans.choice(("MIB", "OHD", "BNT")), uren=(1, 5), merken=("onderaannemer",)
        )
        sub.nu = max(sub.nu, regie.nu)
        if regie.kans.random() < 0.3:
            sub.status(sub.aannemer, "REV", uren=(1, 4))
            sub.status(sub.klant, "REA", uren=(1, 4))
        sub.status(sub.aannemer, "TGE", uren=(3, 16))
        regie.nu = max(regie.nu, sub.nu)
        _gereed(regie, uren=(1, 8))
        sub.status(sub.klant, "AGE", uren=(4, 20))
    finally:
        regie.gepland += sub.gepland


def deelopdrachten(regie: Regie) -> None:
    """Two sub-orders under one number; what names none of them belongs to the one that is open, or to nobody."""
    told = regie.gepland[0]
    if told.formaat not in ("json", "dico") or regie.aannemer.id == "oudewal":
        gewoon(regie)
        return
    regie.ongestoord = True
    one = replace(told.uiting, sub="01")
    two = replace(one, sub="02", berichtnummer=f"{one.berichtnummer}-d", inhoud=f"{one.inhoud}/02")
    regie.gepland = [
        replace(told, uiting=one, merken=("deelopdracht",)),
        replace(told, uiting=two, merken=("deelopdracht",)),
    ]
    aannemer, klant, kans = regie.aannemer, regie.klant, regie.kans
    if kans.random() < 0.3:
        regie.status(aannemer, "VIN", uren=(0.2, 1), merken=("deel-onduidelijk",))
    regie.status(aannemer, "ACC", sub="01", uren=(0.2, 4))
    if kans.random() < 0.15:
        regie.status(aannemer, "WEI", sub="02", uren=(0.2, 4))
    else:
        regie.status(aannemer, "ACC", sub="02", uren=(0.1, 12))
        slot = regie.slot("afgesproken", (4, 16))
        regie.planning(aannemer, slot, sub="02")
        if kans.random() < 0.5:
            regie.status(aannemer, "OND", kans.choice(("BNT", "AFW", "AVW", "MIB")), sub="02", uren=(2, 10))
    if kans.random() < 0.3:
        regie.status(aannemer, "OND", kans.choice(("AFR", "BBT", "OHD")), sub="01", uren=(1, 6))
    regie.status(aannemer, "TGE", sub="01", uren=(3, 20))
    regie.status(klant, "AGE", sub="01", uren=(2, 12))
    if not any(planned.uiting.code == "WEI" for planned in regie.gepland):
        if kans.random() < 0.5:
            regie.status(aannemer, "ACC", uren=(0.5, 3), merken=("deel-vanzelf",))
        regie.status(aannemer, "TGE", sub="02", uren=(3, 20))
        regie.status(klant, "AGE", sub="02", uren=(2, 20))


LOPEN: Final[tuple[tuple[Loop, int], ...]] = (
    (gewoon, 26),
    (zonder_afspraak, 10),
    (niet_thuis, 7),
    (niet_verschenen, 3),
    (wens_bewoner, 6),
    (materiaal, 5),
    (weer, 3),
    (meerwerk, 7),
    (reactie_aannemer, 4),
    (reactie_opdrachtgever, 3),
    (vraag, 4),
    (verlenging, 4),
    (weigering, 3),
    (annulering, 4),
    (verzoek_vervalt, 2),
    (noodvoorziening, 3),
    (heropend, 4),
    (na_sluiten, 3),
    (gereed_zonder_aanname, 2),
    (twee_keer_gereed, 2),
    (stilte, 4),
    (afkeuring_offerte, 5),
    (onderaanneming, 6),
    (deelopdrachten, 5),
)
"""Courses with their weight among ordinary orders."""


def _aanname(regie: Regie) -> None:
    """Accepted, often after a notice that it came in; sometimes too late."""
    if regie.kans.random() < 0.3:
        regie.status(regie.aannemer, "REG", uren=(0, 0.5))
    late = regie.kans.random() < 0.1
    regie.status(regie.aannemer, "ACC", uren=(20, 50) if late else (0.2, 6))


def _afspraak(regie: Regie) -> Slot:
    slot = regie.slot("afgesproken", (8, 40))
    regie.planning(regie.aannemer, slot)
    if regie.kans.random() < 0.4:
        regie.status(regie.aannemer, "ACC", "AFH", uren=(0.1, 0.5))
    return slot


def _bezoek(regie: Regie, slot: Slot) -> None:
    regie.nu = max(regie.nu, slot.begin)
    regie.planning(regie.aannemer, replace(slot, soort="nagekomen", door=None, vorig_begin=None))


def _gereed(
    regie: Regie, *, uren: tuple[float, float] = (0.5, 3), sluiten: bool = True, merken: tuple[str, ...] = ()
) -> None:
    """Ready, told late now and then, and closed: by the client, or by an aannemer that closes its own books."""
    late = timedelta(days=regie.kans.choice((2, 4))) if regie.kans.random() < 0.05 else None
    if late is not None:
        merken = (*merken, "teruggedateerd")
    regie.status(regie.aannemer, "TGE", uren=uren, later=late, merken=merken)
    if sluiten and regie.kans.random() < 0.9:
        regie.status(regie.klant if regie.kans.random() < 0.8 else regie.aannemer, "AGE", uren=(4, 40))
