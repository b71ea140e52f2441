"""What a process logs when something raises."""

import json
import subprocess
import sys
from typing import Final

_RAISES: Final = """
import logging, structlog
from topics.processes.logging import configure

configure("proef", "info")

def opened(body, headers):
    raise ValueError("no such thing")

for told in (structlog.get_logger("topics.proef").exception, logging.getLogger("library").exception):
    try:
        opened("<Bewoner>J. de Vries</Bewoner>", {"authorization": "Bearer geheim-1234"})
    except ValueError:
        told("proef.failed")
"""


def test_an_error_is_told_with_where_it_was_raised_and_never_with_what_was_handled() -> None:
    ran = subprocess.run([sys.executable, "-c", _RAISES], capture_output=True, text=True, timeout=60, check=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["proef.failed"] * 2
    for line in lines:
        (raised,) = line["exception"]
        assert (raised["exc_type"], raised["exc_value"]) == ("ValueError", "no such thing")
        assert [frame["name"] for frame in raised["frames"]] == ["<module>", "opened"]
    assert "Vries" not in ran.stderr
    assert "geheim-1234" not in ran.stderr
