"""Where an invoice stands: what it asks, what was answered, and what of it was settled. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from chain.kalender import UUR, micros
from chain.ketens.onderhoud.factuurdeel import afkoop_of, ordinal_of, text_of
from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.rekening import NIEMAND, Rekening, alles_bekend, factuur_van, plaatsen, rekening_bekend
from chain.ketens.onderhoud.soort import Bericht
from chain.ketens.onderhoud.staat import Deelantwoord, Deelvraag, Dossierstaat, Vraagregel, Wachter
from chain.ketens.onderhoud.toeslag import verdeeld
from chain.ketens.onderhoud.vrijgave import Regelstand, accepteer, trek_in
from chain.ketens.onderhoud.wachten import lees
from topics import keys
from topics.documents import ce_type
from topics.documents.factuur import Factuur, Factuurregel, Factuurstap
from topics.resend import NO_DOUBLE

FACTUUR: Final = 0
"""Rank of the invoice itself among the facts of its dossier; its steps follow in their order."""
STAPPEN: Final = tuple(Factuurstap)
RANG: Final = {step: rank for rank, step in enumerate(STAPPEN, start=1)}
(BETAALBAAR_GESTELD, BETAALD, GEACCEPTEERD, INGETROKKEN) = range(1, 1 + len(STAPPEN))

LOS: Final = ""
"""In the place of a key: lines that name no order."""
NERGENS: Final = "-"
"""In the place of a key: the order of a step that names one by no possible number."""

_TYPE: Final = ce_type(Factuur).encode()


def wachtende(staat: Dossierstaat) -> tuple[Wachter, ...]:
    """The invoices among what waits: more than one only when it was sent again under another number."""
    return tuple(wachter for wachter in staat.wachtend if ("ce_type", _TYPE) in wachter.headers)


def beoordeeld(bericht: Bericht) -> bool:
    """Whether a person decided that it is no double. That it was sent again for another reason does not say so."""
    return any(name == NO_DOUBLE for name, _ in bericht.record.headers)


def vragen(keten: str, waiting: Sequence[Wachter]) -> tuple[Deelvraag, ...]:
    """What an invoice that waits asks: of every order, or contract, the lines that are for it."""
    if not waiting:
        return ()
    first = lees(waiting[0])
    document = first.document
    if not isinstance(document, Factuur):
        return ()
    judged = any(beoordeeld(lees(one)) for one in waiting)
    terms = document.voorwaarden
    lines: dict[str, list[Vraagregel]] = {}
    whole = verdeeld(document)
    for line, place in zip(whole.regels, plaatsen(keten, document, whole), strict=True):
        if place is not None:
            lines.setdefault(place, []).append(_asked(line))
    return tuple(
        [
            Deelvraag(
                place,
                document.factuurnummer,
                document.leverancier,
                document.aannemer,
                document.opdrachtgever,
                document.factuurdatum.toordinal(),
                micros(first.envelope.recorded_time),
                str(document.te_betalen),
                document.leverancier_bekend,
                rekening_bekend(document),
                tuple(found),
                document.verwijst_naar,
                str(terms.tolerantie),
                str(terms.tolerantie_percentage),
                text_of(terms.regieplafond),
                afkoop_of(terms.afkoop),
                ordinal_of(document.periode_van),
                ordinal_of(document.periode_tot),
                judged,
                typecode=document.typecode,
            )
            for place, found in lines.items()
        ]
    )


def gevraagd(staat: Dossierstaat) -> list[Deelvraag]:
    """What was asked, as last told."""
    return [item for item in staat.verteld if isinstance(item, Deelvraag)]


def antwoorden(staat: Dossierstaat, asked: Sequence[Deelvraag]) -> dict[str, Deelantwoord]:
    """The answers that count, by the key of the order. `dubbel` after a decision is what was said before it."""
    judged = {vraag.sleutel: vraag.beoordeeld for vraag in asked}
    return {
        item.sleutel: item
        for item in staat.gehoord
        if isinstance(item, Deelantwoord)
        and item.kent
        and item.sleutel in judged
        and not (judged[item.sleutel] and item.dubbel)
    }


def factuurfeit(staat: Dossierstaat) -> tuple[Vermelding, Rekening] | None:
    """The invoice as a fact, and what it says; None while it waits. Where a person sent it again once its accounts were
    known, it says that they are."""
    first: tuple[Vermelding, Rekening] | None = None
    for feit in staat.feiten:
        if feit.factuur is None:
            continue
        if first is None:
            first = feit, feit.factuur
        elif alles_bekend(feit.factuur) and not alles_bekend(first[1]):
            first = first[0], feit.factuur
    return first


def stappen(staat: Dossierstaat, *rangen: int) -> list[Vermelding]:
    """Steps of these ranks, in their order; the same content under another number counts once, but for an amount that
    was paid: two parts may be the same and paid at once, and each is told under a number of its own."""
    found: dict[tuple[bytes, str], Vermelding] = {}
    for feit in staat.feiten:
        if feit.rang in rangen and feit.factuur is None:
            payment = feit.rang == BETAALD and feit.bedrag is not None
            found.setdefault((feit.inhoud, feit.nummer if payment else ""), feit)
    return list(found.values())


def document_van(staat: Dossierstaat, rekening: Rekening) -> Factuur:
    return factuur_van(rekening, (staat.partijen[rekening.opdrachtgever].gln, staat.partijen[rekening.aannemer].gln))


def verlopen(feit: Vermelding, rekening: Rekening) -> int:
    """Until when an order may stay unknown."""
    return micros(feit.bekend) + rekening.wachttijd * UUR


class Stand:
    """The lines of an invoice, with what every order said of them and what settled the rest.

    `standen`: one per line of the invoice. `vragen`: what is to be asked from now on: as before, but for what the
    opdrachtgever accepted or the supplier withdrew; `los`: the lines that name no order, in the same form, asked of
    nobody. `factuur`: as release sees it.
    """

    def __init__(self, keten: str, staat: Dossierstaat, feit: Vermelding, rekening: Rekening) -> None:
        self.vragen = [_known_by_now(vraag, rekening) for vraag in gevraagd(staat)]
        self.los = (None if staat.weging is None else staat.weging.los) or _loose(staat, feit, rekening)
        self.antwoorden = antwoorden(staat, self.vragen)
        self._te_laat = staat.termijn >= verlopen(feit, rekening)
        self._rekening = rekening
        self.factuur = document_van(staat, rekening)
        for step in stappen(staat, GEACCEPTEERD, INGETROKKEN):
            self._settle(step, _order_of(keten, staat, rekening, step))
        self.standen = self._standen()

    @property
    def onbeantwoord(self) -> list[str]:
        """Keys of orders that did not answer."""
        return [vraag.sleutel for vraag in self.vragen if vraag.sleutel not in self.antwoorden]

    def _standen(self) -> list[Regelstand]:
        parts = {vraag.sleutel: vraag for vraag in (*self.vragen, self.los)}
        places = dict.fromkeys(parts, 0)
        found = []
        for post in self._rekening.regels:
            key = LOS if post.dossier == NIEMAND else self._rekening.dossiers[post.dossier]
            found.append(self._line(key, parts[key], places[key], post.los))
            places[key] += 1
        return found

    def _line(self, key: str, vraag: Deelvraag, place: int, los: bool) -> Regelstand:
        line, answer = vraag.regels[place], self.antwoorden.get(key)
        settled = (Decimal(line.geaccepteerd), Decimal(line.ingetrokken))
        if answer is None:
            late = self._te_laat or key == LOS
            reden = Betwisting.TOESLAG_LOS if los else Betwisting.OPDRACHT_ONBEKEND if late else ""
            return Regelstand(key or None, late, Decimal(0), Decimal(0), reden, *settled)
        if answer.dubbel:
            return Regelstand(key, True, Decimal(0), Decimal(0), Betwisting.MOGELIJK_DUBBEL, *settled)
        said = answer.regels[place]
        return Regelstand(key, True, Decimal(said.vrij), Decimal(said.verrekend), said.reden, *settled)

    def _settle(self, step: Vermelding, only: str | None) -> None:
        """An acceptance or withdrawal settles what is disputed of an order (`only`, else of all), once that has
        answered, and only once."""
        due = [vraag for vraag in (*self.vragen, self.los) if self._due(vraag, step) and only in (None, vraag.sleutel)]
        if not due:
            return
        settle = accepteer if step.rang == GEACCEPTEERD else trek_in
        settled: dict[str, list[Regelstand]] = {}
        for stand in settle(self.factuur, self._standen()):
            settled.setdefault(stand.dossier or LOS, []).append(stand)
        for vraag in due:
            lines = tuple(
                [
                    replace(line, geaccepteerd=str(stand.geaccepteerd), ingetrokken=str(stand.ingetrokken))
                    for line, stand in zip(vraag.regels, settled.get(vraag.sleutel, ()), strict=True)
                ]
            )
            new = replace(vraag, regels=lines, stappen=(*vraag.stappen, step.merk))
            if vraag is self.los:
                self.los = new
            else:
                self.vragen[self.vragen.index(vraag)] = new

    def _due(self, vraag: Deelvraag, step: Vermelding) -> bool:
        answered = self._te_laat or vraag.sleutel == LOS or vraag.sleutel in self.antwoorden
        return answered and step.merk not in vraag.stappen


def _order_of(keten: str, staat: Dossierstaat, rekening: Rekening, step: Vermelding) -> str | None:
    """The key of the order that a step is about; None: the whole invoice. A number that yields no key is of none."""
    if step.subnummer is None:
        return None
    try:
        return keys.order_key(keten, staat.partijen[rekening.opdrachtgever].gln, step.subnummer)
    except ValueError:
        return NERGENS


def _known_by_now(vraag: Deelvraag, rekening: Rekening) -> Deelvraag:
    known = rekening_bekend(rekening)
    if (vraag.leverancier_bekend, vraag.iban_bekend) == (rekening.leverancier_bekend, known):
        return vraag
    return replace(vraag, leverancier_bekend=rekening.leverancier_bekend, iban_bekend=known)


def _loose(staat: Dossierstaat, feit: Vermelding, rekening: Rekening) -> Deelvraag:
    """The lines that name no order and no contract, charges that follow no line among them."""
    return Deelvraag(
        LOS,
        rekening.nummer,
        rekening.leverancier,
        staat.partijen[rekening.aannemer].gln,
        staat.partijen[rekening.opdrachtgever].gln,
        rekening.datum,
        micros(feit.bekend),
        rekening.te_betalen,
        regels=tuple([Vraagregel(post.nummer, post.bedrag) for post in rekening.regels if post.dossier == NIEMAND]),
    )


def _asked(line: Factuurregel) -> Vraagregel:
    """Its effective amount; counted in what the price is counted in."""
    count, unit = (line.prijsaantal, line.prijseenheid) if line.prijsaantal is not None else (line.aantal, line.eenheid)
    price = None if line.prijs is None else line.prijs / (line.prijsbasis or 1)
    return Vraagregel(
        line.nummer,
        str(line.bedrag),
        line.subnummer,
        line.prijscode,
        text_of(count),
        text_of(price),
        unit,
        text_of(line.afgesproken),
        line.meerwerk,
    )
