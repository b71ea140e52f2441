"""What one event does to one dossier of the keten onderhoud. Pure: the same log gives the same outcome, byte for byte.

not founded yet    what comes waits (account `wachtend`); a tick sends what waited too long to a person
founded            every message of a party is a fact and is applied, whether it counts or not (DESIGN 5)
stub               closed for 90 days: only known message keys are left; anything new goes to a person

What differs per kind of dossier (who founds it, who is a party, what its facts come to) is said by its Soort.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from chain.kalender import micros
from chain.ketens.onderhoud.afgeleid import AFGELEID, AfgeleidDocument, horen
from chain.ketens.onderhoud.factuurdeel import FACTUURDELEN
from chain.ketens.onderhoud.feiten import Vermelding, in_volgorde, inhoud_van
from chain.ketens.onderhoud.soort import BERICHTEN, Bericht, BerichtDocument, Rijp, Soort, Weigering, Zaak, index_of
from chain.ketens.onderhoud.staat import Brief, Dossierstaat, Stomp, Wachter
from chain.ketens.onderhoud.uitkomst import BEWAREN, TE_GROOT, Kader, Uitkomst, omvang
from chain.ketens.onderhoud.verder import Nieuw
from chain.ketens.onderhoud.wachten import lees, stranger, to_person, wachter_van
from topics import accounts
from topics.documents import Account, Bevinding, Document, Ernst, Posting, Reden
from topics.documents.besluit import Besluit
from topics.documents.keten import Uitval
from topics.envelope import Envelope
from topics.errors import UnknownDocument
from topics.runtime.step import DeadLetter, Record

_LEEG: Final = Dossierstaat()


def decide_as(
    soort: Soort,
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat | Stomp | None,
    envelope: Envelope,
    document: Document,
    record: Record,
) -> Uitkomst:
    """The outcome of an event on the log for the dossier `sleutel`, of the kind `soort`.

    Raises UnknownDocument for a document that has no place on a dossier of that kind, ValueError for terms that cannot
    be counted with (a calendar without working days).
    """
    if isinstance(document, BERICHTEN) and isinstance(document, soort.berichten):
        bericht = Bericht(document, envelope, record, inhoud_van(envelope, record.value or b""))
        if isinstance(staat, Stomp):
            return _at_stub(kader, staat, bericht)
        return _message(Zaak(kader, soort, sleutel), staat or _LEEG, bericht)
    if isinstance(document, (Uitval, Besluit)) and soort.berichten:
        if isinstance(staat, Stomp):
            return Uitkomst()
        return _letter(Zaak(kader, soort, sleutel), staat or _LEEG, envelope, document)
    if isinstance(document, AFGELEID) and isinstance(document, soort.afgeleid):
        if isinstance(staat, Stomp):
            return Uitkomst()
        return _hear(Zaak(kader, soort, sleutel), staat or _LEEG, envelope, document)
    raise UnknownDocument(f"type {envelope.type!r} has no place on {sleutel!r} in the log of the keten {kader.keten}")


def _message(zaak: Zaak, staat: Dossierstaat, bericht: Bericht) -> Uitkomst:
    document = bericht.document
    soort = zaak.soort
    known = _known(staat, document.afzender, document.berichtnummer)
    if bericht.inhoud in known:
        return Uitkomst(postings=(accounts.moved(bericht.envelope, Account.ONDERWEG, Account.DUBBEL),))
    revised = soort.herziet is not None and soort.herziet(staat, bericht)
    refusal = soort.weigert(staat, bericht) if soort.weigert is not None and not revised else None
    if known and not revised:
        text = f"berichtnummer {document.berichtnummer}: andere inhoud gevonden dan eerder; verwacht een nieuw nummer"
        return _refused(zaak, staat, bericht, refusal or Weigering(Reden.STRIJDIG, text))
    if (size := omvang(staat)) > TE_GROOT:
        text = f"dossier: {size} bytes gevonden; verwacht ten hoogste {TE_GROOT}"
        return _refused(zaak, staat, bericht, Weigering(Reden.TE_GROOT, text))
    if refusal is not None:
        return _refused(zaak, staat, bericht, refusal)
    if staat.feiten or not zaak.soort.wacht:
        if not _may_speak(zaak, staat, document):
            return stranger(zaak.kader, bericht, Account.ONDERWEG)
    elif not zaak.soort.sticht(zaak.sleutel, document):
        return _wait(zaak, staat, bericht)
    return _apply(zaak, staat, bericht)


def _apply(zaak: Zaak, staat: Dossierstaat, bericht: Bericht) -> Uitkomst:
    """The message becomes a fact; with the one that founds the dossier what waited for it is judged in the same step."""
    postings = [_applied(staat, bericht, Account.ONDERWEG)]
    new, last = _with_fact(zaak, staat, bericht)
    if not staat.wachtend:
        return _rounded(zaak, new, postings, (), Nieuw(last) if last else None)
    return _judged(zaak, new, staat.wachtend, postings)


def _judged(zaak: Zaak, staat: Dossierstaat, wachtend: Sequence[Wachter], postings: list[Posting]) -> Uitkomst:
    """Everything that waited becomes a fact, or goes to a person as of a stranger."""
    letters: list[DeadLetter] = []
    reeks, new = staat.reeks, staat
    for wachter in wachtend:
        waited = lees(wachter)
        if _may_speak(zaak, new, waited.document):
            postings.append(_applied(new, waited, Account.WACHTEND))
            new, _ = _with_fact(zaak, new, waited)
        else:
            refused = stranger(zaak.kader, waited, Account.WACHTEND)
            postings += refused.postings
            letters += refused.dead_letters
    return _rounded(zaak, replace(new, wachtend=(), reeks=reeks), postings, letters)


def _ripened(zaak: Zaak, staat: Dossierstaat, rijp: Rijp) -> Uitkomst:
    """What others answered founds the dossier, or sends what would have founded it to a person."""
    others = tuple(wachter for wachter in staat.wachtend if wachter not in rijp.eersten)
    if rijp.weigering is None:
        return _judged(zaak, staat, (*rijp.eersten, *others), [])
    found = [to_person(zaak.kader, lees(one), Account.WACHTEND, *rijp.weigering) for one in rijp.eersten]
    new = replace(staat, wachtend=others, brieven=(*staat.brieven, *(brief for _, _, brief in found)))
    return _rounded(zaak, new, [posting for _, posting, _ in found], [letter for letter, _, _ in found])


def _rounded(
    zaak: Zaak,
    staat: Dossierstaat,
    postings: Sequence[Posting] = (),
    letters: Sequence[DeadLetter] = (),
    nieuw: Nieuw | None = None,
) -> Uitkomst:
    return zaak.soort.afronden(zaak.kader, zaak.sleutel, staat, None, postings, letters, nieuw)


def _applied(staat: Dossierstaat, bericht: Bericht, van: Account) -> Posting:
    """The message moves to `toegepast`; the same content under another number is noted (DESIGN 5)."""
    document = bericht.document
    for feit in staat.feiten:
        if feit.bewijs.endswith(bericht.inhoud) and staat.partijen[feit.afzender].gln == document.afzender:
            text = f"Berichtnummer: gevonden {document.berichtnummer} met de inhoud van {feit.nummer}; verwacht andere"
            text += " inhoud, of hetzelfde nummer bij opnieuw sturen. Het telt eenmaal."
            note = Bevinding(
                code="inhoud-al-bekend", pad="berichtnummer", ernst=Ernst.WAARSCHUWING, tekst=text, bron="Ketenbus"
            )
            return accounts.moved(bericht.envelope, van, Account.TOEGEPAST, bevindingen=(note,))
    return accounts.moved(bericht.envelope, van, Account.TOEGEPAST)


def _with_fact(zaak: Zaak, staat: Dossierstaat, bericht: Bericht) -> tuple[Dossierstaat, Vermelding | None]:
    """The dossier with the fact in its place; and the fact when it plainly comes last and is no version of the order."""
    parties = list(staat.partijen)
    sender = index_of(parties, bericht.document.afzender, bericht.envelope.source)
    fact = zaak.soort.vermeld(zaak.kader, bericht, parties, sender)
    facts = staat.feiten
    if facts and (fact.alleen_dag or facts[-1].alleen_dag or fact.gebeurd <= facts[-1].gebeurd):
        placed = in_volgorde((*facts, fact), [party.gln for party in parties])
        last = None
    else:
        placed = (*facts, fact)
        last = fact if fact.versie is None else None
    new = replace(
        staat,
        reeks=staat.reeks + 1,
        bijgewerkt=max(staat.bijgewerkt, micros(fact.bekend)),
        partijen=tuple(parties),
        feiten=placed,
        geschorst=False,
        gedeeld=staat.gedeeld or (fact.versie is not None and fact.subnummer is not None),
    )
    return new, last


def _wait(zaak: Zaak, staat: Dossierstaat, bericht: Bericht) -> Uitkomst:
    new = replace(_touched(staat, bericht.envelope), wachtend=(*staat.wachtend, wachter_van(bericht)))
    posting = accounts.moved(bericht.envelope, Account.ONDERWEG, Account.WACHTEND)
    return _rounded(zaak, new, (posting,))


def _refused(zaak: Zaak, staat: Dossierstaat, bericht: Bericht, weigering: Weigering) -> Uitkomst:
    """A message of a party that a person must see: the dossier is `onvolledig` until that is decided (DESIGN 7)."""
    letter, posting, brief = to_person(zaak.kader, bericht, Account.ONDERWEG, *weigering)
    new = replace(_touched(staat, bericht.envelope), brieven=(*staat.brieven, brief))
    return _rounded(zaak, new, (posting,), (letter,))


def _at_stub(kader: Kader, staat: Stomp, bericht: Bericht) -> Uitkomst:
    """What is known is `dubbel` or `strijdig` as ever. What is new is `onbekend-dossier`: the opdracht to judge it by is
    not kept any more, which is the same to a person as one that never came."""
    document = bericht.document
    if document.afzender not in staat.glns:
        return stranger(kader, bericht, Account.ONDERWEG)
    reden = Reden.ONBEKEND_DOSSIER
    text = f"dossier is {staat.toestand} en afgesloten; verwacht geen berichten meer"
    for sender, number, content in staat.berichten:
        if number == document.berichtnummer and staat.glns[sender] == document.afzender:
            if content == bericht.inhoud:
                return Uitkomst(postings=(accounts.moved(bericht.envelope, Account.ONDERWEG, Account.DUBBEL),))
            reden = Reden.STRIJDIG
    letter, posting, _ = to_person(kader, bericht, Account.ONDERWEG, reden, text)
    return Uitkomst(postings=(posting,), dead_letters=(letter,))


def _letter(zaak: Zaak, staat: Dossierstaat, envelope: Envelope, document: Uitval | Besluit) -> Uitkomst:
    """An adapter's dead letter of this dossier, or a person's decision that closes one."""
    others = tuple(brief for brief in staat.brieven if brief.id != document.brief)
    letters = (*others, Brief(document.brief, document.afzender)) if isinstance(document, Uitval) else others
    if len(letters) == len(staat.brieven):
        return Uitkomst()
    return _rounded(zaak, replace(_touched(staat, envelope), brieven=letters))


def _hear(zaak: Zaak, staat: Dossierstaat, envelope: Envelope, document: AfgeleidDocument) -> Uitkomst:
    """What another dossier told; it is no message of a partner, so it has no place in the account."""
    heard = horen(staat, envelope, document)
    if heard is None:
        return Uitkomst()
    new = replace(_touched(staat, envelope), gehoord=heard)
    if zaak.soort.wacht and not (new.feiten or new.wachtend or new.brieven):
        # of an order that is not there: kept for when it comes, and nothing to show
        return Uitkomst(staat=new, due=new.bijgewerkt + BEWAREN)
    if zaak.soort.rijp is not None and new.wachtend and not new.feiten and (ripe := zaak.soort.rijp(new)) is not None:
        return _ripened(zaak, new, ripe)
    # what invoices tell begins and ends measures
    return _rounded(zaak, new, nieuw=None if isinstance(document, FACTUURDELEN) else Nieuw(None))


def _known(staat: Dossierstaat, gln: str, number: str) -> list[bytes]:
    """Content of what this sender sent under this number, applied or waiting: one, unless a person let another take its
    place."""
    found = [feit.inhoud for feit in staat.feiten if feit.nummer == number and staat.partijen[feit.afzender].gln == gln]
    waiting = [one.inhoud for one in staat.wachtend if one.nummer == number and one.afzender == gln]
    return found + waiting


def _may_speak(zaak: Zaak, staat: Dossierstaat, document: BerichtDocument) -> bool:
    soort = zaak.soort
    return document.afzender in soort.partijen(zaak.sleutel, staat, document) or soort.sticht(zaak.sleutel, document)


def _touched(staat: Dossierstaat, envelope: Envelope) -> Dossierstaat:
    return replace(staat, reeks=staat.reeks + 1, bijgewerkt=max(staat.bijgewerkt, micros(envelope.recorded_time)))
