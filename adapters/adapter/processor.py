"""The adapter of one kind of partner: reads `ruw.<kind>.v1`, writes events, personal data, postings and dead letters.

A message is opened in the account with its number of parts, and each part ends as one event on the log of its keten or
as one dead letter. A message of one part is one step. A message of several is opened by a step with cursor "0" and goes
on with a step per part, whose cursor is the part's number. All ids and outputs follow from the record and the profiles.
A record whose envelope names a part is that part of an earlier receipt, sent again by a decision: only it is handled,
and the receipt is not opened again.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Protocol

import msgspec

from adapters.adapter import flood, writing
from adapters.adapter.admission import sender
from adapters.adapter.coupling import coupled
from adapters.adapter.flood import Onderweg, Toestand
from adapters.adapter.mapping import Mapping
from adapters.adapter.outcome import Geweigerd, Toegelaten, Uitkomst, Weigering, part_name
from adapters.formats import is_slow
from adapters.formats import read as read_any
from adapters.formats.findings import fout
from adapters.kinds import Kind
from adapters.message import Gelezen
from topics.accounts import WHOLE, day_of, opened
from topics.documents import Posting, Reden, ce_type, decode
from topics.documents.keten import Hervat, Tik
from topics.envelope import Envelope
from topics.profile.profile import Overstroming, Profiel
from topics.profile.registry import Registry
from topics.resend import coupling
from topics.runtime.step import Record, StateView, Step

CONTROL = tuple(ce_type(document).rpartition(".v")[0] + ".v" for document in (Tik, Hervat))
"""Types on `ruw.*` that are ours, in any version; everything else is a message of a partner."""


class Reader(Protocol):
    """`adapters.formats.read`, or that with other formats: never raises on content, gives at least one part."""

    def __call__(self, raw: bytes, content_type: str = "", allowed: Collection[str] | None = None) -> Gelezen: ...


class _Message(msgspec.Struct, frozen=True):
    """A partner's message under way, its parts read but not yet mapped. `refusal`: its sender may not send at all."""

    record: Record
    envelope: Envelope
    profile: Profiel | None
    refusal: Geweigerd | None = None
    mapping: Mapping | None = None
    read: Gelezen | None = None

    @property
    def count(self) -> int:
        return len(self.read.delen) if self.read is not None else 1

    def outcome(self, number: int) -> Uitkomst:
        """Of part `number`, counted from 1."""
        if self.refusal is not None:
            return self.refusal
        if self.envelope.part == WHOLE and self.count > 1:
            tekst = (
                f"Bericht: gevonden {self.count} delen, verwacht één geheel, zoals toen het binnenkwam. Vervang de brief "
                "door dezelfde bytes: dan krijgt elk deel een plaats."
            )
            return Geweigerd(reden=Reden.ONGELDIG, bevindingen=(fout("geheel-heeft-delen", "/", tekst, "Ketenbus"),))
        if self.read is None or self.mapping is None or number > self.count:
            tekst = f"Deel: gevonden {self.count} delen, verwacht een deel {number}, zoals toen het bericht binnenkwam."
            return Geweigerd(reden=Reden.ONGELDIG, bevindingen=(fout("deel-bestaat-niet", "/", tekst, "Ketenbus"),))
        deel = self.read.delen[number - 1]
        koppeling = coupling(self.record.headers) if self.envelope.part else None
        return self.mapping.part(deel if koppeling is None else coupled(deel, koppeling))


class AdapterProcessor:
    """Processor[Toestand]; its state is kept per partner (adapters.adapter.flood)."""

    def __init__(self, kind: Kind, registry: Registry, read: Reader = read_any) -> None:
        self._kind, self._registry, self._read = kind, registry, read

    def adopt(self, registry: Registry) -> None:
        """From the next record on, look things up in `registry`."""
        self._registry = registry

    @property
    def name(self) -> str:
        return self._kind.processor

    @property
    def topic(self) -> str:
        return self._kind.raw_topic

    @property
    def stateful(self) -> bool:
        return True

    def encode(self, state: Toestand) -> bytes:
        return flood.encode(state)

    def decode(self, data: bytes) -> Toestand:
        return flood.decode(data)

    def beside(self, record: Record) -> Callable[[], object] | None:
        """Reading a message that is slow to read; the format keeps what took the time (see `topics.runtime.step.Beside`)."""
        raw = record.value
        return partial(self._ahead, record) if raw and is_slow(raw) else None

    def _ahead(self, record: Record) -> None:
        """What `process` reads, by the formats that this sender agreed to: no other makes the rules work."""
        self._message(record, record.envelope())

    def process(self, record: Record, state: StateView[Toestand], cursor: str | None) -> Iterator[Step[Toestand]]:
        envelope = record.envelope()
        if envelope.type.startswith(CONTROL):
            yield self._control(record, envelope, state)
            return
        message = self._message(record, envelope)
        if envelope.part or message.count == 1:
            yield self._single(message, state)
        else:
            yield from self._several(message, state, cursor)

    def suspend(self, key: str, state: StateView[Toestand], record: Record, error: str) -> Step[Toestand] | None:
        """Sets apart the one part of a message of several whose handling raised; the others go on."""
        held = state.get(key)
        envelope = record.envelope()
        if envelope.part or held is None or held.onderweg is None or held.onderweg.ontvangst != envelope.id:
            return None
        number = held.onderweg.deel + 1
        profile = self._registry.partner(envelope.source, day_of(envelope.recorded_time))
        outcome = Geweigerd(reden=Reden.ONVERWACHT, bevindingen=(fout("onverwacht", "/", error, "Ketenbus"),))
        held = msgspec.structs.replace(held, onderweg=Onderweg(envelope.id, number))
        return self._step(_Message(record, envelope, profile), str(number), outcome, held, cursor=str(number))

    def _control(self, record: Record, envelope: Envelope, state: StateView[Toestand]) -> Step[Toestand]:
        document = decode(envelope.type, record.value or b"")
        if isinstance(document, Hervat):
            held = flood.lifted(state.get(document.partner))
            return Step(
                key=document.partner,
                state=held,
                facets=facets(document.partner, held) if held is not None else (),
                outputs=(writing.resumption(envelope, document),),
            )
        if isinstance(document, Tik):
            mark = writing.watermark(record, envelope, document)
            return Step(key=mark.key.decode(), outputs=(mark,))
        raise TypeError(f"{envelope.type}: found {type(document).__name__}, expected Tik or Hervat")

    def _message(self, record: Record, envelope: Envelope) -> _Message:
        raw = record.value or b""
        if not envelope.sha256:
            envelope = msgspec.structs.replace(envelope, sha256=hashlib.sha256(raw).hexdigest())
        try:
            # a mapping that was added to the profile counts for what a person sends again from then on
            looked_up = max(envelope.time, envelope.recorded_time) if envelope.part else envelope.recorded_time
            profile = sender(self._registry, self._kind, envelope.source, looked_up)
        except Weigering as refused:
            refusal = Geweigerd(reden=refused.reden, bevindingen=refused.bevindingen)
            return _Message(record, envelope, None, refusal)
        mapping = Mapping(self._registry, self._kind, profile, envelope.recorded_time)
        read = self._read(raw, envelope.content_type, profile.formaten)
        return _Message(record, envelope, profile, None, mapping, read)

    def _single(self, message: _Message, state: StateView[Toestand]) -> Step[Toestand]:
        """The one step of a message of one part, or of one part that is sent again."""
        envelope = message.envelope
        held = state.get(envelope.source) or Toestand()
        again = envelope.part
        outcome = message.outcome(int(again) if again.isdecimal() else 1)
        if again:
            return self._step(message, again, outcome, held, several=message.count > 1)
        return self._step(message, part_name(1, 1, outcome), outcome, held, opening=(opened(envelope, 1),))

    def _several(self, message: _Message, state: StateView[Toestand], cursor: str | None) -> Iterator[Step[Toestand]]:
        envelope, partner = message.envelope, message.envelope.source
        if cursor is None:
            held = msgspec.structs.replace(state.get(partner) or Toestand(), onderweg=Onderweg(envelope.id, 0))
            opening = (opened(envelope, message.count),)
            yield Step(key=partner, state=held, facets=facets(partner, held), postings=opening, cursor="0")
        for number in range(int(cursor or 0) + 1, message.count + 1):
            held = state.get(partner) or Toestand()
            under_way = Onderweg(envelope.id, number) if number < message.count else None
            held = msgspec.structs.replace(held, onderweg=under_way)
            yield self._step(message, str(number), message.outcome(number), held, several=True, cursor=str(number))

    def _step(
        self,
        message: _Message,
        part: str,
        outcome: Uitkomst,
        held: Toestand,
        *,
        several: bool = False,
        opening: tuple[Posting, ...] = (),
        cursor: str | None = None,
    ) -> Step[Toestand]:
        record, envelope, profile = message.record, message.envelope, message.profile
        if isinstance(outcome, Toegelaten):
            written = writing.admitted(record, envelope, part, outcome, several=several)
        else:
            written = writing.refused(
                self.name, record, envelope, part, outcome, profile.gln if profile else "", several=several
            )
        limits = profile.overstroming if profile else Overstroming()
        reden = outcome.reden if isinstance(outcome, Geweigerd) else None
        # what a person sends again says nothing of its sender
        again = envelope.part != ""
        after, flooded = (held, None) if again else flood.counted(held, reden, limits, envelope.recorded_time)
        glns = (profile.gln, *profile.gln_aliassen) if profile else ()
        suspended = (writing.suspension(envelope, flooded, glns),) if flooded else ()
        return Step(
            key=envelope.source,
            state=after,
            facets=facets(envelope.source, after),
            outputs=(*written.outputs, *suspended),
            postings=(*opening, *written.postings),
            dead_letters=written.dead_letters,
            blobs=written.blobs,
            cursor=cursor,
        )


def facets(partner: str, state: Toestand) -> tuple[str, ...]:
    """`opgeschort|<partner>` while it is suspended, `laatste|<partner>|<minute>` of its last message; see `figures`."""
    last = (f"laatste|{partner}|{state.laatste}",) if state.laatste else ()
    return (f"opgeschort|{partner}", *last) if state.opgeschort is not None else last
