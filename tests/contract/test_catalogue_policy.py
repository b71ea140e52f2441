"""What every declaration obeys, and that nobody writes a topic's name beside the catalogue."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from topics.catalogue.acl import Resource, acls
from topics.catalogue.declarations import (
    ADAPTERS,
    BESLUIT,
    CORRELATORS,
    DECIDER,
    DOORLOOPTIJD,
    KINDS,
    LEDGER,
    MEASURE,
    MEASURE_TABLES,
    MESSAGE_LIMIT,
    PROCESSORS,
    SIGNAAL,
    TOPICS,
    by_name,
    changelog_topic,
    dead_letter_topic,
    raw_topic,
)
from topics.catalogue.precedence import earlier
from topics.catalogue.principals import BY_NAME, PRINCIPALS, Role
from topics.catalogue.topic import (
    BODY_LIMIT,
    DEAD_LETTER_EXTRA,
    DEAD_LETTER_SUFFIX,
    FOREVER,
    LETTER_DAYS,
    PRODUCTION,
    SINGLE,
    Cleanup,
    Origin,
    Sizing,
    Topic,
    Width,
)
from topics.errors import ConfigurationError
from topics.view.rows import TOPICS_READ

PACKAGES = Path(__file__).resolve().parents[2]
every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
SOURCES = [topic for topic in TOPICS if not topic.name.endswith(DEAD_LETTER_SUFFIX)]
LETTERS = [topic for topic in TOPICS if topic.name.endswith(DEAD_LETTER_SUFFIX)]


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(topic.name for topic in TOPICS).items() if count > 1] == []


@pytest.mark.parametrize(
    "name",
    [
        "keten",
        "keten.spoor",
        "keten.spoor.1",
        "keten.spoor.v0",
        "Keten.spoor.v1",
        "keten.na_am.v1",
        "keten..v1",
        "1k.x.v1",
    ],
)
def test_a_declaration_with_another_kind_of_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="lower case, no underscore"):
        Topic.model_validate({**TOPICS[0].model_dump(), "name": name})


def test_a_misspelt_key_of_a_declaration_is_refused() -> None:
    with pytest.raises(ValidationError, match="retention_day"):
        Topic.model_validate({**TOPICS[0].model_dump(), "retention_day": 3})


@every_topic
@pytest.mark.parametrize("sizing", [SINGLE, PRODUCTION])
def test_retention_and_compaction_are_explicit(topic: Topic, sizing: Sizing) -> None:
    settings = topic.config(sizing)
    assert settings.keys() >= {"cleanup.policy", "retention.ms", "retention.bytes", "max.message.bytes"}
    assert settings["retention.bytes"] == "-1"
    assert topic.retention_days == FOREVER or topic.retention_days > 0
    if topic.cleanup is Cleanup.COMPACT:
        assert settings["retention.ms"] == "-1"
        assert settings.keys() >= {"delete.retention.ms", "max.compaction.lag.ms", "min.cleanable.dirty.ratio"}
    if settings["retention.ms"] != "-1":
        assert int(settings["segment.ms"]) * 10 <= int(settings["retention.ms"])


@every_topic
def test_a_source_says_how_personal_data_leaves_it(topic: Topic) -> None:
    assert topic.erasure
    has_bodies_of_partners = "bytes" in topic.documents and not topic.private
    if has_bodies_of_partners:
        assert topic.origin is Origin.BRON
        assert topic.retention_days != FOREVER
    if "persoon" in topic.documents:
        assert (topic.origin, topic.cleanup, topic.erasure) == (Origin.BRON, Cleanup.COMPACT, "tombstone")


def test_the_derived_has_no_personal_data() -> None:
    assert {topic.erasure for topic in TOPICS if topic.origin is Origin.AFGELEID} == {"no personal data"}


@every_topic
def test_whoever_writes_reads_or_owns_is_a_known_principal(topic: Topic) -> None:
    assert topic.producers
    assert topic.consumers
    assert {*topic.producers, *topic.consumers} <= BY_NAME.keys()
    assert topic.owner in {*BY_NAME, "adapters", "correlate"}


def test_every_principal_has_a_part_in_some_topic() -> None:
    busy = {name for topic in TOPICS for name in (*topic.producers, *topic.consumers)}
    assert {one.name for one in PRINCIPALS if one.role is not Role.ARCHIVE} == busy


def test_the_view_reads_nothing_that_the_catalogue_does_not_say() -> None:
    assert TOPICS_READ
    assert set(TOPICS_READ) <= {topic.name for topic in TOPICS if "view" in topic.consumers}


def test_dead_letters_exist_exactly_where_a_processor_or_measure_counts() -> None:
    read = {topic.name for topic in SOURCES if not topic.private and set(topic.consumers) & set(PROCESSORS)}
    assert {topic.name.removesuffix(DEAD_LETTER_SUFFIX) for topic in LETTERS} == read | {DOORLOOPTIJD, SIGNAAL}


def test_a_table_of_measure_has_a_private_changelog_as_wide_as_what_it_counts() -> None:
    for name, source in zip(MEASURE_TABLES, (DOORLOOPTIJD, SIGNAAL), strict=True):
        changelog = by_name(changelog_topic(name))
        assert (changelog.private, changelog.cleanup) == (True, Cleanup.COMPACT)
        assert (changelog.producers, changelog.consumers) == ((MEASURE,), (MEASURE,))
        assert changelog.width is by_name(source).width


@pytest.mark.parametrize("letters", LETTERS, ids=lambda topic: topic.name)
def test_a_dead_letter_topic_holds_its_source_and_a_little_more(letters: Topic) -> None:
    source = by_name(letters.name.removesuffix(DEAD_LETTER_SUFFIX))
    assert dead_letter_topic(source.name) == letters.name
    assert letters.max_bytes == source.max_bytes + DEAD_LETTER_EXTRA <= MESSAGE_LIMIT
    assert (letters.width, letters.key) == (source.width, source.key)
    if source.retention_days == FOREVER:
        assert letters.retention_days == FOREVER
    else:
        assert letters.retention_days >= LETTER_DAYS > source.retention_days
    assert letters.origin is Origin.BRON
    assert letters.cleanup is Cleanup.DELETE
    assert letters.producers == tuple(name for name in source.consumers if name in (*PROCESSORS, MEASURE))
    assert set(letters.consumers) == {"view", "review"}


@pytest.mark.parametrize("processor", PROCESSORS)
def test_a_processor_has_a_private_changelog_as_wide_as_its_input(processor: str) -> None:
    changelog = by_name(changelog_topic(processor))
    (topic,) = (topic for topic in SOURCES if processor in topic.consumers and not topic.private)
    assert changelog.private
    assert changelog.cleanup is Cleanup.COMPACT
    assert (changelog.producers, changelog.consumers) == ((processor,), (processor,))
    assert changelog.width is topic.width
    assert BY_NAME[processor].role is Role.PROCESSOR


def test_what_is_keyed_by_dossier_has_the_partitions_of_the_log() -> None:
    assert {topic.width for topic in TOPICS if topic.key.startswith("dossier")} == {Width.LOG}


def test_production_has_the_partitions_and_replicas_of_the_design() -> None:
    assert PRODUCTION.partitions(Width.LOG) == 32
    assert PRODUCTION.partitions(Width.RAW) == 8
    assert (PRODUCTION.replication, PRODUCTION.in_sync) == (3, 2)
    assert SINGLE.in_sync == 1


def test_a_size_may_have_other_numbers_of_partitions_than_its_name_says() -> None:
    assert Sizing.of("single") == SINGLE
    assert Sizing.of("production:log=64,klein=16") == PRODUCTION.model_copy(update={"log": 64, "klein": 16})


@pytest.mark.parametrize("text", ["", "groot", "single:log", "single:log=0", "single:log=-4", "single:breed=4"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="expected single or production"):
        Sizing.of(text)


def test_only_intake_clock_and_decisions_write_raw_messages() -> None:
    """The account is opened by the adapter: whoever else wrote here would make receipts that nobody gave."""
    raw = [topic for topic in SOURCES if topic.name.startswith("ruw.")]
    assert raw
    assert {topic.producers for topic in raw} == {("intake", "clock", "besluit")}
    assert {name for topic in raw for name in topic.consumers} == {*ADAPTERS, "intake", "view", "beheer"}


def test_a_body_fits_beside_its_claim_check() -> None:
    assert BODY_LIMIT > 900_000


# ---------------------------------------------------------------- order after a restore


def test_who_sends_what_others_react_to_comes_first_after_a_restore() -> None:
    assert {name: earlier(name) for name in PROCESSORS} == {
        **dict.fromkeys(ADAPTERS, (DECIDER,)),
        **dict.fromkeys(CORRELATORS, (*ADAPTERS, DECIDER)),
        LEDGER: (),
        DECIDER: (),
    }


def test_nobody_waits_for_himself_however_long_the_way_after_a_restore() -> None:
    done: set[str] = set()
    while ready := {name for name in PROCESSORS if name not in done and done.issuperset(earlier(name))}:
        done |= ready
    assert done == set(PROCESSORS)


# ---------------------------------------------------------------- access

ARCHIVER = "User:archief"


def test_a_principal_may_do_what_the_catalogue_says_and_no_more() -> None:
    granted = {
        (acl.principal.removeprefix("User:"), operation, acl.name)
        for acl in acls()
        if acl.resource is Resource.TOPIC and not acl.prefixed and acl.name != "*"
        for operation in acl.operations
        if acl.principal != ARCHIVER
    }
    declared = {(name, "Write", topic.name) for topic in TOPICS for name in topic.producers}
    declared |= {(name, "Read", topic.name) for topic in TOPICS for name in topic.consumers}
    # how far those are that come first after a restore
    declared |= {(name, "Describe", BESLUIT) for name in (*ADAPTERS, *CORRELATORS)}
    declared |= {(name, "Describe", raw_topic(kind)) for name in CORRELATORS for kind in KINDS}
    assert granted == declared


def test_the_archiver_reads_every_source_and_writes_nothing() -> None:
    mine = [acl for acl in acls() if acl.principal == ARCHIVER]
    assert {(acl.resource, acl.operations) for acl in mine} == {(Resource.TOPIC, ("Read",))}
    read = {acl.name for acl in mine if acl.resource is Resource.TOPIC}
    assert read >= {topic.name for topic in TOPICS if topic.origin is Origin.BRON}
    assert read >= {changelog_topic(name) for name in PROCESSORS if name != "ledger"}


def test_only_processors_have_transactions_and_no_prefix_covers_another_processor() -> None:
    prefixes = {acl.principal: acl.name for acl in acls() if acl.resource is Resource.TRANSACTIONAL_ID}
    assert prefixes == {f"User:{name}": f"{name}-" for name in PROCESSORS}
    for name in PROCESSORS:
        covering = [prefix for prefix in prefixes.values() if f"{name}-0".startswith(prefix)]
        assert covering == [f"{name}-"]


def test_who_keeps_its_own_positions_needs_no_group() -> None:
    groups = {acl.name for acl in acls() if acl.resource is Resource.GROUP and "Read" in acl.operations}
    assert groups == {one.name for one in PRINCIPALS if one.role in (Role.PROCESSOR, Role.GROUP)}


def test_an_acl_is_a_line_for_kafka_s_own_tool() -> None:
    lines = [acl.command() for acl in acls()]
    start = 'kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --add --allow-principal User:'
    assert all(line.startswith(start) for line in lines)
    assert f"{start}intake --operation Read --operation Write --topic ruw.corporatie.v1" in lines
    assert f"{start}ledger --operation Write --transactional-id ledger- --resource-pattern-type prefixed" in lines
    assert f"{start}ledger --operation Read --group ledger" in lines
    assert f"{start}beheer --operation Describe --operation DescribeConfigs --cluster" in lines
    assert any("--topic '*'" in line for line in lines)


# ---------------------------------------------------------------- names in one place

LITERAL = re.compile(r"(?!nl\.ketenbus\.)[a-z][a-z0-9*-]*(\.[a-z0-9*-]+)+\.v[1-9][0-9]*(\.dlq)?")
TAIL = re.compile(r"(\.(gebeurtenis|toestand|spoor|dossier)\.v[0-9]+)|(^ruw\.)|(\.dlq$)")
DECLARED_IN = {"topics/catalogue/declarations.py", "topics/catalogue/topic.py"}


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Topic names, whole or glued together, in strings that are no docstring."""
    prose = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if LITERAL.fullmatch(node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.Constant) and TAIL.search(str(part.value)):
                    yield node.lineno, str(part.value)


def test_no_module_beside_the_declarations_spells_a_topic() -> None:
    found = [
        f"{file.relative_to(PACKAGES)}:{line}: {text}"
        for package in ("topics", "adapters", "chain")
        for file in sorted((PACKAGES / package).rglob("*.py"))
        if str(file.relative_to(PACKAGES)) not in DECLARED_IN
        for line, text in literals(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "spelt"),
    [
        ('x = "keten.spoor.v1"', True),
        ('x = "ruw.corporatie.v1.dlq"', True),
        ('x = f"{keten}.gebeurtenis.v1"', True),
        ('x = f"ruw.{kind}.v1"', True),
        ('x = f"{topic}.dlq"', True),
        ('"""About keten.spoor.v1."""', False),
        ('x = "nl.ketenbus.posting.v1"', False),
        ('x = "zie keten.spoor.v1"', False),
        ("x = SPOOR", False),
    ],
)
def test_a_spelt_topic_is_seen(code: str, spelt: bool) -> None:
    assert bool(list(literals(ast.parse(code)))) is spelt
