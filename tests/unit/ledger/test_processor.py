"""The ledger: every part in one place, totals from state, a signal where the account cannot be right."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.ledger.processor import CLEAN_EVERY, Entry, Ledger
from topics.catalogue.declarations import SIGNAAL, dead_letter_topic
from topics.documents import Account, Posting, Reden, ce_type, decode, encode
from topics.documents.keten import Signaal, Tik
from topics.envelope import Envelope
from topics.errors import StateCorrupt
from topics.metrics.state import minute
from topics.runtime.batch import Limits
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Output

BASE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
A = Account


class Bench:
    """A ledger on a bus in memory; `post` hands it postings as the runtime would write them."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.bus = FakeBus()
        self.driver = Driver(Ledger(), self.bus, limits)

    def post(self, *postings: Posting, at: datetime = BASE) -> None:
        for posting in postings:
            envelope = Envelope(
                id=f"id-{posting.uit}", source=posting.partner, type=ce_type(Posting), time=at, recorded_time=at
            )
            output = Output("keten.spoor.v1", posting.ontvangst.encode(), encode(posting), envelope.headers())
            self.bus.send(output, int(at.timestamp() * 1000))
        self.driver.run()

    def totals(self) -> dict[str, int]:
        """Where the parts of the one partner are: facets without their beginning, and without those that tell more."""
        found = {name.removeprefix("wonen|"): count for name, count in self.driver.facets().items()}
        return {name: count for name, count in found.items() if "|" not in name and name != "mens"}

    def signals(self) -> list[Signaal]:
        found = [decode(record.envelope().type, record.value or b"") for record in self.bus.records(SIGNAAL)]
        return [document for document in found if isinstance(document, Signaal)]


def opened(parts: int, receipt: str = "r1", uit: str = "") -> Posting:
    return Posting(
        ontvangst=receipt, deel="-", naar=A.ONDERWEG, partner="wonen", dag=DAY, uit=uit or receipt, delen=parts
    )


def move(part: str, van: Account, naar: Account, receipt: str = "r1", uit: str = "e") -> Posting:
    return Posting(ontvangst=receipt, deel=part, van=van, naar=naar, partner="wonen", dag=DAY, uit=f"{uit}-{part}")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_opened_receipt_has_all_its_parts_under_way(bench: Bench) -> None:
    bench.post(opened(3), opened(1, "r2"))
    assert bench.totals() == {"geopend": 2, "onderweg": 4}


@pytest.mark.parametrize("parts", [1, 2])
def test_a_part_moves_from_account_to_account(bench: Bench, parts: int) -> None:
    bench.post(opened(parts), move("1", A.ONDERWEG, A.WACHTEND), move("1", A.WACHTEND, A.TOEGEPAST))
    rest = {"onderweg": parts - 1} if parts > 1 else {}
    assert bench.totals() == {"geopend": 1, "toegepast": 1, **rest}
    assert bench.signals() == []


def test_a_whole_receipt_that_failed_is_one_part(bench: Bench) -> None:
    bench.post(opened(1), move("-", A.ONDERWEG, A.UITVAL))
    assert bench.totals() == {"geopend": 1, "uitval": 1}
    assert bench.signals() == []


@pytest.mark.parametrize("parts", [1, 2])
def test_a_doubled_posting_changes_nothing(bench: Bench, parts: int) -> None:
    postings = [opened(parts), move("1", A.ONDERWEG, A.WACHTEND, uit="a"), move("1", A.WACHTEND, A.TOEGEPAST, uit="b")]
    bench.post(*postings)
    before = bench.totals()
    bench.post(*postings)
    assert bench.totals() == before
    assert bench.signals() == []


@pytest.mark.parametrize("parts", [1, 2])
def test_a_part_that_leaves_an_account_it_is_not_in_raises_a_signal(bench: Bench, parts: int) -> None:
    bench.post(opened(parts), move("1", A.WACHTEND, A.TOEGEPAST))
    totals = bench.totals()
    assert (totals["toegepast"], totals["account-klopt-niet"]) == (1, 1)
    [signal] = bench.signals()
    assert (signal.soort, signal.dossier) == ("account-klopt-niet", "ontvangst/r1")
    assert "van wachtend naar toegepast" in signal.tekst
    assert "onderweg" in signal.tekst


def test_every_part_counts_once_however_wrong_its_postings_are(bench: Bench) -> None:
    bench.post(opened(2), move("1", A.UITVAL, A.DUBBEL, uit="a"), move("1", A.UITVAL, A.AFGEVOERD, uit="b"))
    totals = bench.totals()
    assert sum(totals.get(account.value, 0) for account in Account) == 2
    assert len({signal.id for signal in bench.signals()}) == 2


@pytest.mark.parametrize(("parts", "part"), [(2, "3"), (2, "-"), (1, "2")])
def test_a_part_that_does_not_exist_is_not_counted_but_signalled(bench: Bench, parts: int, part: str) -> None:
    bench.post(opened(parts), move("1", A.ONDERWEG, A.TOEGEPAST), move(part, A.ONDERWEG, A.TOEGEPAST))
    totals = bench.totals()
    assert sum(totals.get(account.value, 0) for account in Account) == parts
    assert totals["account-klopt-niet"] == 1
    assert part in bench.signals()[0].tekst


def test_opening_twice_keeps_the_first_and_signals(bench: Bench) -> None:
    bench.post(opened(2), opened(5, uit="other"))
    assert bench.totals() == {"geopend": 1, "onderweg": 2, "account-klopt-niet": 1}
    assert "al geopend met 2 delen" in bench.signals()[0].tekst


@pytest.mark.parametrize("parts", [1, 3])
def test_a_posting_before_the_opening_waits_for_it(bench: Bench, parts: int) -> None:
    early = [move("1", A.ONDERWEG, A.WACHTEND, uit="a"), move("1", A.WACHTEND, A.TOEGEPAST, uit="b")]
    bench.post(*early)
    assert bench.totals() == {"ongeopend": 1}
    bench.post(opened(parts))
    rest = {"onderweg": parts - 1} if parts > 1 else {}
    assert bench.totals() == {"geopend": 1, "toegepast": 1, **rest}
    assert bench.signals() == []


def test_an_early_posting_on_a_part_that_does_not_exist_is_signalled_at_the_opening(bench: Bench) -> None:
    bench.post(move("9", A.ONDERWEG, A.TOEGEPAST), opened(2))
    assert bench.totals() == {"geopend": 1, "onderweg": 2, "account-klopt-niet": 1}
    assert len(bench.signals()) == 1


def test_a_signal_about_a_dossier_is_keyed_by_it(bench: Bench) -> None:
    wrong = Posting(
        ontvangst="r1", deel="1", van=A.WACHTEND, naar=A.TOEGEPAST, partner="wonen", dag=DAY, uit="e",
        dossier="proef-onderhoud/opdracht/1/2",
    )  # fmt: skip
    bench.post(opened(1), wrong)
    [record] = bench.bus.records(SIGNAAL)
    assert record.key == b"proef-onderhoud/opdracht/1/2"
    assert bench.signals()[0].keten == "proef-onderhoud"


def test_a_file_of_many_parts_is_opened_in_transactions_and_survives_a_crash_between_them() -> None:
    bench = Bench(Limits(steps=7, seconds=3600))
    bench.post(move("20", A.ONDERWEG, A.TOEGEPAST))
    bench.bus.send(
        Output(
            "keten.spoor.v1", b"r1", encode(opened(50)),
            Envelope(id="o", source="wonen", type=ce_type(Posting), time=BASE, recorded_time=BASE).headers(),
        )
    )  # fmt: skip
    for _ in range(20):
        bench.driver.run(1)
        bench.driver.crash()
    bench.driver.run()
    assert bench.totals() == {"geopend": 1, "onderweg": 49, "toegepast": 1}
    assert bench.signals() == []


def test_a_restart_changes_no_figure(bench: Bench) -> None:
    bench.post(opened(3), move("2", A.ONDERWEG, A.UITVAL), opened(1, "r2"), move("-", A.ONDERWEG, A.DUBBEL, "r2"))
    before = bench.driver.facets()
    bench.driver.crash()
    assert bench.driver.facets() == before


def test_a_final_part_is_forgotten_after_400_days_and_an_open_one_is_not() -> None:
    bench = Bench()
    bench.post(opened(1, "old"), move("-", A.ONDERWEG, A.TOEGEPAST, "old"), opened(1, "open"))
    late = BASE + timedelta(days=401)
    today = [
        Posting(ontvangst=f"n{i}", deel="-", naar=A.ONDERWEG, partner="bouw", dag=late.date(), uit=f"n{i}", delen=1)
        for i in range(CLEAN_EVERY * 5)
    ]
    bench.post(*today, at=late)
    assert bench.totals().get("toegepast") is None
    assert bench.totals()["onderweg"] == 1


def test_what_is_no_posting_becomes_a_dead_letter(bench: Bench) -> None:
    envelope = Envelope(id="x", source="b", type=ce_type(Tik), time=BASE, recorded_time=BASE)
    bench.bus.send(Output("keten.spoor.v1", b"r1", encode(Tik(tot=BASE)), envelope.headers()))
    bench.post(opened(1))
    assert bench.totals() == {"geopend": 1, "onderweg": 1}
    assert len(bench.bus.records(dead_letter_topic("keten.spoor.v1"))) == 1


def test_an_opening_without_parts_becomes_a_dead_letter(bench: Bench) -> None:
    bench.post(opened(0))
    assert bench.totals() == {}
    assert len(bench.bus.records(dead_letter_topic("keten.spoor.v1"))) == 1


def test_state_of_another_release_is_refused() -> None:
    ledger = Ledger()
    newer = Entry(versie=2, partner="wonen", dag=DAY)
    with pytest.raises(StateCorrupt, match="version 2"):
        ledger.decode(ledger.encode(newer))
    with pytest.raises(StateCorrupt):
        ledger.decode(b"\x00")


@st.composite
def histories(draw: st.DrawFn) -> list[Posting]:
    """Postings of three receipts in causal order per receipt, some of them wrong, some doubled."""
    out: list[Posting] = []
    for number in range(3):
        receipt, parts = f"r{number}", draw(st.integers(1, 3))
        out.append(opened(parts, receipt))
        for step in range(draw(st.integers(0, 6))):
            part = str(draw(st.integers(1, parts)))
            van, naar = draw(st.sampled_from(list(Account))), draw(st.sampled_from(list(Account)))
            posting = move(part, van, naar, receipt, uit=f"{receipt}-{step}")
            out += [posting] * draw(st.integers(1, 2))
    return out


@settings(max_examples=60, deadline=None)
@given(histories())
def test_totals_are_those_of_a_plain_dictionary(history: list[Posting]) -> None:
    bench = Bench()
    bench.post(*history)
    places: dict[tuple[str, str], Account] = {}
    seen: set[tuple[str, str, str]] = set()
    wrong = 0
    for posting in history:
        if posting.delen:
            places |= {(posting.ontvangst, str(n)): A.ONDERWEG for n in range(1, posting.delen + 1)}
            continue
        identity = (posting.uit, str(posting.van), posting.naar.value)
        if identity in seen:
            continue
        seen.add(identity)
        key = (posting.ontvangst, posting.deel)
        wrong += posting.van is not places[key]
        places[key] = posting.naar
    totals = bench.totals()
    assert {a.value: totals[a.value] for a in Account if a.value in totals} == Counter(a.value for a in places.values())
    assert len(bench.signals()) == wrong


def told(bench: Bench) -> dict[str, int]:
    """Facets that tell more than where a part is."""
    return {name: count for name, count in bench.driver.facets().items() if name.count("|") > 1 or "|mens" in name}


@pytest.mark.parametrize("parts", [1, 2])
def test_a_part_tells_since_when_it_is_under_way_and_a_letter_why_and_since_when(bench: Bench, parts: int) -> None:
    bench.post(opened(parts))
    assert told(bench) == {f"wonen|sinds|{minute(BASE)}": parts}
    failed = move("1", A.ONDERWEG, A.UITVAL)
    at = BASE + timedelta(minutes=50)
    bench.post(msgspec.structs.replace(failed, reden=Reden.STRIJDIG), at=at)
    rest = {f"wonen|sinds|{minute(BASE)}": 1} if parts > 1 else {}
    assert told(bench) == {f"wonen|brief|strijdig|{minute(BASE) + 45}": 1, **rest}


def test_a_part_that_was_a_letter_once_was_handled_with_a_person(bench: Bench) -> None:
    later = BASE + timedelta(hours=1)
    bench.post(opened(2), move("1", A.ONDERWEG, A.UITVAL), move("2", A.ONDERWEG, A.TOEGEPAST))
    bench.post(move("1", A.UITVAL, A.ONDERWEG), at=later)
    assert told(bench) == {f"wonen|sinds|{minute(later)}": 1}
    bench.post(move("1", A.ONDERWEG, A.TOEGEPAST, uit="again"), at=later)
    assert told(bench) == {"wonen|mens": 1}


def test_a_note_on_a_part_leaves_since_when_it_is_there(bench: Bench) -> None:
    bench.post(opened(1))
    bench.post(move("1", A.ONDERWEG, A.ONDERWEG), at=BASE + timedelta(hours=2))
    assert told(bench) == {f"wonen|sinds|{minute(BASE)}": 1}


def test_the_state_of_a_former_release_is_read() -> None:
    before = msgspec.msgpack.encode([1, "wonen", DAY, 1, "1", ["onderweg", [b"12345678"], 0], [], b"x", 0])
    entry = Ledger().decode(before)
    assert entry.plaats is not None
    assert (entry.plaats.account, entry.plaats.sinds, entry.plaats.mens) == (A.ONDERWEG, 0, False)
