"""The embedded broker, for real: start, stop, kill, freeze, and start again."""

import asyncio
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.integration.broker.faults import HEAP_MB, LIMIT_SECONDS, gone, port_of, read, until, write
from topics.broker import EmbeddedBroker, machine
from topics.broker.errors import (
    BrokerStopped,
)
from topics.broker.probe import answers
from topics.kafka import open_admin


def test_data_port_and_cluster_stay_after_stop_and_after_kill(broker: EmbeddedBroker) -> None:
    bootstrap = broker.start()
    assert port_of(bootstrap) < 32768
    assert broker.alive()
    asyncio.run(write(bootstrap, b"one"))
    broker.stop()
    assert not broker.alive()
    assert broker.start() == bootstrap
    asyncio.run(write(bootstrap, b"two"))
    broker.kill()
    assert broker.start() == bootstrap
    assert asyncio.run(read(bootstrap)) == [b"one", b"two"]


def test_a_new_object_on_the_folder_gives_the_same_broker(broker: EmbeddedBroker, tmp_path: Path) -> None:
    bootstrap = broker.start()
    asyncio.run(write(bootstrap, b"kept"))
    broker.stop()
    with EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB) as again:
        assert again.bootstrap == bootstrap
        assert asyncio.run(read(bootstrap)) == [b"kept"]


def test_ready_within_ten_seconds_when_cached(broker: EmbeddedBroker) -> None:
    broker.prepare()
    began = time.monotonic()
    bootstrap = broker.start()
    assert answers(port_of(bootstrap))
    assert time.monotonic() - began < 10


def test_start_of_a_running_broker_changes_nothing(broker: EmbeddedBroker) -> None:
    bootstrap = broker.start()
    pid = broker.pid
    assert broker.start() == bootstrap
    assert broker.pid == pid


def test_settings_are_those_of_the_package_with_the_callers_on_top(tmp_path: Path) -> None:
    properties = {"offsets.retention.minutes": "1", "transaction.max.timeout.ms": "61000"}
    with EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB, properties=properties) as broker:

        async def settings() -> dict[str, str]:
            async with open_admin(broker.bootstrap) as admin:
                return await admin.broker_configs()

        found = asyncio.run(settings())
    expected = {**properties, "auto.create.topics.enable": "false", "message.max.bytes": "1114112"}
    assert {name: found[name] for name in expected} == expected


def test_a_frozen_broker_does_not_answer_until_it_is_thawed(broker: EmbeddedBroker) -> None:
    port = port_of(broker.start())
    assert answers(port)
    broker.freeze()
    assert until(lambda: not answers(port, 0.2))
    assert broker.alive()
    broker.thaw()
    assert until(lambda: answers(port))


def test_a_frozen_broker_can_be_stopped(broker: EmbeddedBroker) -> None:
    broker.start()
    pid = broker.pid
    broker.freeze()
    broker.stop()
    assert gone(pid)


def test_stop_goes_on_by_force_when_the_time_is_up(broker: EmbeddedBroker) -> None:
    broker.start()
    pid = broker.pid
    broker.stop(timeout=0)
    assert gone(pid)
    assert broker.failure() is None


def test_a_broker_that_another_killed_tells_so_and_starts_again(broker: EmbeddedBroker) -> None:
    bootstrap = broker.start()
    assert broker.failure() is None
    os.kill(broker.pid, signal.SIGKILL)
    assert until(lambda: not broker.alive())
    failure = broker.failure()
    assert isinstance(failure, BrokerStopped)
    assert "SIGKILL" in str(failure)
    with pytest.raises(BrokerStopped):
        broker.freeze()
    assert broker.start() == bootstrap


def test_another_port_is_tried_when_a_chosen_one_is_taken_before_the_broker_has_it(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = machine.choose_port
    with socket.create_server((machine.HOST, choose(()))) as listener:
        stolen = listener.getsockname()[1]
        chosen: list[set[int]] = []

        def late(taken: set[int]) -> int:
            chosen.append(set(taken))
            return choose(taken) if stolen in taken or len(chosen) == 2 else stolen

        monkeypatch.setattr(machine, "choose_port", late)
        bootstrap = broker.start()
    assert port_of(bootstrap) != stolen
    assert any(stolen in taken for taken in chosen)


def test_the_controllers_port_may_change_between_two_starts(broker: EmbeddedBroker, tmp_path: Path) -> None:
    bootstrap = broker.start()
    asyncio.run(write(bootstrap, b"kept"))
    broker.stop()
    controller = json.loads((tmp_path / "broker" / "broker.json").read_text())["controller_port"]
    with socket.create_server((machine.HOST, controller)):
        assert broker.start() == bootstrap
        assert asyncio.run(read(bootstrap)) == [b"kept"]


def test_a_first_start_that_was_cut_off_while_formatting_is_done_again(broker: EmbeddedBroker, tmp_path: Path) -> None:
    bootstrap = broker.start()
    broker.stop()
    root = tmp_path / "broker"
    (root / "data").replace(root / "data.new")
    (root / "data.new" / "meta.properties").unlink()
    assert broker.start() == bootstrap
    assert not (root / "data.new").exists()


def test_two_brokers_run_beside_each_other_when_started_at_once(tmp_path: Path) -> None:
    brokers = [EmbeddedBroker(tmp_path / str(number), heap_mb=HEAP_MB) for number in range(2)]
    threads = [threading.Thread(target=broker.start) for broker in brokers]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_SECONDS)
        assert len({broker.bootstrap for broker in brokers}) == 2
        assert all(answers(port_of(broker.bootstrap)) for broker in brokers)
    finally:
        for broker in brokers:
            broker.stop()
