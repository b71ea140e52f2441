"""The one door for people who decide on dead letters (DESIGN 7, 9): the command line and the web desk use these functions.

It decides nothing itself: what is sent here is judged by `chain/besluit`, which takes the first decision on a letter and
refuses the rest. What cannot be right is refused here already, by the same rules, so that nobody waits for it.

    letters, show                     what waits, and one letter with everything that is known of it
    decide, confirm, withdraw         one letter
    bulk, go_on, withdraw_set         all letters of a cause: a canary first, then the rest by another person
    outcome, awaited                  what became of a decision
"""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from typing import Final

import msgspec

from chain.besluit import rules
from chain.besluit.rules import GOOD
from chain.review import candidates as likeness
from chain.review.carry import Desk, Sent, about, carrying, originals, replacement, write
from chain.review.outcome import Outcome, account_of, awaited, outcome
from topics import documents
from topics.deadletters import original_headers
from topics.documents import Account, Document
from topics.documents.besluit import (
    Besluitsoort,
    Besluitstand,
    Koppeling,
    Toestand,
)
from topics.envelope import Envelope
from topics.errors import DocumentError, InvalidEnvelope, Refused
from topics.view import decisions, search
from topics.view.decisions import Taken
from topics.view.original import Original
from topics.view.search import Letter

__all__ = [
    "Outcome",
    "Set",
    "Shown",
    "awaited",
    "bulk",
    "confirm",
    "decide",
    "find",
    "go_on",
    "letters",
    "outcome",
    "show",
    "withdraw",
    "withdraw_set",
]

TOGETHER: Final = (Besluitsoort.STUUR, Besluitsoort.HERMAP, Besluitsoort.RETOUR, Besluitsoort.AFVOER)
"""What may be decided on many letters at once: it asks nothing of each that differs."""
_AT_ONCE: Final = 1000
"""Originals that are held in memory."""
_SIDE_BY_SIDE: Final = 100


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A letter. `original` None: past its retention, nothing can be decided but in its dossier. `besluiten`: all that
    were taken on it. `account`: where its part is now, or what took its place. `achterhaald`: its sender has said it again
    since. `kandidaten`: what it may be about."""

    letter: Letter
    original: Original | None
    besluiten: tuple[Taken, ...]
    account: Account | None = None
    kandidaten: tuple[likeness.Candidate, ...] = ()
    achterhaald: likeness.Superseded | None = None


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions on all letters of a cause. `kanarie`: the letter that goes first."""

    id: str
    kanarie: Sent
    aantal: int


def letters(
    desk: Desk, *, open_only: bool = True, reden: str | None = None, partner: str | None = None
) -> list[Letter]:
    """Dead letters, oldest first."""
    return [
        letter
        for letter in search.letters(desk.engine, open_only=open_only)
        if reden in (None, letter.reden.value) and partner in (None, letter.partner)
    ]


def find(desk: Desk, brief: str) -> Letter:
    """The letter whose id begins with `brief`. Raises Refused when it is not one."""
    found = search.letter(desk.engine, brief.strip().lower()) if brief.strip() else []
    if not found:
        raise Refused(f"geen brief {brief!r}; `ketenbus uitval lijst --alles` noemt ze")
    if len(found) > 1:
        names = ", ".join(letter.id[:12] for letter in found)
        raise Refused(f"meer dan één brief begint met {brief!r} ({names}, …); geef meer tekens")
    return found[0]


async def show(desk: Desk, brief: str) -> Shown:
    """Everything that is known of a letter. Raises Refused, Unavailable."""
    letter = find(desk, brief)
    original = (await originals(desk, [letter])).get(letter.id)
    taken = tuple(decisions.history(desk.engine, letter.id))
    account = account_of(desk, letter, letter.besluit)
    if original is None:
        return Shown(letter=letter, original=None, besluiten=taken, account=account)
    want = _wanted(letter, original)
    later = decisions.applied_since(desk.engine, letter.partner, letter.op) if letter.partner else []
    glns = _parties(desk, letter, _document(original))
    return Shown(
        letter=letter,
        original=original,
        besluiten=taken,
        account=account,
        kandidaten=tuple(likeness.candidates(want, decisions.orders_of(desk.engine, glns)) if glns else ()),
        achterhaald=likeness.superseded(want, later),
    )


async def decide(
    desk: Desk,
    brief: str,
    soort: Besluitsoort,
    *,
    door: str,
    reden: str,
    koppeling: Koppeling | None = None,
    bericht: bytes | None = None,
    inhoudstype: str = "",
) -> Sent:
    """Decide on one letter. `bericht`: of `vervang`, the corrected bytes of the same sender.

    Raises Refused when it cannot be right, with the reason, and Unavailable.
    """
    letter = find(desk, brief)
    if letter.besluit is not None and letter.besluit.toestand is not Toestand.OPEN:
        raise Refused(f"al besloten: {letter.besluit.soort} door {letter.besluit.door} ({letter.besluit.toestand})")
    if not letter.open:
        raise Refused(f"brief {letter.id[:12]} is al afgehandeld")
    vervanging = None
    if bericht is not None:
        vervanging = await replacement(desk, letter, bericht, inhoudstype)
    original = (await originals(desk, [letter])).get(letter.id)
    if original is None:
        raise Refused(f"brief {letter.id[:12]}: het origineel is er niet meer, de bewaartermijn is voorbij")
    return await write(desk, await carrying(desk, letter, original, soort, door, reden, koppeling, vervanging))


async def confirm(desk: Desk, brief: str, *, door: str) -> Sent:
    """Confirm, as another person, what waits for that. Raises Refused, Unavailable."""
    stand = _waiting(desk, brief)
    return await _confirmed(desk, stand, door, None)


async def withdraw(desk: Desk, brief: str, *, door: str, reden: str) -> Sent:
    """Take back what waits. Raises Refused when nothing does: then it was forwarded, or never decided. Unavailable."""
    stand = _waiting(desk, brief)
    return await write(desk, about(desk, stand, Besluitsoort.INTREK, door, reden))


async def bulk(desk: Desk, soort: Besluitsoort, *, reden: str, partner: str | None, door: str, toelichting: str) -> Set:
    """Decide the same on every open letter with this cause (and partner): the oldest goes first, the rest waits.

    Raises Refused, Unavailable; after Unavailable part of the set may stand: `withdraw_set`, or the same again.
    """
    if soort not in TOGETHER:
        raise Refused(f"{soort}: per oorzaak kan alleen {', '.join(TOGETHER)}")
    waiting = [letter for letter in letters(desk, reden=reden, partner=partner) if not _decided(letter)]
    if not waiting:
        raise Refused(f"geen open brieven met reden {reden}{f' van {partner}' if partner else ''}")
    reeks, canary, written = secrets.token_hex(6), None, 0

    async def one(letter: Letter, original: Original, first: str) -> Sent:
        besluit = await carrying(
            desk, letter, original, soort, door, toelichting, None, None, reeks=reeks, kanarie=first
        )
        return await write(desk, besluit)

    for at in range(0, len(waiting), _AT_ONCE):
        found = await originals(desk, waiting[at : at + _AT_ONCE])
        rest = [letter for letter in waiting[at : at + _AT_ONCE] if letter.id in found]
        if canary is None and rest:
            canary = await one(rest[0], found[rest[0].id], rest[0].id)
            rest, written = rest[1:], 1
        if canary is not None:
            await _together([one(letter, found[letter.id], canary.brief) for letter in rest])
            written += len(rest)
    if canary is None:
        raise Refused("de originelen van deze brieven zijn er niet meer: de bewaartermijn is voorbij")
    return Set(id=reeks, kanarie=canary, aantal=written)


async def go_on(desk: Desk, reeks: str, *, door: str) -> list[Sent]:
    """Confirm, as another person, the rest of a set whose canary came out well. Raises Refused, Unavailable."""
    waiting = _set(desk, reeks)
    canary = waiting[0].kanarie or ""
    stand = decisions.stand(desk.engine, canary)
    account = account_of(desk, find(desk, canary), stand) if stand is not None else None
    good = GOOD[Besluitsoort(waiting[0].soort or "")]
    if account is not good:
        raise Refused(
            f"kanarie {canary[:12]}: gevonden {account or 'nog geen uitkomst'}, verwacht {good} voordat de rest volgt"
        )
    return await _together([_confirmed(desk, one, door, account) for one in waiting if one.brief != canary])


async def withdraw_set(desk: Desk, reeks: str, *, door: str, reden: str) -> list[Sent]:
    """Take back what still waits of a set. Raises Refused, Unavailable."""
    found = _set(desk, reeks)
    return await _together([write(desk, about(desk, one, Besluitsoort.INTREK, door, reden)) for one in found])


# ---------------------------------------------------------------- inside


async def _together(writes: Sequence[Coroutine[None, None, Sent]]) -> list[Sent]:
    """A flood is thousands of letters, and each waits for an acknowledgement of its own."""
    done: list[Sent] = []
    for at in range(0, len(writes), _SIDE_BY_SIDE):
        done += await asyncio.gather(*writes[at : at + _SIDE_BY_SIDE])
    return done


async def _confirmed(desk: Desk, stand: Besluitstand, door: str, account: Account | None) -> Sent:
    keur = about(desk, stand, Besluitsoort.KEUR, door, "")
    if rules.person(door) == rules.person(stand.door or ""):
        raise Refused(f"zelfde-persoon: {stand.door} besloot dit; verwacht een ander die het keurt")
    if "reeks" in stand.wacht_op and account is None:
        raise Refused(f"brief {stand.brief[:12]} hoort bij reeks {stand.reeks}: keur die als geheel, na de kanarie")
    return await write(desk, msgspec.structs.replace(keur, kanarie_uitkomst=account.value if account else None))


def _waiting(desk: Desk, brief: str) -> Besluitstand:
    letter = find(desk, brief)
    stand = letter.besluit
    if stand is None or stand.toestand is not Toestand.WACHT:
        found = "nog niets besloten" if stand is None or stand.besluit is None else f"{stand.soort} is {stand.toestand}"
        raise Refused(f"brief {letter.id[:12]}: {found}; er wacht niets op een tweede persoon")
    return stand


def _set(desk: Desk, reeks: str) -> list[Besluitstand]:
    names = decisions.sets(desk.engine, reeks.strip().lower()) if reeks.strip() else []
    if len(names) != 1:
        raise Refused(f"reeks {reeks!r}: {'meer dan één begint zo' if names else 'die is er niet'}")
    found = decisions.waiting(desk.engine, names[0])
    if not found:
        raise Refused(f"reeks {names[0]}: er wacht niets meer van")
    return found


def _decided(letter: Letter) -> bool:
    return letter.besluit is not None and letter.besluit.toestand is not Toestand.OPEN


def _document(original: Original) -> Document | None:
    """Of an event of a log; what a partner sent is none."""
    try:
        envelope = Envelope.read(original_headers(original.record.headers))
        return documents.decode(envelope.type, original.body)
    except (DocumentError, InvalidEnvelope):
        return None


def _wanted(letter: Letter, original: Original) -> likeness.Wanted:
    return likeness.wanted(
        original.body, _document(original), at=letter.op, partner=letter.partner, dossier=letter.dossier or ""
    )


def _parties(desk: Desk, letter: Letter, document: Document | None) -> set[str]:
    named = {str(getattr(document, name, "") or "") for name in ("afzender", "opdrachtgever", "aannemer")}
    versions = desk.registry.versions(letter.partner) if desk.registry is not None else ()
    return (named | {gln for profile in versions for gln in (profile.gln, *profile.gln_aliassen)}) - {""}
