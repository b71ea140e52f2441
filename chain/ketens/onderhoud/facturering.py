"""What an order makes of the invoices that ask it something: the order as they meet it, and its answers. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from chain.kalender import moment
from chain.ketens.onderhoud.beeld import Conclusie, Factuurloop
from chain.ketens.onderhoud.bereiken import GARANTIE
from chain.ketens.onderhoud.delen import Onderdeel, deel_van
from chain.ketens.onderhoud.factuurdeel import document_van, oordeel_van, oordelen_van
from chain.ketens.onderhoud.feiten import ANN, OPDRACHT, WEI, Vermelding
from chain.ketens.onderhoud.staat import Deelantwoord, Deelvraag, Dossierstaat, Rondmelding
from chain.ketens.onderhoud.toetsing import Deelbeeld, Meerwerk, Oordeel, Orderbeeld, Orderregel, toets
from topics.documents.factuur import Factuurdeel


def vragen_van(staat: Dossierstaat) -> list[Deelvraag]:
    """What invoices ask that was not withdrawn, by the invoice's key."""
    return [item for item in staat.gehoord if isinstance(item, Deelvraag) and not item.ingetrokken]


def antwoorden(staat: Dossierstaat, found: Conclusie, delen: Sequence[Onderdeel]) -> tuple[Deelantwoord, ...]:
    """What the order answers every invoice that asks it something, from its facts and what it answered before."""
    asked = vragen_van(staat)
    if not asked:
        return ()
    parts = delen or (Onderdeel(deel_van(found.basis.subnummer), found),)
    named = frozenset(staat.partijen[feit.versie.aannemer].gln for feit in staat.feiten if feit.versie is not None)
    view = Orderbeeld(
        named, tuple([_part(name, part, _payable(staat, name, part, bool(delen))) for name, part in parts])
    )
    return beantwoord(asked, toets(view, als_documenten(asked), eerder_van(staat)), found.versie.verlegd)


def beantwoord(
    asked: Sequence[Deelvraag], oordelen: dict[str, Oordeel], verlegd: bool | None = None
) -> tuple[Deelantwoord, ...]:
    """The answers as they are kept and told."""
    answers = []
    for vraag in asked:
        oordeel = oordelen[vraag.sleutel]
        lines = tuple([oordeel_van(line) for line in oordeel.regels])
        answers.append(Deelantwoord(vraag.sleutel, lines, oordeel.dubbel, verlegd))
    return tuple(answers)


def als_documenten(asked: Sequence[Deelvraag]) -> list[Factuurdeel]:
    """As they were told."""
    found = [document_van(vraag, vraag.sleutel, vraag.reeks) for vraag in asked]
    return [document for document in found if isinstance(document, Factuurdeel)]


def eerder_van(staat: Dossierstaat) -> dict[str, Oordeel]:
    """What was answered last, by the key of the invoice."""
    told = [item for item in staat.verteld if isinstance(item, Deelantwoord)]
    return {item.sleutel: Oordeel(oordelen_van(item), item.dubbel) for item in told}


def loop_van(staat: Dossierstaat, deel: str | None = None) -> Factuurloop | None:
    """The invoices of an order, or of one of its parts: those that name it and those that name none. None without any."""
    asked = [vraag for vraag in vragen_van(staat) if deel is None or _concerns(vraag, deel)]
    if not asked:
        return None
    claims = [vraag for vraag in asked if Decimal(vraag.te_betalen) > 0]
    first = min(claims, key=lambda vraag: (vraag.ontvangen, vraag.sleutel), default=None)
    settled = {item.sleutel: item for item in staat.gehoord if isinstance(item, Rondmelding)}
    ends = [settled.get(vraag.sleutel) for vraag in asked]
    done = [end for end in ends if end is not None and end.afgerond is not None]
    last = max(done, key=lambda end: (end.afgerond or 0, end.sleutel)) if len(done) == len(ends) else None
    return Factuurloop(
        None if first is None else _fact(first.factuurnummer, first.ontvangen, first.bewijs),
        None if last is None else _fact(last.sleutel, last.afgerond or 0, last.bewijs),
    )


def openstaand(staat: Dossierstaat) -> bool:
    """Whether an invoice that asked something is not wholly settled: until then the dossier does not shrink."""
    if not staat.gehoord:
        return False
    found = loop_van(staat)
    return found is not None and found.afgerond is None


def _concerns(vraag: Deelvraag, deel: str) -> bool:
    return any(line.subnummer is None or deel_van(line.subnummer) == deel for line in vraag.regels)


def _fact(nummer: str, at: int, bewijs: bytes) -> Vermelding:
    """What an invoice told, as measures take their start, end and evidence."""
    return Vermelding(OPDRACHT, 0, nummer, moment(at), False, moment(at), bewijs)


def _payable(staat: Dossierstaat, naam: str, found: Conclusie, gedeeld: bool) -> frozenset[str]:
    """GLNs of the contractors who may be paid for a part: the one of the version that stands, and the one who had it when
    the TGE that stands was reported, unless that was another contractor's word."""
    payable = {found.versie.aannemer}
    named: set[int] = set()
    had: int | None = None
    last: int | None = None
    ready = found.gereed
    for feit in staat.feiten:
        if feit is ready:
            had = last
        if feit.versie is not None and (not gedeeld or deel_van(feit.subnummer) == naam):
            last = feit.versie.aannemer
            named.add(last)
    if ready is not None and had is not None and ready.afzender not in named - {had}:
        payable.add(had)
    return frozenset(staat.partijen[index].gln for index in payable)


def _part(naam: str, found: Conclusie, aannemers: frozenset[str]) -> Deelbeeld:
    versie = found.versie
    ended = None if found.einde is None else found.einde.rang
    extra = () if found.meerwerk is None else tuple([Meerwerk(one.bedrag, one.grond) for one in found.meerwerk.posten])
    return Deelbeeld(
        subnummer=naam,
        afspraak=versie.afspraak,
        garantie=versie.specificatie == GARANTIE,
        regels=tuple(
            [
                Orderregel(code or None, Decimal(count), unit, None if price is None else Decimal(price))
                for code, count, unit, price in versie.regels
            ]
        ),
        totaal=None if versie.totaal is None else Decimal(versie.totaal),
        meerwerk=extra,
        gereed=found.gereed is not None,
        geannuleerd=ended == ANN,
        geweigerd=ended == WEI,
        bekend=found.basis.bekend,
        aannemers=aannemers,
    )
