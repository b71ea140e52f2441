"""Worked examples of every answer, for the OpenAPI document. Made by the code that answers, so that they cannot drift."""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import structs

from adapters.bundle import LARGEST_FILE
from adapters.intake import problem as p
from adapters.intake.answers import receipt_answer, status_answer, under_way
from adapters.intake.body import CONTENT_TYPES, ENCODINGS
from adapters.intake.problem import Kind, Problem
from topics.catalogue.declarations import raw_topic
from topics.documents import Account, Bevinding, Ernst, Reden
from topics.view.status import MessageStatus, PartStatus, Receipt

Example = dict[str, object]


def _plain(answer: msgspec.Struct) -> Example:
    return msgspec.json.decode(msgspec.json.encode(answer), type=Example)


_ID: Final = "019cad24-5a80-7c31-9f0a-3b5d1f6e2a10"
_SHA256: Final = "4c0a2f86f4e4b8ad5f8a6d1c7d1d7b7f6f5d2a3d3f0c9e8b7a6958473625140f"
_RECEIVED: Final = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
_DOSSIER: Final = "onderhoud/opdracht/8712345000004/IN00001"

RECEIPT: Final = Receipt(
    ontvangst=_ID,
    partner="woonstad-voorbeeld",
    ontvangen=_RECEIVED,
    sha256=_SHA256,
    topic=raw_topic("corporatie"),
    partitie=1,
    positie=4711,
)
_APPLIED_PART: Final = PartStatus(
    deel="1", account=Account.TOEGEPAST, definitief=True, sinds=_RECEIVED + timedelta(seconds=1), dossier=_DOSSIER
)
_UNKNOWN_CODE: Final = Bevinding(
    code="status-onbekend",
    pad="/status/code",
    ernst=Ernst.FOUT,
    tekst="Veld 'status': gevonden 'KLAAR?', verwacht een status uit uw partnerprofiel.",
    bron="partnerprofiel",
    waarde="KLAAR?",
)
_FAILED_PART: Final = PartStatus(
    deel="2",
    account=Account.UITVAL,
    definitief=False,
    sinds=_RECEIVED + timedelta(seconds=1),
    reden=Reden.ONBEKENDE_CODE,
    bevindingen=(_UNKNOWN_CODE,),
)

UNDER_WAY: Final = under_way(RECEIPT)
APPLIED: Final = structs.replace(UNDER_WAY, account=Account.TOEGEPAST, definitief=True, delen=(_APPLIED_PART,))
FAILED: Final = structs.replace(UNDER_WAY, account=Account.UITVAL, delen=(_APPLIED_PART, _FAILED_PART))

_DETAILS: Final[dict[Kind, str]] = {
    p.EMPTY: "De inhoud heeft 0 bytes; verwacht de bytes van een bericht.",
    p.DAMAGED: "De inhoud zou gzip zijn, maar houdt voortijdig op; er is niets aangenomen.",
    p.BAD_QUERY: "limiet: gevonden '0'; verwacht een getal van 1 tot en met 1000.",
    p.FORM: "Bericht met bijlagen: gevonden 0 delen met de naam 'bericht', verwacht precies een; er is niets aangenomen.",
    p.NO_KEY: "Gevonden: geen Authorization; verwacht 'Authorization: Bearer <sleutel>'.",
    p.MAY_NOT_SEND: "Voor partner 'woonstad-voorbeeld' geldt nu geen profiel. Bel de beheerder van Ketenbus.",
    p.NOT_FOUND: f"Er is geen ontvangst '{_ID}' van partner 'woonstad-voorbeeld'.",
    p.WRONG_METHOD: "DELETE kan niet op /v1/berichten; wel: GET, POST.",
    p.TOO_SLOW: "De inhoud was na 60 seconden niet compleet; er is niets aangenomen.",
    p.TOO_LARGE: "De inhoud is groter dan 100000000 bytes, het grootste dat mag.",
    p.FILE_TOO_LARGE: "Bijlage 2 telt 61234567 bytes; verwacht ten hoogste 50000000 bytes.",
    p.HEAD_TOO_LARGE: "De kop van het verzoek is groter dan 65536 bytes.",
    p.BOMB: "De inhoud wordt uitgepakt meer dan 200 maal zo groot; dat mag niet.",
    p.WRONG_TYPE: f"Content-Type is 'image/png'; verwacht een van {', '.join(CONTENT_TYPES)}.",
    p.WRONG_ENCODING: f"Content-Encoding is 'br'; verwacht {', '.join(ENCODINGS)}, en niet meer dan een.",
    p.SUSPENDED: "Opgeschort sinds 2026-03-02T07:30:00Z: 50 berichten achtereen in uitval. "
    "Bel de beheerder van Ketenbus en stuur daarna opnieuw, in dezelfde volgorde.",
    p.CHECKING: "Er lopen al 2 controles van partner 'woonstad-voorbeeld'.",
    p.UNEXPECTED: "Het is onbekend of het bericht is aangenomen; stuur het opnieuw.",
    p.BUS_AWAY: "Er kwam binnen 5 seconden geen bevestiging; het is onbekend of het bericht is aangenomen. "
    "Stuur hetzelfde bericht opnieuw: was het aangenomen, dan telt het eenmaal.",
    p.STORE_AWAY: "Het bericht is niet aangenomen. Stuur hetzelfde bericht opnieuw.",
    p.VIEW_AWAY: "Wat er van berichten werd is even niet op te vragen.",
    p.CHECK_AWAY: "De controle kwam niet tot een antwoord; er is niets aangenomen.",
    p.FULL: "Er is al 399000000 van 400000000 bytes aan berichten onderhanden.",
    p.NOT_READY: "De ontvangst start nog op; er is niets aangenomen.",
}

_EXTRA: Final[dict[Kind, p.Extra]] = {
    p.TOO_LARGE: {"grens": 100_000_000},
    p.FILE_TOO_LARGE: {"grens": LARGEST_FILE},
    p.WRONG_TYPE: {"aanvaard": list(CONTENT_TYPES)},
    p.WRONG_ENCODING: {"aanvaard": list(ENCODINGS)},
    p.SUSPENDED: {
        "oorzaak": "50 berichten achtereen in uitval",
        "sinds": "2026-03-02T07:30:00Z",
        "contact": "de beheerder van Ketenbus",
    },
}


REPORT: Final[Example] = {
    "bestand": "status.json",
    "formaat": "json",
    "versie": "1",
    "document": "status",
    "uitkomst": "afgekeurd",
    "reden": "onbekende-code",
    "bevindingen": [_plain(_UNKNOWN_CODE)],
    "delen": [
        {
            "deel": "1",
            "uitkomst": "afgekeurd",
            "reden": "onbekende-code",
            "dossier": _DOSSIER,
            "bevindingen": [_plain(_UNKNOWN_CODE)],
        }
    ],
}


def receipt_example(*, repeat: bool) -> Example:
    return _plain(receipt_answer(RECEIPT, repeat=repeat))


def status_example(message: MessageStatus) -> Example:
    return _plain(status_answer(message))


def problem_example(kind: Kind) -> Example:
    return msgspec.json.decode(Problem(kind, _DETAILS[kind], extra=_EXTRA.get(kind)).body(), type=Example)
