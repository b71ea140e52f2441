"""A dossier on the terminal: what happened and when it was known, what is measured, and the evidence behind it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from topics.documents import Account, keten, onderhoud
from topics.keys import kind_of, parts
from topics.view import invoice
from topics.view.search import Event, Page
from topics.view.words import DETAIL, REDEN, STATUS, ago, duration, moment, visible

_LATE: Final = "bold red"
_DERIVED: Final = (
    onderhoud.Eenheidsmelding,
    onderhoud.Eenheidsantwoord,
    onderhoud.Mutatiemelding,
    onderhoud.Onderaanneming,
    *invoice.DERIVED,
)
"""What dossiers tell each other: no part of a message."""


class Bewijs:
    """Numbers for the events of a page, by which figures refer to them."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        self._numbers = {event.id: number for number, event in enumerate(events, 1)}

    def of(self, event: str) -> str:
        return str(self._numbers.get(event, "?"))


def render(page: Page, names: Mapping[str, str], now: datetime, *, personen: bool = False) -> Group:
    """The whole page. `names`: what partners are called, by id and GLN."""
    proof = Bewijs(page.gebeurtenissen)
    blocks: list[RenderableType] = [_head(page, names, now), _title("Verloop"), _timeline(page)]
    if page.oordeel is not None:
        blocks += [_title("Factuurbeoordeling"), invoice.lines_table(page.oordeel)]
    if page.facturen:
        blocks += [_title("Facturen"), invoice.invoices_table(page.facturen)]
    if page.maten:
        blocks += [_title("Doorlooptijden"), _measures(page, proof, now)]
    if page.signalen:
        blocks += [_title("Signalen"), _signals(page, names)]
    letters = [letter for letter in page.brieven if letter.open]
    if letters:
        blocks += [_title("Uitval die op een besluit wacht")]
        blocks += [
            Text(f"  {letter.id[:12]}  {moment(letter.op)}  {letter.reden.value}: {REDEN[letter.reden]}")
            for letter in letters
        ]
    blocks += [_title("Bewijs"), _evidence(page)]
    if page.personen:
        blocks += [_title("Persoonsgegevens"), _persons(page, shown=personen)]
    return Group(*blocks)


def _title(text: str) -> Padding:
    return Padding(Text(text, style="bold"), (1, 0, 0, 0))


def _head(page: Page, names: Mapping[str, str], now: datetime) -> RenderableType:
    found = page.dossier
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    grid.add_row("dossier", Text(visible(found.sleutel), style="bold"))
    state = Text(found.toestand, style="bold")
    if found.geschorst:
        state.append("  GESCHORST: een regel gaf een fout, zie het signaal", style=_LATE)
    if found.onvolledig:
        state.append(f"  onvolledig ({len(found.onvolledig)} bericht(en) in uitval)", style="yellow")
    grid.add_row("toestand", state)
    if found.aan_zet is not None:
        since = f" sinds {moment(found.aan_zet_sinds)} ({ago(found.aan_zet_sinds, now)})" if found.aan_zet_sinds else ""
        grid.add_row("aan zet", Text(f"{found.aan_zet.value}{since}"))
    kind = kind_of(found.sleutel)
    if kind == "opdracht":
        grid.add_row("contractklok", "loopt" if found.klok_loopt else "staat stil")
    grid.add_row("opdrachtgever", _party(found.opdrachtgever, names))
    if kind in ("opdracht", "factuur"):
        grid.add_row("aannemer", _party(found.aannemer, names))
    if kind == "factuur":
        grid.add_row("factuur", Text(visible(f"{found.factuurnummer} van leverancier {found.leverancier}")))
        grid.add_row("bedrag", invoice.amounts(found))
    order = " · ".join(part for part in (found.opdrachtnummer, found.soort, found.urgentie) if part)
    if order:
        grid.add_row("opdracht", Text(visible(order)))
    for part in found.delen:
        ready = f", gereed {moment(part.gereed)}" if part.gereed else ""
        grid.add_row(f"deel {visible(part.subnummer)}", Text(f"{part.toestand}, aan zet {part.aan_zet.value}{ready}"))
    if found.opdrachten:
        grid.add_row("opdrachten", Text("\n".join(visible(key) for key in found.opdrachten), overflow="fold"))
    if found.in_een_keer_goed is not None:
        grid.add_row("in één keer goed", "ja" if found.in_een_keer_goed else "nee")
    waiting = f", {found.wachtend} wachten op de opdracht" if found.wachtend else ""
    grid.add_row("feiten", f"{found.feiten} toegepast{waiting}; bijgewerkt {moment(found.bijgewerkt)}")
    return grid


def _party(gln: str | None, names: Mapping[str, str]) -> Text:
    if gln is None:
        return Text("nog niet bekend", style="dim")
    return Text(f"{names[gln]} ({gln})" if gln in names else gln)


def _timeline(page: Page) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("nr", justify="right", style="dim")
    table.add_column("gebeurd", no_wrap=True)
    table.add_column("bekend", no_wrap=True)
    table.add_column("wat")
    table.add_column("afzender")
    table.add_column("telt", no_wrap=True)
    aside = set(page.dossier.buiten_beschouwing)
    for number, event in enumerate(page.gebeurtenissen, 1):
        counts = counted(event, aside)
        table.add_row(
            str(number),
            moment(event.gebeurd, day_only=event.alleen_dag),
            moment(event.bekend),
            Text(visible(what(event))),
            Text(event.partner),
            Text(counts, style="green" if counts == "ja" else "yellow"),
        )
    return table


def counted(event: Event, aside: set[str]) -> str:
    """`ja`, `nee` (buiten beschouwing), the account in which its message is, or nothing for an event of the bus."""
    if isinstance(event.document, (keten.Uitval, *_DERIVED)):
        return ""
    if event.id in aside:
        return "nee"
    return event.account.value if event.account not in (None, Account.TOEGEPAST) else "ja"


def what(event: Event) -> str:
    """One line: the code in words, and the partner's own word where it sent one."""
    match event.document:
        case onderhoud.Status() as status:
            text = f"{status.code.value} {STATUS[status.code.value]}"
            if status.detail is not None:
                text += f", {status.detail.value} {DETAIL[status.detail.value]}"
            return f"{text} (“{status.eigen_status}”)" if status.eigen_status else text
        case onderhoud.Opdracht() as order:
            lines = f", {len(order.regels)} regel(s)" if order.regels else ""
            kind = f" {order.soort}" if order.soort else ""
            return f"opdracht{kind}, {order.urgentie.value}{lines}"
        case onderhoud.Planning() as planning:
            slots = [f"{slot.soort.value} {moment(slot.begin)}–{moment(slot.eind)[11:]}" for slot in planning.sloten]
            return "planning: " + "; ".join(slots)
        case onderhoud.Offerte() as quotation:
            amount = f", € {quotation.bedrag}" if quotation.bedrag is not None else ""
            return f"offerte {quotation.offertenummer} {quotation.stap.value}{amount}"
        case onderhoud.Mutatie() as step:
            return f"mutatie: {step.stap.value}"
        case onderhoud.Eenheidsmelding() | onderhoud.Mutatiemelding() as told:
            state = "vervallen" if told.vervallen else f"gereed {moment(told.gereed)}" if told.gereed else "loopt"
            return f"opdracht {_number(told.opdracht)}: {state}"
        case onderhoud.Eenheidsantwoord() as answer:
            until = f" tot {moment(answer.termijn_om)}" if answer.termijn_om else ""
            return f"eenheid{until}: " + (
                f"herhaald door {_number(answer.herhaald_door)}" if answer.herhaald_door else "niet herhaald"
            )
        case onderhoud.Onderaanneming() as sub:
            return f"onderaannemer {sub.onderaannemer} door {_number(sub.opdracht)}" + (
                "" if sub.actief else ": beëindigd"
            )
        case keten.Uitval() as letter:
            return f"uitval {letter.reden.value} (brief {letter.brief[:12]})"
        case other:
            return invoice.what(other) or other.NAME


def _number(key: str) -> str:
    """The number of an order of the same client: its key does not fit in a column, and its end is what differs."""
    return parts(key)[-1]


def _measures(page: Page, proof: Bewijs, now: datetime) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for measure in page.maten:
        part = f" (deel {visible(measure.laatste.subnummer)})" if measure.laatste.subnummer else ""
        grid.add_row(f"  {measure.laatste.maat}{part}", _measure(measure.laatste, proof, now))
    return grid


def _measure(found: keten.Doorlooptijd, proof: Bewijs, now: datetime) -> Text:
    marks = [found.standnaam]
    marks += ["gepauzeerd"] if found.gepauzeerd else []
    marks += ["voorlopig"] if found.voorlopig else []
    until = moment(found.eind) if found.eind else "nu"
    if found.uitgebleven is not None:
        until = f"geen eind tot het dossier sloot, {moment(found.uitgebleven)}"
    text = Text(f"{', '.join(marks)}: {moment(found.begin)} → {until}")
    if found.deadline is not None:
        late = found.stand in _RUNS and found.deadline < (found.eind or now)
        text.append(f", norm tot {moment(found.deadline)}")
        text.append(" (te laat)" if late else "", style=_LATE)
    spans = []
    if found.bruto_seconden is not None:
        spans.append(f"bruto {duration(found.bruto_seconden)}")
    if found.netto_seconden is not None:
        spans.append(f"netto {duration(found.netto_seconden)}")
    if found.werkdagen is not None:
        spans.append(f"{found.werkdagen} werkdag(en)")
    if found.kalenderdagen is not None:
        spans.append(f"{found.kalenderdagen} kalenderdag(en)")
    spans += [f"aan zet {party.value} {duration(seconds)}" for party, seconds in found.aan_zet_seconden.items()]
    spans.append(f"bewijs {', '.join(proof.of(bewijs.gebeurtenis) for bewijs in found.bewijs) or '-'}")
    text.append("\n" + " · ".join(spans), style="dim")
    for finding in found.bevindingen:
        text.append(f"\n{finding.tekst}", style="yellow")
    return text


_RUNS: Final = (keten.Stand.OPEN, keten.Stand.GESLOTEN)


def _signals(page: Page, names: Mapping[str, str]) -> Group:
    lines = []
    for signal in page.signalen:
        against = f" (tegen {names.get(signal.tegen, signal.tegen)})" if signal.tegen else ""
        against += f" (deel {visible(signal.subnummer)})" if signal.subnummer else ""
        gone = "  ingetrokken" if signal.ingetrokken else ""
        style = "dim" if signal.ingetrokken else "yellow"
        lines.append(
            Text(f"  {moment(signal.sinds)}  {signal.soort}: {visible(signal.tekst)}{against}{gone}", style=style)
        )
    return Group(*lines)


def _evidence(page: Page) -> Group:
    lines: list[RenderableType] = []
    for number, event in enumerate(page.gebeurtenissen, 1):
        receipt = f"ontvangst {event.ontvangst}, deel {event.deel or '-'}" if event.ontvangst else "afgeleid"
        if isinstance(event.document, _DERIVED):
            receipt = f"afgeleid, begonnen met ontvangst {event.ontvangst or '-'}"
        lines.append(Text(f"  {number:>2}  {receipt}", overflow="fold"))
        raw = f"ruw {event.bron} · sha256 {event.sha256[:16]}… · " if event.bron and event.sha256 else ""
        lines.append(Text(f"      {raw}log {event.positie}", style="dim", overflow="fold"))
    lines.append(Text("  De ruwe bytes staan er met --ruw bij.", style="dim"))
    return Group(*lines)


def _persons(page: Page, *, shown: bool) -> Group:
    if not shown:
        return Group(Text(f"  bij {len(page.personen)} bericht(en); te zien met --personen.", style="dim"))
    return Group(
        *(
            Text(visible(f"  {receipt}  {field}: {text}"), overflow="fold")
            for receipt, fields in page.personen.items()
            for field, text in fields.items()
        )
    )
