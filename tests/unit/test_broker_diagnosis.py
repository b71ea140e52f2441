"""From a JVM's log to the error a person gets. The log lines are what Kafka 4.3.1 and Java 25 wrote."""

import pytest

from topics.broker import errors
from topics.broker.diagnosis import diagnose, taken_port
from topics.broker.errors import BrokerError
from topics.errors import KetenbusError

STARTED = "2026-11-22T10:27:01.319+0000 [main] INFO kafka.server.KafkaRaftServer - Kafka Server started\n"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("[main] ERROR x - Socket server failed to bind to 127.0.0.1:21801: Address already in use.", errors.PortTaken),
        ("java.io.IOException: No space left on device\n\tat x", errors.DiskFull),
        ("Terminating due to java.lang.OutOfMemoryError: Java heap space", errors.MemoryTooSmall),
        ("# There is insufficient memory for the Java Runtime Environment to continue.", errors.MemoryTooSmall),
        ("Error: Could not reserve enough space for 99999999KB object heap", errors.MemoryTooSmall),
        ("KafkaException: Failed to acquire lock on file .lock in data", errors.FolderInUse),
        ("RuntimeException: Invalid cluster.id in: meta.properties", errors.FolderForeign),
        ("something never seen before", errors.BrokerStopped),
    ],
)
def test_a_known_sign_in_the_log_becomes_its_error(log: str, expected: type[BrokerError]) -> None:
    found = diagnose(STARTED + log + "\n", 1, "broker.log")
    assert type(found) is expected
    assert log.splitlines()[0][-60:] in str(found)
    assert "broker.log" in str(found)


def test_a_full_disk_is_named_also_when_kafka_then_complains_of_other_things() -> None:
    log = "Failed to acquire lock on file .lock\nNo space left on device\n"
    assert type(diagnose(log, 1, "broker.log")) is errors.DiskFull


def test_a_kill_by_another_is_told_as_such() -> None:
    assert "SIGKILL" in str(diagnose(STARTED, 137, "broker.log"))


def test_the_last_lines_are_shown_without_the_stack_when_nothing_is_known() -> None:
    message = str(diagnose("Invalid value 3 for configuration x\n\tat a.b.c\n\tat d.e.f\n", 1, "broker.log"))
    assert "Invalid value 3" in message
    assert "a.b.c" not in message


def test_the_port_that_could_not_be_bound_is_read_from_the_log() -> None:
    assert taken_port("Socket server failed to bind to 127.0.0.1:21801: Address already in use.") == 21801
    assert taken_port(STARTED) is None


def test_every_error_of_the_broker_has_a_code_of_its_own_and_is_drawn_in_the_tree() -> None:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BrokerError)]
    assert len({kind.code for kind in found}) == len(found) > 10
    assert all(issubclass(kind, KetenbusError) for kind in found)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in found)
