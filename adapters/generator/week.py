"""The whole week: orders, their courses, what goes wrong, the messages in which it is sent, and the ledger."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from random import Random
from typing import Final

import msgspec
from msgspec.structs import replace

from adapters.generator.agenda import EINDE, Agenda
from adapters.generator.bericht import Bericht, Opdracht, Uiting
from adapters.generator.boekhouding import Grootboek, grootboek, verlopen
from adapters.generator.facturatie import factureer
from adapters.generator.fouten import INGREPEN
from adapters.generator.ingreep import Ingreep
from adapters.generator.kalender import SECOND
from adapters.generator.kantoor import Kantoor
from adapters.generator.leegstand import leegstand
from adapters.generator.lopen import LOPEN, Loop
from adapters.generator.opdrachten import PAREN, bestel
from adapters.generator.partners import Partner, load
from adapters.generator.regie import DAGBESTAND, Gepland, Regie, Voorbij
from adapters.generator.schade import beschadig
from adapters.generator.schrijf import schrijf
from adapters.generator.storing import MERK, storing
from adapters.generator.uitslag import Aankomst
from adapters.generator.zaken import zaken

Zeg = Callable[[int, int], None]
SAMEN: Final = 40
"""How many parts a file of the day may have."""


LEEGSTAND: Final = 25
"""After so many orders a dwelling becomes vacant."""


class Week(msgspec.Struct, frozen=True):
    """`berichten` in the order in which they are sent. `storing`: who is suspended at which moment, for what it sends then."""

    berichten: tuple[Bericht, ...]
    grootboek: Grootboek
    storing: tuple[str, datetime] | None = None


def maak(orders: int, seed: int, zeg: Zeg = lambda done, total: None, *, facturen: bool = True) -> Week:
    """A week of `orders` orders; the same seed gives the same bytes. `zeg` hears how many orders were told.

    `facturen`: with what is invoiced for them, of which the orders themselves know nothing.
    """
    kans = Random(seed)
    partners, agenda = load(), Agenda(kans)
    gepland: list[Gepland] = []
    beurt = deque(INGREPEN)
    eerder: dict[str, list[Opdracht]] = defaultdict(list)
    for number in range(1, orders + 1):
        gepland += _order(kans, agenda, partners, number, beurt, eerder)
        if number % LEEGSTAND == 0:
            gepland += leegstand(kans, agenda, partners, number // LEEGSTAND)
        zeg(number, orders)
    gepland = _een_tegelijk(gepland, agenda)
    moments = (*agenda.momenten, EINDE)
    if facturen:
        gepland += _facturen(Random(f"{seed} facturen"), agenda, partners, gepland)
        gepland.sort(key=lambda planned: planned.op)
    gepland += storing(gepland, agenda.momenten)
    gepland.sort(key=lambda planned: planned.op)
    berichten = tuple(_messages(gepland, partners))
    broken = next(((one.partner, one.op) for one in berichten if MERK in one.fouten), None)
    return Week(berichten, grootboek(berichten, moments, partners), broken)


def _facturen(kans: Random, agenda: Agenda, partners: dict[str, Partner], gepland: Sequence[Gepland]) -> list[Gepland]:
    """What is said of invoices of the orders that `gepland` tells of."""
    bezet: dict[str, set[datetime]] = defaultdict(set)
    per_dossier: dict[str, list[Aankomst]] = defaultdict(list)
    for number, one in enumerate(gepland):
        bezet[one.uiting.dossier].add(one.op)
        if not one.kopie:
            made = Aankomst(deel=(str(number), 1), uiting=one.uiting, bekend=one.op)
            per_dossier[one.uiting.dossier].append(made)
    courses = verlopen(per_dossier, (*agenda.momenten, EINDE))
    said = {key: [one.uiting for one in arrivals] for key, arrivals in per_dossier.items()}
    kantoor = Kantoor(kans, agenda, partners, bezet)
    factureer(kantoor, zaken(said, courses, partners))
    return kantoor.gepland


def _order(
    kans: Random,
    agenda: Agenda,
    partners: dict[str, Partner],
    number: int,
    beurt: deque[Ingreep],
    eerder: dict[str, list[Opdracht]],
) -> list[Gepland]:
    client, contractor, _ = kans.choices(PAREN, [weight for *_, weight in PAREN])[0]
    klant, aannemer = partners[client], partners[contractor]
    bestelling = bestel(kans, klant, aannemer, number, eerder[klant.id])
    eerder[klant.id].append(bestelling.opdracht)
    regie = Regie(kans, agenda, klant, aannemer, bestelling.nummer, partners)
    regie.proef = bestelling.formaat == "json" and kans.random() < 0.03
    loop: Loop = kans.choices([loop for loop, _ in LOPEN], [weight for _, weight in LOPEN])[0]
    try:
        regie.geef(
            bestelling.opdracht,
            bestelling.verzonden,
            formaat=bestelling.formaat,
            merken=("proef",) if regie.proef else (),
        )
        loop(regie)
    except Voorbij:
        pass
    if not regie.proef and not regie.ongestoord and number % 3 == 0:
        _interfere(regie, partners, beurt)
    return regie.gepland


def _interfere(regie: Regie, partners: dict[str, Partner], beurt: deque[Ingreep]) -> None:
    """The first whose turn it is and to which the order lends itself; it then waits for all others."""
    for ingreep in beurt:
        if ingreep(regie, partners):
            beurt.remove(ingreep)
            beurt.append(ingreep)
            return


def _een_tegelijk(gepland: Sequence[Gepland], agenda: Agenda) -> list[Gepland]:
    """In order of receipt, and of one dossier nobody is heard at a moment at which another already was: which of two
    partners comes first at one moment is nobody's to say, but what a person was once asked to judge depends on it."""
    per_dossier: dict[str, list[Gepland]] = defaultdict(list)
    for one in sorted(gepland, key=lambda planned: planned.op):
        per_dossier[one.uiting.dossier].append(one)
    kept = [one for told in per_dossier.values() for one in _beurtelings(told, agenda)]
    return sorted(kept, key=lambda planned: planned.op)


def _beurtelings(told: Sequence[Gepland], agenda: Agenda) -> Iterable[Gepland]:
    last: Gepland | None = None
    for one in told:
        at = one.op if last is None else max(one.op, last.op)
        if last is not None and at == last.op and one.uiting.partner != last.uiting.partner:
            following = agenda.ontvangst(at + SECOND)
            if following is None:
                return
            at = following
        last = replace(one, op=at)
        yield last


def _messages(gepland: Sequence[Gepland], partners: dict[str, Partner]) -> Iterable[Bericht]:
    """In the order in which they are sent; who sends files of the day puts what it has in one."""
    number = 0
    sent: dict[tuple[str, str], Bericht] = {}
    klanten = {partner.gln: partner for partner in partners.values()}
    for group in _bundles(gepland):
        number += 1
        partner = partners[group[0].uiting.partner]
        first = group[0]
        uitingen = tuple(one.uiting for one in group)
        name = f"{number:06}-{partner.id}-{first.uiting.soort}"
        ident = (first.uiting.berichtnummer, first.uiting.dossier)
        if first.kopie:
            former = sent[ident]
            yield replace(former, naam=name, op=first.op, delen=(), herhaling_van=former.naam, fouten=first.merken)
            continue
        content = schrijf(first.formaat, uitingen, partner, klanten)
        if first.schade is not None:
            content = beschadig(first.schade, content)
        made = Bericht(
            naam=name,
            partner=partner.id,
            op=first.op,
            inhoudstype="application/json" if first.formaat in ("json", "vera") else "application/xml",
            inhoud=content,
            delen=uitingen,
            formaat=first.formaat,
            fouten=tuple(merk for one in group for merk in one.merken),
        )
        sent.setdefault(ident, made)
        yield made


def _bundles(gepland: Sequence[Gepland]) -> list[list[Gepland]]:
    bundles: list[list[Gepland]] = []
    open_: dict[tuple[str, datetime], list[Gepland]] = {}
    for one in gepland:
        key = (one.uiting.partner, one.op)
        if one.uiting.partner in DAGBESTAND and not one.los and one.formaat == "json":
            bundle = open_.get(key)
            if bundle is not None and len(bundle) < SAMEN and not _meets(bundle, one):
                bundle.append(one)
                continue
            open_[key] = bundle = [one]
            bundles.append(bundle)
        else:
            open_.pop(key, None)
            bundles.append([one])
    return bundles


def _meets(bundle: Sequence[Gepland], one: Gepland) -> bool:
    """Whether two parts would have the same number for the same dossier, which an export never has."""
    return any(
        (other.uiting.dossier, other.uiting.berichtnummer) == (one.uiting.dossier, one.uiting.berichtnummer)
        for other in bundle
    )


def uitingen(week: Week) -> Iterable[Uiting]:
    """Every part of the week, in the order in which it is sent."""
    return (uiting for bericht in week.berichten for uiting in bericht.delen)
