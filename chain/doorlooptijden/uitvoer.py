"""A report as a table for people, as CSV for a spreadsheet, and as JSON for a program."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from rich import box
from rich.console import Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from chain.doorlooptijden.rapport import Rapport, Regel
from chain.kalender import moment
from chain.kengetallen import Cijfers, Groep, Periode, Quantile
from chain.kengetallen.herziening import KALENDERDAGEN
from topics.documents.keten import AanZet
from topics.view.words import moment as shown
from topics.view.words import visible

_UUR: Final = 3_600
_MANY: Final = 1_000
_ALWAYS: Final = ("maat", "n", "p50", "p90", "norm")
_LEFT: Final = ("maat", "soort", "aan zet")
_FOLDED: Final = {"maat": 16, "soort": 10}
"""Columns that give way where the terminal is too narrow, and how far."""
_SHORT: Final = {
    AanZet.AANNEMER: "aann.",
    AanZet.OPDRACHTGEVER: "opdr.",
    AanZet.HUURDER: "huurder",
    AanZet.NIEMAND: "niemand",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


# ---------------------------------------------------------------- for people


def as_table(found: Rapport) -> RenderableType:
    """At 100 columns: per pair a table and what is doubtful in it, then what to know about all of it."""
    parts: list[RenderableType] = [Text(_heading(found), style="bold")]
    if not found.regels:
        parts.append(Text("Geen doorlooptijden in deze periode, met deze keuze."))
    for pair, grouped in groupby(found.regels, key=lambda regel: regel.groep[:3]):
        lines = list(grouped)
        parts.append(_table(_pair(pair, found.namen), lines))
        parts += [Text(line, style="yellow") for line in _doubts(lines)]
    parts += [Text(line, style="yellow") for line in found.opmerkingen]
    return Group(*parts)


def _heading(found: Rapport) -> str:
    return f"Doorlooptijden · {_period(found.periode)} · stand per {shown(moment(found.peil))}"


def _period(periode: Periode) -> str:
    if periode == Periode():
        return "alles"
    first = "het begin" if periode.van is None else shown(moment(periode.van), day_only=True)
    last = "nu" if periode.tot is None else shown(moment(periode.tot - 1), day_only=True)
    return f"{first} t/m {last}"


def _pair(pair: tuple[str, str, str], names: Mapping[str, str]) -> str:
    keten, client, contractor = pair
    who = " → ".join(visible(names.get(one, one)) for one in (client, contractor) if one)
    return f"{keten}: {who}" if who else keten


def _table(title: str, lines: list[Regel]) -> Table:
    """Without the columns that say nothing of any line."""
    columns: dict[str, list[Text]] = {
        "maat": [Text(_folded(visible(_measure(line.groep)))) for line in lines],
        "soort": [_text(filter(None, (line.groep.soort, line.groep.urgentie))) for line in lines],
        "n": [_text(_counts(line.cijfers)) for line in lines],
        "p50": [_text(_lengths(line.cijfers, line.groep, "p50")) for line in lines],
        "p90": [_text(_lengths(line.cijfers, line.groep, "p90")) for line in lines],
        "norm": [_norm(line.cijfers) for line in lines],
        "aan zet": [_text(_shares(line.cijfers.aan_zet)) for line in lines],
    }
    shown = {name: cells for name, cells in columns.items() if name in _ALWAYS or any(cell.plain for cell in cells)}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left")
    for name in shown:
        justify: JustifyMethod = "left" if name in _LEFT else "right"
        table.add_column(
            name, justify=justify, no_wrap=name not in _FOLDED, overflow="fold", min_width=_FOLDED.get(name)
        )
    for row in zip(*shown.values(), strict=True):
        table.add_row(*row)
    return table


def _measure(groep: Groep) -> str:
    return f"{groep.maat} (delen)" if groep.deel else groep.maat


def _folded(name: str) -> str:
    """A long name breaks behind a hyphen of its own."""
    head, hyphen, tail = name.rpartition("-")
    return f"{head}{hyphen}\n{tail}" if hyphen and len(name) > _FOLDED["maat"] else name


def _text(lines: Iterable[str]) -> Text:
    return Text("\n".join(visible(line) for line in lines))


def _counts(figures: Cijfers) -> Iterator[str]:
    """How many are in the lead times, how many of them have no end (yet), and what is counted apart."""
    yield str(figures.n)
    apart = (
        (figures.open, "open"),
        (figures.uitgebleven, "uitgebl."),
        (figures.vervallen, "verv."),
        (figures.geweigerd, "gew."),
        (figures.ingetrokken, "ingetr."),
    )
    yield from (f"{count} {name}" for count, name in apart if count)


def _lengths(figures: Cijfers, groep: Groep, name: str) -> Iterator[str]:
    """Days, gross hours, and net hours where they are another figure."""
    days, gross, net = (getattr(found, name) for found in (figures.dagen, figures.uren, figures.netto))
    if days is not None:
        yield _quantile(days, 1, "kd" if groep.dagen == KALENDERDAGEN else "wd")
    if gross is not None:
        yield _quantile(gross, _UUR, "u")
    if net is not None and net != gross:
        yield _quantile(net, _UUR, "u net")


def _quantile(found: Quantile, size: int, unit: str) -> str:
    mark = "" if found.reached else "> "
    if size == 1:
        return f"{mark}{found.value} {unit}"
    # of many hours nobody reads the tenths
    many = found.value >= _MANY * size
    return f"{mark}{(found.value + size // 2) // size if many else decimal(found.value, size)} {unit}"


def decimal(value: int, size: int) -> str:
    """With one decimal and a comma, as it is written here."""
    tenths = (value * 10 + size // 2) // size
    return f"{tenths // 10},{tenths % 10}"


def _norm(figures: Cijfers) -> Text:
    if not figures.gevallen:
        return Text("geen norm" if figures.n and figures.zonder_norm == figures.n else "–", style="dim")
    return Text(f"{decimal(figures.gehaald * 100, figures.gevallen)} %\n{figures.gehaald} van {figures.gevallen}")


def _shares(split: Mapping[AanZet, int]) -> list[str]:
    total = sum(split.values())
    return [f"{_SHORT[party]} {round(seconds * 100 / total)} %" for party, seconds in split.items() if total]


def _doubts(lines: Iterable[Regel]) -> Iterator[str]:
    for line in lines:
        groep, figures = line.groep, line.cijfers
        what = [f"{figures.voorlopig} voorlopig"] if figures.voorlopig else []
        what += [f"{count} met bevinding {code}" for code, count in figures.bevindingen.items()]
        if what:
            labels = " ".join(filter(None, (_measure(groep), groep.soort, groep.urgentie)))
            yield visible(f"{labels}: {', '.join(what)}")


# ---------------------------------------------------------------- for a spreadsheet


def as_csv(found: Rapport) -> str:
    """Semicolons and decimal commas, as spreadsheets here read it; `>12` where a quantile lies beyond 12."""
    out = io.StringIO()
    rows = [_row(found, line) for line in found.regels]
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in COLUMNS])
    return out.getvalue()


COLUMNS: Final = (
    "keten", "opdrachtgever", "opdrachtgever_naam", "aannemer", "aannemer_naam", "maat", "deel", "soort", "urgentie",
    "n", "open", "uitgebleven", "vervallen", "geweigerd", "ingetrokken", "dagen", "p50_dagen", "p90_dagen", "p50_uren",
    "p90_uren", "p50_netto_uren", "p90_netto_uren", "deadline_gevallen", "gehaald", "binnen_norm_procent", "zonder_norm",
    *(f"aan_zet_{party.value}_uren" for party in AanZet), "voorlopig", "bevindingen", "periode_van", "periode_tot",
    "stand_per",
)  # fmt: skip


def _row(found: Rapport, line: Regel) -> dict[str, str]:
    groep, figures = line.groep, line.cijfers
    period = found.periode
    row: dict[str, object] = {
        **{name: value for name, value in groep._asdict().items() if name != "deel"},
        "deel": "ja" if groep.deel else "nee",
        "opdrachtgever_naam": found.namen.get(groep.opdrachtgever, ""),
        "aannemer_naam": found.namen.get(groep.aannemer, ""),
        "n": figures.n,
        "open": figures.open,
        "uitgebleven": figures.uitgebleven,
        "vervallen": figures.vervallen,
        "geweigerd": figures.geweigerd,
        "ingetrokken": figures.ingetrokken,
        "deadline_gevallen": figures.gevallen,
        "gehaald": figures.gehaald,
        "binnen_norm_procent": decimal(figures.gehaald * 100, figures.gevallen) if figures.gevallen else "",
        "zonder_norm": figures.zonder_norm,
        **{f"aan_zet_{party.value}_uren": decimal(figures.aan_zet.get(party, 0), _UUR) for party in AanZet},
        "voorlopig": figures.voorlopig,
        "bevindingen": " ".join(f"{code}:{count}" for code, count in figures.bevindingen.items()),
        "periode_van": "" if period.van is None else shown(moment(period.van), day_only=True),
        "periode_tot": "" if period.tot is None else shown(moment(period.tot - 1), day_only=True),
        "stand_per": shown(moment(found.peil)),
    }
    for name in ("p50", "p90"):
        row[f"{name}_dagen"] = _plain(getattr(figures.dagen, name), 1)
        row[f"{name}_uren"] = _plain(getattr(figures.uren, name), _UUR)
        row[f"{name}_netto_uren"] = _plain(getattr(figures.netto, name), _UUR)
    return {name: str(value) for name, value in row.items()}


def _plain(found: Quantile | None, size: int) -> str:
    if found is None:
        return ""
    value = str(found.value) if size == 1 else decimal(found.value, size)
    return value if found.reached else f">{value}"


def _harmless(text: str) -> str:
    """What a partner wrote may not become a formula in a spreadsheet."""
    return f"'{text}" if text.startswith(_FORMULA) else text


# ---------------------------------------------------------------- for a program


def as_json(found: Rapport) -> dict[str, object]:
    """Seconds and days as whole numbers; times in UTC."""
    period = found.periode
    return {
        "periode": {
            "van": None if period.van is None else moment(period.van),
            "tot": None if period.tot is None else moment(period.tot),
        },
        "stand_per": moment(found.peil),
        "regels": [_object(line, found.namen) for line in found.regels],
        "opmerkingen": found.opmerkingen,
    }


def _object(line: Regel, names: Mapping[str, str]) -> dict[str, object]:
    groep, figures = line.groep, line.cijfers
    return {
        **groep._asdict(),
        "opdrachtgever_naam": names.get(groep.opdrachtgever),
        "aannemer_naam": names.get(groep.aannemer),
        "n": figures.n,
        "open": figures.open,
        "uitgebleven": figures.uitgebleven,
        "vervallen": figures.vervallen,
        "geweigerd": figures.geweigerd,
        "ingetrokken": figures.ingetrokken,
        **{
            name: {
                f"{of}_{unit}": _value(getattr(found, name))
                for of, unit, found in (
                    ("bruto", "seconden", figures.uren),
                    ("netto", "seconden", figures.netto),
                    ("bruto", groep.dagen, figures.dagen),
                )
            }
            for name in ("p50", "p90")
        },
        "norm": {"gevallen": figures.gevallen, "gehaald": figures.gehaald, "zonder_norm": figures.zonder_norm},
        "aan_zet_seconden": {party.value: seconds for party, seconds in figures.aan_zet.items()},
        "voorlopig": figures.voorlopig,
        "bevindingen": figures.bevindingen,
    }


def _value(found: Quantile | None) -> dict[str, object] | None:
    return None if found is None else {"waarde": found.value, "bereikt": found.reached}
