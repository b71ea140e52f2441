"""The dossier of a vacancy (ONDERHOUD 4): the opdrachtgever tells its steps, its orders when they are ready. Pure.

Measures run in calendar days (Europe/Amsterdam). Of a step that was told more than once the first counts where a
measure begins, the last where one ends; keys in is the first in both.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Final, NamedTuple

from msgspec.structs import replace

from chain.kalender import SECONDE, day_of, moment
from chain.ketens.onderhoud.afgeleid import MUTATIE
from chain.ketens.onderhoud.beeld import eenmalig, toekomst
from chain.ketens.onderhoud.feiten import Vermelding, bewijs_of, evidence_of, gebeurtenis_van, ontvangst_van
from chain.ketens.onderhoud.maten import GESLOTEN, INGETROKKEN, OPEN, STANDEN, Kern
from chain.ketens.onderhoud.signalen import Tik, grootte, vooruit
from chain.ketens.onderhoud.sluiting import laatste
from chain.ketens.onderhoud.soort import Bericht, BerichtDocument, Soort
from chain.ketens.onderhoud.staat import Dossierstaat, Gemeten, Melding, Partij, Stomp
from chain.ketens.onderhoud.tabel import BEVINDINGEN
from chain.ketens.onderhoud.uitkomst import BEWAREN, GROOT, SLUITEN, Kader, Uitkomst, omvang, signaalwisseling
from chain.ketens.onderhoud.verder import Nieuw
from topics import keys
from topics.documents import Bevinding, Document, Ernst, Moment, Posting
from topics.documents.keten import Doorlooptijd, Dossier, Mijlpaal
from topics.documents.onderhoud import Mutatie, Mutatiemelding, Mutatiestap
from topics.runtime.step import DeadLetter

STAPPEN: Final = tuple(Mutatiestap)
"""In their usual order, which ranks them within a moment."""
RANG: Final = {step: rank for rank, step in enumerate(STAPPEN)}
TOESTAND: Final = "aangekondigd"
"""Of a vacancy that only its orders named as yet."""

(OPGEZEGD, VOORINSPECTIE, EINDINSPECTIE, SLEUTELS_IN, OPGELEVERD, SLEUTELS_UIT) = range(len(STAPPEN))
MATEN: Final = (
    "opzegging-sleutels-in",
    "sleutels-in-gereed",
    "sleutels-in-opgeleverd",
    "sleutels-in-sleutels-uit",
)
"""Their order is their number in the state: only ever added to at the end."""

_KRUISEND: Final = Bevinding(
    code="eind-voor-begin",
    pad="mutatie",
    ernst=Ernst.WAARSCHUWING,
    tekst=BEVINDINGEN["eind-voor-begin"],
    bron="eigen controle",
)


class Punt(NamedTuple):
    """A moment and what proves it."""

    op: int
    bewijs: bytes


class Meting(NamedTuple):
    maat: int
    kern: Kern
    begin: Punt
    eind: Punt | None


def meten(feiten: Sequence[Vermelding], meldingen: Sequence[Melding], voorlopig: bool) -> list[Meting]:
    """Every measure that has a start. That of the orders has one once an order that was not cancelled was told, and
    ends when all of those are ready."""
    notice, keys_in = _first(feiten, OPGEZEGD), _first(feiten, SLEUTELS_IN)
    found = []
    if notice is not None:
        found.append(_meting(0, notice, keys_in, voorlopig))
    if keys_in is None:
        return found
    standing = [told for told in meldingen if not told.vervallen]
    if standing:
        found.append(_meting(1, keys_in, _all_ready(standing), voorlopig))
    found.append(_meting(2, keys_in, _last(feiten, OPGELEVERD), voorlopig))
    found.append(_meting(3, keys_in, _last(feiten, SLEUTELS_UIT), voorlopig))
    return found


def afronden(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat,
    tik: Tik | None,
    postings: Sequence[Posting],
    dead_letters: Sequence[DeadLetter],
    nieuw: Nieuw | None,
) -> Uitkomst:
    """The vacancy's outcome: its measures, signals and the document Dossier."""
    meldingen = [item for item in staat.gehoord if isinstance(item, Melding)]
    open_letters = _open_letters(sleutel, staat)
    measured, revisions = _revised(kader, sleutel, staat, meten(_counting(staat), meldingen, bool(open_letters)))
    documents: list[tuple[Document, str]] = [(one, f"{one.maat}#{one.revisie}") for one in revisions]
    standing = (*vooruit(staat, _ahead(staat)), *grootte(staat, omvang(staat) > GROOT))
    documents += signaalwisseling(kader, sleutel, staat.signalen, standing)
    new = replace(staat, gemeten=measured, signalen=standing, geschorst=False)
    if tik is None:
        documents.append((_dossier(kader, sleutel, new, meldingen, open_letters), ""))
    closed = _closed(staat)
    facets = (f"mutatie|{_state(staat)}|{_client(sleutel)}", *(["onvolledig"] if open_letters else []))
    return Uitkomst(
        staat=new,
        due=_due(staat, closed, bool(open_letters)),
        facets=facets,
        documenten=documents,
        postings=postings,
        dead_letters=dead_letters,
    )


def _meting(number: int, begin: Punt, end: Punt | None, voorlopig: bool) -> Meting:
    at = None if end is None else end.op
    mark = hash_of(begin) if end is None else hash_of(begin) ^ hash_of(end)
    kern = Kern(OPEN if end is None else GESLOTEN, begin.op, at, voorlopig=voorlopig, merk=mark)
    return Meting(number, kern, begin, end)


def hash_of(punt: Punt) -> int:
    """Eight bytes of the event's id, to notice that evidence changed."""
    return int.from_bytes(punt.bewijs[-24:-16], "big")


def _first(feiten: Sequence[Vermelding], rang: int) -> Punt | None:
    return next((Punt(feit.moment, feit.bewijs) for feit in feiten if feit.rang == rang), None)


def _last(feiten: Sequence[Vermelding], rang: int) -> Punt | None:
    return _first(feiten[::-1], rang)


def _all_ready(standing: Sequence[Melding]) -> Punt | None:
    ready = [(told.gereed, told.sleutel, told.bewijs) for told in standing if told.gereed is not None]
    if len(ready) < len(standing):
        return None
    last = max(ready)
    return Punt(last[0], last[2])


def _revised(
    kader: Kader, sleutel: str, staat: Dossierstaat, metingen: Sequence[Meting]
) -> tuple[tuple[Gemeten, ...], list[Doorlooptijd]]:
    """The measures as published from now on, and the revisions that say so: revision 0 is the start, open."""
    former = {gemeten.maat: gemeten for gemeten in staat.gemeten}
    kept: list[Gemeten] = []
    revisions: list[Doorlooptijd] = []
    for meting in metingen:
        before = former.pop(meting.maat, None)
        if before is None:
            start = replace(meting.kern, stand=OPEN, eind=None, merk=hash_of(meting.begin))
            before = Gemeten(meting.maat, 0, start)
            revisions.append(_revision(kader, sleutel, before, [meting.begin]))
        if before.kern != meting.kern:
            before = Gemeten(meting.maat, before.revisie + 1, meting.kern)
            proof = [meting.begin] if meting.eind is None else [meting.begin, meting.eind]
            revisions.append(_revision(kader, sleutel, before, proof))
        kept.append(before)
    for gone in former.values():
        withdrawn = gone
        if gone.kern.stand != INGETROKKEN:
            withdrawn = Gemeten(gone.maat, gone.revisie + 1, Kern(INGETROKKEN, gone.kern.begin))
            revisions.append(_revision(kader, sleutel, withdrawn, []))
        kept.append(withdrawn)
    return tuple(sorted(kept, key=lambda gemeten: gemeten.maat)), revisions


def _revision(kader: Kader, sleutel: str, gemeten: Gemeten, proof: Sequence[Punt]) -> Doorlooptijd:
    kern = gemeten.kern
    closed = kern.eind is not None
    end = kern.begin if kern.eind is None else kern.eind
    return Doorlooptijd(
        dossier=sleutel,
        keten=kader.keten,
        maat=MATEN[gemeten.maat],
        revisie=gemeten.revisie,
        stand=STANDEN[kern.stand],
        opdrachtgever=_client(sleutel),
        aannemer="",
        begin=moment(kern.begin),
        eind=moment(end) if closed else None,
        soort="MUT",
        bruto_seconden=max(0, end - kern.begin) // SECONDE if closed else None,
        kalenderdagen=max(0, day_of(end) - day_of(kern.begin)) if closed else None,
        voorlopig=kern.voorlopig,
        bevindingen=(_KRUISEND,) if end < kern.begin else (),
        bewijs=tuple([bewijs_of(punt.bewijs) for punt in proof]),
    )


def _dossier(
    kader: Kader, sleutel: str, staat: Dossierstaat, meldingen: Sequence[Melding], open_letters: tuple[str, ...]
) -> Dossier:
    return Dossier(
        sleutel=sleutel,
        keten=kader.keten,
        reeks=staat.reeks,
        toestand=_state(staat),
        bijgewerkt=moment(staat.bijgewerkt),
        opdrachtgever=_client(sleutel),
        soort="MUT",
        mijlpalen=tuple(
            [
                Mijlpaal(
                    STAPPEN[feit.rang].value, Moment(feit.gebeurd, feit.alleen_dag), feit.bekend, bewijs_of(feit.bewijs)
                )
                for feit in _counting(staat)
            ]
        ),
        feiten=len(staat.feiten),
        onvolledig=open_letters,
        buiten_beschouwing=tuple([gebeurtenis_van(feit) for feit in _ahead(staat)]),
        opdrachten=tuple([melding.sleutel for melding in meldingen if not melding.vervallen]),
    )


def _state(staat: Dossierstaat) -> str:
    counting = _counting(staat)
    return STAPPEN[counting[-1].rang].value if counting else TOESTAND


def _counting(staat: Dossierstaat) -> list[Vermelding]:
    """Steps that count; the same content under another number does so once."""
    return [feit for feit in eenmalig(staat.feiten).values() if not toekomst(feit)]


def _ahead(staat: Dossierstaat) -> list[Vermelding]:
    """Steps that say they happened further ahead of when they were known than can be: facts that do not count."""
    return [feit for feit in eenmalig(staat.feiten).values() if toekomst(feit)]


def _open_letters(sleutel: str, staat: Dossierstaat) -> tuple[str, ...]:
    """Ids of open letters of the opdrachtgever: nobody else may hold up the dossier."""
    client = _client(sleutel)
    return tuple(sorted(brief.id for brief in staat.brieven if brief.afzender == client))


def _closed(staat: Dossierstaat) -> int | None:
    """When the facts of a vacancy that ended were last known: nothing follows keys out."""
    if not any(feit.rang == SLEUTELS_UIT for feit in _counting(staat)):
        return None
    return staat.bijgewerkt


def _due(staat: Dossierstaat, closed: int | None, onvolledig: bool) -> int | None:
    """When it shrinks, or is removed while only its orders named it; a vacancy that goes on waits for no tick."""
    if closed is not None and not onvolledig:
        return closed + SLUITEN
    return None if staat.feiten else staat.bijgewerkt + BEWAREN


def _shrunk(kader: Kader, sleutel: str, staat: Dossierstaat, nu: int) -> Uitkomst | None:
    closed = _closed(staat)
    if closed is None or closed + SLUITEN > nu or _open_letters(sleutel, staat):
        return None
    stub = Stomp(
        _state(staat),
        closed,
        tuple(party.gln for party in staat.partijen),
        tuple((feit.afzender, feit.nummer, feit.inhoud) for feit in staat.feiten),
    )
    return Uitkomst(
        staat=stub,
        due=closed + SLUITEN + BEWAREN,
        facets=(f"stomp|{stub.toestand}",),
        documenten=laatste(kader, sleutel, staat, _without_end(kader, sleutel, staat, nu)),
        gevolgd=ontvangst_van(staat.feiten[0]),
    )


def _without_end(kader: Kader, sleutel: str, staat: Dossierstaat, nu: int) -> list[Doorlooptijd]:
    """The last revisions of the measures that are open when the dossier is closed at `nu`."""
    former = {gemeten.maat: gemeten for gemeten in staat.gemeten}
    told = [item for item in staat.gehoord if isinstance(item, Melding)]
    revisions = []
    for maat, kern, begin, _ in meten(_counting(staat), told, False):
        if kern.stand == OPEN:
            last = Gemeten(maat, former[maat].revisie + 1, replace(kern, eind=nu))
            one = _revision(kader, sleutel, last, [begin])
            revisions.append(replace(one, eind=None, uitgebleven=moment(nu)))
    return revisions


def _client(sleutel: str) -> str:
    """GLN of the opdrachtgever, which the key names."""
    return keys.parts(sleutel)[2]


def _founds(sleutel: str, document: BerichtDocument) -> bool:
    return document.afzender == document.opdrachtgever == _client(sleutel)


def _parties(sleutel: str, staat: Dossierstaat, document: BerichtDocument) -> tuple[str, ...]:
    return (_client(sleutel),)


def _fact(kader: Kader, bericht: Bericht, parties: list[Partij], sender: int) -> Vermelding:
    document, envelope = bericht.document, bericht.envelope
    if not isinstance(document, Mutatie):
        raise TypeError(f"document {type(document).__name__} is no fact of a vacancy")
    return Vermelding(
        RANG[document.stap],
        sender,
        document.berichtnummer,
        document.gebeurd.op.astimezone(UTC),
        document.gebeurd.alleen_dag,
        envelope.recorded_time.astimezone(UTC),
        evidence_of(envelope) + bericht.inhoud,
    )


SOORT: Final = Soort(
    naam=MUTATIE,
    berichten=(Mutatie,),
    afgeleid=(Mutatiemelding,),
    wacht=False,
    sticht=_founds,
    partijen=_parties,
    vermeld=_fact,
    afronden=afronden,
    opruimen=_shrunk,
)
