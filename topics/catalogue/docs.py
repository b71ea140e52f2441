"""What READMEs say about the catalogue and the commands is written by this module, between markers:

    <!-- generated:topics -->      the table of topics
    <!-- generated:flow -->        the flow of a message as a mermaid diagram
    <!-- generated:metrics -->     the table of metrics
    <!-- generated:cli -->         help of the whole command line; `generated:cli topics` of one command

each closed by `<!-- /generated -->`. `python -m topics.catalogue.docs` rewrites every README of the checkout.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import typer
from typer.core import TyperCommand, TyperGroup

from topics.catalogue.declarations import (
    ADAPTERS,
    ALL_KETENS,
    CORRELATORS,
    KINDS,
    MEASURE_TABLES,
    PROCESSORS,
    TOPICS,
    changelog_topic,
    log_topic,
    raw_topic,
)
from topics.catalogue.topic import DEAD_LETTER_SUFFIX, PRODUCTION, SINGLE, Topic
from topics.cli import application
from topics.errors import ConfigurationError
from topics.metrics.table import table as metrics

ROOT: Final = Path(__file__).resolve().parents[2]
WIDTH: Final = 100
VIEW: Final = "view"
_MARKED: Final = re.compile(r"(<!-- generated:(\w+)((?: [\w-]+)*) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def table() -> str:
    """Every topic but the dead-letter topics, one row per family (kinds, ketens and processors alike)."""
    rows = [
        "| topic | carries | key | partitions | kept | origin | written by | read by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, family in _families(TOPICS).items():
        topic = family[0]
        sizes = _joined(f"{PRODUCTION.partitions(one.width)} ({SINGLE.partitions(one.width)})" for one in family)
        rows.append(
            f"| `{name}`{' + `.dlq`' if topic.dead_letters else ''} | {', '.join(topic.documents)} | {topic.key} "
            f"| {sizes} | {topic.kept} | {topic.origin.value} "
            f"| {_joined(_producers(family))} | {_joined(_consumers(family))} |"
        )
    return "\n".join(rows)


def diagram() -> str:
    """Mermaid: processes and the topics between them. Left out, and said below it: changelogs, dead letters, the view."""
    nodes: dict[str, str] = {}
    shapes: list[str] = []
    edges: list[str] = []

    def node(name: str, shape: str) -> str:
        if name not in nodes:
            nodes[name] = f"n{len(nodes)}"
            shapes.append(nodes[name] + shape.format(name))
        return nodes[name]

    viewed: list[str] = []
    for name, family in _families(TOPICS).items():
        if family[0].private:
            continue
        at = node(name, '[("{}")]')
        edges += (f"{node(process, '[{}]')} --> {at}" for process in _producers(family))
        edges += (f"{at} --> {node(process, '[{}]')}" for process in _consumers(family) if process != VIEW)
        viewed += [f"`{name}`"] if VIEW in _consumers(family) else []
    lines = ["```mermaid", "flowchart LR", *(f"  {one}" for one in (*shapes, *edges)), "```", ""]
    lines += [
        f"Not drawn: changelogs, dead letters (`*{DEAD_LETTER_SUFFIX}`), and the view, which reads {_and(viewed)}."
    ]
    return "\n".join(lines)


def cli_help(command: str = "") -> str:
    """Help of `ketenbus <command>` and of what is below it, as a code block. Raises ConfigurationError for no command.

    One command is loaded alone, the whole line (no command) with all that is installed.
    """
    app = application(command or None)
    if not (app.registered_commands or app.registered_groups):
        raise ConfigurationError(f"marker generated:cli {command}: there is no such command")
    found: object = typer.main.get_command(app)
    if command and isinstance(found, TyperGroup):
        found = found.commands[command]
    path = ["ketenbus", command] if command else ["ketenbus"]
    helps = (text.strip() for text in _helps(found, path))
    return "```\n" + "\n\n".join(helps) + "\n```"


def fill(text: str) -> str:
    """`text` with everything between markers written anew. Raises ConfigurationError for a marker nobody knows."""

    def generate(found: re.Match[str]) -> str:
        opening, what, argument, closing = found.groups()
        if what == "topics":
            body = table()
        elif what == "flow":
            body = diagram()
        elif what == "metrics":
            body = metrics()
        elif what == "cli":
            body = cli_help(argument.strip())
        else:
            raise ConfigurationError(f"marker generated:{what}: expected topics, flow, metrics or cli")
        return f"{opening}{body}\n{closing}"

    return _MARKED.sub(generate, text)


def readmes(root: Path = ROOT) -> tuple[Path, ...]:
    """The READMEs of the checkout that have markers."""
    hidden = (".", "build", "node_modules")
    found = (
        file
        for file in root.rglob("README.md")
        if not any(part.startswith(hidden) for part in file.relative_to(root).parts)
    )
    return tuple(sorted(file for file in found if _MARKED.search(file.read_text(encoding="utf-8"))))


def _helps(command: object, path: Sequence[str]) -> Iterator[str]:
    if isinstance(command, TyperCommand | TyperGroup):
        context = typer.Context(command, info_name=" ".join(path), terminal_width=WIDTH, max_content_width=WIDTH)
        yield command.get_help(context)
    if isinstance(command, TyperGroup):
        for name in sorted(command.commands):
            yield from _helps(command.commands[name], [*path, name])


def _families(topics: Sequence[Topic]) -> dict[str, list[Topic]]:
    """Topics that differ in their kind, keten or processor only, under one name; without dead-letter topics."""
    families: dict[str, list[Topic]] = {}
    for topic in topics:
        if not topic.name.endswith(DEAD_LETTER_SUFFIX):
            families.setdefault(_FAMILY.get(topic.name, topic.name), []).append(topic)
    return families


_FAMILY: Final = {
    **{raw_topic(kind): raw_topic("*") for kind in KINDS},
    **{log_topic(keten): log_topic("*") for keten in ALL_KETENS},
    **{changelog_topic(name): changelog_topic("*") for name in (*PROCESSORS, *MEASURE_TABLES)},
}
_CREW: Final = {**dict.fromkeys(ADAPTERS, "adapters"), **dict.fromkeys(CORRELATORS, "correlate")}


def _producers(family: Sequence[Topic]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_CREW.get(name, name) for topic in family for name in topic.producers))


def _consumers(family: Sequence[Topic]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_CREW.get(name, name) for topic in family for name in topic.consumers))


def _joined(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _and(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


def main() -> int:
    for file in readmes():
        before = file.read_text(encoding="utf-8")
        after = fill(before)
        if after != before:
            file.write_text(after, encoding="utf-8")
            print(f"wrote {file.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
