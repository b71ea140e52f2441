"""The process that runs the official rules: what it says, and what happens when it ends, hangs or cannot start."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from adapters.adapter.processor import AdapterProcessor
from adapters.formats import read
from adapters.formats.ubl import Ubl
from adapters.kinds import AANNEMER
from adapters.schematron import Book, Rules, Verdict
from adapters.schematron.artifact import jar_path, read_lock
from adapters.schematron.report import verdict
from adapters.schematron.rules import CRASHED, TOO_LONG
from tests.runtime.waiting import until
from topics.broker.distribution import Jar, Report
from topics.broker.errors import RegistryUnreachable
from topics.envelope import Envelope
from topics.errors import Unavailable
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER
from topics.runtime.step import Beside, Record

GOLDEN = Path(__file__).parent / "golden" / "ubl"
RIGHT, WRONG = (GOLDEN / f"{name}.xml" for name in ("factuur-verlegd", "fout-totalen"))


@pytest.fixture(scope="module")
def running() -> Iterator[Rules]:
    rules = Rules()
    yield rules
    rules.close()


def text_of(file: Path) -> bytes:
    return file.read_bytes()


def test_the_rules_say_which_of_them_a_message_does_not_meet_and_where(running: Rules) -> None:
    assert running.judge(Book.SI_UBL, text_of(RIGHT)) == Verdict()
    found = running.judge(Book.SI_UBL, text_of(WRONG))
    assert [(one.rule, one.fatal, one.location) for one in found.assertions] == [
        ("BR-CO-15", True, "/Invoice[1]"),
        ("BR-CO-16", True, "/Invoice[1]/LegalMonetaryTotal[1]"),
    ]


def test_a_verdict_is_kept_and_not_computed_twice(running: Rules) -> None:
    first = running.judge(Book.SI_UBL, text_of(RIGHT))
    pid = running.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert running.judge(Book.SI_UBL, text_of(RIGHT)) is first
    os.kill(pid, signal.SIGCONT)


def test_what_is_kept_is_told_while_another_message_is_judged(running: Rules) -> None:
    first = running.judge(Book.SI_UBL, text_of(RIGHT))
    pid = running.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    other = threading.Thread(target=running.judge, args=(Book.SI_UBL, text_of(RIGHT) + b"<!-- another -->"))
    other.start()
    assert running.judge(Book.SI_UBL, text_of(RIGHT)) is first
    assert other.is_alive()
    os.kill(pid, signal.SIGCONT)
    other.join()


def test_a_process_that_ended_is_started_again(running: Rules) -> None:
    running.judge(Book.SI_UBL, text_of(RIGHT))
    pid = running.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert running.judge(Book.SI_UBL, text_of(RIGHT) + b"<!-- again -->") == Verdict()
    assert running.pid not in (None, pid)


class Doomed(Rules):
    """Its process ends whenever it is asked."""

    def _started(self) -> tuple[IO[bytes], IO[bytes]]:
        pipes = super()._started()
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
        return pipes


def test_a_message_on_which_the_process_ends_twice_is_not_valid() -> None:
    assert Doomed().judge(Book.SI_UBL, text_of(RIGHT)) == Verdict(failure=CRASHED)


def test_a_process_that_does_not_answer_is_unavailable_and_ended() -> None:
    rules = Rules(seconds=30)
    rules.judge(Book.SI_UBL, text_of(RIGHT))
    pid = rules.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    rules._seconds = 0.2
    with pytest.raises(Unavailable, match="no answer"):
        rules.judge(Book.SI_UBL, text_of(WRONG))
    assert rules.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_message_that_takes_too_much_processor_time_is_not_valid() -> None:
    wrong = b'<c:InvoiceLine xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"/>'
    rules = Rules(cpu_seconds=1)
    text = text_of(RIGHT).replace(b"</Invoice>", wrong * 2000 + b"</Invoice>")
    assert rules.judge(Book.SI_UBL, text) == Verdict(failure=TOO_LONG)
    assert rules.judge(Book.SI_UBL, text_of(RIGHT)) == Verdict()
    rules.close()


async def test_the_process_ends_with_its_owner(running: Rules) -> None:
    rules = Rules()
    rules.judge(Book.SI_UBL, text_of(RIGHT))
    pid = rules.pid
    assert pid is not None
    process = rules._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    await until(lambda: process.poll() is not None, "the process hears that its input ended")
    assert process.returncode == 0


def test_an_artifact_that_cannot_be_fetched_or_is_another_is_unavailable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(_jars: Sequence[Jar], _into: Path, _report: Report) -> None:
        raise RegistryUnreachable("Maven Central does not answer")

    def other(jars: Sequence[Jar], into: Path, _report: Report) -> None:
        (into / jars[0].file_name).write_bytes(b"something else")

    for fetch in (away, other):
        with pytest.raises(Unavailable, match="official rules"):
            jar_path(tmp_path, fetch)
    said = capsys.readouterr()
    assert "fetching 1 jars" in said.err
    assert said.out == ""


def test_a_jar_without_the_books_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "empty.jar").write_bytes(b"no jar")
    rules = Rules(lambda: tmp_path / "empty.jar")
    for _ in range(2):
        with pytest.raises(Unavailable, match="cannot be compiled"):
            rules.judge(Book.SI_UBL, text_of(RIGHT))
    rules.close()


def test_the_lock_names_one_artifact_and_its_hash() -> None:
    lock = read_lock()
    assert [jar.artifact for jar in lock.jars] == ["phive-rules-simplerinvoicing"]
    assert lock.name == f"phive-rules-simplerinvoicing-{lock.jar.version}-{lock.digest[:8]}"


def test_a_rule_of_unknown_weight_is_fatal_and_fatal_ones_go_first() -> None:
    svrl = (
        '<s:schematron-output xmlns:s="http://purl.oclc.org/dsdl/svrl">'
        '<s:failed-assert id="A-1" flag="warning" location="/*:Invoice[namespace-uri()=\'x\'][1]"><s:text>[A-1]-a</s:text>'
        '</s:failed-assert><s:failed-assert location="/"><s:text>[B-2] b</s:text></s:failed-assert></s:schematron-output>'
    )
    found = verdict(svrl.encode()).assertions
    assert [(one.rule, one.fatal, one.location, one.text) for one in found] == [
        ("B-2", True, "/", "b"),
        ("A-1", False, "/Invoice[1]", "a"),
    ]


def received(raw: bytes, partner: str = "kobalt-noord") -> Record:
    at = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
    envelope = Envelope(
        id="0197b3a2-0000-7000-8000-000000000001", source=partner, type="ruw.v1", time=at, recorded_time=at
    )
    return Record(AANNEMER.raw_topic, 0, 0, 0, partner.encode(), raw, envelope.headers())


def test_an_invoice_in_a_format_that_was_not_agreed_on_never_reaches_the_rules() -> None:
    def unasked() -> Path:
        raise AssertionError("the rules were asked")

    format_ = Ubl(Rules(unasked))
    processor = AdapterProcessor(
        AANNEMER,
        Registry.load(FOLDER),
        lambda raw, content_type="", allowed=None: read(raw, content_type, allowed, formats=(format_,)),
    )
    for partner in ("spanwerk", "nobody"):
        work = processor.beside(received(text_of(RIGHT), partner))
        assert work is not None
        work()


def test_the_adapter_has_an_invoice_judged_beside_the_event_loop_and_then_only_looks_it_up() -> None:
    asked: list[bytes] = []

    class Watched(Rules):
        def _asked(self, book: Book, text: bytes) -> Verdict:
            asked.append(text)
            return super()._asked(book, text)

    rules = Watched()
    format_ = Ubl(rules)
    processor = AdapterProcessor(
        AANNEMER, Registry.load(FOLDER), lambda raw, content_type="", allowed=None: read(raw, formats=(format_,))
    )
    assert isinstance(processor, Beside)
    work = processor.beside(received(text_of(RIGHT)))
    assert work is not None
    work()
    read(text_of(RIGHT), formats=(format_,))
    assert len(asked) == 1
    assert processor.beside(Record(AANNEMER.raw_topic, 0, 1, 0, b"kobalt-noord", b"<Order/>", ())) is None
    rules.close()
