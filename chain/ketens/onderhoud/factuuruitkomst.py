"""What a changed invoice comes to: what it asks and tells, its judgement, measures, signals and the document. Pure."""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from chain.kalender import moment
from chain.ketens.onderhoud.afgeleid import FACTUUR, OPDRACHT, vertel
from chain.ketens.onderhoud.factuurmaten import Afloop, afloop_van, herzien, meten
from chain.ketens.onderhoud.factuursignalen import Geteld, earliest, signalen_van
from chain.ketens.onderhoud.factuurstand import (
    BETAALBAAR_GESTELD,
    STAPPEN,
    Stand,
    factuurfeit,
    stappen,
    verlopen,
    vragen,
    wachtende,
)
from chain.ketens.onderhoud.feiten import Vermelding, bewijs_van, ontvangst_van
from chain.ketens.onderhoud.publicatie import WACHTEND
from chain.ketens.onderhoud.rekening import Rekening
from chain.ketens.onderhoud.signalen import NORM, Tik, grootte, suspended
from chain.ketens.onderhoud.staat import Dossierstaat, Rondmelding, Verteld, Weging
from chain.ketens.onderhoud.uitkomst import BEWAREN, GROOT, LANG, SLUITEN, Kader, Uitkomst, omvang, signaalwisseling
from chain.ketens.onderhoud.verder import Nieuw
from chain.ketens.onderhoud.vrijgave import beoordeling
from topics import keys
from topics.documents import Document, Moment, Posting
from topics.documents.keten import AanZet, Dossier, Factuurbeoordeling, Mijlpaal
from topics.runtime.step import DeadLetter, weighed

ONTVANGEN: Final = "ontvangen"
AFGEROND: Final = "afgerond"
STANDEN: Final = ("vrijgegeven", "betwist", "in_behandeling", "verrekend")
"""What becomes of an invoice's money, as figures name it."""


def afronden(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat,
    tik: Tik | None,
    postings: Sequence[Posting],
    dead_letters: Sequence[DeadLetter],
    nieuw: Nieuw | None,
) -> Uitkomst:
    """The invoice's outcome. While it waits it only asks; what goes to a person asks no more."""
    letters = brieven_van(staat)
    found = factuurfeit(staat)
    if found is None:
        return _waiting(kader, sleutel, staat, tik, postings, dead_letters, letters)
    staat = _passed(staat, *found, tik)
    counted = tel(kader, sleutel, staat, *found, bool(letters))
    verteld, events = vertel(sleutel, staat.reeks, staat.verteld, _to_tell(counted))
    measured, revisions = herzien(kader.keten, sleutel, staat, *found, counted.metingen)
    documents: list[tuple[Document, str]] = [(one, f"{one.maat}#{one.revisie}") for one in revisions]
    standing, due = signalen_van(staat, counted, bool(letters), tik)
    documents += signaalwisseling(kader, sleutel, staat.signalen, standing)
    weighed = _weighed(staat.weging, counted)
    judged_anew = staat.weging is None or weighed.merk != staat.weging.merk
    if judged_anew:
        documents.append((replace(counted.oordeel, revisie=weighed.revisie), str(weighed.revisie)))
    new = replace(
        staat, verteld=verteld, gemeten=measured, signalen=standing, geschorst=False, weging=weighed,
        reeks=staat.reeks + (tik is not None and judged_anew),
    )  # fmt: skip
    if tik is None or dead_letters or judged_anew:
        documents.append((_dossier(kader.keten, sleutel, new, counted, letters), ""))
    return Uitkomst(
        staat=new,
        due=earliest(due, klaar_op(new)),
        facets=_facets(new, counted, letters),
        documenten=documents,
        postings=postings,
        dead_letters=dead_letters,
        gebeurtenissen=events,
        gevolgd=ontvangst_van(counted.feit),
    )


def tel(
    kader: Kader, sleutel: str, staat: Dossierstaat, feit: Vermelding, rekening: Rekening, voorlopig: bool
) -> Geteld:
    stand = Stand(kader.keten, staat, feit, rekening)
    judged = beoordeling(sleutel, 0, stand.factuur, stand.standen)
    done = afloop_van(staat, feit, stand, judged)
    measured = meten(staat, feit, rekening, done, voorlopig)
    return Geteld(feit, rekening, stand, judged, done, measured, _toestand(staat, judged, done))


def klaar_op(staat: Dossierstaat) -> int | None:
    """When it shrinks, if nothing more is heard of it; not while a person has something of it."""
    if staat.brieven:
        return None
    settled = any(isinstance(item, Rondmelding) and item.afgerond is not None for item in staat.verteld)
    return staat.bijgewerkt + (SLUITEN if settled else LANG)


def brieven_van(staat: Dossierstaat) -> tuple[str, ...]:
    """Ids of open letters of its parties, or of anybody while it is no fact."""
    if not staat.brieven:
        return ()
    found = factuurfeit(staat)
    glns = {party.gln for party in staat.partijen}
    return tuple(sorted(brief.id for brief in staat.brieven if found is None or brief.afzender in glns))


def _waiting(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat,
    tik: Tik | None,
    postings: Sequence[Posting],
    dead_letters: Sequence[DeadLetter],
    letters: tuple[str, ...],
) -> Uitkomst:
    verteld, events = vertel(sleutel, staat.reeks, staat.verteld, vragen(kader.keten, wachtende(staat)))
    standing = tuple(grootte(staat, omvang(staat) > GROOT))
    documents = signaalwisseling(kader, sleutel, staat.signalen, standing)
    new = replace(staat, verteld=verteld, signalen=standing, geschorst=False)
    if tik is None or dead_letters:
        _, _, supplier, number = keys.parts(sleutel)
        document = Dossier(
            sleutel=sleutel,
            keten=kader.keten,
            reeks=new.reeks,
            toestand=WACHTEND,
            bijgewerkt=moment(new.bijgewerkt),
            wachtend=len(new.wachtend),
            onvolledig=letters,
            leverancier=supplier,
            factuurnummer=number,
            opdrachten=tuple([item.sleutel for item in verteld]),
        )
        documents.append((document, ""))
    due = min((one.tot for one in new.wachtend), default=new.bijgewerkt + BEWAREN)
    if tik is not None and due <= tik.tot:
        due = tik.later
    return Uitkomst(
        staat=new,
        due=due,
        facets=(f"{FACTUUR}|{WACHTEND}|||", *(["onvolledig"] if letters else [])),
        documenten=documents,
        postings=postings,
        dead_letters=dead_letters,
        gebeurtenissen=events,
        gevolgd=dead_letters[0].original.envelope().correlation_id if dead_letters else "",
    )


def _passed(staat: Dossierstaat, feit: Vermelding, rekening: Rekening, tik: Tik | None) -> Dossierstaat:
    """The waiting time is over once a tick has passed it; not while the orders may lie at the source."""
    until = verlopen(feit, rekening)
    if tik is None or tik.tot < until or staat.termijn >= until:
        return staat
    client = staat.partijen[rekening.opdrachtgever].gln
    return staat if suspended(staat, client, tik.opgeschort) else replace(staat, termijn=until)


def _to_tell(counted: Geteld) -> tuple[Verteld, ...]:
    """What it asks; and to its orders, when it was wholly settled."""
    settled = counted.afloop.afgerond
    if settled is None:
        return tuple(counted.stand.vragen)
    orders = [vraag.sleutel for vraag in counted.stand.vragen if keys.kind_of(vraag.sleutel) == OPDRACHT]
    done = [Rondmelding(key, settled) for key in orders]
    return (*counted.stand.vragen, *done)


def _toestand(staat: Dossierstaat, oordeel: Factuurbeoordeling, afloop: Afloop) -> str:
    if afloop.afgerond is not None:
        return AFGEROND
    if afloop.betaald is not None:
        return "betaald"
    if stappen(staat, BETAALBAAR_GESTELD):
        return "betaalbaar-gesteld"
    if oordeel.vrijgegeven and not (oordeel.betwist or oordeel.in_behandeling):
        return "vrijgegeven"
    if oordeel.vrijgegeven:
        return "deels-vrijgegeven"
    return "betwist" if oordeel.betwist else ONTVANGEN


def _aan_zet(counted: Geteld) -> AanZet:
    """The client answers and pays; what is disputed and nothing else waits for the supplier."""
    if counted.afloop.afgerond is not None:
        return AanZet.NIEMAND
    disputed = counted.oordeel.betwist and not counted.oordeel.in_behandeling and not counted.afloop.open
    return AanZet.AANNEMER if disputed else AanZet.OPDRACHTGEVER


def _weighed(before: Weging | None, counted: Geteld) -> Weging:
    """The judgement as last published: under the next revision when anything of it changed."""
    mark = hashlib.blake2b(msgspec.json.encode(counted.oordeel), digest_size=8).digest()
    loose = counted.stand.los if counted.stand.los.stappen else None
    paid = counted.afloop.voldaan
    if before is not None and before.merk == mark:
        return before if (before.los, before.betaald) == (loose, paid) else replace(before, los=loose, betaald=paid)
    return Weging(0 if before is None else before.revisie + 1, mark, loose, paid)


def _dossier(keten: str, sleutel: str, staat: Dossierstaat, counted: Geteld, letters: tuple[str, ...]) -> Dossier:
    rekening, oordeel = counted.rekening, counted.oordeel
    return Dossier(
        sleutel=sleutel,
        keten=keten,
        reeks=staat.reeks,
        toestand=counted.toestand,
        bijgewerkt=moment(staat.bijgewerkt),
        opdrachtgever=staat.partijen[rekening.opdrachtgever].gln,
        aannemer=staat.partijen[rekening.aannemer].gln,
        aan_zet=_aan_zet(counted),
        mijlpalen=_mijlpalen(staat, counted),
        feiten=len(staat.feiten),
        wachtend=len(staat.wachtend),
        onvolledig=letters,
        opdrachten=tuple([vraag.sleutel for vraag in counted.stand.vragen]),
        factuurnummer=rekening.nummer,
        leverancier=rekening.leverancier,
        te_betalen=oordeel.te_betalen,
        vrijgegeven=oordeel.vrijgegeven,
        betwist=oordeel.betwist,
        in_behandeling=oordeel.in_behandeling,
        verrekend=oordeel.verrekend,
    )


def _mijlpalen(staat: Dossierstaat, counted: Geteld) -> tuple[Mijlpaal, ...]:
    known = counted.feit.bekend
    found = [Mijlpaal(ONTVANGEN, Moment(known), known, bewijs_van(counted.feit))]
    for feit in stappen(staat, *range(1, 1 + len(STAPPEN))):
        name = STAPPEN[feit.rang - 1].value
        found.append(Mijlpaal(name, Moment(feit.gebeurd, feit.alleen_dag), feit.bekend, bewijs_van(feit)))
    return tuple(found)


def _facets(staat: Dossierstaat, counted: Geteld, letters: Sequence[str]) -> tuple[str, ...]:
    """`factuur|<toestand>|<aan zet>|<pair>`, `norm|<maat>|<pair>` per exceeded norm, its money, and `onvolledig`."""
    pair = _pair(staat, counted)
    late = [f"norm|{signal.ref}|{pair}" for signal in staat.signalen if signal.soort == NORM]
    first = f"{FACTUUR}|{counted.toestand}|{_aan_zet(counted)}|{pair}"
    return (first, *late, *geld_van(staat, counted), *(["onvolledig"] if letters else []))


def geld_van(staat: Dossierstaat, counted: Geteld) -> tuple[str, ...]:
    """What became of its money, in cents: `geld|<stand>|<pair>` per amount that there is, of invoices in euro."""
    if counted.rekening.munt != "EUR":
        return ()
    pair, judged = _pair(staat, counted), counted.oordeel
    amounts = (judged.vrijgegeven, judged.betwist, judged.in_behandeling, judged.verrekend)
    return tuple(
        weighed(f"geld|{name}|{pair}", int(amount * 100))
        for name, amount in zip(STANDEN, amounts, strict=True)
        if amount
    )


def _pair(staat: Dossierstaat, counted: Geteld) -> str:
    rekening = counted.rekening
    return f"{staat.partijen[rekening.opdrachtgever].gln}|{staat.partijen[rekening.aannemer].gln}"
