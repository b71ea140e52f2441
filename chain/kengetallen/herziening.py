"""From the revisions on `keten.doorlooptijd.v1` to the intervals as they stood at a moment."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from chain.kalender import SECONDE, day_of, micros
from chain.kengetallen.interval import Interval
from topics.documents.keten import Doorlooptijd, Stand
from topics.keys import kind_of

WERKDAGEN: Final = "werkdagen"
KALENDERDAGEN: Final = "kalenderdagen"
_MUTATIE: Final = "mutatie"
_BETALING: Final = "betaling"
"""The one measure of an invoice that counts in calendar days: its term does."""


class Groep(NamedTuple):
    """What figures are told apart by.

    `deel`: measures of sub-orders, apart from those of whole orders, so that no order counts twice. `dagen`: in which
    days the measure counts (ONDERHOUD 4: a mutatie in calendar days; so does a term of payment).
    """

    keten: str
    opdrachtgever: str
    aannemer: str
    maat: str
    soort: str
    urgentie: str
    deel: bool = False
    dagen: str = WERKDAGEN


class Laatste:
    """The last revision of every interval, among those given: per dossier, measure and sub-order. Any order, any
    repetition. `huurder`: as `interval_of`."""

    def __init__(self, *, huurder: bool = False) -> None:
        self._huurder = huurder
        self._found: dict[tuple[str, str, str | None], tuple[int, Groep, Interval]] = {}
        self._groups: dict[Groep, Groep] = {}

    def __len__(self) -> int:
        return len(self._found)

    def take(self, document: Doorlooptijd) -> None:
        key = (document.dossier, document.maat, document.subnummer)
        before = self._found.get(key)
        if before is None or document.revisie > before[0]:
            group = groep_of(document)
            group = self._groups.setdefault(group, group)
            self._found[key] = (document.revisie, group, interval_of(document, huurder=self._huurder))

    def intervals(self) -> Iterator[tuple[Groep, Interval]]:
        for _, group, interval in self._found.values():
            yield group, interval


def groep_of(document: Doorlooptijd) -> Groep:
    return Groep(
        keten=document.keten,
        opdrachtgever=document.opdrachtgever,
        aannemer=document.aannemer,
        maat=document.maat,
        soort=document.soort or "",
        urgentie=document.urgentie or "",
        deel=document.subnummer is not None,
        dagen=KALENDERDAGEN if _in_calendar_days(document) else WERKDAGEN,
    )


def interval_of(document: Doorlooptijd, *, huurder: bool = False) -> Interval:
    """What figures need of a revision.

    `huurder`: from when the tenant reported, where that is known (ONDERHOUD 2: t0 *huurder*). Its deadline stays that of
    the contract; the contract clock did not run before, so of a start that moved net time is not measured.
    """
    contract = _from_contract(document)
    if not huurder or document.begin_huurder is None:
        return contract
    begin = micros(document.begin_huurder)
    return msgspec.structs.replace(contract, begin=begin, op=None, netto=None, dagen=None)


def _from_contract(document: Doorlooptijd) -> Interval:
    begin = micros(document.begin)
    ended = document.eind or document.uitgebleven
    end = None if ended is None else micros(ended)
    return Interval(
        begin=begin,
        stand=document.stand,
        eind=end,
        deadline=None if document.deadline is None else micros(document.deadline),
        eindcode=document.eindcode,
        stil_sinds=_stil_sinds(document, begin),
        op=begin + (document.bruto_seconden or 0) * SECONDE,
        netto=document.netto_seconden,
        dagen=_days(document, begin, end),
        aan_zet=document.aan_zet_seconden,
        voorlopig=document.voorlopig,
        bevindingen=tuple([finding.code for finding in document.bevindingen]),
    )


def _stil_sinds(document: Doorlooptijd, begin: int) -> int | None:
    if not document.gepauzeerd or document.stand is not Stand.OPEN:
        return None
    if document.stil_sinds is not None:
        return micros(document.stil_sinds)
    # a release that did not say so made this revision when the clock was stopped
    return begin + (document.bruto_seconden or 0) * SECONDE


def _days(document: Doorlooptijd, begin: int, end: int | None) -> int | None:
    if end is None:
        return None
    if not _in_calendar_days(document):
        return document.werkdagen
    return max(0, day_of(end) - day_of(begin)) if document.kalenderdagen is None else document.kalenderdagen


def _in_calendar_days(document: Doorlooptijd) -> bool:
    return document.kalenderdagen is not None or document.maat == _BETALING or kind_of(document.dossier) == _MUTATIE
