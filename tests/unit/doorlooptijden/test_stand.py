"""From records to the figures that a person reads: what was known when, whose calendar, what is shown."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from chain.doorlooptijden.kalenders import Kalenders
from chain.doorlooptijden.periode import peil, period
from chain.doorlooptijden.rapport import Rapport, regels
from chain.doorlooptijden.stand import Stand
from chain.doorlooptijden.uitvoer import as_csv, as_json, as_table
from chain.kalender import micros, moment
from chain.kengetallen import Groep, Interval, Periode
from topics.catalogue.declarations import DOORLOOPTIJD
from topics.documents import Document, ce_type, encode
from topics.documents import keten as documents
from topics.documents.document import Bevinding, Ernst
from topics.documents.keten import AanZet, Doorlooptijd, Klok
from topics.envelope import Envelope
from topics.errors import DocumentError, Refused, UnknownDocument
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.step import Record

CLIENT, CONTRACTOR = "8799999000017", "8799999000215"
REVISION = Doorlooptijd(
    dossier=f"onderhoud/opdracht/{CLIENT}/A1",
    keten="onderhoud",
    maat="technisch-gereed",
    revisie=0,
    stand=documents.Stand.OPEN,
    opdrachtgever=CLIENT,
    aannemer=CONTRACTOR,
    begin=datetime(2026, 3, 2, 8, tzinfo=UTC),
    soort="REP",
    urgentie="regulier",
)
CLOSED = msgspec.structs.replace(
    REVISION,
    revisie=1,
    stand=documents.Stand.GESLOTEN,
    eind=datetime(2026, 3, 4, 8, tzinfo=UTC),
    deadline=datetime(2026, 3, 5, 8, tzinfo=UTC),
    bruto_seconden=172_800,
    netto_seconden=86_400,
    werkdagen=2,
    aan_zet_seconden={AanZet.AANNEMER: 86_400, AanZet.HUURDER: 86_400},
    eindcode="TGE",
    voorlopig=True,
    bevindingen=(Bevinding(code="meldvertraging", pad="gebeurd", ernst=Ernst.WAARSCHUWING, tekst="x"),),
)


def record(document: Document, known: datetime, key: str = REVISION.dossier, type_: str | None = None) -> Record:
    envelope = Envelope(
        id="x", source="bron", type=type_ or ce_type(type(document)), time=known, recorded_time=known, subject=key
    )
    return Record(DOORLOOPTIJD, 0, 7, 0, key.encode(), encode(document), tuple(envelope.headers()))


def day(number: int) -> datetime:
    return datetime(2026, 3, number, 12, tzinfo=UTC)


def test_only_what_was_known_then_counts() -> None:
    """It was closed on the 4th, but the bus heard of it on the 6th."""
    history = [record(REVISION, day(2)), record(CLOSED, day(6))]
    for at, expected in ((day(1), []), (day(5), [True]), (day(6), [False])):
        stand = Stand(["onderhoud"], micros(at))
        for one in history:
            stand.add(one)
        assert [interval.open for _, interval in stand.laatste.intervals()] == expected


def test_test_messages_and_other_measures_stay_outside() -> None:
    test_message = msgspec.structs.replace(REVISION, keten="proef-onderhoud", dossier="proef-onderhoud/opdracht/1/A1")
    other = msgspec.structs.replace(REVISION, maat="acceptatie")
    real = Stand(["onderhoud"], maten=["technisch-gereed"])
    test = Stand(["proef-onderhoud"])
    for one in (record(test_message, day(2), test_message.dossier), record(other, day(2)), record(REVISION, day(2))):
        real.add(one)
        test.add(one)
    assert [groep.maat for groep, _ in real.laatste.intervals()] == ["technisch-gereed"]
    assert [groep.keten for groep, _ in test.laatste.intervals()] == ["proef-onderhoud"]


def test_what_is_no_measure_makes_no_figure_at_all() -> None:
    stand = Stand(["onderhoud"])
    with pytest.raises(DocumentError, match=r"keten\.doorlooptijd\.v1/0/7"):
        stand.add(record(Klok(tot=day(2)), day(2)))
    with pytest.raises(UnknownDocument):
        stand.add(record(REVISION, day(2), type_="nl.ketenbus.doorlooptijd.v9"))


# ---------------------------------------------------------------- calendars


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    samples.install(tmp_path)
    return Registry.load(tmp_path)


def group(contractor: str = CONTRACTOR) -> Groep:
    return Groep("onderhoud", CLIENT, contractor, "technisch-gereed", "REP", "regulier")


def test_what_is_open_counts_in_the_days_of_its_contract(registry: Registry) -> None:
    """Good Friday and Easter Monday 2026 are 3 and 6 April; the sample client lists them."""
    client = registry.of_gln(CLIENT, datetime(2026, 4, 1).date())
    assert client is not None
    terms = registry.terms(client, CONTRACTOR, datetime(2026, 4, 1).date())
    assert terms is not None
    free = [
        day for day in terms.kalender.vrije_dagen if datetime(2026, 4, 2).date() <= day <= datetime(2026, 4, 8).date()
    ]
    begin, at = (micros(datetime(2026, 4, day, 8, tzinfo=UTC)) for day in (1, 8))
    interval = Interval(begin=begin, stand=documents.Stand.OPEN)
    kalenders = Kalenders(registry)
    assert free
    assert kalenders.dagen(group())(interval, at) == 5 - len(free)
    assert not kalenders.onbekend


@pytest.mark.parametrize("known", [True, False])
def test_a_pair_without_terms_counts_weekdays_and_is_named(registry: Registry, known: bool) -> None:
    kalenders = Kalenders(registry if known else None)
    interval = Interval(begin=micros(datetime(2026, 4, 1, 8, tzinfo=UTC)), stand=documents.Stand.OPEN)
    assert kalenders.dagen(group("8799999999999"))(interval, micros(datetime(2026, 4, 8, 8, tzinfo=UTC))) == 5
    assert kalenders.onbekend == {(CLIENT, "8799999999999")}


def test_a_vacancy_that_is_open_counts_calendar_days() -> None:
    interval = Interval(begin=micros(datetime(2026, 4, 1, 8, tzinfo=UTC)), stand=documents.Stand.OPEN)
    dagen = Kalenders(None).dagen(group()._replace(dagen="kalenderdagen"))
    assert dagen(interval, micros(datetime(2026, 4, 8, 7, tzinfo=UTC))) == 7


# ---------------------------------------------------------------- what is typed, what is shown


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-09", "2026-03-09T22:59:59.999999+00:00"),
        ("2026-03-09T12:00", "2026-03-09T11:00:00+00:00"),
        ("2026-07-09 12:00", "2026-07-09T10:00:00+00:00"),
        ("2026-03-09T12:00Z", "2026-03-09T12:00:00+00:00"),
    ],
)
def test_a_moment_without_a_zone_is_in_amsterdam_and_a_day_is_its_end(text: str, found: str) -> None:
    assert moment(peil(text, "--stand-per")).isoformat() == found


def test_today_is_now_and_what_is_still_to_come_is_refused() -> None:
    now = micros(day(9))
    assert peil("2026-03-09", "--stand-per", now) == now
    assert peil("2026-03-08", "--stand-per", now) < now
    for later in ("2026-03-10", "2026-03-09T13:01"):
        with pytest.raises(Refused, match=r"a moment in the past \(now: 2026-03-09 13:00\)"):
            peil(later, "--stand-per", now)


def test_a_period_takes_its_last_day_along() -> None:
    assert period("2026-03-28", "2026-03-29", ("--van", "--tot")) == Periode(
        micros(datetime(2026, 3, 27, 23, tzinfo=UTC)), micros(datetime(2026, 3, 29, 22, tzinfo=UTC))
    )


def report(last: Doorlooptijd = CLOSED) -> Rapport:
    stand = Stand(["onderhoud"])
    stand.add(record(last, day(6)))
    at = micros(day(9))
    return Rapport(
        periode=Periode(),
        peil=at,
        regels=regels(stand.laatste.intervals(), Periode(), at, Kalenders(None).dagen),
        namen={CLIENT: "Zilverlinde"},
    )


def test_a_person_sees_names_figures_and_what_is_doubtful() -> None:
    out = io.StringIO()
    Console(file=out, width=100).print(as_table(report()))
    text = out.getvalue()
    assert f"onderhoud: Zilverlinde → {CONTRACTOR}" in text
    for part in ("2 wd", "48,0 u", "24,0 u net", "100,0 %", "1 van 1", "aann. 50 %", "huurder 50 %"):
        assert part in text
    assert "1 voorlopig, 1 met bevinding meldvertraging" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100


def test_a_program_gets_whole_numbers() -> None:
    [line] = msgspec.json.decode(msgspec.json.encode(as_json(report())))["regels"]
    assert line["opdrachtgever_naam"] == "Zilverlinde"
    assert line["p50"]["netto_seconden"] == {"waarde": 86_400, "bereikt": True}
    assert line["norm"] == {"gevallen": 1, "gehaald": 1, "zonder_norm": 0}
    assert line["aan_zet_seconden"] == {"aannemer": 86_400, "huurder": 86_400}


def test_what_is_uitgebleven_is_told_apart_to_everybody() -> None:
    found = report(msgspec.structs.replace(CLOSED, stand=documents.Stand.OPEN, eind=None, uitgebleven=CLOSED.eind))
    out = io.StringIO()
    Console(file=out, width=100).print(as_table(found))
    assert "1 uitgebl." in out.getvalue()
    assert "0 van 1" in out.getvalue()
    header, line = csv.reader(as_csv(found).splitlines(), delimiter=";")
    row = dict(zip(header, line, strict=True))
    assert (row["n"], row["open"], row["uitgebleven"], row["p50_uren"], row["gehaald"]) == ("1", "0", "1", ">48,0", "0")
    [told] = msgspec.json.decode(msgspec.json.encode(as_json(found)))["regels"]
    assert (told["open"], told["uitgebleven"]) == (0, 1)


def test_groups_of_which_nothing_falls_in_the_period_are_left_out() -> None:
    stand = Stand(["onderhoud"])
    stand.add(record(CLOSED, day(6)))
    later = Periode(micros(day(20)), None)
    assert regels(stand.laatste.intervals(), later, micros(day(21)), Kalenders(None).dagen) == ()
