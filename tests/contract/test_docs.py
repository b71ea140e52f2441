"""What is generated in READMEs is what the code says now."""

from pathlib import Path

import pytest

from topics.catalogue.declarations import TOPICS
from topics.catalogue.docs import ROOT, cli_help, diagram, fill, readmes, table
from topics.catalogue.topic import DEAD_LETTER_SUFFIX
from topics.errors import ConfigurationError

READMES = readmes()


@pytest.mark.parametrize("readme", READMES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_readme_is_as_it_would_be_generated(readme: Path) -> None:
    """When this fails: python -m topics.catalogue.docs."""
    text = readme.read_text(encoding="utf-8")
    assert fill(text) == text
    assert text.count("<!-- generated:") == text.count("<!-- /generated -->")


def test_the_readmes_of_the_project_and_of_topics_have_generated_parts() -> None:
    assert {str(file.relative_to(ROOT)) for file in READMES} >= {"README.md", "topics/README.md"}


def test_a_readme_that_lags_behind_is_filled_and_only_between_markers() -> None:
    text = "voor\n<!-- generated:topics -->\noud\n<!-- /generated -->\nna\n<!-- generated:cli topics -->\n<!-- /generated -->\n"
    filled = fill(text)
    assert filled == (
        f"voor\n<!-- generated:topics -->\n{table()}\n<!-- /generated -->\nna\n"
        f"<!-- generated:cli topics -->\n{cli_help('topics')}\n<!-- /generated -->\n"
    )
    assert fill(filled) == filled


@pytest.mark.parametrize("marker", ["generated:onbekend", "generated:cli bestaatniet"])
def test_a_marker_that_nobody_knows_is_an_error(marker: str) -> None:
    with pytest.raises(ConfigurationError, match="marker generated"):
        fill(f"<!-- {marker} -->\n<!-- /generated -->\n")


def test_the_table_has_every_topic_that_is_no_twin() -> None:
    rows = table().splitlines()[2:]
    shared = [topic for topic in TOPICS if topic.name.startswith("keten.") and DEAD_LETTER_SUFFIX not in topic.name]
    assert all(any(f"`{topic.name}`" in row for row in rows) for topic in shared)
    assert sum("`ruw.*.v1`" in row for row in rows) == 1
    assert len(rows) == len(shared) + 3


def test_the_diagram_joins_every_public_topic_to_somebody() -> None:
    lines = diagram().splitlines()
    names = {line.strip().split("[")[0]: line for line in lines if "[" in line and "-->" not in line}
    edges = [tuple(line.strip().split(" --> ")) for line in lines if "-->" in line]
    ends = {end for edge in edges for end in edge}
    assert ends == {name for name in names if name.startswith("n")}
    assert len(edges) == len(set(edges))
    assert lines[:2] == ["```mermaid", "flowchart LR"]


def test_the_help_of_a_command_says_how_to_call_it() -> None:
    text = cli_help("topics")
    assert "Usage: ketenbus topics check [OPTIONS]" in text
    assert "--bootstrap" in text
