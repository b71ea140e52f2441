"""The broker's settings: ours, the caller's on top, and the few that nobody else may set."""

from collections.abc import Mapping

from topics.broker.errors import PropertyRefused
from topics.broker.machine import HOST

NODE_ID = 1

# One process, one disk, known ports: what the rest of this package relies on.
RESERVED = frozenset(
    {
        "process.roles",
        "node.id",
        "broker.id",
        "controller.quorum.bootstrap.servers",
        "controller.quorum.voters",
        "controller.listener.names",
        "listeners",
        "listener.security.protocol.map",
        "log.dir",
        "log.dirs",
        "metadata.log.dir",
    }
)

DEFAULTS: Mapping[str, str] = {
    # A single node: the internal topics cannot have more than one replica.
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.num.partitions": "8",
    "share.coordinator.state.topic.num.partitions": "1",
    # Topics are declared in the catalogue, never made by a typing error in a client.
    "auto.create.topics.enable": "false",
    # 1 MiB and the 64 KiB more that a dead letter may need.
    "message.max.bytes": "1114112",
    # Nothing is lost because somebody stood still: Kafka's own defaults are seven days each. The transactional ids'
    # 24 days are the most that Kafka's type for it holds.
    "log.retention.ms": "-1",
    "log.retention.bytes": "-1",
    "offsets.retention.minutes": "525600",
    "transactional.id.expiration.ms": "2147483647",
    # Answer at once: a group's first rebalance.
    "group.initial.rebalance.delay.ms": "0",
    # Longer than a start takes. A coordinator that comes back from a kill and aborts what timed out meanwhile, before
    # its own node is registered again, calls the abort complete without a marker on any partition (4.3.1; 11 of 16
    # restarts at 1 s, 0 of 5 at 10 s, 0 of 20 when a successor fences): what hung is then committed by the next
    # transaction of the same producer. A successor's fence needs no timer.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "30000",
    # A broker that was killed is let in again only when its former session has run out.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # Hundreds of partitions on one small machine: segments of 128 MiB, which an index of 512 KiB covers
    # (one entry of 8 or 12 bytes per 4 KiB), nothing preallocated, a cleaner for 600,000 keys a pass.
    "log.segment.bytes": "134217728",
    "log.index.size.max.bytes": "524288",
    "log.preallocate": "false",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "log.cleaner.threads": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
}


def server_properties(
    *, port: int, controller_port: int, data: str, overrides: Mapping[str, str] | None = None
) -> dict[str, str]:
    """All settings of a node on these ports with its data in `data`.

    Raises PropertyRefused when an override names a setting of RESERVED."""
    overrides = overrides or {}
    refused = sorted(RESERVED & overrides.keys())
    if refused:
        raise PropertyRefused(
            f"setting(s) {', '.join(refused)} given; the embedded broker sets these itself. "
            "Leave them out: ports and folder are arguments of their own."
        )
    return {
        "process.roles": "broker,controller",
        "node.id": str(NODE_ID),
        "controller.quorum.bootstrap.servers": f"{HOST}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": data,
        **DEFAULTS,
        **overrides,
    }


def render(properties: Mapping[str, str]) -> str:
    """As a Java properties file: ISO 8859-1 with escapes, so that any value comes out as it went in."""
    return "".join(f"{_escape(name, True)}={_escape(value, False)}\n" for name, value in sorted(properties.items()))


def _escape(text: str, is_name: bool) -> str:
    special = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
    if is_name:
        special |= {" ": "\\ ", ":": "\\:", "=": "\\=", "#": "\\#", "!": "\\!"}
    escaped: list[str] = []
    for position, character in enumerate(text):
        if character in special:
            escaped.append(special[character])
        elif character == " " and position == 0:
            escaped.append("\\ ")
        elif " " <= character <= "~":
            escaped.append(character)
        else:
            units = character.encode("utf-16-be")
            escaped.extend(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
    return "".join(escaped)
