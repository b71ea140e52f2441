"""Messages that wait in a dossier, and messages that leave for a person. Pure."""

from chain.kalender import UUR, micros
from chain.ketens.onderhoud.soort import BERICHTEN, Bericht, BerichtDocument
from chain.ketens.onderhoud.staat import Brief, Wachter
from chain.ketens.onderhoud.uitkomst import WACHTTIJD, Kader, Uitkomst
from topics import accounts, documents
from topics.deadletters import id_of
from topics.documents import Account, Bevinding, Posting, Reden
from topics.documents.factuur import Factuur
from topics.documents.onderhoud import Mutatie, Opdracht
from topics.errors import UnknownDocument
from topics.runtime.step import DeadLetter


def wachter_van(bericht: Bericht) -> Wachter:
    """The message as it waits, by the waiting time of its terms."""
    record, document = bericht.record, bericht.document
    known = micros(bericht.envelope.recorded_time)
    hours = _hours(document)
    return Wachter(
        document.afzender,
        document.opdrachtgever,
        document.berichtnummer,
        bericht.inhoud,
        known,
        known + (WACHTTIJD if hours is None else hours * UUR),
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value or b"",
        tuple(record.headers),
    )


def lees(wachter: Wachter) -> Bericht:
    """A waiting message as it came. Raises as `documents.decode`."""
    record = wachter.record()
    envelope = record.envelope()
    document = documents.decode(envelope.type, wachter.value)
    if not isinstance(document, BERICHTEN):
        raise UnknownDocument(f"type {envelope.type!r} cannot wait for what founds its dossier")
    return Bericht(document, envelope, record, wachter.inhoud)


def to_person(
    kader: Kader,
    bericht: Bericht,
    van: Account,
    reden: Reden,
    tekst: str,
    bevindingen: tuple[Bevinding, ...] = (),
) -> tuple[DeadLetter, Posting, Brief]:
    """The message leaves the account `van` for a person: its letter, its posting, and what the dossier keeps of it."""
    envelope, record = bericht.envelope, bericht.record
    letter = DeadLetter(
        original=record,
        reden=reden,
        tekst=tekst,
        bevindingen=bevindingen,
        dossier=record.key.decode(),
        partner=envelope.source,
    )
    posting = accounts.moved(envelope, van, Account.UITVAL, reden=reden, bevindingen=bevindingen)
    brief = Brief(id_of(record, envelope, envelope.part, kader.stage), bericht.document.afzender)
    return letter, posting, brief


def stranger(kader: Kader, bericht: Bericht, van: Account) -> Uitkomst:
    """Of no party: it leaves no trace in the dossier, so that a stranger cannot hold anything up in it."""
    text = (
        f"afzender {bericht.document.afzender}: geen partij bij dit dossier; verwacht een partij die de opdracht noemt"
    )
    letter, posting, _ = to_person(kader, bericht, van, Reden.ONBEVOEGD, text)
    return Uitkomst(postings=(posting,), dead_letters=(letter,))


def _hours(document: BerichtDocument) -> int | None:
    if isinstance(document, Factuur):
        return document.voorwaarden.wachttijd_uren
    return None if isinstance(document, (Opdracht, Mutatie)) else document.wachttijd_uren
