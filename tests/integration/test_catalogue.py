"""The catalogue on a real broker: created once, compared for real, drift seen, the broker's own settings judged."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from topics.broker import EmbeddedBroker
from topics.catalogue import brokersettings
from topics.catalogue.apply import apply, check
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import PRODUCTION, SINGLE
from topics.errors import CatalogueDrift
from topics.kafka import open_admin


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker(tmp_path_factory.mktemp("broker"), heap_mb=256)
    broker.start()
    yield broker
    broker.stop()


def ketenbus(*words: str) -> subprocess.CompletedProcess[str]:
    """`ketenbus topics …` in a process of its own, with nothing loaded but this command."""
    code = "import sys; from topics.catalogue.command import app; app(sys.argv[1:])"
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)


async def test_the_catalogue_on_a_real_broker_is_created_once_and_drift_is_named(broker: EmbeddedBroker) -> None:
    """One story on one broker: absent, created, unchanged, altered from outside, refused."""
    address = broker.bootstrap
    absent = ketenbus("check", "--bootstrap", address, "--json")
    assert absent.returncode == 1
    assert json.loads(absent.stdout) == {
        "missing": [topic.name for topic in TOPICS],
        "differences": [],
        "broker": [],
    }
    async with open_admin(address) as admin:
        assert len(await apply(admin, SINGLE)) == len(TOPICS)
        assert (await check(admin, SINGLE)).in_order
        assert await apply(admin, SINGLE) == ()
    again = ketenbus("apply", "--bootstrap", address)
    assert (again.returncode, again.stdout) == (
        0,
        f"0 of {len(TOPICS)} topics created, the others were as the catalogue says\n",
    )
    assert ketenbus("check", "--bootstrap", address).returncode == 0

    async with open_admin(address) as admin:
        await admin.create("keten.kpi.v9", 1, 1, {})
        await admin.create("van.een-ander", 1, 1, {})
        with pytest.raises(CatalogueDrift, match=r"keten\.kpi\.v9: found a topic that the catalogue does not have"):
            await apply(admin, SINGLE)
        sized = await check(admin, PRODUCTION)
    assert {one.topic for one in sized.differences} >= {topic.name for topic in TOPICS}
    assert {one.setting for one in sized.broker} == {
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "transaction.state.log.min.isr",
    }
    refused = ketenbus("apply", "--bootstrap", address)
    assert refused.returncode == 1
    assert "catalogus-wijkt-af" in refused.stderr
    assert "van.een-ander" not in refused.stderr


async def test_a_real_broker_reports_every_setting_that_is_judged(broker: EmbeddedBroker) -> None:
    async with open_admin(broker.bootstrap) as admin:
        settings = await admin.broker_configs()
    assert {rule.setting for rule in brokersettings.rules(PRODUCTION)} <= settings.keys()


async def test_drift_and_a_stock_broker_s_defaults_are_refused(tmp_path: Path) -> None:
    """What Apache Kafka does when nobody sets anything (topics by typing error, offsets gone after seven days), and a
    topic that somebody made by hand."""
    stock = {
        "auto.create.topics.enable": "true",
        "message.max.bytes": "1048588",
        "offsets.retention.minutes": "10080",
    }
    broker = EmbeddedBroker(tmp_path, heap_mb=256, properties=stock)
    broker.start()
    try:
        async with open_admin(broker.bootstrap) as admin:
            await admin.create("keten.kpi.v1", 3, 1, {"retention.ms": "1000"})
            with pytest.raises(CatalogueDrift) as refused:
                await apply(admin, SINGLE)
            present = await admin.topics()
    finally:
        broker.stop()
    assert "keten.kpi.v1: partitions: found '3', expected '2'" in str(refused.value)
    assert "keten.kpi.v1: retention.ms: found '1000', expected '-1'" in str(refused.value)
    assert "keten.kpi.v1: cleanup.policy: found 'delete', expected 'compact'" in str(refused.value)
    assert all(f"broker: {setting}: found '{value}'" in str(refused.value) for setting, value in stock.items())
    assert set(present) & {topic.name for topic in TOPICS} == {"keten.kpi.v1"}


def test_the_command_says_in_one_line_that_no_broker_answers() -> None:
    code = "import sys; from topics.cli import main; sys.argv[1:] = ['topics', 'check', '--bootstrap', '127.0.0.1:9']; main()"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "ketenbus: niet-beschikbaar:" in found.stderr
    assert "Traceback" not in found.stderr
