"""The report as tables for a terminal, at 100 columns."""

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chain.verschil.rapport import Cijfer, Duur, Groep, Kant, Rapport, Regel, Sectie, Soort, Veld
from topics.view.words import duration, visible

NIETS: Final = "—"
_STYLE: Final = {Soort.NIEUW: "green", Soort.WEG: "red", Soort.GEWIJZIGD: "yellow", Soort.OPGELOST: "green"}
_FIELDS: Final = 4
_GROUPS: Final = 10


def as_table(found: Rapport, alles: bool, most: int | None) -> RenderableType:
    """First what there is of everything, then per section what changed: the same changes together, then one by one.

    `most`: lines per section; None: all that the report has. `alles`: all fields of a line.
    """
    parts: list[RenderableType] = [Text(line) for line in _head(found)]
    parts.append(_summary(found))
    if not found.anders:
        parts.append(Text("Geen verschillen.", style="green"))
    for section in found.secties:
        if section.regels:
            parts += [Text(f"\n{section.titel}", style="bold"), *_section(section, found, alles, most)]
    if found.kengetallen:
        parts += [Text("\nKengetallen die verschillen", style="bold"), _figures(found)]
    if any(one.oud != one.nieuw for one in found.verantwoording):
        parts += [Text("\nVerantwoording per partner", style="bold"), _accounts(found)]
    parts += [Text(line, style="yellow") for line in found.opmerkingen]
    return Group(*parts)


def _head(found: Rapport) -> Iterator[str]:
    yield f"{found.opname}: {found.berichten} berichten, {found.besluiten} besluiten, {found.van} t/m {found.tot}"
    yield f"oud:   {_side(found.oud)}"
    yield f"nieuw: {_side(found.nieuw)}"


def _side(side: Kant) -> str:
    speed = f"{side.gespeeld / side.seconden:.0f} per seconde" if side.seconden else "in een oogwenk"
    left = ", ".join(f"{count} × {why}" for why, count in side.niet_genomen.items())
    return f"{visible(side.naam)} · release {side.release} · {speed}" + (
        f" · besluiten niet genomen: {left}" if left else ""
    )


def _summary(found: Rapport) -> Table:
    table = _table("", "oud", "nieuw", "gelijk", *(kind.value for kind in Soort))
    for one in found.secties:
        counts = [str(one.tellingen.get(kind, 0) or "") for kind in Soort]
        table.add_row(one.titel, str(one.oud), str(one.nieuw), str(one.gelijk), *counts)
    return table


def _section(section: Sectie, found: Rapport, alles: bool, most: int | None) -> Iterator[RenderableType]:
    groups = section.groepen if alles else section.groepen[:_GROUPS]
    if groups:
        yield _grouped(groups)
    table = _table("", "wat", "waar", "verschil")
    for line in section.regels[:most]:
        table.add_row(
            Text(line.soort.value, style=_STYLE[line.soort]),
            visible(line.wat),
            visible(where(line, found.namen), lines=True),
            visible("\n".join(_changes(line.velden, alles)), lines=True),
        )
    yield table
    left = section.weggelaten + (max(0, len(section.regels) - most) if most is not None else 0)
    if left:
        yield Text(f"… en {left} meer; --alles toont ze")


def _grouped(groups: tuple[Groep, ...]) -> Table:
    table = _table("keer", "wat", "veld", "oud", "nieuw")
    for one in groups:
        veld = one.veld
        table.add_row(
            str(one.aantal),
            visible(one.wat),
            visible(veld.pad),
            visible(veld.oud or NIETS),
            visible(veld.nieuw or NIETS),
        )
    return table


def where(line: Regel, names: dict[str, str]) -> str:
    """Its dossier, whose it is and which part of which receipt, as far as there is any."""
    parts = [line.dossier.partition("/")[2] or line.dossier, names.get(line.partner, line.partner)]
    if line.ontvangst:
        parts.append(f"{line.ontvangst[:13]}… deel {line.deel}")
    return "\n".join(part for part in parts if part)


def _changes(fields: tuple[Veld, ...], alles: bool) -> Iterator[str]:
    shown = fields if alles else fields[:_FIELDS]
    for one in shown:
        yield f"{one.pad}: {one.oud or NIETS} → {one.nieuw or NIETS}"
    if len(shown) < len(fields):
        yield f"en {len(fields) - len(shown)} velden meer"


def _figures(found: Rapport) -> Table:
    table = _table("paar", "maat", "n", "p50", "p90", "binnen norm")
    for one in found.kengetallen:
        pair = " → ".join(found.namen.get(who, who) for who in (one.opdrachtgever, one.aannemer) if who)
        what = " ".join(part for part in (one.maat, one.soort, one.urgentie) if part)
        pairs = zip(figures(one.oud), figures(one.nieuw), strict=True)
        cells = [was if was == becomes else f"{was} → {becomes}" for was, becomes in pairs]
        table.add_row(visible(pair), visible(what), *cells)
    return table


def figures(one: Cijfer) -> tuple[str, str, str, str]:
    """n, p50, p90 and within norm, in words."""
    lengths = [NIETS if each is None else _length(each) for each in (one.p50, one.p90)]
    share = f"{one.gehaald} van {one.gevallen}" if one.gevallen else NIETS
    return f"{one.n}" + (f", {one.open} open" if one.open else ""), lengths[0], lengths[1], share


def _length(one: Duur) -> str:
    return duration(one.seconden) if one.bereikt else f"> {duration(one.seconden)}"


def _accounts(found: Rapport) -> Table:
    table = _table("partner", "rekening", "oud", "nieuw")
    for one in found.verantwoording:
        if one.oud != one.nieuw:
            table.add_row(
                visible(found.namen.get(one.partner, one.partner)), one.rekening, str(one.oud), str(one.nieuw)
            )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
