"""Filling: exactly the records, once, with their positions; what cannot be read never stops it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from topics.catalogue.declarations import DOSSIER, OPSCHORTING, PERSOON, SPOOR, log_topic, raw_topic
from topics.documents import Account, Bevinding, Ernst, Reden, ce_type, keten
from topics.envelope import Envelope
from topics.errors import PositionMismatch, Unavailable
from topics.runtime.step import Record
from topics.view import figures, schema, search
from topics.view.database import open_reader, open_writer
from topics.view.fill import View
from topics.view.queries import Queries


def rows(engine: Engine, table: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def dump(engine: Engine) -> dict[str, list[str]]:
    return {table.name: sorted(repr(row) for row in rows(engine, table)) for table in schema.metadata.sorted_tables}


def a_week(log: Any) -> None:
    log.raw("r1")
    log.opened("r1", 2)
    log.moved("r1", "1", Account.ONDERWEG, Account.TOEGEPAST, dossier="d1")
    log.moved("r1", "2", Account.ONDERWEG, Account.WACHTEND)
    log.moved("r1", "2", Account.WACHTEND, Account.UITVAL, reden=Reden.ONBEKEND_DOSSIER)
    log.raw("r2", sha256="ef" * 32)
    log.dossier()
    log.dossier(reeks=2, toestand="geaccepteerd")
    log.status("e1", "ACC", receipt="r1")
    log.measure("acceptatie", 0, "open")
    log.measure("acceptatie", 1, "gesloten", bruto_seconden=60)
    log.signal("s1")
    log.signal("s1", gone=True)
    log.letter("b1", "r1", "2", Reden.ONBEKEND_DOSSIER, "d2")


def test_positions_stand_with_the_rows_when_a_batch_is_applied(view: View, writer: Engine, log: Any) -> None:
    a_week(log)
    log.give(view)
    again = View(writer)
    assert again.positions == view.positions
    assert again.positions[(SPOOR, 0)] == 4
    assert [row["account"] for row in rows(writer, schema.deel)] == ["toegepast", "uitval"]


def test_applying_the_same_records_again_changes_nothing(view: View, writer: Engine, log: Any) -> None:
    a_week(log)
    records = list(log.records)
    log.give(view)
    before = dump(writer)
    view.apply(records, {})
    assert dump(writer) == before
    with writer.begin() as connection:  # as if the positions had been lost but not the rows
        connection.execute(update(schema.posities).values(volgende=0))
    fresh = View(writer)
    fresh.apply(records, {(topic, 0): offset for topic, offset in log.offsets.items()})
    assert dump(writer) == before


@pytest.mark.parametrize("size", [1, 3, 100])
def test_any_batch_size_gives_the_same_rows(url: str, log: Any, size: int) -> None:
    a_week(log)
    engine = open_writer(url)
    whole = View(engine)
    whole.apply(log.records, {})
    expected = dump(engine)
    whole.rebuild()
    for start in range(0, len(log.records), size):
        whole.apply(log.records[start : start + size], {})
    assert dump(engine) == expected
    assert expected["deel"]
    engine.dispose()


def test_rebuild_empties_rows_and_positions(view: View, writer: Engine, log: Any) -> None:
    a_week(log)
    log.give(view)
    view.rebuild()
    assert view.positions == {}
    assert View(writer).positions == {}
    assert rows(writer, schema.ontvangst) == []


def test_tables_of_another_version_are_replaced_when_the_writer_opens(
    url: str, view: View, writer: Engine, log: Any
) -> None:
    a_week(log)
    log.give(view)
    with writer.begin() as connection:
        connection.execute(update(schema.schema_versie).values(versie=schema.SCHEMA_VERSION + 1))
    with pytest.raises(Unavailable, match="version"):
        open_reader(url)
    replaced = open_writer(url)
    assert View(replaced).positions == {}
    replaced.dispose()


def test_a_second_writer_is_noticed(view: View, writer: Engine, log: Any) -> None:
    other = View(writer)
    log.raw("r1")
    log.give(other)
    log.raw("r2")
    with pytest.raises(PositionMismatch, match="another process"):
        log.give(view)
    assert [row["id"] for row in rows(writer, schema.ontvangst)] == ["r1"]


def test_an_unreadable_record_is_set_apart_and_the_rest_goes_on(view: View, writer: Engine, log: Any) -> None:
    log.raw("r1")
    log.record(raw_topic("corporatie"), "wonen", b"x", [])
    envelope = Envelope(
        id="x", source="b", type="nl.ketenbus.onderhoud.status.v1", time=log_time(), recorded_time=log_time()
    )
    log.record(log_topic("onderhoud"), "d", b"{broken", envelope.headers())
    log.record(f"{raw_topic('corporatie')}.dlq", "wonen", b"x", [("dlq.id", b"b1")])
    log.raw("r2")
    log.give(view)
    assert [row["id"] for row in rows(writer, schema.ontvangst)] == ["r1", "r2"]
    apart = {row["topic"]: row["code"] for row in rows(writer, schema.niet_gelezen)}
    assert apart == {
        raw_topic("corporatie"): "envelop-ongeldig",
        log_topic("onderhoud"): "document-onleesbaar",
        f"{raw_topic('corporatie')}.dlq": "document-onleesbaar",
    }
    assert view.apart == 3


def test_a_newer_version_of_a_document_is_set_apart_and_counted(view: View, reader: Engine, log: Any) -> None:
    newer = Envelope(
        id="x", source="b", type=ce_type(keten.Dossier).replace(".v1", ".v9"), time=log_time(), recorded_time=log_time()
    )
    log.record(DOSSIER, "d", b"{}", newer.headers())
    log.give(view)
    assert rows(reader, schema.niet_gelezen)[0]["code"] == "document-onbekend"
    assert figures.backlog(reader).niet_gelezen == 1


def test_a_row_that_the_database_refuses_is_set_apart_alone(view: View, writer: Engine, log: Any) -> None:
    log.dossier()
    # a NUL in a code: PostgreSQL refuses it, SQLite keeps it
    log.dossier(sleutel="onderhoud/opdracht/1/X", soort="REP", toestand="ge\x00mengd", opdrachtnummer="X")
    log.dossier(sleutel="onderhoud/opdracht/1/Y", opdrachtnummer="Y")
    log.give(view)
    kept = {row["sleutel"] for row in rows(writer, schema.dossier)}
    assert {"onderhoud/opdracht/8712345000011/IN00001", "onderhoud/opdracht/1/Y"} <= kept
    if writer.dialect.name == "postgresql":
        assert [row["code"] for row in rows(writer, schema.niet_gelezen)] == ["niet-op-te-slaan"]


def test_the_highest_revision_of_a_measure_stands_and_all_are_kept(view: View, writer: Engine, log: Any) -> None:
    log.measure("acceptatie", 0, "open")
    log.measure("acceptatie", 2, "gesloten")
    log.measure("acceptatie", 1, "open")
    log.give(view)
    assert [(row["revisie"], row["stand"]) for row in rows(writer, schema.doorlooptijd)] == [(2, "gesloten")]
    assert sorted(row["revisie"] for row in rows(writer, schema.doorlooptijd_revisie)) == [0, 1, 2]


def test_a_withdrawn_signal_keeps_its_beginning(
    view: View, writer: Engine, log: Any, later: Callable[[float], datetime]
) -> None:
    log.signal("s1")
    log.signal("s1", gone=True, at=later(5))
    log.give(view)
    [row] = rows(writer, schema.signaal)
    assert (row["ingetrokken"], row["sinds"]) == (True, "2026-03-02T08:00:00.000000Z")


def test_a_tombstone_erases_personal_data_also_within_one_batch(view: View, writer: Engine, log: Any) -> None:
    for key in ("d#r1", "d#r2", "d#r3"):
        log.document(PERSOON, key, keten.Persoon(velden={"locatie.naam": "Jansen"}), id=key)
    log.record(PERSOON, "d#r2", None, [])
    log.document(PERSOON, "d#r3", keten.Persoon(velden={"locatie.naam": "De Vries"}), id="d#r3")
    log.give(view)
    assert {row["ontvangst"]: row["velden"] for row in rows(writer, schema.persoon)} == {
        "r1": '{"locatie.naam":"Jansen"}',
        "r3": '{"locatie.naam":"De Vries"}',
    }
    log.record(PERSOON, "d#r1", None, [])
    log.give(view)
    assert [row["ontvangst"] for row in rows(writer, schema.persoon)] == ["r3"]


def test_ticks_and_liftings_are_no_receipts(view: View, writer: Engine, log: Any) -> None:
    log.document(raw_topic("corporatie"), "klok", keten.Tik(tot=log_time()), id="t1")
    log.document(raw_topic("corporatie"), "wonen", keten.Hervat(partner="wonen", door="ik", reden="ok"), id="h1")
    log.document(log_topic("onderhoud"), "klok", keten.Klok(tot=log_time()), id="k1")
    log.give(view)
    assert rows(writer, schema.ontvangst) == []
    assert rows(writer, schema.gebeurtenis) == []
    assert rows(writer, schema.niet_gelezen) == []


def test_suspension_shows_while_it_is_active(view: View, reader: Engine, log: Any) -> None:
    suspension = keten.Opschorting(partner="wonen", actief=True, sinds=log_time(), oorzaak="50 achtereen")
    log.document(OPSCHORTING, "wonen", suspension, id="o1")
    log.give(view)
    assert figures.overview(reader).opgeschort == {"wonen": "50 achtereen"}
    lifted = keten.Opschorting(partner="wonen", actief=False, sinds=log_time(), oorzaak="opgelost", door="ik")
    log.document(OPSCHORTING, "wonen", lifted, id="o2")
    log.give(view)
    assert figures.overview(reader).opgeschort == {}


def test_findings_come_back_as_they_were(view: View, reader: Engine, log: Any) -> None:
    finding = Bevinding(code="geen-sleutel", pad="/order", ernst=Ernst.FOUT, tekst="veld order: niets gevonden")
    log.raw("r1")
    log.opened("r1", 1)
    log.moved("r1", "-", Account.ONDERWEG, Account.UITVAL, reden=Reden.ZONDER_SLEUTEL)
    record = log.letter("b1", "r1")
    headers = [
        (name, b'[{"code":"geen-sleutel","pad":"/order","ernst":"fout","tekst":"veld order: niets gevonden"}]')
        if name == "dlq.findings"
        else (name, value)
        for name, value in record.headers
    ]
    log.records[-1] = Record(record.topic, 0, record.offset, record.timestamp, record.key, record.value, headers)
    log.give(view)
    [letter] = search.letters(reader)
    assert letter.bevindingen == (finding,)


def test_a_warning_stays_to_be_seen_when_its_part_moves_on(view: View, url: str, log: Any) -> None:
    warning = Bevinding(code="let-op", pad="/order", ernst=Ernst.WAARSCHUWING, tekst="veld order: let op")
    log.raw("r1")
    log.opened("r1", 1)
    log.moved("r1", "1", Account.ONDERWEG, Account.ONDERWEG, bevindingen=(warning,))
    log.moved("r1", "1", Account.ONDERWEG, Account.TOEGEPAST)
    log.give(view)
    queries = Queries(url)
    status = queries.receipt_status("r1", "wonen")
    queries.close()
    assert status is not None
    assert [(part.account, part.bevindingen) for part in status.delen] == [(Account.TOEGEPAST, (warning,))]


def log_time() -> datetime:
    return datetime.fromisoformat("2026-03-02T08:00:00+00:00")
