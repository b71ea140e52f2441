"""The intake's refusals as application/problem+json (RFC 9457).

Every kind is declared here once, with its stable code, and is documented from here. `type` is the address of its
description on the documentation page.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from topics.errors import Refused

CONTENT_TYPE: Final = "application/problem+json"

Extra = dict[str, str | int | list[str]]


class Kind(msgspec.Struct, frozen=True):
    """One kind of refusal. `advice`: what the partner's software does about it."""

    code: str
    status: int
    title: str
    advice: str


class Problem(Refused):
    """A refusal on its way to the partner. `detail` is a Dutch sentence without personal data."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        extra: Extra | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.headers, self.extra = kind, detail, tuple(headers), extra or {}
        self.code = kind.code

    def body(self) -> bytes:
        return msgspec.json.encode(
            {
                "type": f"/docs#{self.kind.code}",
                "title": self.kind.title,
                "status": self.kind.status,
                "code": self.kind.code,
                "detail": self.detail,
                **self.extra,
            }
        )


EMPTY: Final = Kind(
    "leeg-bericht", 400, "Het bericht is leeg", "Stuur de bytes van het bericht als inhoud van het verzoek."
)
DAMAGED: Final = Kind(
    "inhoud-beschadigd",
    400,
    "De inhoud is niet uit te pakken",
    "Pak de inhoud opnieuw in, of stuur haar zonder Content-Encoding.",
)
FORM: Final = Kind(
    "formulier-onjuist",
    400,
    "Bericht en bijlagen zijn niet uit elkaar te halen",
    "Stuur multipart/form-data met een deel `bericht` en per bijlage een deel met een eigen bestandsnaam.",
)
BAD_QUERY: Final = Kind(
    "vraag-ongeldig", 400, "De vraag klopt niet", "Verbeter de parameter die in `detail` wordt genoemd."
)
NO_KEY: Final = Kind(
    "sleutel-onbekend",
    401,
    "Geen geldige sleutel",
    "Stuur `Authorization: Bearer <sleutel>` met een sleutel die nog geldt.",
)
MAY_NOT_SEND: Final = Kind(
    "mag-niet-sturen",
    403,
    "Deze partner mag niets sturen",
    "Neem contact op: de sleutel klopt, maar er geldt geen partnerprofiel voor.",
)
NOT_FOUND: Final = Kind(
    "niet-gevonden",
    404,
    "Niet gevonden",
    "Controleer het adres; een ontvangst is alleen voor de partner die haar stuurde.",
)
WRONG_METHOD: Final = Kind(
    "methode-niet-toegestaan", 405, "Deze methode kan hier niet", "De kopregel Allow noemt wat hier wel kan."
)
TOO_SLOW: Final = Kind(
    "te-traag", 408, "De inhoud kwam niet op tijd binnen", "Stuur het bericht opnieuw; er is niets aangenomen."
)
TOO_LARGE: Final = Kind("te-groot", 413, "Het bericht is te groot", "Splits het bericht; opnieuw sturen helpt niet.")
FILE_TOO_LARGE: Final = Kind(
    "bijlage-te-groot", 413, "Een bijlage is te groot", "Verklein de bijlage; opnieuw sturen helpt niet."
)
HEAD_TOO_LARGE: Final = Kind(
    "kop-te-groot",
    431,
    "De kop van het verzoek is te groot",
    "Stuur minder of kortere kopregels; het bericht zelf hoort in de inhoud.",
)
BOMB: Final = Kind(
    "te-sterk-ingepakt",
    413,
    "De inhoud wordt uitgepakt te groot",
    "Stuur de inhoud zonder Content-Encoding of splits haar.",
)
WRONG_TYPE: Final = Kind(
    "soort-niet-aanvaard",
    415,
    "Dit soort inhoud wordt niet aangenomen",
    "Stuur een Content-Type dat in `aanvaard` staat.",
)
WRONG_ENCODING: Final = Kind(
    "codering-niet-aanvaard",
    415,
    "Deze Content-Encoding wordt niet aangenomen",
    "Stuur een Content-Encoding die in `aanvaard` staat, of geen.",
)
SUSPENDED: Final = Kind(
    "opgeschort",
    429,
    "Berichten van deze partner zijn opgeschort",
    "Houd de berichten vast, in volgorde, en bel wie in `contact` staat; stuur ze daarna opnieuw.",
)
CHECKING: Final = Kind(
    "controle-bezig",
    429,
    "Er lopen al controles van deze partner",
    "Wacht op het antwoord van de vorige controle en vraag het daarna opnieuw.",
)
UNEXPECTED: Final = Kind(
    "onverwacht",
    500,
    "Er ging bij ons iets mis",
    "Stuur het bericht opnieuw; was het toch aangenomen, dan volgt de eerste ontvangst.",
)
BUS_AWAY: Final = Kind(
    "bus-onbereikbaar",
    503,
    "De bus is even niet bereikbaar",
    "Stuur hetzelfde bericht na Retry-After opnieuw; was het toch aangenomen, dan telt het eenmaal.",
)
STORE_AWAY: Final = Kind(
    "opslag-onbereikbaar",
    503,
    "De opslag voor grote berichten is even niet bereikbaar",
    "Stuur hetzelfde bericht na Retry-After opnieuw.",
)
VIEW_AWAY: Final = Kind(
    "overzicht-onbereikbaar",
    503,
    "Het overzicht is even niet bereikbaar",
    "Vraag het na Retry-After opnieuw; berichten sturen kan intussen gewoon.",
)
CHECK_AWAY: Final = Kind(
    "controle-onbereikbaar",
    503,
    "Controleren kan even niet",
    "Vraag het na Retry-After opnieuw; berichten sturen kan intussen gewoon.",
)
FULL: Final = Kind(
    "vol", 503, "Er zijn te veel berichten tegelijk onderhanden", "Stuur hetzelfde bericht na Retry-After opnieuw."
)
NOT_READY: Final = Kind(
    "nog-niet-gereed",
    503,
    "De ontvangst start nog op of stopt",
    "Stuur hetzelfde bericht na Retry-After opnieuw.",
)

KINDS: Final = (
    EMPTY,
    DAMAGED,
    FORM,
    BAD_QUERY,
    NO_KEY,
    MAY_NOT_SEND,
    NOT_FOUND,
    WRONG_METHOD,
    TOO_SLOW,
    TOO_LARGE,
    FILE_TOO_LARGE,
    HEAD_TOO_LARGE,
    BOMB,
    WRONG_TYPE,
    WRONG_ENCODING,
    SUSPENDED,
    CHECKING,
    UNEXPECTED,
    BUS_AWAY,
    STORE_AWAY,
    VIEW_AWAY,
    CHECK_AWAY,
    FULL,
    NOT_READY,
)


def away(kind: Kind, detail: str, seconds: int) -> Problem:
    """A refusal that passes: try again after `seconds`."""
    return Problem(kind, detail, headers=(("retry-after", str(seconds)),))
