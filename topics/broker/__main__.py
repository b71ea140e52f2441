"""Runs a broker in the foreground: `python -m topics.broker --folder F [--port P] [--heap-mb N] [--cache C]`.

The only line on stdout is the bootstrap address, when the broker is ready. Progress and errors go to stderr.
SIGINT and SIGTERM stop it in order. Exit status 0 after a stop, 1 when it could not start or ended by itself."""

import argparse
import logging
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from topics.broker import BrokerError, EmbeddedBroker
from topics.broker.distribution import default_cache
from topics.broker.errors import BrokerStopped

LOOK_SECONDS = 0.5

log = logging.getLogger("topics.broker")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m topics.broker", description="A real Kafka broker on this machine.")
    parser.add_argument("--folder", type=Path, required=True, help="its data folder; made when absent")
    parser.add_argument("--port", type=int, help="fixed port (default: a free one, kept with the folder)")
    parser.add_argument("--heap-mb", type=int, default=512, help="Java heap in MB (default 512)")
    parser.add_argument("--cache", type=Path, help=f"folder of the jars (default {default_cache()})")
    arguments = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, _as_interrupt)
    broker = EmbeddedBroker(
        arguments.folder,
        port=arguments.port,
        heap_mb=arguments.heap_mb,
        cache=arguments.cache,
        report=log.info,
    )
    try:
        print(broker.start(), flush=True)
        while broker.alive():
            time.sleep(LOOK_SECONDS)
        raise broker.failure() or BrokerStopped("the broker ended. Start it again.")
    except KeyboardInterrupt:
        log.info("stopping")
        return 0
    except BrokerError as error:
        log.error("%s: %s", error.code, error)
        return 1
    finally:
        broker.stop()


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
