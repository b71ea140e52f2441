"""The state of a dossier, and its bytes: a byte that names version and kind, then msgpack without field names.

A dossier of ten messages takes about 1.8 kB (DESIGN 11). A change that a former release cannot read is a new version
byte with a decoder for the old one beside it.
"""

from typing import Final

import msgspec

from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.maten import Kern
from topics.errors import StateCorrupt
from topics.runtime.step import Record

VERSIE: Final = 1


class Partij(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A GLN that occurs in the dossier, and the partner's id once it has sent something itself."""

    gln: str
    id: str = ""


class Wachter(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A message that waits for its opdracht, until `tot`; the record is kept so that a dead letter has the original
    byte for byte."""

    afzender: str
    opdrachtgever: str
    nummer: str
    inhoud: bytes
    bekend: int
    tot: int
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    def record(self) -> Record:
        return Record(self.topic, self.partition, self.offset, self.timestamp, self.key, self.value, self.headers)


class Brief(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A dead letter of this dossier that nobody decided yet, and the GLN that sent its original."""

    id: str
    afzender: str


class Gemeten(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A measure as last published."""

    maat: int
    revisie: int
    kern: Kern


class Uitstaand(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A signal that was raised and not withdrawn.

    `ref`: the measure or event it is about; `sinds` and `tegen` as published; `getikt`: the tick that raised it;
    `oorzaak`: why a person must look; `deel`: the sub-order that it concerns.
    """

    soort: str
    ref: str
    sinds: int
    tegen: str = ""
    getikt: int = 0
    oorzaak: str = ""
    deel: str = ""


class Melding(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="m"):
    """What an order tells its unit or its vacancy. `sleutel`: of the other dossier, here and in the two below.

    `elementen`, `soort` and `specificatie` are for the unit only. `reeks`, `bekend` and `bewijs` only of what was
    heard: the teller's `reeks`, when the bus knew, and the evidence as facts keep it.
    """

    sleutel: str
    begin: int
    gereed: int | None
    vervallen: bool
    elementen: tuple[str, ...] = ()
    soort: str | None = None
    specificatie: str | None = None
    reeks: int = 0
    bekend: int = 0
    bewijs: bytes = b""


class Antwoord(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="a"):
    """What a unit answers an order: the order that came back to it, and from when on none can come."""

    sleutel: str
    herhaald_door: str | None
    termijn: int | None
    reeks: int = 0


class Onderaannemer(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="o"):
    """What a subcontractor's order tells the order above it."""

    sleutel: str
    opdrachtgever: str
    onderaannemer: str
    actief: bool
    reeks: int = 0


class Vraagregel(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line as an order needs it: as `Deelregel`, amounts as text."""

    nummer: str
    bedrag: str
    subnummer: str | None = None
    prijscode: str | None = None
    aantal: str | None = None
    prijs: str | None = None
    eenheid: str | None = None
    afgesproken: str | None = None
    meerwerk: bool = False
    geaccepteerd: str = "0"
    ingetrokken: str = "0"


class Deelvraag(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="f"):
    """What an invoice asks of an order or a contract: as `Factuurdeel`, amounts as text, days as ordinals.
    `afkoop`: amount, length of its periods, from, up to and including.

    `reeks`, `bekend` and `bewijs` only of what was heard, as of a Melding. `stappen`, only where it is told: marks of the
    acceptances and withdrawals that its lines were settled by.
    """

    sleutel: str
    factuurnummer: str
    leverancier: str
    aannemer: str
    opdrachtgever: str
    factuurdatum: int
    ontvangen: int
    te_betalen: str
    leverancier_bekend: bool = True
    iban_bekend: bool = True
    regels: tuple[Vraagregel, ...] = ()
    verwijst_naar: str | None = None
    tolerantie: str = "0"
    tolerantie_percentage: str = "0"
    regieplafond: str | None = None
    afkoop: tuple[str, str, int, int] | None = None
    periode_van: int | None = None
    periode_tot: int | None = None
    beoordeeld: bool = False
    ingetrokken: bool = False
    reeks: int = 0
    bekend: int = 0
    bewijs: bytes = b""
    stappen: tuple[int, ...] = ()
    typecode: str = "380"


class Regeloordeel(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an order says of one line of an invoice: as `Deeloordeel`, amounts as text."""

    nummer: str
    vrij: str
    reden: str = ""
    verrekend: str = "0"


class Deelantwoord(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="v"):
    """What an order or a contract answers an invoice: as `Factuurantwoord`. `bekend`: when the bus knew, of what was
    heard."""

    sleutel: str
    regels: tuple[Regeloordeel, ...] = ()
    dubbel: str | None = None
    verlegd: bool | None = None
    kent: bool = True
    reeks: int = 0
    bekend: int = 0


class Rondmelding(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="r"):
    """What an invoice tells its orders: when it was wholly settled. `bewijs` as of a Melding."""

    sleutel: str
    afgerond: int | None = None
    reeks: int = 0
    bewijs: bytes = b""


Verteld = Melding | Antwoord | Onderaannemer | Deelvraag | Deelantwoord | Rondmelding
"""What dossiers tell each other, as the one that tells and the one that hears keep it."""


class Deelstaat(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A sub-order as last published: its measures and their labels, as those of the dossier."""

    subnummer: str
    gemeten: tuple[Gemeten, ...] = ()
    etiket: tuple[int, int, str | None, str, int] | None = None


class Weging(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The judgement of an invoice as last published: its revision and a hash of what it says. `los`: its lines that name
    no order, once a step settled what is disputed of them. `betaald`: by mark of a payment that names no amount, what was
    released when it counted, in euro."""

    revisie: int
    merk: bytes
    los: Deelvraag | None = None
    betaald: tuple[tuple[int, str], ...] = ()


class Dossierstaat(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """All that `decide` knows of a dossier, of whatever kind.

    `feiten` are in the order of DESIGN 5 and empty until there is an opdracht. `etiket`: opdrachtgever, aannemer
    (indices), kind, urgency and the tenant's t0 that the measures were last published with. `bijgewerkt`: when the last event was known.
    `gehoord`: what other dossiers told this one, the last of each; `verteld`: what this one last told others.
    `eenmaal`: in één keer goed, as last published; `termijn`: the end of the unit's term that a tick has passed.
    `gedeeld`: a version of the order named a sub-number; `delen`: its sub-orders, once there are several parts.
    Of an invoice `termijn` is the end of its waiting time that a tick has passed; `weging`: what was judged of it.
    """

    reeks: int = 0
    bijgewerkt: int = 0
    partijen: tuple[Partij, ...] = ()
    feiten: tuple[Vermelding, ...] = ()
    wachtend: tuple[Wachter, ...] = ()
    brieven: tuple[Brief, ...] = ()
    gemeten: tuple[Gemeten, ...] = ()
    etiket: tuple[int, int, str | None, str, int] | None = None
    signalen: tuple[Uitstaand, ...] = ()
    geschorst: bool = False
    gehoord: tuple[Verteld, ...] = ()
    verteld: tuple[Verteld, ...] = ()
    eenmaal: bool | None = None
    termijn: int = 0
    gedeeld: bool = False
    delen: tuple[Deelstaat, ...] = ()
    weging: Weging | None = None


class Stomp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is left of a dossier that was closed for 90 days: state, parties and known message keys."""

    toestand: str
    gesloten: int
    glns: tuple[str, ...]
    berichten: tuple[tuple[int, str, bytes], ...]
    """(sender as index into `glns`, message number, content hash)"""


class Klokstand(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last tick that a task handled to its end, microseconds."""

    tot: int


Staat = Dossierstaat | Stomp | Klokstand

_encoder = msgspec.msgpack.Encoder()
_KINDS: Final[tuple[type[Staat], ...]] = (Dossierstaat, Stomp, Klokstand)
_HEAD: Final = {kind: bytes([VERSIE << 4 | index]) for index, kind in enumerate(_KINDS)}
_DECODERS: Final[dict[int, msgspec.msgpack.Decoder[Staat]]] = {
    _HEAD[kind][0]: msgspec.msgpack.Decoder(kind) for kind in _KINDS
}


def encode(staat: Staat) -> bytes:
    return _HEAD[type(staat)] + _encoder.encode(staat)


def decode(data: bytes) -> Staat:
    """Raises StateCorrupt when this release cannot read `data`."""
    decoder = _DECODERS.get(data[0]) if data else None
    if decoder is None:
        raise StateCorrupt(
            f"state begins with {data[:1].hex() or 'nothing'}, expected version {VERSIE} of a known kind"
        )
    try:
        return decoder.decode(memoryview(data)[1:])
    except msgspec.MsgspecError as error:
        raise StateCorrupt(f"state of {len(data)} bytes: {error}") from error
