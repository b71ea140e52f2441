"""The broker in a container."""

from chain.replay.container import _settings


def test_the_broker_reaches_itself_by_the_address_that_clients_use() -> None:
    """Else its coordinator never ends a transaction: that address is one of the container's own loopback too."""
    settings = _settings(20311)
    listens = settings["KAFKA_LISTENERS"].split(",")[0].rpartition(":")[2]
    assert listens == settings["KAFKA_ADVERTISED_LISTENERS"].rpartition(":")[2] == "20311"
