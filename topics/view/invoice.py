"""Invoices on the terminal: what of one is released or disputed and why, and those of an order."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich import box
from rich.table import Table
from rich.text import Text

from topics.documents import factuur, keten
from topics.documents.document import Document
from topics.keys import kind_of, parts
from topics.view.words import moment, visible

DERIVED = (factuur.Factuurdeel, factuur.Factuurantwoord, factuur.Factuurafronding)
"""What invoices and orders tell each other."""
_DISPUTED = "yellow"


def amounts(found: keten.Dossier) -> Text:
    """`€ 121.00: vrijgegeven 100.00, betwist 21.00`; amounts that are nothing are left out."""
    text = Text(f"€ {found.te_betalen}" if found.te_betalen is not None else "nog niet beoordeeld")
    named = (("vrijgegeven", found.vrijgegeven), ("betwist", found.betwist), ("in behandeling", found.in_behandeling))
    told = [f"{name} {amount}" for name, amount in (*named, ("verrekend", found.verrekend)) if amount]
    return text.append(f": {', '.join(told)}") if told else text


def lines_table(judged: keten.Factuurbeoordeling) -> Table:
    """The lines, excluding VAT, and under them the VAT categories, including VAT."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("regel")
    table.add_column("opdracht", overflow="fold")
    for name in ("vrijgegeven", "betwist", "in behandeling", "verrekend"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("reden")
    for line in judged.regels:
        order = _number(line.dossier) if line.dossier else "-"
        row = _row(line.vrijgegeven, line.betwist, line.in_behandeling, line.verrekend)
        table.add_row(Text(visible(line.nummer)), Text(visible(order)), *row, Text(line.reden, style=_DISPUTED))
    for vat in judged.btw:
        row = _row(vat.vrijgegeven, vat.betwist, vat.in_behandeling, vat.verrekend)
        table.add_row("", Text(f"met btw {vat.categorie} {vat.percentage} %", style="dim"), *row, "")
    if judged.g_vrijgegeven is not None:
        table.add_row("", Text("waarvan g-rekening", style="dim"), *_row(judged.g_vrijgegeven), "", "", "", "")
    return table


def invoices_table(invoices: Sequence[keten.Dossier]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("factuur", "leverancier", "toestand", "bedrag"):
        table.add_column(name, overflow="fold")
    for one in invoices:
        number = Text(visible(one.factuurnummer or _number(one.sleutel)))
        table.add_row(number, Text(visible(one.leverancier or "-")), one.toestand, amounts(one))
    return table


def what(document: Document) -> str | None:
    """One line on an event of an invoice; None for any other."""
    match document:
        case factuur.Factuur() as bill:
            kind = "creditnota" if bill.te_betalen < 0 else "factuur"
            head = f"{kind} {bill.factuurnummer} van {bill.factuurdatum:%d-%m-%Y}"
            return f"{head}, € {bill.te_betalen}, {len(bill.regels)} regel(s)"
        case factuur.Factuurstatus() as step:
            amount = f", € {step.bedrag}" if step.bedrag is not None else ""
            return f"factuur {step.stap.value}{amount}"
        case factuur.Factuurdeel() as asked:
            state = "niet meer gevraagd" if asked.ingetrokken else f"€ {_sum(line.bedrag for line in asked.regels)}"
            return f"factuur {asked.factuurnummer}: {state}"
        case factuur.Factuurantwoord() as answer:
            about = f"{kind_of(answer.van)} {_number(answer.van)}"
            if answer.dubbel:
                return f"{about}: mogelijk dubbel met {_number(answer.dubbel)}"
            free = f"€ {_sum(line.vrij for line in answer.regels)} vrij"
            reasons = dict.fromkeys(line.reden for line in answer.regels if line.reden)
            return f"{about}: " + (", ".join((free, *reasons)) if answer.bekend else "vraagt niets meer")
        case factuur.Factuurafronding() as done:
            state = f"afgerond {moment(done.afgerond)}" if done.afgerond else "niet meer afgerond"
            return f"factuur {_number(done.factuur)}: {state}"
        case _:
            return None


def _row(*amounts: Decimal) -> list[str]:
    return [f"{amount:.2f}" if amount else "" for amount in amounts]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _number(key: str) -> str:
    return parts(key)[-1]
