"""The measures of an order, counted plainly from ONDERHOUD 2: each from when to when, its deadline, its durations."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from adapters.generator.beeld import VERLENGING, Conclusie, Feit, seconds, stilstand
from adapters.generator.partners import Norm

OPEN: Final = "open"
GESLOTEN: Final = "gesloten"
VERVALLEN: Final = "vervallen"
INGETROKKEN: Final = "ingetrokken"
MET_DE_OPDRACHT: Final = (
    "acceptatie",
    "technisch-gereed",
    "veiliggesteld",
    "afspraak-gemaakt",
    "eerste-bezoek",
    "gehele-keten",
)
"""Measures that begin with the order: by the contract, and for the tenant with the report."""


class Maat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A measure as it must stand. Durations in seconds, of what is no longer open; `werkdagen` too."""

    stand: str
    begin: datetime
    eind: datetime | None = None
    deadline: datetime | None = None
    werkdagen: int | None = None
    netto: int | None = None
    aan_zet: dict[str, int] | None = None
    gepauzeerd: bool = False
    voorlopig: bool = False
    bevindingen: tuple[str, ...] = ()
    gevraagd: datetime | None = None
    kalenderdagen: int | None = None
    begin_huurder: datetime | None = None

    @property
    def te_laat(self) -> bool:
        return self.eind is not None and self.deadline is not None and self.eind > self.deadline


class Meting(msgspec.Struct, frozen=True):
    """A measure; while it is open: from which moment on it is late and threatens to be (None: it cannot), and who then
    has to account for it."""

    maat: Maat
    grens: datetime | None = None
    dreigt: datetime | None = None
    tegen: str = "aannemer"


def meten(found: Conclusie, *, voorlopig: bool) -> dict[str, Meting]:
    """Every measure that has begun."""
    measured = {
        name: _meet(found, name, found.t0, _moment(end), voorlopig=voorlopig)
        for name, end in (
            ("acceptatie", found.antwoord),
            ("technisch-gereed", found.gereed),
            ("veiliggesteld", found.veilig),
            ("afspraak-gemaakt", found.agenda.gekozen[0][1] if found.agenda.gekozen else None),
        )
    }
    kept = [slot.begin for slot, _ in found.agenda.nagekomen]
    measured["eerste-bezoek"] = _meet(found, "eerste-bezoek", found.t0, min(kept, default=None), voorlopig=voorlopig)
    if found.gereed is not None:
        ready, known = found.gereed.moment, found.gereed.bekend
        measured["meldvertraging"] = _meet(found, "meldvertraging", ready, known, voorlopig=voorlopig)
        closed = found.einde if found.einde is not None and found.einde.uiting.code == "AGE" else None
        measured["administratief-gereed"] = _meet(
            found, "administratief-gereed", ready, _moment(closed), voorlopig=voorlopig
        )
    if found.order.afspraak != "AFK" and found.order.specificatie != "GAR":
        # what a contract or a guarantee covers is not invoiced
        measured["gehele-keten"] = _meet(found, "gehele-keten", found.t0, found.afgerond, voorlopig=voorlopig)
        if found.gereed is not None:
            ready = found.gereed.moment
            measured["facturatie"] = _meet(found, "facturatie", ready, found.gefactureerd, voorlopig=voorlopig)
    if found.van is not None:
        measured["annulering"] = _cancelling(found, found.van, voorlopig=voorlopig)
    measured |= _quotation(found, voorlopig=voorlopig)
    later = _later_choice(found)
    if later is not None:
        measured["latere-keuze"] = _meet(found, "latere-keuze", *later, voorlopig=voorlopig)
    return measured


def _cancelling(found: Conclusie, asked: Feit, *, voorlopig: bool) -> Meting:
    """VAN to ANN; what else ends the request, ends it as vervallen."""
    end = found.van_eind
    granted = end is not None and end.uiting.code == "ANN"
    made = _meet(found, "annulering", asked.moment, _moment(end), voorlopig=voorlopig, vervallen=not granted)
    return msgspec.structs.replace(
        made, tegen="aannemer" if asked.uiting.afzender in found.clients else "opdrachtgever"
    )


def _quotation(found: Conclusie, *, voorlopig: bool) -> dict[str, Meting]:
    """Asked to received, and put forward to decided."""
    run, measured = found.offerte, {}
    if run.gevraagd is not None:
        begin, lapsed = run.gevraagd.moment, run.ontvangen is None and run.besluit is not None
        end = run.besluit if lapsed else run.ontvangen
        measured["offerte"] = _meet(found, "offerte", begin, _moment(end), voorlopig=voorlopig, vervallen=lapsed)
    if run.voorgelegd is not None:
        made = _meet(found, "offertebesluit", run.voorgelegd.moment, _moment(run.besluit), voorlopig=voorlopig)
        measured["offertebesluit"] = msgspec.structs.replace(made, tegen="opdrachtgever")
    return measured


def _later_choice(found: Conclusie) -> tuple[datetime, datetime] | None:
    """The tenant wanted it later (VBW) than a slot that was offered within the norm: from that slot to the chosen one."""
    agenda = found.agenda
    limit = _deadline(found, "eerste-bezoek", found.t0, []) or _deadline(found, "technisch-gereed", found.t0, [])
    offers = [(slot.begin, feit) for slot, feit in agenda.aangeboden if limit is not None and slot.begin <= limit]
    if not agenda.wens or not offers:
        return None
    begin, offer = min(offers, key=lambda pair: pair[0])
    chosen = [slot.begin for slot, feit in agenda.gekozen if slot.begin > begin and feit.moment >= offer.moment]
    return (begin, chosen[0]) if chosen else None


def _moment(feit: Feit | None) -> datetime | None:
    return None if feit is None else feit.moment


def _meet(
    found: Conclusie, name: str, begin: datetime, end: datetime | None, *, voorlopig: bool, vervallen: bool = False
) -> Meting:
    """WEI and ANN end what is open as vervallen."""
    ended = found.einde
    if end is None and ended is not None and ended.uiting.code in ("WEI", "ANN"):
        end, vervallen = ended.moment, True
    until = end
    tenant = found.t0_huurder if name in MET_DE_OPDRACHT and found.t0_huurder != begin else None
    stops = [
        (since, stop if until is None or (stop is not None and stop < until) else until)
        for since, stop in stilstand(found)
        if (stop is None or stop > begin) and (until is None or since < until)
    ]
    deadline = _deadline(found, name, begin, stops, end)
    remarks = _remarks(found, name, begin, until)
    asked = found.claim.uiting.gevraagd if found.claim is not None and name == "technisch-gereed" else None
    if found.claim is not None and until is not None and found.claim.moment > until:
        asked = None
    if until is None:
        paused = bool(stops) and stops[-1][1] is None
        late = deadline if deadline is None or not paused or stops[-1][0] > deadline else None
        maat = Maat(
            stand=OPEN,
            begin=begin,
            deadline=deadline,
            gepauzeerd=paused,
            voorlopig=voorlopig,
            bevindingen=remarks,
            gevraagd=asked,
            begin_huurder=tenant,
        )
        return Meting(maat, late, _threat(found, name, begin, deadline))
    maat = Maat(
        stand=VERVALLEN if vervallen else GESLOTEN,
        begin=begin,
        eind=until,
        deadline=deadline,
        werkdagen=found.termen.termen.kalender.days(begin, until),
        netto=seconds(sum((span for _, runs, span in _pieces(found, begin, until) if runs), timedelta())),
        aan_zet=_split(found, begin, until),
        voorlopig=voorlopig,
        bevindingen=remarks,
        gevraagd=asked,
        begin_huurder=tenant,
    )
    return Meting(maat)


def _deadline(
    found: Conclusie,
    name: str,
    begin: datetime,
    stops: list[tuple[datetime, datetime | None]],
    end: datetime | None = None,
) -> datetime | None:
    """The norm's end, moved by the stops that began before it; of technisch gereed an agreed extension replaces it."""
    norm = norm_van(found, name)
    if norm is None:
        return None
    calendar = found.termen.termen.kalender
    deadline, since = _base(found, norm, begin), begin
    extended = _extension(found, name, end)
    if extended is not None:
        deadline, since = extended[0], max(begin, extended[1])
    for start, until in stops:
        if until is None or start > deadline:
            continue
        stood = max(start, since)
        if norm.uren:
            deadline += max(timedelta(), until - stood)
        else:
            deadline = calendar.shifted(deadline, calendar.worked(stood, until))
    return deadline


def norm_van(found: Conclusie, name: str) -> Norm | None:
    order = found.termen
    return order.termen.norm(name, order.soort, order.urgentie)


def termijn(found: Conclusie, name: str, begin: datetime) -> datetime | None:
    """The end of the norm `name` of the pair, without pauses."""
    norm = norm_van(found, name)
    return None if norm is None else _base(found, norm, begin)


def _base(found: Conclusie, norm: Norm, begin: datetime) -> datetime:
    if norm.uren:
        return begin + _hours(norm.waarde)
    return found.termen.termen.kalender.deadline(begin, int(norm.waarde))


def _extension(found: Conclusie, name: str, end: datetime | None) -> tuple[datetime, datetime] | None:
    extended = found.verlengd
    if extended is None or name != "technisch-gereed" or (end is not None and extended[1] > end):
        return None
    return extended


def _threat(found: Conclusie, name: str, begin: datetime, deadline: datetime | None) -> datetime | None:
    """When the share of the term after which it threatens has passed: that much before the deadline."""
    norm = norm_van(found, name)
    if norm is None or norm.waarschuwen is None or deadline is None:
        return None
    extended = _extension(found, name, None)
    base = _base(found, norm, begin) if extended is None else extended[0]
    calendar = found.termen.termen.kalender
    rest = 1 - norm.waarschuwen
    if norm.uren:
        return deadline - _share(base - begin, rest)
    return max(begin, calendar.before(deadline, _share(calendar.worked(begin, base), rest)))


def _share(span: timedelta, share: Decimal) -> timedelta:
    return timedelta(microseconds=int(span // timedelta(microseconds=1) * share))


def _hours(value: Decimal) -> timedelta:
    return timedelta(seconds=int(value * 3600))


def _pieces(found: Conclusie, begin: datetime, until: datetime) -> list[tuple[str, bool, timedelta]]:
    made = []
    for number, stuk in enumerate(found.stukken):
        start = max(begin, stuk.begin) if number else begin
        following = found.stukken[number + 1].begin if number + 1 < len(found.stukken) else until
        end = min(until, following)
        if end > start:
            made.append((stuk.aan_zet, stuk.loopt, end - start))
    return made


def _split(found: Conclusie, begin: datetime, until: datetime) -> dict[str, int]:
    totals: dict[str, timedelta] = {}
    for who, _, span in _pieces(found, begin, until):
        totals[who] = totals.get(who, timedelta()) + span
    return {who: seconds(span) for who, span in totals.items() if seconds(span)}


def _remarks(found: Conclusie, name: str, begin: datetime, until: datetime | None) -> tuple[str, ...]:
    codes = set()
    if until is not None and until < begin:
        codes.add("eind-voor-begin")
    if name == "meldvertraging":
        limit = found.termen.termen.terugdateren
        if limit is not None and until is not None and until - begin > timedelta(hours=limit):
            codes.add("te-laat-gemeld")
        return tuple(sorted(codes))
    codes |= {
        code
        for at, code in found.opmerkingen
        if begin <= at and (until is None or at <= until) and (code != VERLENGING or name == "technisch-gereed")
    }
    return tuple(sorted(codes))
