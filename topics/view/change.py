"""One row to write: which statement, and the values by column name."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

from topics.documents import Bevinding
from topics.runtime.step import Record

_encoder = msgspec.json.Encoder()


class Op(StrEnum):
    """The statements that fill the view; each touches one table (see `statements`)."""

    RECEIPT = "ontvangst uit ruw"
    OPENED = "ontvangst geopend"
    PART = "deel"
    DOSSIER = "dossier"
    DOSSIER_GONE = "dossier weg"
    EVENT = "gebeurtenis"
    MEASURE = "doorlooptijd"
    REVISION = "doorlooptijd_revisie"
    JUDGEMENT = "factuurbeoordeling"
    SIGNAL = "signaal"
    LETTER = "brief"
    DECISION = "besluit"
    DECIDED = "besluitstand"
    SUSPENSION = "opschorting"
    PERSON = "persoon"
    PERSON_GONE = "persoon weg"
    UNREAD = "niet_gelezen"


Value = str | int | bool | None


class Change(NamedTuple):
    """One row to write; `values` by column name."""

    op: Op
    values: Mapping[str, Value]


def unread(record: Record, code: str, text: str) -> Change:
    """The row that sets `record` apart."""
    return Change(
        Op.UNREAD,
        {
            "topic": record.topic,
            "partitie": record.partition,
            "positie": record.offset,
            "code": code,
            "tekst": clean(text),
        },
    )


def findings_text(findings: tuple[Bevinding, ...]) -> str:
    """Findings as they stand in a column."""
    return _encoder.encode(findings).decode()


def clean(text: str) -> str:
    """Text that every database can hold."""
    # PostgreSQL's text cannot hold NUL, and a partner's words may
    return text.replace("\x00", "\ufffd") if "\x00" in text else text
