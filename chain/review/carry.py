"""A decision as it is written: the whole letter with it, judged by the same rules as `chain/besluit` before it is sent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import msgspec

from chain.besluit import rules
from chain.besluit.letter import RAW
from chain.besluit.rules import Refusal
from chain.review import invoices
from chain.review.controle import Checker
from topics import documents, ids
from topics.accounts import day_of
from topics.blobs import BlobStore
from topics.catalogue.declarations import BESLUIT
from topics.catalogue.topic import DEAD_LETTER_SUFFIX
from topics.documents import ce_type
from topics.documents.besluit import Besluit, Besluitsoort, Besluitstand, Kop, Koppeling, Origineel, Vervanging
from topics.envelope import Envelope
from topics.errors import Refused
from topics.profile.registry import Registry
from topics.profile.supplier import account_number
from topics.runtime.claims import claimed
from topics.runtime.step import Output
from topics.view.database import Engine
from topics.view.original import Original, Place
from topics.view.search import Letter

SOURCE: Final = "review"
_INLINE: Final = 500_000
"""Bytes of an event that a decision carries itself; a larger one it carries by reference."""


class Sender(Protocol):
    async def send(self, output: Output) -> object:
        """Acknowledged when this returns. Raises Unavailable."""
        ...


@dataclass(frozen=True)
class Desk:
    """What the functions need. `originals`: records by their place; those past their retention are left out."""

    engine: Engine
    originals: Callable[[Sequence[Place]], Awaitable[Mapping[Place, Original]]]
    sender: Sender
    blobs: BlobStore
    now: Callable[[], datetime]
    registry: Registry | None = None
    checker: Checker | None = None


class Sent(msgspec.Struct, frozen=True):
    """A decision that was written: its id, and its letter's."""

    id: str
    brief: str


async def originals(desk: Desk, wanted: Sequence[Letter]) -> dict[str, Original]:
    places = {letter.id: Place(letter.topic, letter.partitie, letter.positie) for letter in wanted}
    found = await desk.originals(list(places.values()))
    return {brief: found[place] for brief, place in places.items() if place in found}


async def carrying(
    desk: Desk,
    letter: Letter,
    original: Original,
    soort: Besluitsoort,
    door: str,
    reden: str,
    koppeling: Koppeling | None,
    vervanging: Vervanging | None,
    *,
    reeks: str | None = None,
    kanarie: str | None = None,
) -> Besluit:
    raw = letter.topic.removesuffix(DEAD_LETTER_SUFFIX) in RAW
    seen = await asyncio.to_thread(invoices.told, original.body) if raw else None
    besluit = Besluit(
        brief=letter.id,
        soort=soort.value,
        door=door.strip(),
        op=desk.now(),
        toelichting=reden.strip(),
        origineel=await _carried(desk, original, letter, raw=raw),
        koppeling=koppeling,
        vervanging=vervanging,
        reeks=reeks,
        kanarie=kanarie,
        factuur=seen.invoice if seen else None,
        bedrag=seen.amount if seen else None,
        rekening_bekend=_known(desk, letter.partner, seen.accounts) if seen else None,
    )
    refusal = rules.read(besluit)
    if isinstance(refusal, Refusal):
        raise Refused(f"{refusal.code}: {refusal.tekst}")
    return besluit


def _known(desk: Desk, partner: str, accounts: Sequence[str]) -> bool | None:
    """Whether a client of `partner` knows all these accounts today, of which one is no G-account; None when that cannot be
    told. Which client it is about is judged where the message is read, and an account unknown to that one is not paid."""
    day = day_of(desk.now())
    own = desk.registry.partner(partner, day) if desk.registry is not None else None
    if desk.registry is None or own is None or not accounts:
        return None
    asked = {account_number(one) for one in accounts}
    for name in desk.registry.partners():
        client = desk.registry.partner(name, day)
        terms = desk.registry.terms(client, desk.registry.canonical(own.gln), day) if client is not None else None
        plain = {account_number(one) for one in terms.facturen.ibans} if terms is not None else set()
        if terms is not None and asked & plain and asked <= plain | set(map(account_number, terms.facturen.g_ibans)):
            return True
    return False


async def _carried(desk: Desk, original: Original, letter: Letter, *, raw: bool) -> Origineel:
    """What a partner sent may hold personal data, and decisions are kept for ever: it goes by reference."""
    record = original.record
    whole = record.value or b""
    inside = not raw and len(whole) <= _INLINE
    blob = None if inside or claimed(record.headers) else await asyncio.to_thread(desk.blobs.put, whole)
    return Origineel(
        topic=letter.topic,
        partitie=letter.partitie,
        positie=letter.positie,
        sleutel=record.key.decode("utf-8", "replace"),
        koppen=tuple(Kop(name, value) for name, value in record.headers),
        waarde=whole if inside else None,
        blob=blob,
    )


async def replacement(desk: Desk, letter: Letter, body: bytes, content_type: str) -> Vervanging:
    if desk.checker is None:
        raise Refused("vervang: er is geen controle om het verbeterde bericht aan voor te leggen")
    report = await desk.checker.check(letter.partner, body, content_type)
    if report.uitkomst != rules.VALID:
        why = "; ".join(one.tekst for one in report.bevindingen[:3])
        raise Refused(f"het verbeterde bericht is {report.uitkomst}: {why}")
    blob = await asyncio.to_thread(desk.blobs.put, body)
    told = await asyncio.to_thread(invoices.told, body)
    return Vervanging(
        blob=blob, inhoudstype=content_type, grootte=len(body), oordeel=report.uitkomst, factuur=told.invoice
    )


def about(desk: Desk, stand: Besluitstand, soort: Besluitsoort, door: str, reden: str) -> Besluit:
    if not rules.person(door):
        raise Refused("door: niets gevonden, verwacht wie dit doet")
    return Besluit(
        brief=stand.brief,
        soort=soort.value,
        door=door.strip(),
        op=desk.now(),
        toelichting=reden.strip(),
        betreft=stand.besluit,
        reeks=stand.reeks,
    )


async def write(desk: Desk, besluit: Besluit) -> Sent:
    about = besluit.betreft or besluit.reeks or ""
    decision = ids.decision_id(besluit.brief, besluit.soort, besluit.door, besluit.op, about)
    envelope = Envelope(
        id=decision, source=SOURCE, type=ce_type(Besluit), time=besluit.op, recorded_time=besluit.op, actor=besluit.door
    )
    await desk.sender.send(Output(BESLUIT, besluit.brief.encode(), documents.encode(besluit), envelope.headers()))
    return Sent(decision, besluit.brief)
