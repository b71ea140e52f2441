"""The report of a comparison, before it is shown as a table, JSON or a page. The words in it are Dutch: partners read it."""

from enum import StrEnum
from typing import Final

import msgspec

VERSIE: Final = 1


class Soort(StrEnum):
    """What happened to one thing between old and new. `opgelost`: of a dead letter, that it is none any more."""

    NIEUW = "nieuw"
    WEG = "weg"
    GEWIJZIGD = "gewijzigd"
    OPGELOST = "opgelost"


class Veld(msgspec.Struct, frozen=True):
    """One field: its path, and what it said; None: nothing."""

    pad: str
    oud: str | None
    nieuw: str | None


class Regel(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that differs. `wat`: its kind in a word; `velden`: of what is new or gone what it says."""

    soort: Soort
    wat: str
    dossier: str = ""
    partner: str = ""
    ontvangst: str = ""
    deel: str = ""
    velden: tuple[Veld, ...] = ()


class Groep(msgspec.Struct, frozen=True, kw_only=True):
    """The same change in `aantal` (two or more) things."""

    wat: str
    veld: Veld
    aantal: int


class Sectie(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of outcome. `oud`, `nieuw`: how many there are of it on either side; `gelijk`: that say the same.

    `regels`: in the order of their dossiers, `weggelaten` more were left out; `groepen`: largest first.
    """

    naam: str
    titel: str
    oud: int
    nieuw: int
    gelijk: int
    tellingen: dict[Soort, int] = {}
    groepen: tuple[Groep, ...] = ()
    regels: tuple[Regel, ...] = ()
    weggelaten: int = 0


class Duur(msgspec.Struct, frozen=True):
    """A quantile. `bereikt` False: it lies beyond `seconden`, because so much is still open."""

    seconden: int
    bereikt: bool


class Cijfer(msgspec.Struct, frozen=True, kw_only=True):
    """Key figures of a group on one side; None where nothing was measured. `open`: of `n`."""

    n: int = 0
    open: int = 0
    p50: Duur | None = None
    p90: Duur | None = None
    gevallen: int = 0
    gehaald: int = 0


class Kengetal(msgspec.Struct, frozen=True, kw_only=True):
    """A group of lead times that differs."""

    opdrachtgever: str
    aannemer: str
    maat: str
    soort: str
    urgentie: str
    keten: str
    oud: Cijfer
    nieuw: Cijfer


class Rekening(msgspec.Struct, frozen=True, kw_only=True):
    """How many parts of messages of a partner are in an account."""

    partner: str
    rekening: str
    oud: int
    nieuw: int


class Kant(msgspec.Struct, frozen=True, kw_only=True):
    """One side: what was asked for, which release played it, and how fast. `niet_genomen`: decisions that could not be
    taken on it, by why."""

    naam: str
    release: str
    catalogus: str
    gespeeld: int
    seconden: float
    niet_genomen: dict[str, int] = {}


class Rapport(msgspec.Struct, frozen=True, kw_only=True):
    """`van`, `tot`: the time that the capture speaks of; figures stand per `tot`. `namen`: of partners, by id and GLN."""

    versie: int = VERSIE
    opname: str
    berichten: int
    besluiten: int
    tikken: str
    van: str
    tot: str
    oud: Kant
    nieuw: Kant
    secties: tuple[Sectie, ...]
    kengetallen: tuple[Kengetal, ...] = ()
    verantwoording: tuple[Rekening, ...] = ()
    opmerkingen: tuple[str, ...] = ()
    namen: dict[str, str] = {}

    @property
    def anders(self) -> bool:
        """Whether anything differs."""
        figures = any(one.oud != one.nieuw for one in self.verantwoording)
        return figures or bool(self.kengetallen) or any(any(one.tellingen.values()) for one in self.secties)
