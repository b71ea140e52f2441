"""The CLI's frame: one Typer app that finds its sub-commands by entry point (group `ketenbus.commands`).

A command is a function or a Typer app in the room that it is about; it gets the settings of this invocation by
`settings()`. This module is the only place, beside the `__main__.py` of each process, that reads the environment.
"""

import logging
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from topics.errors import KetenbusError, Unavailable
from topics.objectstore import ObjectStoreSettings
from topics.processes.address import kept
from topics.processes.secrets import with_secrets
from topics.processes.variables import checked, variable_of

GROUP = "ketenbus.commands"

console = Console()
errors = Console(stderr=True)


class Settings(ObjectStoreSettings):
    """Where this installation keeps things and what it talks to.

    data: folder with profiles (`profielen/`), keys (`sleutels.json`), object store (`blobs/`, unless it is elsewhere), the embedded broker
    (`kafka/`) and simulated time. bootstrap: Kafka's address; intake: base URL; view: SQLAlchemy URL. door: the name of
    whoever decides, for commands that are not told. kafka_image: of a Kafka test container.
    """

    bootstrap: str = "127.0.0.1:19092"
    intake: str = "http://127.0.0.1:18080"
    view: str | None = None
    door: str = ""
    kafka_image: str = "ketenbus/kafka:local"

    @property
    def profiles(self) -> Path:
        return self.data / "profielen"

    @property
    def view_url(self) -> str:
        return self.view or f"sqlite:///{self.data / 'view.db'}"


def settings() -> Settings:
    """Settings from KETENBUS_DATA, KETENBUS_BOOTSTRAP, KETENBUS_INTAKE, KETENBUS_VIEW, KETENBUS_DOOR,
    KETENBUS_KAFKA_IMAGE and those of the object store.

    Addresses that are not given are those of the bus that ran last on this data folder. Raises ConfigurationError.
    """
    names = Settings.model_fields
    known = with_secrets(os.environ)
    given = {name: known[key] for name in names if (key := variable_of(name)) in known}
    found = checked(Settings, given)
    last = kept(found.data)
    return found if last is None else checked(Settings, msgspec.structs.asdict(last) | given)


def environment() -> dict[str, str]:
    """What this process was given, for the processes that a command starts."""
    return dict(os.environ)


def application(only: str | None = None) -> typer.Typer:
    """The app with every sub-command that is installed, in the order of their names; or with the one named `only`."""
    app = typer.Typer(
        name="ketenbus",
        help="Message bus for housing chains: check and send messages, follow dossiers, keep the account.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"max_content_width": 100},
    )
    points = entry_points(group=GROUP) if only is None else entry_points(group=GROUP, name=only)
    for point in sorted(points, key=lambda found: found.name):
        command = point.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=point.name)
        else:
            app.command(name=point.name)(command)
    return app


def main() -> None:
    """Entry point of the console script. Errors of ours become one line with their code and exit status 2."""
    # the Kafka client also logs what it raises
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        application()()
    except KetenbusError as error:
        errors.print(f"ketenbus: {error.code}: {error}", markup=False, highlight=False, soft_wrap=True)
        if isinstance(error, Unavailable):
            errors.print(_away(settings()), markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)


def _away(found: Settings) -> str:
    return (
        f"Is the bus running? Unless told otherwise, Kafka is looked for at {found.bootstrap} and the intake at "
        f"{found.intake}; `. {found.data}/voorbeeld.env` tells a shell where `ketenbus run` has put them."
    )
