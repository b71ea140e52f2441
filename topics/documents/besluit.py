"""What people decide on dead letters, and what became of that (DESIGN 7)."""

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import msgspec

from topics.documents.document import Document, Instant
from topics.documents.keten import Account


class Besluitsoort(StrEnum):
    """koppel: set a reference, then send again. vervang: the partner's corrected bytes take its place. hermap: a mapping
    was added to the profile, send again. stuur: send again as it is. retour: back to the sender. afvoer: settled without
    effect. keur: confirm what another person decided. intrek: take back what was not forwarded yet. hervat: lift a
    partner's suspension, the only one that is about no letter."""

    KOPPEL = "koppel"
    VERVANG = "vervang"
    HERMAP = "hermap"
    STUUR = "stuur"
    RETOUR = "retour"
    AFVOER = "afvoer"
    KEUR = "keur"
    INTREK = "intrek"
    HERVAT = "hervat"


class Koppeling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """References and nothing else, so that nobody can alter an amount, a date or a party by them (ONDERHOUD 5).

    `opdrachtnummer`: of the message (of an invoice: of every line that names no order of its own, or the former one).
    `regels`: order number by the number of the line. `contract`: of a periodic invoice.
    """

    opdrachtnummer: str | None = None
    regels: dict[str, str] = msgspec.field(default_factory=dict)
    contract: str | None = None


class Kop(msgspec.Struct, frozen=True, gc=False):
    """A header of a record."""

    naam: str
    waarde: bytes


class Origineel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The dead letter as it stands on its topic, `dlq.*` headers included. Its body: `waarde`, or `blob` in the object
    store: always so for what a partner sent, because decisions are kept for ever and bodies are not."""

    topic: str
    partitie: int
    positie: int
    sleutel: str
    koppen: tuple[Kop, ...]
    waarde: bytes | None = None
    blob: str | None = None


class Vervanging(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The corrected message of the same sender, in the object store. `oordeel` is what `POST /v1/controle` said of it;
    `factuur` whether it is an invoice, None when that cannot be told."""

    blob: str
    inhoudstype: str
    grootte: int
    oordeel: str
    factuur: bool | None = None


class Besluit(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A person's decision on a dead letter; keyed by letter on `keten.besluit.v1`. On a log, without `origineel`: the
    letter of that dossier is closed.

    `soort`: a Besluitsoort; one that this release does not know is refused, not a stop. `op`: when the person decided.
    `toelichting`: why. `naar`: of `hervat` the topic of the partner's messages. `betreft`: of `keur` and `intrek`, the
    decision that they are about. `reeks`: the set that it was decided in; `kanarie`: the letter of the set that goes
    first; `kanarie_uitkomst`: of a `keur`, where that letter came to. `factuur`, `bedrag` (euro including VAT): whether
    the letter is an invoice and of how much, as far as the desk could tell from bytes that this processor does not see;
    `rekening_bekend`: whether a client knows all accounts that it asks for. `voor`: of `hervat`, the partner.
    """

    NAME: ClassVar[str] = "besluit"
    VERSION: ClassVar[int] = 1

    brief: str
    soort: str
    door: str
    op: Instant
    toelichting: str = ""
    naar: str | None = None
    origineel: Origineel | None = None
    koppeling: Koppeling | None = None
    vervanging: Vervanging | None = None
    betreft: str | None = None
    reeks: str | None = None
    kanarie: str | None = None
    kanarie_uitkomst: str | None = None
    factuur: bool | None = None
    bedrag: Decimal | None = None
    rekening_bekend: bool | None = None
    voor: str | None = None


class Toestand(StrEnum):
    """Of a letter, as its decisions left it. open: none stands. wacht: for a second person. doorgestuurd: the outcome is
    on the topics; nothing changes it any more."""

    OPEN = "open"
    WACHT = "wacht"
    DOORGESTUURD = "doorgestuurd"


class Weigering(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A decision that has no effect, and why; `code` is stable."""

    besluit: str
    soort: str
    door: str
    code: str
    tekst: str


class Besluitstand(Document, frozen=True, kw_only=True, omit_defaults=True):
    """What the decisions on a letter came to; compacted, keyed by letter on `keten.besluitstand.v1`.

    `besluit`: id of the decision that stands, with its `soort`, `door`, `op`, `toelichting`, `reeks` and `kanarie`;
    absent while open. `wacht_op`: why a second person must confirm (bedrag, iban, reeks, mogelijk-dubbel,
    factuur-onbekend-bedrag).
    `gekeurd_door`: who did. `naar`: the account that the part went to; `ontvangst`: the receipt of a replacement.
    `geweigerd`: the latest decisions without effect.
    """

    NAME: ClassVar[str] = "besluitstand"
    VERSION: ClassVar[int] = 1

    brief: str
    toestand: Toestand
    bijgewerkt: Instant
    besluit: str | None = None
    soort: str | None = None
    door: str | None = None
    op: Instant | None = None
    toelichting: str = ""
    reeks: str | None = None
    kanarie: str | None = None
    wacht_op: tuple[str, ...] = ()
    gekeurd_door: str | None = None
    naar: Account | None = None
    ontvangst: str | None = None
    geweigerd: tuple[Weigering, ...] = ()
    """Latest last."""
