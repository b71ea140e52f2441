"""What Faust would lose, count twice or count although it never happened; each guard by what it is there for."""

import asyncio
from itertools import count

import pytest

from chain.measure.rij import Onleesbaar, Rij
from chain.measure.tabel import Tabel
from chain.measure.teller import Doorlooptijdteller
from tests.integration.measure.meetbaan import (
    PARTITIONS,
    Meetbaan,
    closed,
    counted,
    counting,
    expected,
    revisies,
    rows,
    signaal,
    standing,
    without_unreadable,
)
from tests.runtime.cluster import move_group
from topics.documents import Document, Reden, encode
from topics.documents.keten import Doorlooptijd
from topics.errors import UnknownDocument
from topics.runtime.step import Record


async def test_the_last_revision_of_every_interval_counts_whatever_order_they_come_in(baan: Meetbaan) -> None:
    documents = revisies(60)
    await baan.feed(*reversed(documents), *documents[::3], signaal(1), signaal(2), signaal(1, ingetrokken=True))
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == expected(documents)
        assert standing(measure, baan.signaal) == {"s2"}
    assert await baan.table() == expected(documents)


async def test_what_cannot_be_decoded_is_a_dead_letter_and_what_is_around_it_counts(baan: Meetbaan) -> None:
    documents = revisies(20)
    right = baan.write(documents[0], documents[0].dossier)
    wrong_body = baan.raw(b"a", b'{"dossier": 1}', right.headers, 0)
    no_envelope = baan.raw(b"b", encode(documents[0]), [("x", b"\xff")], 1)
    other_document = baan.write(signaal(1), "c", 2)
    elsewhere = baan.raw(b"c", other_document.value, other_document.headers, 2)
    tombstone = baan.raw(b"d", None, right.headers, 3)
    await baan.send([wrong_body, no_envelope, elsewhere, tombstone])
    await baan.feed(*documents)
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert without_unreadable(rows(measure)) == expected(documents)
        unreadable = [(p, row) for p, kept in rows(measure).items() for row in kept.values() if type(row) is Onleesbaar]
    assert sorted((partition, row.offset) for partition, row in unreadable if isinstance(row, Onleesbaar)) == [
        (0, 0), (1, 0), (2, 0)
    ]  # fmt: skip
    letters = sorted(await baan.letters(), key=lambda found: found[1].partition)
    assert [(letter.partition, letter.offset, letter.reden, letter.stage) for _, letter in letters] == [
        (0, 0, Reden.ONLEESBAAR, "measure"),
        (1, 0, Reden.ONLEESBAAR, "measure"),
        (2, 0, Reden.ONVERWACHT, "measure"),
    ]
    assert [(record.key, record.value) for record, _ in letters] == [
        (one.key, one.value) for one in (wrong_body, no_envelope, elsewhere)
    ]


async def test_a_transaction_that_was_aborted_does_not_count(baan: Meetbaan) -> None:
    documents = revisies(6)
    committed, aborted = documents[:5], documents[5:6]
    await baan.transact([baan.write(one, one.dossier, 0) for one in committed], commit=True)
    await baan.transact([baan.write(one, one.dossier, 0) for one in aborted], commit=False)
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == expected(committed, lambda _: 0)


async def test_a_key_of_two_partitions_is_kept_in_both_also_after_a_restart(baan: Meetbaan) -> None:
    documents = revisies(3)
    mine, newer = documents[0], closed(documents[0], 7, 3)
    await baan.send([baan.write(mine, mine.dossier, 0), baan.write(newer, newer.dossier, 1)])
    table = expected([mine], lambda _: 0) | {1: expected([newer], lambda _: 1)[1]}
    for _ in range(2):
        async with counting(baan) as measure:
            await counted(baan, measure)
            assert rows(measure) == table


class Tripping(Doorlooptijdteller):
    """Raises on one dossier: a bug of ours."""

    def __init__(self, topic: str, dossier: str) -> None:
        super().__init__(topic)
        self._dossier = dossier

    def counted(self, document: Document, record: Record) -> tuple[str, Rij]:
        if isinstance(document, Doorlooptijd) and document.dossier == self._dossier:
            raise ZeroDivisionError("a bug")
        return super().counted(document, record)


async def test_an_exception_costs_one_record_which_has_a_dead_letter(baan: Meetbaan) -> None:
    documents = revisies(12)
    hit = documents[4].dossier
    await baan.feed(*documents)
    async with counting(baan, Tripping(baan.doorlooptijd, hit)) as measure:
        await counted(baan, measure)
        assert without_unreadable(rows(measure)) == expected(one for one in documents if one.dossier != hit)
    letters = [letter for _, letter in await baan.letters()]
    assert {(letter.reden, letter.fout) for letter in letters} == {(Reden.ONVERWACHT, "ZeroDivisionError")}
    assert len(letters) == sum(one.dossier == hit for one in documents)


async def test_what_fails_around_the_counting_acknowledges_nothing_and_the_next_worker_counts_it(
    baan: Meetbaan, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = revisies(30)
    await baan.feed(*documents)
    visits = count(1)
    put = Tabel.put

    async def fails(self: Tabel, partition: int, key: bytes, row: Rij | None) -> object:
        if next(visits) == 20:
            raise OSError("the changelog is away")
        return await put(self, partition, key, row)

    monkeypatch.setattr(Tabel, "put", fails)
    async with counting(baan) as measure:
        with pytest.raises(OSError, match="the changelog is away"):
            async with asyncio.timeout(30):
                await measure.failed
    monkeypatch.undo()
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == expected(documents)
    assert await baan.table() == expected(documents)


async def test_a_document_of_a_newer_release_stops_the_worker_and_waits(baan: Meetbaan) -> None:
    documents = revisies(2)
    right = baan.write(documents[0], documents[0].dossier, 0)
    newer = [(name, b"nl.ketenbus.doorlooptijd.v9" if name == "ce_type" else value) for name, value in right.headers]
    await baan.send([right, baan.raw(b"k", b"{}", newer, 0)])
    for _ in range(2):
        async with counting(baan) as measure:
            with pytest.raises(UnknownDocument):
                async with asyncio.timeout(30):
                    await measure.failed
    assert await baan.letters() == []


async def test_a_redelivery_of_everything_changes_nothing_and_writes_nothing(baan: Meetbaan) -> None:
    documents = revisies(40)
    await baan.feed(*documents, signaal(1), signaal(1, ingetrokken=True))
    async with counting(baan) as measure:
        await counted(baan, measure)
    written = [len(await baan.records(changelog)) for changelog in baan.changelogs]
    for partition in range(PARTITIONS):
        for topic in (baan.doorlooptijd, baan.signaal):
            await move_group(baan.bootstrap, baan.group, topic, partition, 0)
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == expected(documents)
        assert standing(measure, baan.signaal) == set()
    assert [len(await baan.records(changelog)) for changelog in baan.changelogs] == written
