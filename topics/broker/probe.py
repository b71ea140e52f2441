"""Does a Kafka broker answer on a port? One ApiVersions request by hand, so that no client is needed here."""

import socket
import struct

from topics.broker.machine import HOST

API_VERSIONS = 18
CORRELATION = 20260731
CLIENT = b"ketenbus-probe"


def answers(port: int, seconds: float = 1.0) -> bool:
    """True when a broker on this port answers ApiVersions without an error within `seconds` per read."""
    body = struct.pack(">hhih", API_VERSIONS, 0, CORRELATION, len(CLIENT)) + CLIENT
    try:
        with socket.create_connection((HOST, port), timeout=seconds) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = b""
            while len(answer) < 10:
                received = connection.recv(4096)
                if not received:
                    return False
                answer += received
    except OSError:
        return False
    _, correlation, error = struct.unpack_from(">iih", answer)
    return bool(correlation == CORRELATION and error == 0)
