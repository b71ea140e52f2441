"""`ketenbus archief` and `ketenbus herstel`: backup and restore on the command line."""

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from prometheus_client import CollectorRegistry

from topics.archive.archiver import Archiver
from topics.archive.checked import check
from topics.archive.figures import Figures
from topics.archive.manifest import Cut
from topics.archive.place import open_place
from topics.archive.restore import restore
from topics.archive.session import ArchiverSettings
from topics.catalogue.command import AsJson, AsMaat
from topics.catalogue.topic import Sizing
from topics.cli import Settings, console, errors, settings
from topics.objectstore import ObjectStoreSettings
from topics.processes.health import health
from topics.processes.logging import configure
from topics.processes.workers import stop_on_signals

AsEndpoint = Annotated[
    str | None, typer.Option("--endpoint", help="Of what speaks like S3; default: that of the blobs.")
]
AsRegion = Annotated[str | None, typer.Option("--regio", help="Of the bucket; default: that of the blobs.")]
AsCredentials = Annotated[
    Path | None,
    typer.Option("--sleutels", help="TOML with access_key_id and secret_access_key; default: those of the blobs."),
]
SHOWN = 5


def archief(
    naar: Annotated[str, typer.Option("--naar", help="The archive: a folder, or s3://bucket/prefix.")],
    eenmaal: Annotated[bool, typer.Option("--eenmaal", help="Copy up to now, and stop.")] = False,
    elke: Annotated[float, typer.Option("--elke", help="Seconds between two cuts.", min=1)] = 15.0,
    bootstrap: Annotated[str | None, typer.Option(help="Address of Kafka; default: of this installation.")] = None,
    poort: Annotated[
        int | None, typer.Option(help="Serve /metrics and /readyz here; default: nowhere.", min=1, max=65535)
    ] = None,
    host: Annotated[str, typer.Option(help="Address to serve them on.")] = "127.0.0.1",
    bestand_mb: Annotated[
        int, typer.Option("--bestand-mb", help="Of records in one file, before compression.", min=1)
    ] = 32,
    aanvaard_gat: Annotated[
        bool, typer.Option("--aanvaard-gat", help="Go on behind what retention took; the archive says what is lost.")
    ] = False,
    wis: Annotated[
        bool,
        typer.Option("--wis", help="First compare all personal data with the topic: what was erased there goes here."),
    ] = False,
    endpoint: AsEndpoint = None,
    regio: AsRegion = None,
    sleutels: AsCredentials = None,
) -> None:
    """Copy what cannot be made again to an archive, until it is stopped: raw messages, logs, personal data, postings,
    decisions, dead letters, and bodies of the object store.

    Goes on where the archive ends. Exit status 2 when records were lost before they were archived, or when the archive is
    another bus's.
    """
    found = settings()
    where = _place(found, naar, endpoint, regio, sleutels)
    how = ArchiverSettings(every=elke, file_bytes=bestand_mb << 20, accept_gaps=aanvaard_gat, compare_persons=wis)
    with open_place(where, writing=True) as place:
        registry = CollectorRegistry()
        figures = Figures(registry)
        configure("archief", "warning" if eenmaal else "info")
        archiver = Archiver(place, found.open_blobs(), bootstrap or found.bootstrap, _now, how, figures)
        if eenmaal:
            _tell_cut(asyncio.run(archiver.once()))
            return

        async def run() -> None:
            stop = stop_on_signals()
            async with health(host, poort, registry, figures.ready, stop) if poort else nullcontext():
                await archiver.run(stop)

        asyncio.run(run())


def herstel(
    van: Annotated[str, typer.Argument(help="The archive: a folder, or s3://bucket/prefix.")],
    naar: Annotated[str | None, typer.Option("--naar", help="Address of an empty Kafka.")] = None,
    maat: AsMaat = "single",
    controle: Annotated[
        bool, typer.Option("--controle", help="Only read all of the archive, and say what is in it.")
    ] = False,
    as_json: AsJson = False,
    endpoint: AsEndpoint = None,
    regio: AsRegion = None,
    sleutels: AsCredentials = None,
) -> None:
    """Rebuild a bus from its archive, in an empty Kafka. Its processes must not run yet; afterwards they make everything
    else again.

    Into as many partitions as it had, or a whole multiple of them. Bodies go to the object store of this installation. The
    view of the former bus must be removed first: it is made anew.
    """
    found = settings()
    if naar is None and not controle:
        raise typer.BadParameter("say where to: --naar BROKER, or --controle to read only", param_hint="--naar")
    tell = _silent if as_json else _told
    sizing = Sizing.of(maat)
    with open_place(_place(found, van, endpoint, regio, sleutels), writing=False) as place:
        checked = check(place, tell, None if naar is None else sizing)
        if naar is None:
            _say(checked.cut, checked.records, len(checked.refs), as_json=as_json)
            return
        done = asyncio.run(restore(place, checked, naar, found.open_blobs(), _now(), tell))
    _say(done.cut, done.records, done.blobs, as_json=as_json)
    for gap in done.gaps:
        errors.print(f"lost: {gap.topic}/{gap.partition} offsets {gap.first} to {gap.until}", style="red")
    for ref in done.missing[:SHOWN]:
        errors.print(f"missing: body {ref}, and {max(0, len(done.missing) - SHOWN)} more", style="red")


def _place(
    found: Settings, where: str, endpoint: str | None, region: str | None, credentials: Path | None
) -> ObjectStoreSettings:
    return ObjectStoreSettings(
        blobs=where,
        blobs_endpoint=endpoint or found.blobs_endpoint,
        blobs_region=region or found.blobs_region,
        blobs_credentials=credentials or found.blobs_credentials,
    )


def _tell_cut(cut: Cut) -> None:
    records = sum(file.records for file in cut.files)
    _told(f"cut {cut.number}: {records} records in {len(cut.files)} files")
    for ref in cut.missing[:SHOWN]:
        errors.print(f"missing: body {ref} is not in the object store", style="red")


def _say(cut: Cut, records: int, bodies: int, *, as_json: bool) -> None:
    if as_json:
        said = {"cut": cut.number, "made": cut.made, "records": records, "bodies": bodies, "missing": cut.missing}
        typer.echo(msgspec.json.encode(said).decode())
    else:
        _told(f"{records} records and {bodies} bodies, as they were at {cut.made:%Y-%m-%d %H:%M:%S} UTC")


def _told(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _silent(_: str) -> None:
    """Nobody listens."""


def _now() -> datetime:
    return datetime.now(UTC)
