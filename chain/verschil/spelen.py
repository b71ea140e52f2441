"""Plays a capture through both sides at once, each in its own process, and compares what they came to."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from chain.kalender import micros
from chain.verschil.kant import Gespeeld, Kant, Wens, feed_all
from chain.verschil.kengetal import kengetallen
from chain.verschil.onderling import onderling
from chain.verschil.rapport import Kant as Rapportkant
from chain.verschil.rapport import Rapport
from chain.verschil.uitkomst import Uitkomst
from chain.verschil.velden import moment
from chain.verschil.vergelijk import secties, verantwoording
from topics.blobs import FolderBlobs
from topics.capture import open_capture
from topics.errors import Refused
from topics.play.profiles import chosen
from topics.play.sources import Kind, Survey, Ticks, in_order, survey
from topics.profile.registry import Registry
from topics.runtime.step import Record

Told = Callable[[tuple[int, int], int], None]
"""Told how many records each side has played, of how many."""

_TICKS: Mapping[Ticks, str] = {
    Ticks.LOG: "de tikken van het log",
    Ticks.RUW: "de merken van de klok op ruw.*",
    Ticks.BERICHTEN: "een tik voor elk bericht, hoogstens een per minuut: de opname heeft er geen",
}
_PLAYED = (Kind.BERICHT, Kind.MERK, Kind.KLOK, Kind.BESLUIT)


def vergelijk(
    capture: Path, wensen: tuple[Wens, Wens], environment: Mapping[str, str], most: int | None, told: Told
) -> Rapport:
    """`most`: lines per section; None: all. Raises Refused, ConfigurationError, CaptureError, Mislukt."""
    # a mistake in the profiles is said before anything is started
    registries = (chosen(wensen[0].profielen), chosen(wensen[1].profielen))
    with tempfile.TemporaryDirectory(prefix="ketenbus-verschil-") as folder, ExitStack() as stack:
        bodies = Path(folder)
        with open_capture(capture, FolderBlobs(bodies)) as found:
            partitions = {topic.name: topic.partitions for topic in found.header.topics}
            seen = survey(found.records())
        if not seen.counts[Kind.BERICHT]:
            raise Refused(f"{capture}: found no message of a partner, expected records of ruw.*")
        kanten: list[Kant] = []
        for one in wensen:
            side = Kant(one, seen, partitions, bodies, environment)
            stack.callback(side.stop)
            kanten.append(side)
        old, new = kanten
        total = sum(seen.counts[kind] for kind in _PLAYED)
        feed_all(kanten, _records(capture), lambda _: told((old.gespeeld, new.gespeeld), total))
        gespeeld = (old.end(), new.end())
        told((total, total), total)
    return _rapport(capture, wensen, seen, gespeeld, (old.uitkomst, new.uitkomst), registries, most)


def _records(capture: Path) -> Iterator[Record]:
    with open_capture(capture) as found:
        yield from in_order(found.records())


def _rapport(
    capture: Path,
    wensen: tuple[Wens, Wens],
    seen: Survey,
    gespeeld: tuple[Gespeeld, Gespeeld],
    sides: tuple[Uitkomst, Uitkomst],
    registries: tuple[Registry, Registry],
    most: int | None,
) -> Rapport:
    last = seen.tot or datetime.fromtimestamp(0, UTC)
    peil = micros(last)
    old, new = sides
    remarks = [line for line in (onderling(old, new), _resent(seen)) if line]
    return Rapport(
        opname=capture.name,
        berichten=seen.counts[Kind.BERICHT],
        besluiten=seen.counts[Kind.BESLUIT],
        tikken=_TICKS[seen.ticks],
        van=moment(seen.van or last),
        tot=moment(last),
        oud=_kant(wensen[0], gespeeld[0]),
        nieuw=_kant(wensen[1], gespeeld[1]),
        secties=secties(old, new, peil, most),
        kengetallen=kengetallen(old.maten().values(), new.maten().values(), registries, peil),
        verantwoording=verantwoording(old, new),
        opmerkingen=tuple(remarks),
        namen=_names(registries, last),
    )


def _resent(seen: Survey) -> str | None:
    """What a decision sent again is made anew by that decision; without decisions it cannot be."""
    count = seen.counts[Kind.HERZONDEN]
    if not count or seen.counts[Kind.BESLUIT]:
        return None
    return (
        f"{count} berichten op ruw.* gaan terug op een besluit, maar de opname heeft keten.besluit.v1 niet: zij zijn aan geen "
        "van beide kanten gespeeld."
    )


def _kant(wanted: Wens, said: Gespeeld) -> Rapportkant:
    return Rapportkant(
        naam=wanted.naam,
        release=said.ready.release,
        catalogus=said.ready.catalogue,
        gespeeld=said.done.played,
        seconden=round(said.done.seconds, 3),
        niet_genomen=dict(sorted(Counter(f"{one.soort}: {one.waarom}" for one in said.done.left_out).items())),
    )


def _names(registries: tuple[Registry, Registry], on: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    for registry in registries:
        for partner in registry.partners():
            profile = registry.partner(partner, on.date()) or registry.versions(partner)[-1]
            found |= dict.fromkeys((partner, profile.gln, *profile.gln_aliassen), profile.naam)
    return dict(sorted(found.items()))


def as_json(found: Rapport) -> bytes:
    return msgspec.json.encode(found)
