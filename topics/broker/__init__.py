"""Apache Kafka inside the project: `EmbeddedBroker(folder).start()` gives a real broker, see README.md here."""

from topics.broker.embedded import EmbeddedBroker
from topics.broker.errors import BrokerError

__all__ = ["BrokerError", "EmbeddedBroker"]
