"""`ketenbus topics`: the catalogue on the command line."""

import asyncio
import json
from typing import Annotated, Final

import msgspec
import typer
import yaml
from rich.console import Console
from rich.table import Table

from topics.catalogue.acl import acls
from topics.catalogue.apply import Plan
from topics.catalogue.apply import apply as apply_catalogue
from topics.catalogue.apply import check as check_catalogue
from topics.catalogue.asyncapi import document
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import Sizing, Topic
from topics.cli import console, errors, settings
from topics.errors import CatalogueDrift
from topics.kafka import open_admin

app = typer.Typer(help="The topics of the bus: list, create, compare, describe.", no_args_is_help=True)


AsMaat = Annotated[
    str,
    typer.Option(
        "--maat", help="single: one machine; production: three nodes; with more partitions: production:log=64,ruw=16."
    ),
]
AsBootstrap = Annotated[
    str | None, typer.Option("--bootstrap", help="Address of Kafka; default: of this installation.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]

WIDTH: Final = 110
"""Of the list, also when it goes into a file: no name is cut."""

DIFFERS: Final = 1
"""Exit status when the broker is not what the catalogue says; 2 is for what could not be told."""


@app.command("list")
def list_topics(maat: AsMaat = "single", as_json: AsJson = False) -> None:
    """Show every topic, dead-letter topics included."""
    sizing = Sizing.of(maat)
    if as_json:
        _print(json.dumps([_as_json(topic, sizing) for topic in TOPICS], indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("topic", "partitions", "kept", "origin", "owner"):
        table.add_column(column, no_wrap=True)
    for topic in TOPICS:
        partitions = str(sizing.partitions(topic.width))
        table.add_row(topic.name, partitions, topic.kept, topic.origin.value, topic.owner)
    Console(width=WIDTH).print(table)


@app.command()
def apply(bootstrap: AsBootstrap = None, maat: AsMaat = "single") -> None:
    """Create the topics that lack; change none. Exit status 1 when something differs: then nothing is created."""

    async def run() -> tuple[Topic, ...]:
        async with open_admin(bootstrap or settings().bootstrap) as admin:
            return await apply_catalogue(admin, Sizing.of(maat))

    try:
        created = asyncio.run(run())
    except CatalogueDrift as error:
        errors.print(f"ketenbus: {error.code}: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(DIFFERS) from error
    for topic in created:
        _print(f"created {topic.name}")
    _print(f"{len(created)} of {len(TOPICS)} topics created, the others were as the catalogue says")


@app.command()
def check(bootstrap: AsBootstrap = None, maat: AsMaat = "single", as_json: AsJson = False) -> None:
    """Compare the broker with the catalogue, change nothing. Exit status 1 when something lacks or differs."""

    async def run() -> Plan:
        async with open_admin(bootstrap or settings().bootstrap) as admin:
            return await check_catalogue(admin, Sizing.of(maat))

    found = asyncio.run(run())
    if as_json:
        missing = [topic.name for topic in found.create]
        differences = [msgspec.to_builtins(one) for one in found.differences]
        broker = [msgspec.to_builtins(one) for one in found.broker]
        _print(json.dumps({"missing": missing, "differences": differences, "broker": broker}, indent=2))
    else:
        for line in found.lines():
            _print(line)
        _print(f"{len(TOPICS)} topics declared, {len(found.lines())} not in order")
    if not found.in_order:
        raise typer.Exit(DIFFERS)


@app.command()
def asyncapi(
    maat: AsMaat = "production",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of YAML.")] = False,
) -> None:
    """Print the AsyncAPI 3.0 document.

    Channels with their Kafka settings, messages with schemas and examples, who sends and who receives.
    """
    described = json.loads(json.dumps(document(Sizing.of(maat))))
    if as_json:
        _print(json.dumps(described, indent=2, ensure_ascii=False))
    else:
        _print(yaml.safe_dump(described, sort_keys=False, allow_unicode=True, width=120).rstrip("\n"))


@app.command()
def acl(
    as_json: AsJson = False,
    to_apply: Annotated[bool, typer.Option("--apply", help="give these rights in Kafka; takes none away")] = False,
    bootstrap: AsBootstrap = None,
) -> None:
    """Print what each principal may do in Kafka, or give them these rights.

    Lines for kafka-acls.sh: the principal is User:<name>, $BOOTSTRAP the address.
    """
    if to_apply:
        _print(f"{asyncio.run(_allow(bootstrap or settings().bootstrap))} rights are given")
        return
    if as_json:
        _print(json.dumps([msgspec.to_builtins(one) for one in acls()], indent=2))
        return
    for one in acls():
        _print(one.command())


async def _allow(bootstrap: str) -> int:
    rights = [right for one in acls() for right in one.rights()]
    async with open_admin(bootstrap) as admin:
        for right in rights:
            await admin.allow(right)
    return len(rights)


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _as_json(topic: Topic, sizing: Sizing) -> dict[str, object]:
    return {
        **topic.model_dump(mode="json"),
        "partitions": sizing.partitions(topic.width),
        "replication": sizing.replication,
        "config": topic.config(sizing),
    }
