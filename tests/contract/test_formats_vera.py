"""Objects of VERA: what tells an order from a status, times in UTC, codes by table, and our agreements about parties."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from adapters.formats import CannotRender, read
from adapters.formats.json_v1 import FORMAT as JSON
from adapters.formats.moments import amsterdam, local
from adapters.formats.vera import FORMAT, codes
from adapters.message import Bericht, Deel, Inhoud, OpdrachtInhoud, PlanningInhoud, Soort, StatusInhoud
from topics.documents import Moment, Reden
from topics.documents.onderhoud import Bijlage, Ledo, Locatie, Regel, Slot, Slotsoort

GOLDEN = Path(__file__).parent / "golden" / "vera"
ATTRIBUTES = [
    {"naam": "Referentienummer", "waarde": "1"},
    {"naam": "TijdstipBericht", "waarde": "2026-03-10T08:00:00Z"},
]
ORDER: dict[str, object] = {
    "idOrganisatie": "8799999000017",
    "code": "ZL-1",
    "onderhoudSoort": {"code": "REP"},
    "relaties": [{"idGegevensbeheerder": "8799999000116"}],
    "extra-attributen": ATTRIBUTES,
}
STATUS = {name: value for name, value in ORDER.items() if name != "onderhoudSoort"} | {"status": {"code": "INB"}}
VISIT: dict[str, object] = {
    "onderhoudsorder": {"idOrganisatie": "8799999000017", "code": "ZL-1"},
    "status": {"code": "GEP"},
    "begindatum": "2026-03-10T09:00:00Z",
    "einddatum": "2026-03-10T11:00:00Z",
    "extra-attributen": ATTRIBUTES,
}


def _read(message: object) -> tuple[Deel, ...]:
    gelezen = read(json.dumps(message).encode())
    assert gelezen.formaat == "vera"
    return gelezen.delen


def _inhoud(message: object) -> Inhoud:
    (deel,) = _read(message)
    assert deel.bericht is not None, deel.bevindingen
    return deel.bericht.inhoud


@pytest.mark.parametrize(
    ("changes", "soort"),
    [
        ({}, Soort.OPDRACHT),
        ({"status": {"code": "GUN"}}, Soort.OPDRACHT),
        ({"status": {"code": "REG"}}, Soort.OPDRACHT),
        ({"status": {"code": "INB"}}, Soort.STATUS),
        ({"status": {"code": "GEA"}}, Soort.STATUS),
        ({"status": {"code": "Eigen woord"}}, Soort.STATUS),
        ({"status": {"code": "GUN"}, "onderhoudSoort": None}, Soort.STATUS),
    ],
)
def test_content_and_status_tell_an_order_from_a_status(changes: dict[str, object], soort: Soort) -> None:
    (deel,) = _read({**ORDER, **changes})
    assert deel.bericht is not None
    assert deel.bericht.soort is soort
    told = "opdracht-niet-overgenomen" in {finding.code for finding in deel.bevindingen}
    assert told is (soort is Soort.STATUS and "onderhoudSoort" not in changes)


@pytest.mark.parametrize("code", codes.ORDERSTATUS)
def test_every_status_of_vera_is_an_own_word_for_the_profile(code: str) -> None:
    inhoud = _inhoud({**STATUS, "status": {"code": code}})
    assert isinstance(inhoud, StatusInhoud)
    assert (inhoud.eigen, inhoud.eigen_detail) == (code, None)


@pytest.mark.parametrize(
    ("tasks", "detail"),
    [
        ([{"detailStatus": {"code": "AFW"}}], "AFW"),
        ([{"status": {"code": "OND"}, "detailStatus": {"code": "MAT"}}], "MAT"),
        ([{"status": {"code": "OND"}}], "OND"),
        ([{"status": {"code": "UIT"}}], None),
        ([{"detailStatus": {"code": "MAT"}}, {"detailStatus": {"code": "MAT"}}, {"status": {"code": "GER"}}], "MAT"),
    ],
)
def test_the_detail_is_the_one_that_the_tasks_agree_on(tasks: list[object], detail: str | None) -> None:
    inhoud = _inhoud({**STATUS, "onderhoudstaken": tasks})
    assert isinstance(inhoud, StatusInhoud)
    assert inhoud.eigen_detail == detail


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("2026-03-10T08:30:00Z", None),
        ("2026-03-10T08:30:00.000Z", None),
        ("2026-03-10T09:30:00", "tijd-zonder-zone"),
        ("2026-03-10T09:30:00+01:00", "tijd-niet-utc"),
        ("2026-03-10T08:30Z", "tijd-kort"),
    ],
)
def test_a_time_that_is_not_in_utc_is_a_deviation_by_name(text: str, dialect: str | None) -> None:
    (deel,) = _read({**ORDER, "opdrachtdatum": text})
    assert deel.bericht is not None
    assert isinstance(deel.bericht.inhoud, OpdrachtInhoud)
    assert deel.bericht.inhoud.datum == Moment(local(datetime(2026, 3, 10, 9, 30))[0])
    assert deel.dialecten == ((dialect,) if dialect else ())
    assert {finding.code for finding in deel.bevindingen} >= ({f"dialect-{dialect}"} if dialect else set())


def test_the_hour_that_occurs_twice_is_clear_in_utc_and_told_without_zone() -> None:
    for text, oddities in (("2026-10-25T01:30:00Z", set()), ("2026-10-25T02:30:00", {"tijd-dubbelzinnig"})):
        (deel,) = _read({**ORDER, "opdrachtdatum": text})
        assert {finding.code for finding in deel.bevindingen} & {"tijd-dubbelzinnig"} == oddities


def test_midnight_in_the_netherlands_is_a_day_without_time_but_never_of_a_slot() -> None:
    inhoud = _inhoud({**ORDER, "uitersteGereeddatum": "2026-07-01T22:00:00Z"})
    assert isinstance(inhoud, OpdrachtInhoud)
    assert inhoud.gereed_uiterlijk == Moment(local(datetime(2026, 7, 2))[0], True)
    visit = _inhoud({**VISIT, "begindatum": "2026-07-01T22:00:00Z", "einddatum": "2026-07-01T23:00:00Z"})
    assert isinstance(visit, PlanningInhoud)
    assert visit.sloten[0].begin == local(datetime(2026, 7, 2))[0]


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        (ORDER, {"onderhoudSoort": {"code": "LEE"}}),
        (ORDER, {"afrekenwijze": {"code": "AFG"}}),
        (ORDER, {"extra-attributen": [*ATTRIBUTES, {"naam": "Urgentie", "waarde": "gisteren"}]}),
        (ORDER, {"onderhoudstaken": [{"voorcalculaties": [{"aantal": 1, "meeteenheid": {"code": "PCE"}}]}]}),
        (VISIT, {"status": {"code": "ANN"}}),
        (VISIT, {"status": None}),
    ],
)
def test_a_code_without_counterpart_is_onbekende_code_and_not_guessed(
    message: dict[str, object], changes: dict[str, object]
) -> None:
    (deel,) = _read({**message, **changes})
    assert deel.reden is Reden.ONBEKENDE_CODE
    assert deel.sleutel == ("8799999000017", "ZL-1")
    assert {finding.code for finding in deel.bevindingen if finding.persoonlijk} == {"code-onbekend"}


@pytest.mark.parametrize(
    ("vera", "afspraak", "specificatie"),
    [("AFK", "AFK", None), ("NCE", "EHP", None), ("NCR", "REG", None), ("VPR", "ANS", None), ("GAR", None, "GAR")],
)
def test_a_way_of_settling_has_dicos_code(vera: str, afspraak: str | None, specificatie: str | None) -> None:
    inhoud = _inhoud({**ORDER, "afrekenwijze": {"code": vera}})
    assert isinstance(inhoud, OpdrachtInhoud)
    assert (inhoud.afspraak, inhoud.specificatie) == (afspraak, specificatie)


def test_a_message_without_number_has_one_of_its_content_so_that_the_same_again_is_the_same() -> None:
    bare = {**ORDER, "extra-attributen": None}
    first, again, other = (
        _read(message)[0].bericht for message in (bare, dict(reversed(bare.items())), {**bare, "code": "ZL-2"})
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.berichtnummer == again.berichtnummer != other.berichtnummer


def test_a_field_of_vera_that_is_not_mapped_is_told_and_an_empty_one_is_not() -> None:
    (deel,) = _read(
        {**ORDER, "debiteur": None, "offertes": [], "defecten": [{"soort": {"code": "LEK"}, "status": {"code": "X"}}]}
    )
    assert [finding.pad for finding in deel.bevindingen if finding.code == "veld-niet-in-kaart"] == [
        "/defecten/0/status"
    ]


def test_an_order_with_appointments_is_also_a_planning_and_a_wrong_one_refuses_that_alone() -> None:
    visit = {name: value for name, value in VISIT.items() if name in ("status", "begindatum", "einddatum")}
    order, planning = _read({**ORDER, "afspraken": [visit]})
    assert order.bericht is not None
    assert planning.bericht is not None
    assert (planning.bericht.soort, planning.bericht.berichtnummer) == (Soort.PLANNING, "1/afspraak")
    order, planning = _read({**ORDER, "afspraken": [{**visit, "status": {"code": "ANN"}}]})
    assert (order.reden, planning.reden) == (None, Reden.ONBEKENDE_CODE)
    assert planning.bevindingen[0].pad == "/afspraken/0/status"


@pytest.mark.parametrize(("mark", "name"), codes.OTHERS.items())
def test_another_object_of_vera_is_niet_in_kaart_by_its_name(mark: str, name: str) -> None:
    gelezen = read(json.dumps({"idExtern": "9", mark: "x"}).encode())
    assert (gelezen.formaat, gelezen.document) == ("vera", name)
    assert gelezen.delen[0].reden is Reden.NIET_IN_KAART


def test_an_object_that_says_it_is_ours_is_never_read_as_vera() -> None:
    both = {"formaat": "ketenbus-json/1", "soort": "opdracht", **ORDER}
    assert read(json.dumps(both).encode()).formaat == "json"
    assert read(json.dumps([both, ORDER]).encode()).formaat == "json"


def _bericht(inhoud: Inhoud, soort: Soort, **changes: object) -> Bericht:
    made = Bericht(soort=soort, berichtnummer="1", opdrachtnummer="ZL-1", opdrachtgever="8799999000017", inhoud=inhoud)
    return msgspec.structs.replace(made, **changes)


AT = Moment(amsterdam(datetime(2026, 3, 10, 8, tzinfo=UTC)))
LINE = Regel(nummer=1, aantal=Decimal(1), eenheid="PCE")
SLOT = Slot(soort=Slotsoort.AFGESPROKEN, begin=AT.op, eind=amsterdam(datetime(2026, 3, 10, 9, tzinfo=UTC)))


def _order(**fields: object) -> Bericht:
    return _bericht(msgspec.structs.replace(OpdrachtInhoud(soort="REP", regels=(LINE,)), **fields), Soort.OPDRACHT)


@pytest.mark.parametrize(
    ("bericht", "field"),
    [
        (_order(soort="PRE"), "soort"),
        (_order(specificatie="GAR", afspraak="REG"), "specificatie"),
        (_order(specificatie="MAO"), "specificatie"),
        (_order(mutatie="M-1"), "mutatie"),
        (_order(regels=(msgspec.structs.replace(LINE, eenheid="DAY"),)), "eenheid"),
        (_order(regels=(msgspec.structs.replace(LINE, btw_code="S"),)), "btw_code"),
        (_order(regels=(LINE, msgspec.structs.replace(LINE, ledo=Ledo(element="Kraan")))), "anders teruggelezen"),
        (_order(locatie=Locatie(eenheid="VHE-1")), "eenheid"),
        (_order(gemeld_op=AT), "eenheid"),
        (_order(datum=Moment(local(datetime(2026, 3, 10))[0])), "middernacht|datum"),
        (msgspec.structs.replace(_order(), subnummer="2"), "subnummer"),
        (msgspec.structs.replace(_order(), personen={"opdrachtgever.naam": "x"}), "opdrachtgever.naam"),
        (msgspec.structs.replace(_order(), personen={"tekst": "a\ud800"}), "teken"),
        (msgspec.structs.replace(_order(), opdrachtgever="12"), "idOrganisatie"),
        (msgspec.structs.replace(_order(), bijlagen=(Bijlage(soort="LOG", bestandssoort="pdf", url="x"),)), "anders"),
        (msgspec.structs.replace(_order(), bijlagen=(Bijlage(soort="OTA", bestandssoort="pdf", bytes=9),)), "blob"),
        (_bericht(OpdrachtInhoud(), Soort.OPDRACHT), "teruggelezen|Tijdstip"),
        (_bericht(StatusInhoud(eigen="INB", gebeurd=AT, bedrag=Decimal("1.00")), Soort.STATUS), "bedrag"),
        (_bericht(PlanningInhoud(gebeurd=AT, sloten=(SLOT, SLOT)), Soort.PLANNING), "sloten"),
        (
            _bericht(
                PlanningInhoud(gebeurd=AT, sloten=(msgspec.structs.replace(SLOT, soort=Slotsoort.GEMIST),)),
                Soort.PLANNING,
            ),
            "soort",
        ),
        (
            _bericht(
                PlanningInhoud(gebeurd=AT, sloten=(msgspec.structs.replace(SLOT, door="huurder"),)), Soort.PLANNING
            ),
            "door",
        ),
    ],
)
def test_vera_refuses_to_render_what_it_cannot_express(bericht: Bericht, field: str) -> None:
    with pytest.raises(CannotRender, match=field):
        FORMAT.render(bericht)


def test_every_time_that_is_written_is_in_utc() -> None:
    raw = FORMAT.render(_order(datum=AT, gereed_uiterlijk=Moment(local(datetime(2026, 7, 2))[0], True)))
    assert b'"opdrachtdatum":"2026-03-10T08:00:00Z"' in raw
    assert b'"uitersteGereeddatum":"2026-07-01T22:00:00Z"' in raw


def test_an_order_of_vera_can_be_passed_on_as_json() -> None:
    bericht = read((GOLDEN / "opdracht-volledig.json").read_bytes()).delen[0].bericht
    assert bericht is not None
    assert read(JSON.render(bericht)).delen[0].bericht == bericht


@pytest.fixture(scope="module")
def published(shared: Path) -> dict[str, set[str]]:
    lists = json.loads((shared / "domain" / "codes" / "vera_codes.json").read_text(encoding="utf-8"))
    return {name: {row["code"] for row in rows} for name, rows in lists.items() if not name.startswith("_")}


def test_our_tables_hold_published_codes_only_and_say_which_have_no_counterpart(published: dict[str, set[str]]) -> None:
    assert set(codes.ORDERSTATUS) == published["ONDERHOUDSORDERSTATUS"]
    assert published["ONDERHOUDSOORT"] - set(codes.ONDERHOUDSOORT) == {"PRJ", "WMO", "LEE"}
    assert set(codes.AFREKENWIJZE) == published["AFREKENWIJZESOORT"]
    assert published["AFSPRAAKSTATUS"] - set(codes.AFSPRAAKSTATUS) == {"ANN"}
    assert published["MEETEENHEID"] - set(codes.MEETEENHEID) == {"EUR", "FTE"}
    for table, name in (
        (codes.ONDERHOUDSOORT, "ONDERHOUDSOORT"),
        (codes.MEETEENHEID, "MEETEENHEID"),
        (codes.AFSPRAAKSTATUS, "AFSPRAAKSTATUS"),
    ):
        assert set(table) <= published[name]
    assert set(codes.TASK_AS_DETAIL) <= published["ONDERHOUDSTAAKSTATUS"]


def test_the_fields_that_we_read_are_fields_of_the_published_model(shared: Path) -> None:
    text = (shared / "domain" / "vera" / "OHD.yaml").read_text(encoding="utf-8")
    models = json.loads((Path(read.__code__.co_filename).parent / "vera" / "schema.json").read_text(encoding="utf-8"))
    fields = {name for model in models["$defs"].values() for name in model.get("properties", {})}
    assert len(fields) > 50
    assert {name for name in fields | codes.MARKS | set(codes.OTHERS) if f" {name}:" not in text} == set()
