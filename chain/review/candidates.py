"""What a letter may be about: orders that resemble what it says, scored with reasons, never chosen; and whether its
sender has said the same again in a later message that was applied. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from topics.documents import Document
from topics.documents.factuur import Factuur
from topics.keys import parts
from topics.view.decisions import Later, Order

SHOWN: Final = 5
_LEAST: Final = 20
_TOKEN: Final = re.compile(r"[\w./-]{3,40}")
_AMOUNT: Final = re.compile(r"(?<![\d.,])\d{1,9}[.,]\d{2}(?![\d])")
_TOKENS: Final = 400
_RECENT: Final = timedelta(days=90)
_OVER: Final = ("geannuleerd", "administratief-gereed", "geweigerd")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the letter says, as far as it can be told: words that may be numbers, and amounts. `own`: its message number;
    `dossier`: where it failed; `soort`: of its document. All empty when unknown."""

    words: frozenset[str]
    amounts: frozenset[Decimal]
    at: datetime
    partner: str
    own: str = ""
    dossier: str = ""
    soort: str = ""
    content: str = ""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """`punten`: 0 to about 120; the more, the more alike. `redenen`: why, for people."""

    dossier: str
    opdrachtnummer: str
    toestand: str
    punten: int
    redenen: tuple[str, ...]


class Superseded(msgspec.Struct, frozen=True, kw_only=True):
    """A later message that was applied and says the same."""

    ontvangst: str
    dossier: str
    op: datetime
    reden: str


def wanted(body: bytes, document: Document | None, *, at: datetime, partner: str, dossier: str = "") -> Wanted:
    """From an event's document, or from a partner's bytes: then every word with a digit in it may be a number."""
    text = body.decode("utf-8", "replace")
    found = _numbers_of(document) if document is not None else _TOKEN.findall(text)
    words = frozenset([_plain(word) for word in found if any(one.isdigit() for one in word)][:_TOKENS]) - {""}
    amounts = frozenset(Decimal(one.replace(",", ".")) for one in _AMOUNT.findall(text)[:_TOKENS])
    own = getattr(document, "berichtnummer", "")
    return Wanted(
        words=words,
        amounts=amounts,
        at=at,
        partner=partner,
        own=own if isinstance(own, str) else "",
        dossier=dossier,
        soort=document.NAME if document is not None else "",
        content=text if document is not None else "",
    )


def candidates(wanted: Wanted, orders: Iterable[Order]) -> list[Candidate]:
    """At most SHOWN, the likeliest first."""
    found = [_scored(wanted, order) for order in orders if order.dossier.sleutel != wanted.dossier]
    likely = sorted((one for one in found if one.punten >= _LEAST), key=lambda one: (-one.punten, one.dossier))
    return likely[:SHOWN]


def superseded(wanted: Wanted, later: Sequence[Later]) -> Superseded | None:
    """The first of `later` with the same message number, or with the same content on the same dossier."""
    for one in later:
        number = one.berichtnummer.strip()
        same_kind = not wanted.soort or wanted.soort == one.soort
        if number and same_kind and (number == wanted.own or (not wanted.own and _plain(number) in wanted.words)):
            reason = f"zelfde afzender en berichtnummer {number}, later ontvangen en toegepast"
        elif wanted.content and _unnumbered(wanted.content) == _unnumbered(one.document):
            reason = "zelfde inhoud onder een ander berichtnummer, later ontvangen en toegepast"
        elif wanted.dossier and one.dossier == wanted.dossier and "/factuur/" in wanted.dossier and same_kind:
            reason = "dezelfde factuur, later ontvangen en toegepast"
        else:
            continue
        return Superseded(ontvangst=one.ontvangst, dossier=one.dossier, op=one.bekend, reden=reason)
    return None


def _scored(wanted: Wanted, order: Order) -> Candidate:
    dossier, opdracht = order.dossier, order.opdracht
    number = dossier.opdrachtnummer or parts(dossier.sleutel)[-1]
    reasons: list[tuple[int, str]] = []
    alike = _alike(_plain(number), wanted.words)
    if alike is not None:
        reasons.append(alike)
    if opdracht is not None:
        unit = opdracht.locatie.eenheid if opdracht.locatie else None
        if unit and _plain(unit) in wanted.words:
            reasons.append((20, f"eenheid {unit} staat in het bericht"))
        total = sum((_amount(line.aantal, line.prijs, line.prijsbasis) for line in opdracht.regels), Decimal(0))
        if total and total.quantize(Decimal("0.01")) in wanted.amounts:
            reasons.append((20, f"bedrag {total.quantize(Decimal('0.01'))} is dat van de opdracht"))
        since = wanted.at - (opdracht.datum or opdracht.verzonden).op
        if timedelta() <= since <= _RECENT:
            reasons.append((10, f"opdracht van {since.days} dagen eerder"))
    if reasons and dossier.toestand not in _OVER:
        reasons.append((5, f"opdracht loopt nog ({dossier.toestand})"))
    return Candidate(
        dossier=dossier.sleutel,
        opdrachtnummer=number,
        toestand=dossier.toestand,
        punten=sum(points for points, _ in reasons),
        redenen=tuple(text for _, text in reasons),
    )


def _alike(number: str, words: frozenset[str]) -> tuple[int, str] | None:
    if number in words:
        return 60, "het nummer staat letterlijk in het bericht"
    bare = _bare(number)
    for word in sorted(words):
        if len(bare) >= 4 and _bare(word) == bare:
            return 50, f"hetzelfde nummer op leestekens en nullen na ({word})"
    near = sorted((far, word) for word in words if (far := _distance(number, word, 2)) is not None)
    if not near or len(number) < 5:
        return None
    far, word = near[0]
    return (45 if far == 1 else 30), f"het nummer scheelt {'één teken' if far == 1 else 'twee tekens'} met {word}"


def _distance(one: str, other: str, most: int) -> int | None:
    """Characters inserted, deleted, replaced or swapped with their neighbour; None when more than `most`."""
    if abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:
        return None
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        now = [row]
        for column, right in enumerate(other, 1):
            best = min(last[column] + 1, now[-1] + 1, last[column - 1] + (left != right))
            if row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right:
                best = min(best, before[column - 2] + 1)
            now.append(best)
        if min(now) > most:
            return None
        before, last = last, now
    return last[-1] if last[-1] <= most else None


def _numbers_of(document: Document) -> list[str]:
    numbers = [str(getattr(document, "opdrachtnummer", "") or "")]
    if isinstance(document, Factuur):
        numbers += [line.opdrachtnummer for line in document.regels if line.opdrachtnummer]
    return numbers


def _amount(count: Decimal, price: Decimal | None, per: Decimal | None) -> Decimal:
    return count * price / (per or Decimal(1)) if price is not None else Decimal(0)


def _plain(text: str) -> str:
    return "".join(text.split()).upper().strip("./-_")


def _bare(text: str) -> str:
    return "".join(one for one in text if one.isalnum()).lstrip("0")


def _unnumbered(document: str) -> dict[str, object]:
    """An event without what tells one sending from another."""
    found = msgspec.json.decode(document, type=dict[str, object])
    return {name: value for name, value in found.items() if name not in ("berichtnummer", "verzonden", "persoon")}
