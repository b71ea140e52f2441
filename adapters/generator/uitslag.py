"""What the ledger says: how a part arrived, what became of it, and how a dossier must stand."""

from datetime import datetime
from decimal import Decimal

import msgspec

from adapters.generator.bericht import Uiting
from adapters.generator.deling import Deling
from adapters.generator.maten import Maat


class Aankomst(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance as it arrives: `deel` says which part of which message it is."""

    deel: tuple[str, int]
    uiting: Uiting
    bekend: datetime


class Lot(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a part."""

    status: str
    reden: str | None = None


class Dossier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a dossier must stand at the end."""

    toestand: str
    aan_zet: str | None = None
    klok_loopt: bool = False
    aannemer: str | None = None
    urgentie: str | None = None
    feiten: int = 0
    wachtend: int = 0
    onvolledig: int = 0
    buiten_beschouwing: int = 0
    bezoeken: int = 0
    vergeefs: dict[str, int] = {}
    heropend: int = 0
    in_een_keer_goed: bool | None = None
    opdrachten: tuple[str, ...] = ()
    delen: dict[str, tuple[str, str]] = {}
    offerte: str | None = None
    meerwerk: tuple[tuple[Decimal, str], ...] = ()
    huurder: dict[str, int] | None = None
    maten: dict[str, Maat] = {}
    signalen: tuple[str, ...] = ()
    ingetrokken: tuple[str, ...] = ()
    facturen: tuple[str, ...] = ()
    geld: Deling | None = None
