"""Courses in which more than one order or message goes its own way: a quotation, a subcontractor, sub-orders."""

from decimal import Decimal

from msgspec.structs import replace

from adapters.generator.regie import Regie
from adapters.generator.stappen import aanname, gereed
from adapters.generator.verloop import gewoon


def afkeuring_offerte(regie: Regie) -> None:
    """A quotation is asked, received, adapted, approved or refused."""
    maker = regie.aannemer if "onderhoud.offerte" in regie.aannemer.documenten else None
    if maker is None or "onderhoud.offerte" not in regie.klant.documenten:
        gewoon(regie)
        return
    aanname(regie)
    amount = Decimal(regie.kans.randrange(200, 4000))
    regie.offerte(regie.klant, "gevraagd")
    regie.offerte(maker, "ontvangen", amount)
    if regie.kans.random() < 0.4:
        regie.offerte(maker, "aangepast", amount - 50)
    if regie.kans.random() < 0.7:
        regie.offerte(regie.klant, "goedgekeurd", amount)
        gereed(regie, uren=(8, 24))
    else:
        regie.offerte(regie.klant, "afgewezen")
        regie.status(regie.aannemer, "WEI", "QUR", uren=(1, 8), merken=("wei",))


def onderaanneming(regie: Regie) -> None:
    """The aannemer orders a part from a subcontractor, which then speaks about the order above too."""
    if not regie.aannemer.client or regie.proef:
        gewoon(regie)
        return
    regie.ongestoord = True
    aanname(regie)
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
        gereed(regie, uren=(1, 8))
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
