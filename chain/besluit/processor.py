"""Reads `keten.besluit.v1`, takes the first decision on each letter, refuses the rest, and forwards what stands.

    open ──first decision──▶ wacht (for a second person) ──keur──▶ doorgestuurd
      │ ▲                      │                                      ▲
      │ └───────intrek─────────┘                                      │
      └──first decision that needs nobody else────────────────────────┘

Everything that a decision does is written in the transaction in which its letter becomes `doorgestuurd`, so that of two
people who decide at once exactly one has effect, whatever fails in between.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from chain.besluit import rules, state
from chain.besluit.forward import forwarded, resumed
from chain.besluit.letter import Carried, carried
from chain.besluit.rules import Refusal
from chain.besluit.state import Letterstate
from topics import ids
from topics.catalogue.declarations import BESLUIT, BESLUITSTAND, DECIDER
from topics.documents import ce_type, decode, encode
from topics.documents.besluit import Besluit, Besluitsoort, Besluitstand, Toestand, Weigering
from topics.envelope import Envelope
from topics.errors import DocumentError
from topics.runtime.step import Output, Record, StateView, Step

LIMIT: Final = Decimal(5000)
"""Euro including VAT above which an invoice needs a second person, unless the settings say otherwise."""


class Decider:
    """Processor[Letterstate]; its state is kept per letter. `above`: see LIMIT."""

    name = DECIDER
    topic = BESLUIT
    stateful = True

    def __init__(self, above: Decimal = LIMIT) -> None:
        self._above = above

    def encode(self, state_: Letterstate) -> bytes:
        return state.encode(state_)

    def decode(self, data: bytes) -> Letterstate:
        return state.decode(data)

    def process(self, record: Record, view: StateView[Letterstate], cursor: str | None) -> Iterator[Step[Letterstate]]:
        envelope = record.envelope()
        document = decode(envelope.type, record.value or b"")
        if not isinstance(document, Besluit):
            raise DocumentError(f"topic {BESLUIT}: found {envelope.type}, expected {Besluit.NAME}")
        key = record.key.decode()
        found = view.get(key) or state.fresh(key, envelope.recorded_time)
        if envelope.id in found.gedaan:
            return
        yield self._decided(key, found, envelope, document)

    def suspend(self, key: str, view: StateView[Letterstate], record: Record, error: str) -> Step[Letterstate] | None:
        return None

    def _decided(self, key: str, found: Letterstate, envelope: Envelope, besluit: Besluit) -> Step[Letterstate]:
        if besluit.brief != key:
            text = f"brief: gevonden {besluit.brief[:12]!r} onder de sleutel {key[:12]!r}"
            return _refuse(key, found, envelope, besluit, Refusal("andere-brief", text))
        match besluit.soort:
            case Besluitsoort.HERVAT:
                return _resume(key, found, envelope, besluit)
            case Besluitsoort.KEUR:
                return self._confirmed(key, found, envelope, besluit)
            case Besluitsoort.INTREK:
                return _withdrawn(key, found, envelope, besluit)
        if found.stand.toestand is not Toestand.OPEN:
            return _refuse(key, found, envelope, besluit, _taken(found.stand))
        letter = rules.read(besluit)
        if isinstance(letter, Refusal):
            return _refuse(key, found, envelope, besluit, letter)
        stand = msgspec.structs.replace(
            _taken_by(key, envelope, besluit, Toestand.WACHT),
            reeks=besluit.reeks,
            kanarie=besluit.kanarie,
            wacht_op=rules.second_person(besluit, letter, self._above),
            geweigerd=found.stand.geweigerd,
        )
        taken = state.after(found, envelope.id, stand, besluit)
        if stand.wacht_op:
            return _step(key, taken, envelope)
        return _forward(key, taken, envelope, besluit, letter)

    def _confirmed(self, key: str, found: Letterstate, envelope: Envelope, keur: Besluit) -> Step[Letterstate]:
        pending = found.wacht
        if pending is None or (keur.betreft and keur.betreft != found.stand.besluit):
            return _refuse(key, found, envelope, keur, _nothing_waits(found.stand, "keuren"))
        refusal = rules.may_confirm(pending, keur)
        if refusal is not None:
            return _refuse(key, found, envelope, keur, refusal)
        stand = msgspec.structs.replace(found.stand, gekeurd_door=keur.door, bijgewerkt=envelope.recorded_time)
        confirmed = state.after(found, envelope.id, stand, pending)
        if pending.origineel is None:
            raise ValueError(f"decision {stand.besluit} waits without its letter")
        return _forward(key, confirmed, envelope, pending, carried(pending.origineel, key))


def _forward(key: str, found: Letterstate, envelope: Envelope, besluit: Besluit, letter: Carried) -> Step[Letterstate]:
    """The letter itself is kept no longer: nothing is decided on it any more."""
    done = forwarded(found.stand.besluit or envelope.id, besluit, letter, envelope.recorded_time)
    stand = msgspec.structs.replace(
        found.stand, toestand=Toestand.DOORGESTUURD, naar=done.naar, ontvangst=done.ontvangst
    )
    after = msgspec.structs.replace(found, stand=stand, wacht=None)
    step = _step(key, after, envelope)
    return msgspec.structs.replace(step, outputs=(*done.outputs, *step.outputs), postings=done.postings)


def _withdrawn(key: str, found: Letterstate, envelope: Envelope, besluit: Besluit) -> Step[Letterstate]:
    if found.wacht is None or (besluit.betreft and besluit.betreft != found.stand.besluit):
        return _refuse(key, found, envelope, besluit, _nothing_waits(found.stand, "in te trekken"))
    if not rules.person(besluit.door):
        text = "door: niets gevonden, verwacht wie dit intrekt"
        return _refuse(key, found, envelope, besluit, Refusal("zonder-naam", text))
    stand = Besluitstand(
        brief=key, toestand=Toestand.OPEN, bijgewerkt=envelope.recorded_time, geweigerd=found.stand.geweigerd
    )
    return _step(key, state.after(found, envelope.id, stand, None), envelope)


def _resume(key: str, found: Letterstate, envelope: Envelope, besluit: Besluit) -> Step[Letterstate]:
    """Of a partner, not of a letter: each one counts."""
    refusal = rules.may_resume(key, besluit)
    if refusal is not None:
        return _refuse(key, found, envelope, besluit, refusal)
    lifted = resumed(envelope.id, besluit, envelope.recorded_time)
    if lifted is None:
        text = f"naar: gevonden {besluit.naar!r} voor {besluit.voor!r}, verwacht een partner en zijn topic van ruwe berichten"
        return _refuse(key, found, envelope, besluit, Refusal("past-niet", text))
    stand = _taken_by(key, envelope, besluit, Toestand.DOORGESTUURD)
    step = _step(key, state.after(found, envelope.id, stand, None), envelope)
    return msgspec.structs.replace(step, outputs=(lifted, *step.outputs))


def _taken_by(key: str, envelope: Envelope, besluit: Besluit, toestand: Toestand) -> Besluitstand:
    return Besluitstand(
        brief=key,
        toestand=toestand,
        bijgewerkt=envelope.recorded_time,
        besluit=envelope.id,
        soort=besluit.soort,
        door=besluit.door,
        op=besluit.op,
        toelichting=besluit.toelichting,
    )


def _refuse(key: str, found: Letterstate, envelope: Envelope, besluit: Besluit, refusal: Refusal) -> Step[Letterstate]:
    told = Weigering(
        besluit=envelope.id, soort=besluit.soort, door=besluit.door, code=refusal.code, tekst=refusal.tekst
    )
    return _step(key, state.refused(found, told, envelope.recorded_time), envelope)


def _taken(stand: Besluitstand) -> Refusal:
    waits = "wacht op een tweede persoon" if stand.toestand is Toestand.WACHT else "is doorgestuurd"
    return Refusal("al-besloten", f"{stand.door} besloot al {stand.soort} op {_moment(stand.op)}; dat {waits}")


def _nothing_waits(stand: Besluitstand, what: str) -> Refusal:
    if stand.toestand is Toestand.DOORGESTUURD:
        return Refusal("al-doorgestuurd", f"{stand.soort} van {stand.door} is al doorgestuurd; er is niets meer {what}")
    return Refusal("niets-wacht", f"er wacht geen (of een ander) besluit op deze brief; er is niets {what}")


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at is not None else "?"


def _step(key: str, after: Letterstate, envelope: Envelope) -> Step[Letterstate]:
    """The new state, told on `keten.besluitstand.v1`."""
    type_ = ce_type(Besluitstand)
    told = Envelope(
        id=ids.derived_id(envelope.id, type_, key),
        source=DECIDER,
        type=type_,
        time=envelope.recorded_time,
        recorded_time=envelope.recorded_time,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.id,
    )
    output = Output(BESLUITSTAND, key.encode(), encode(after.stand), told.headers())
    facets = (f"besluit|{after.stand.toestand.value}",)
    return Step(key=key, state=after, facets=facets, outputs=(output,))
