"""Applying the catalogue: creates what lacks, changes nothing twice, names every difference, repairs none."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.catalogue import brokersettings
from topics.catalogue.apply import Admin, Difference, Plan, apply, check
from topics.catalogue.declarations import MESSAGE_LIMIT, TOPICS
from topics.catalogue.topic import PRODUCTION, SINGLE, Sizing
from topics.errors import CatalogueDrift, Unavailable


class Size(msgspec.Struct, frozen=True):
    partitions: int
    replication: int


def good_broker(sizing: Sizing) -> dict[str, str]:
    """Settings that satisfy every rule, each at its limit."""
    return {rule.setting: rule.value or str(rule.minimum) for rule in brokersettings.rules(sizing)}


class FakeAdmin:
    """A broker's administration in memory. `hidden`: how many looks a created topic stays unseen."""

    def __init__(self, broker: dict[str, str], hidden: int = 0) -> None:
        self.broker = broker
        self.sizes: dict[str, Size] = {}
        self.configs: dict[str, dict[str, str]] = {}
        self.created: list[str] = []
        self._hidden = hidden

    async def topics(self) -> Mapping[str, Size]:
        if self.created and self._hidden:
            self._hidden -= 1
            return {name: size for name, size in self.sizes.items() if name not in self.created}
        return dict(self.sizes)

    async def topic_configs(self, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        return {name: self.configs[name] for name in names}

    async def broker_configs(self) -> Mapping[str, str]:
        return self.broker

    async def create(self, name: str, partitions: int, replication: int, config: Mapping[str, str]) -> bool:
        self.created.append(name)
        self.sizes[name] = Size(partitions, replication)
        self.configs[name] = {**config, "a.default.of.the.broker": "1"}
        return True


@pytest.fixture
def admin() -> FakeAdmin:
    return FakeAdmin(good_broker(SINGLE))


async def applied(sizing: Sizing = SINGLE) -> FakeAdmin:
    admin = FakeAdmin(good_broker(sizing))
    await apply(admin, sizing)
    admin.created.clear()
    return admin


async def plan_of(admin: Admin) -> Plan:
    return await check(admin, SINGLE)


@pytest.mark.parametrize("sizing", [SINGLE, PRODUCTION])
async def test_apply_creates_every_topic_when_the_broker_is_empty(sizing: Sizing) -> None:
    admin = FakeAdmin(good_broker(sizing))
    created = await apply(admin, sizing)
    assert {topic.name for topic in created} == {topic.name for topic in TOPICS} == set(admin.sizes)
    for topic in TOPICS:
        assert admin.sizes[topic.name] == Size(sizing.partitions(topic.width), sizing.replication)
        assert admin.configs[topic.name].items() >= topic.config(sizing).items()


async def test_apply_changes_nothing_when_done_twice() -> None:
    admin = await applied()
    assert await apply(admin, SINGLE) == ()
    assert admin.created == []
    assert (await plan_of(admin)).in_order


async def test_apply_creates_only_what_lacks_when_a_topic_was_removed() -> None:
    admin = await applied()
    del admin.sizes["keten.spoor.v1"]
    assert (await plan_of(admin)).lines() == ("keten.spoor.v1: found nothing, expected the topic",)
    assert [topic.name for topic in await apply(admin, SINGLE)] == ["keten.spoor.v1"]


async def test_apply_waits_until_the_cluster_shows_what_it_created() -> None:
    admin = FakeAdmin(good_broker(SINGLE), hidden=2)
    await apply(admin, SINGLE)
    assert (await plan_of(admin)).in_order


async def test_apply_gives_up_when_the_cluster_never_shows_what_it_created(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topics.catalogue.apply.PAUSE_SECONDS", 0.0)
    with pytest.raises(Unavailable, match=r"not shown after .*ruw\.corporatie\.v1"):
        await apply(FakeAdmin(good_broker(SINGLE), hidden=100_000), SINGLE)


@given(st.data())
async def test_every_difference_is_named_when_topics_were_altered(data: st.DataObject) -> None:
    """Any set of settings altered in any topics: exactly those are named, and nothing is created."""
    admin = await applied()
    altered = data.draw(st.lists(st.sampled_from(TOPICS), unique_by=lambda topic: topic.name, min_size=1, max_size=4))
    expected: set[tuple[str, str, str | None, str | None]] = set()
    for topic in altered:
        settings = topic.config(SINGLE)
        for setting in data.draw(st.sets(st.sampled_from([*settings, "partitions", "replication"]), min_size=1)):
            if setting == "partitions":
                admin.sizes[topic.name] = Size(99, admin.sizes[topic.name].replication)
                expected.add((topic.name, setting, "99", str(SINGLE.partitions(topic.width))))
            elif setting == "replication":
                admin.sizes[topic.name] = Size(admin.sizes[topic.name].partitions, 7)
                expected.add((topic.name, setting, "7", str(SINGLE.replication)))
            elif data.draw(st.booleans()):
                admin.configs[topic.name][setting] = "other"
                expected.add((topic.name, setting, "other", settings[setting]))
            else:
                del admin.configs[topic.name][setting]
                expected.add((topic.name, setting, None, settings[setting]))
    found = (await plan_of(admin)).differences
    assert {(one.topic, one.setting, one.found, one.expected) for one in found} == expected
    with pytest.raises(CatalogueDrift) as refused:
        await apply(admin, SINGLE)
    assert all(str(one) in str(refused.value) for one in found)
    assert admin.created == []


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("keten.kpi.v2", True),
        ("ruw.oudsoort.v1", True),
        ("oudeketen.gebeurtenis.v1", True),
        ("oude-processor.toestand.v1", True),
        ("keten.dossier.v1.dlq", True),
        ("__consumer_offsets", False),
        ("crm.klanten.v1", False),
        ("measure-perioden-changelog", False),
        ("keten.kpi", False),
    ],
)
async def test_a_topic_is_drift_when_its_name_is_ours_but_not_in_the_catalogue(name: str, ours: bool) -> None:
    admin = await applied()
    admin.sizes[name] = Size(1, 1)
    found = (await plan_of(admin)).differences
    assert found == ((Difference(topic=name, setting="topic", found="present", expected=None),) if ours else ())


BITES = [
    ("auto.create.topics.enable", "true"),
    ("message.max.bytes", str(MESSAGE_LIMIT - 1)),
    ("offsets.retention.minutes", "10080"),
    ("transactional.id.expiration.ms", "3600000"),
    ("transaction.max.timeout.ms", "10000"),
    ("offsets.topic.replication.factor", "0"),
    ("transaction.state.log.replication.factor", "0"),
    ("transaction.state.log.min.isr", "0"),
    ("unclean.leader.election.enable", "true"),
    ("log.cleaner.enable", "false"),
]
"""A value of each setting that the bus cannot stand on."""


@pytest.mark.parametrize(("setting", "value"), BITES)
async def test_apply_refuses_when_the_broker_has_a_default_that_bites(setting: str, value: str) -> None:
    admin = FakeAdmin({**good_broker(SINGLE), setting: value})
    with pytest.raises(CatalogueDrift, match=f"broker: {setting}: found '{value}', expected"):
        await apply(admin, SINGLE)
    assert admin.created == []


def test_every_rule_of_the_broker_is_broken_once_above() -> None:
    broken = {setting for setting, _ in BITES}
    assert broken == {rule.setting for rule in brokersettings.rules(PRODUCTION)}


async def test_a_setting_is_a_finding_when_the_broker_does_not_report_it(admin: FakeAdmin) -> None:
    del admin.broker["message.max.bytes"]
    (finding,) = (await plan_of(admin)).broker
    assert (finding.setting, finding.found) == ("message.max.bytes", None)


def test_three_nodes_ask_for_internal_topics_that_survive_one() -> None:
    single = {**good_broker(SINGLE)}
    settings = {finding.setting for finding in brokersettings.findings(PRODUCTION, single)}
    assert settings == {
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "transaction.state.log.min.isr",
    }
