"""The dossier of an invoice (ONDERHOUD 5). What founds it is an answer: until one of its orders knows it, it waits."""

from datetime import UTC
from typing import Final

from chain.ketens.onderhoud.afgeleid import FACTUUR
from chain.ketens.onderhoud.factuurmaten import uitgebleven
from chain.ketens.onderhoud.factuurstand import FACTUUR as RANG_FACTUUR
from chain.ketens.onderhoud.factuurstand import RANG, antwoorden, factuurfeit, gevraagd, wachtende
from chain.ketens.onderhoud.factuuruitkomst import afronden, geld_van, klaar_op, tel
from chain.ketens.onderhoud.feiten import Vermelding, evidence_of, ontvangst_van
from chain.ketens.onderhoud.rekening import alles_bekend, rekening_van
from chain.ketens.onderhoud.sluiting import laatste
from chain.ketens.onderhoud.soort import Bericht, BerichtDocument, Rijp, Soort, Weigering, index_of, nooit
from chain.ketens.onderhoud.staat import Dossierstaat, Partij, Stomp
from chain.ketens.onderhoud.uitkomst import BEWAREN, Kader, Uitkomst
from topics import accounts
from topics.documents import Bevinding, Ernst, Reden
from topics.documents.content import content_but_accounts
from topics.documents.factuur import Factuur, Factuurantwoord, Factuurstap, Factuurstatus

_REKENING: Final = Bevinding(
    code="iban-anders-bekend",
    pad="iban",
    ernst=Ernst.FOUT,
    tekst=(
        "Factuur: gevonden dezelfde als eerder, maar van de rekening of de leverancier weet de opdrachtgever nu iets "
        "anders; verwacht dat een mens kijkt. Is alles nu bekend, dan laat het besluit `stuur` hem gelden."
    ),
    bron="ONDERHOUD 5",
)


def _parties(sleutel: str, staat: Dossierstaat, document: BerichtDocument) -> tuple[str, ...]:
    """The client says what it pays and accepts, the supplier what it withdraws; an invoice is its sender's."""
    found = factuurfeit(staat)
    if found is None:
        return (document.afzender,) if isinstance(document, Factuur) else ()
    feit, rekening = found
    sender, contractor = staat.partijen[feit.afzender].gln, staat.partijen[rekening.aannemer].gln
    if isinstance(document, Factuur) or (
        isinstance(document, Factuurstatus) and document.stap is Factuurstap.INGETROKKEN
    ):
        return sender, contractor
    return (staat.partijen[rekening.opdrachtgever].gln,)


def _other_content(staat: Dossierstaat, bericht: Bericht) -> Weigering | None:
    """There is one invoice of a number: the same key with other content is `strijdig`."""
    if not isinstance(bericht.document, Factuur):
        return None
    found = factuurfeit(staat)
    there = [found[0].inhoud] if found is not None else [wachter.inhoud for wachter in wachtende(staat)]
    if all(content == bericht.inhoud for content in there):
        return None
    if found is not None and content_but_accounts(bericht.document) == found[1].kern:
        return Weigering(Reden.STRIJDIG, _REKENING.tekst, (_REKENING,))
    text = (
        f"factuur {bericht.document.factuurnummer}: andere inhoud gevonden dan eerder; verwacht een creditnota of een"
    )
    return Weigering(Reden.STRIJDIG, f"{text} nieuw nummer")


def _now_known(staat: Dossierstaat, bericht: Bericht) -> bool:
    """A person sent an invoice again that differs only in that its accounts and supplier are known by now: it takes the
    place of the one whose were not. Never the other way."""
    found, document = factuurfeit(staat), bericht.document
    if found is None or not isinstance(document, Factuur) or not accounts.decision_of(bericht.envelope):
        return False
    newly = alles_bekend(document) and not alles_bekend(found[1])
    return newly and content_but_accounts(document) == found[1].kern


def _answered(staat: Dossierstaat) -> Rijp | None:
    """The first answer decides: the invoice counts, or it may be a double."""
    waiting = wachtende(staat)
    if not waiting:
        return None
    answers = antwoorden(staat, gevraagd(staat)).values()
    if any(answer.dubbel is None for answer in answers):
        return Rijp(waiting)
    double = next((answer.dubbel for answer in answers if answer.dubbel), None)
    if double is None:
        return None
    text = f"leverancier, bedrag, opdracht en datum zijn die van {double}; verwacht iedere factuur eenmaal"
    return Rijp(waiting, Weigering(Reden.MOGELIJK_DUBBEL, text))


def _fact(kader: Kader, bericht: Bericht, parties: list[Partij], sender: int) -> Vermelding:
    document, envelope = bericht.document, bericht.envelope
    proof, known = evidence_of(envelope) + bericht.inhoud, envelope.recorded_time.astimezone(UTC)
    if isinstance(document, Factuur):
        client, contractor = index_of(parties, document.opdrachtgever), index_of(parties, document.aannemer)
        bill = rekening_van(document, client, contractor, kader.keten)
        return Vermelding(RANG_FACTUUR, sender, document.berichtnummer, known, False, known, proof, factuur=bill)
    if not isinstance(document, Factuurstatus):
        raise TypeError(f"document {type(document).__name__} is no fact of an invoice")
    return Vermelding(
        RANG[document.stap],
        sender,
        document.berichtnummer,
        document.gebeurd.op.astimezone(UTC),
        document.gebeurd.alleen_dag,
        known,
        proof,
        subnummer=document.opdrachtnummer,
        bedrag=None if document.bedrag is None else str(document.bedrag),
    )


def _shrunk(kader: Kader, sleutel: str, staat: Dossierstaat, nu: int) -> Uitkomst | None:
    """The stub of an invoice that was settled, or of which nothing was heard, long enough ago."""
    found, at = factuurfeit(staat), klaar_op(staat)
    if found is None or at is None or at > nu:
        return None
    counted = tel(kader, sleutel, staat, *found, False)
    stub = Stomp(
        counted.toestand,
        staat.bijgewerkt,
        tuple(party.gln for party in staat.partijen),
        tuple((feit.afzender, feit.nummer, feit.inhoud) for feit in staat.feiten),
    )
    # its money goes on to count: a total that forgets what was settled tells nothing
    facets = (f"stomp|{stub.toestand}", *geld_van(staat, counted))
    open_ended = uitgebleven(kader.keten, sleutel, staat, found[1], counted.metingen, nu)
    return Uitkomst(
        staat=stub,
        due=at + BEWAREN,
        facets=facets,
        documenten=laatste(kader, sleutel, staat, open_ended),
        gevolgd=ontvangst_van(counted.feit),
    )


SOORT: Final = Soort(
    naam=FACTUUR,
    berichten=(Factuur, Factuurstatus),
    afgeleid=(Factuurantwoord,),
    wacht=True,
    sticht=nooit,
    partijen=_parties,
    vermeld=_fact,
    afronden=afronden,
    opruimen=_shrunk,
    weigert=_other_content,
    rijp=_answered,
    herziet=_now_known,
)
