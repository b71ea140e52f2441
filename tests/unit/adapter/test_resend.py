"""A part that a decision sent again: read with what was decided, and told from the attempts before it."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from adapters.adapter.coupling import coupled
from adapters.message import Bericht, Deel, FactuurInhoud, Soort
from tests.unit.adapter.bus import LOG, contractor, moves
from tests.unit.adapter.messages import KOBALT, LINDE, RECEIVED, broken, part, raw, status
from topics.documents import Account, Posting, Reden
from topics.documents.besluit import Koppeling
from topics.documents.factuur import Factuurregel
from topics.documents.keten import Uitval
from topics.documents.onderhoud import Status
from topics.envelope import Headers
from topics.profile.registry import Registry
from topics.resend import coupling, resent_headers
from topics.runtime.step import Output


def resent(headers: Headers, decision: str, *, number: str = "1", koppeling: Koppeling | None = None) -> Output:
    again = resent_headers(
        headers, decision=decision, at=RECEIVED + timedelta(days=9), part=number, blob=None, koppeling=koppeling
    )
    return Output("ruw.aannemer.v1", b"kobalt-noord", b"bytes", again)


def test_a_resend_keeps_receipt_and_time_and_leaves_former_letters_behind() -> None:
    first = [*raw("aannemer", "kobalt-noord").headers, ("dlq.id", b"l1")]
    second = resent(resent(first, "d1", koppeling=Koppeling(opdrachtnummer="A")).headers, "d2")
    envelope = dict(second.headers)
    assert (envelope["ce_id"], envelope["ce_recordedtime"]) == (dict(first)["ce_id"], dict(first)["ce_recordedtime"])
    assert (envelope["ce_causationid"], envelope["ce_part"]) == (b"d2", b"1")
    assert len(second.headers) == len(envelope)
    assert "dlq.id" not in envelope
    assert coupling(second.headers) == Koppeling(opdrachtnummer="A")


def test_every_attempt_is_a_letter_and_an_event_of_its_own_and_no_posting_repeats(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("onzin")))
    first = raw("aannemer", "kobalt-noord")
    bus.send(first)
    for decision in ("d1", "d2"):
        bus.send(resent(first.headers, decision))
    driver.run()
    letters = [letter.id for letter, _ in bus.letters("aannemer")]
    assert len(set(letters)) == 3
    told = [(envelope.id, document.brief) for envelope, document, _ in bus.seen(LOG) if isinstance(document, Uitval)]
    assert len(dict(told)) == 3
    assert [brief for _, brief in told] == letters
    out = [one for one in bus.postings() if isinstance(one, Posting) and one.naar is Account.UITVAL]
    assert [one.uit for one in out] == [dict(first.headers)["ce_id"].decode(), "d1", "d2"]


def test_what_failed_whole_and_has_parts_is_not_taken_for_its_first(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("Vraag")), part(status("Aanvulling")))
    bus.send(resent(raw("aannemer", "kobalt-noord").headers, "d1", number="-"))
    driver.run()
    assert moves(bus) == [("-", Account.ONDERWEG, Account.UITVAL)]
    [(letter, _)] = bus.letters("aannemer")
    assert [one.code for one in letter.bevindingen] == ["geheel-heeft-delen"]


def test_a_coupled_part_goes_to_the_order_that_a_person_named(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("Vraag")))
    bus.send(resent(raw("aannemer", "kobalt-noord").headers, "d1", koppeling=Koppeling(opdrachtnummer=" in 002 ")))
    driver.run()
    [(envelope, document, _)] = bus.seen(LOG)
    assert isinstance(document, Status)
    assert envelope.subject == f"onderhoud/opdracht/{LINDE}/IN002"
    assert document.opdrachtnummer == "in 002"


def test_what_a_person_sends_again_does_not_count_as_a_flood(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("onzin")))
    first = raw("aannemer", "kobalt-noord")
    for number in range(400):
        bus.send(resent(first.headers, f"d{number}"))
    driver.run()
    assert bus.suspensions() == []
    assert len(bus.letters("aannemer")) == 400


def line(number: str, order: str | None) -> Factuurregel:
    return Factuurregel(
        nummer=number, bedrag=Decimal(10), btw_categorie="S", btw_percentage=Decimal(21), opdrachtnummer=order
    )


def an_invoice(*lines: Factuurregel, whole: str = "") -> Deel:
    inhoud = FactuurInhoud(
        factuurnummer="F1", factuurdatum=RECEIVED.date(), te_betalen=Decimal("24.20"), netto=Decimal(20), regels=lines
    )
    return Deel(
        bericht=Bericht(
            soort=Soort.FACTUUR, berichtnummer="F1", opdrachtnummer=whole, opdrachtgever=LINDE, aannemer=KOBALT, inhoud=inhoud
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("koppeling", "expected"),
    [
        (Koppeling(opdrachtnummer="N"), ["N", "N", "ANDER"]),
        (Koppeling(regels={"1": "N"}), ["N", "OUD", "ANDER"]),
        (Koppeling(opdrachtnummer="N", regels={"3": "M"}), ["N", "N", "M"]),
        (Koppeling(contract="C"), [None, "OUD", "ANDER"]),
    ],
)
def test_a_line_that_names_another_order_keeps_it_unless_it_was_coupled(
    koppeling: Koppeling, expected: list[str | None]
) -> None:
    before = an_invoice(line("1", None), line("2", "OUD"), line("3", "ANDER"), whole="OUD")
    after = coupled(before, koppeling).bericht
    assert after is not None
    assert isinstance(after.inhoud, FactuurInhoud)
    assert [one.opdrachtnummer for one in after.inhoud.regels] == expected
    assert before.bericht is not None
    assert isinstance(before.bericht.inhoud, FactuurInhoud)
    # nothing but references
    former = before.bericht.inhoud
    same = msgspec.structs.replace(after.inhoud, regels=former.regels, contract=former.contract)
    assert same == former
    assert [msgspec.structs.replace(one, opdrachtnummer=None) for one in after.inhoud.regels] == [
        msgspec.structs.replace(one, opdrachtnummer=None) for one in former.regels
    ]


def test_what_could_not_be_read_is_not_coupled() -> None:
    unread = broken(reden=Reden.ONLEESBAAR)
    assert coupled(unread, Koppeling(opdrachtnummer="N")) == unread
