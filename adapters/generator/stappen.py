"""Steps that most courses share: accepted, an appointment, a visit, ready and closed."""

from datetime import timedelta

from msgspec.structs import replace

from adapters.generator.bericht import Slot
from adapters.generator.regie import Regie


def aanname(regie: Regie) -> None:
    """Accepted, often after a notice that it came in; sometimes too late."""
    if regie.kans.random() < 0.3:
        regie.status(regie.aannemer, "REG", uren=(0, 0.5))
    late = regie.kans.random() < 0.1
    regie.status(regie.aannemer, "ACC", uren=(20, 50) if late else (0.2, 6))


def afspraak(regie: Regie) -> Slot:
    slot = regie.slot("afgesproken", (8, 40))
    regie.planning(regie.aannemer, slot)
    if regie.kans.random() < 0.4:
        regie.status(regie.aannemer, "ACC", "AFH", uren=(0.1, 0.5))
    return slot


def bezoek(regie: Regie, slot: Slot) -> None:
    regie.nu = max(regie.nu, slot.begin)
    regie.planning(regie.aannemer, replace(slot, soort="nagekomen", door=None, vorig_begin=None))


def gereed(
    regie: Regie, *, uren: tuple[float, float] = (0.5, 3), sluiten: bool = True, merken: tuple[str, ...] = ()
) -> None:
    """Ready, told late now and then, and closed: by the client, or by an aannemer that closes its own books."""
    late = timedelta(days=regie.kans.choice((2, 4))) if regie.kans.random() < 0.05 else None
    if late is not None:
        merken = (*merken, "teruggedateerd")
    regie.status(regie.aannemer, "TGE", uren=uren, later=late, merken=merken)
    if sluiten and regie.kans.random() < 0.9:
        regie.status(regie.klant if regie.kans.random() < 0.8 else regie.aannemer, "AGE", uren=(4, 40))
