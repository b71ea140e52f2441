"""The measures of one order counted once more, plainly, from ONDERHOUD 2 to 4 and nothing of the rules' own code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.unit.chain.berichten import Bericht
from tests.unit.chain.dagtelling import nde_werkdag, schuif, werkdagen, werktijd
from tests.unit.chain.verloop import Feit, Zaak, loop
from topics.documents.onderhoud import Kalender, Norm, Opdracht


@dataclass(frozen=True)
class Meting:
    stand: str
    begin: datetime
    eind: datetime | None
    deadline: datetime | None
    gepauzeerd: bool = False
    bruto: int | None = None
    netto: int | None = None
    werkdagen: int | None = None
    verdeling: dict[str, int] = field(default_factory=dict)


def metingen(berichten: Sequence[Bericht], gesloten: datetime | None = None) -> dict[str, Meting]:
    """Every measure that stands, by name; there are no invoices. The terms are those of the first order. `gesloten`: when
    the dossier was closed: what is open then has no end, and lasted as long."""
    zaak = loop(berichten)
    order = next(b.document for b in berichten if isinstance(b.document, Opdracht))
    normen = {norm.maat: norm for norm in order.voorwaarden.normen}
    found: dict[str, Meting] = {}

    def meet(naam: str, begin: datetime, ending: Feit | datetime | None, stand: str = "") -> None:
        end = ending.telt if isinstance(ending, Feit) else ending
        if end is None and zaak.einde is not None and zaak.einde.code in ("WEI", "ANN"):
            end, stand = zaak.einde.telt, "vervallen"
        stand = stand or ("open" if end is None else "gesloten")
        found[naam] = _meting(zaak, order.voorwaarden.kalender, normen.get(naam), naam, begin, end, stand, gesloten)

    meet("acceptatie", zaak.t0, zaak.antwoord)
    meet("afspraak-gemaakt", zaak.t0, zaak.afspraak)
    meet("eerste-bezoek", zaak.t0, zaak.bezoek)
    meet("veiliggesteld", zaak.t0, zaak.veilig)
    meet("technisch-gereed", zaak.t0, zaak.gereed)
    meet("gehele-keten", zaak.t0, None)
    if zaak.gereed is not None:
        meet("facturatie", zaak.gereed.telt, None)
        meet("meldvertraging", zaak.gereed.telt, zaak.gereed.bekend)
        closed = zaak.einde is not None and zaak.einde.code == "AGE"
        meet("administratief-gereed", zaak.gereed.telt, zaak.einde if closed else None)
    if zaak.van is not None:
        end = zaak.van_eind
        granted = end is not None and end.code == "ANN"
        meet("annulering", zaak.van.telt, end, "" if granted or end is None else "vervallen")
    if zaak.gevraagd is not None:
        undone = zaak.ontvangen is None and zaak.besluit is not None
        end = zaak.besluit if undone else zaak.ontvangen
        meet("offerte", zaak.gevraagd.telt, end, "vervallen" if undone else "")
    if zaak.voorgelegd is not None:
        meet("offertebesluit", zaak.voorgelegd.telt, zaak.besluit)
    chosen = _keuze(zaak, order.voorwaarden.kalender, normen)
    if chosen is not None:
        meet("latere-keuze", *chosen)
    return found


def _keuze(zaak: Zaak, kalender: Kalender, normen: dict[str, Norm]) -> tuple[datetime, datetime] | None:
    norm = normen.get("eerste-bezoek") or normen.get("technisch-gereed")
    if not zaak.wens or norm is None:
        return None
    limit = _norm_einde(kalender, norm, zaak.t0)
    within = [(begin, feit) for begin, feit in zaak.aangeboden if begin <= limit]
    if not within:
        return None
    offered, offer = min(within, key=lambda pair: pair[0])
    later = [begin for begin, feit in zaak.gekozen if begin > offered and feit.telt >= offer.telt]
    return (offered, later[0]) if later else None


def _meting(
    zaak: Zaak,
    kalender: Kalender,
    norm: Norm | None,
    naam: str,
    begin: datetime,
    end: datetime | None,
    stand: str,
    gesloten: datetime | None,
) -> Meting:
    stops = _stops(zaak, end)
    deadline = None if norm is None else _norm_einde(kalender, norm, begin)
    since = begin
    if deadline is not None and naam == "technisch-gereed" and zaak.verlengd is not None:
        until, agreed = zaak.verlengd
        if end is None or agreed <= end:
            deadline, since = until, max(begin, agreed)
    for stood, went_on in stops:
        if deadline is None or norm is None or went_on is None or went_on <= begin or stood > deadline:
            continue
        first = max(stood, since)
        if norm.eenheid.value == "uren":
            deadline += max(timedelta(0), went_on - first)
        elif went_on > first:
            deadline = schuif(kalender, deadline, werktijd(kalender, first, went_on))
    paused = end is None and bool(stops) and stops[-1][1] is None
    last = end or gesloten
    if last is None:
        return Meting(stand, begin, None, deadline, paused)
    spans = {who: timedelta(0) for who in ("aannemer", "opdrachtgever", "huurder", "niemand")}
    net = timedelta(0)
    for number, stuk in enumerate(zaak.stukken):
        until = zaak.stukken[number + 1].begin if number + 1 < len(zaak.stukken) else last
        span = max(timedelta(0), min(until, last) - max(stuk.begin, begin))
        spans[stuk.wie] += span
        net += span if stuk.loopt else timedelta(0)
    return Meting(
        stand if end is not None else "uitgebleven",
        begin,
        end,
        deadline,
        paused,
        bruto=_seconds(max(timedelta(0), last - begin)),
        netto=_seconds(net),
        werkdagen=werkdagen(kalender, begin, last),
        verdeling={who: _seconds(span) for who, span in spans.items() if span},
    )


def _stops(zaak: Zaak, end: datetime | None) -> list[tuple[datetime, datetime | None]]:
    """From when until when the clock stood; the end of status traffic itself is no stop."""
    pieces = zaak.stukken[: zaak.einde_stuk]
    stops: list[tuple[datetime, datetime | None]] = []
    for number, stuk in enumerate(pieces):
        if stuk.loopt:
            continue
        until = pieces[number + 1].begin if number + 1 < len(pieces) else None
        if number and not pieces[number - 1].loopt:
            stops[-1] = (stops[-1][0], until)
        else:
            stops.append((stuk.begin, until))
    if end is None:
        return stops
    return [(since, end if until is None else min(until, end)) for since, until in stops if since < end]


def _norm_einde(kalender: Kalender, norm: Norm, begin: datetime) -> datetime:
    if norm.eenheid.value == "uren":
        return begin + timedelta(microseconds=int(norm.waarde * 3_600_000_000))
    whole, part = divmod(norm.waarde, 1)
    deadline = nde_werkdag(kalender, begin, int(whole))
    length = datetime.combine(date.min, kalender.eind) - datetime.combine(date.min, kalender.begin)
    return schuif(kalender, deadline, timedelta(microseconds=int(Decimal(length / timedelta(microseconds=1)) * part)))


def _seconds(span: timedelta) -> int:
    return span // timedelta(seconds=1)
