"""When two messages say the same."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest

from topics.documents import Document, Moment
from topics.documents.content import TRANSPORT, content_hash
from topics.documents.onderhoud import Kalender, Opdracht, Regel, Status, Statuscode, Voorwaarden

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
TERMS = Voorwaarden("0123456789abcdef", Kalender())
ORDER = Opdracht(
    berichtnummer="1",
    afzender="8799999000017",
    opdrachtgever="8799999000017",
    aannemer="8799999000116",
    opdrachtnummer="in 001",
    verzonden=Moment(AT),
    voorwaarden=TERMS,
    datum=Moment(AT),
    regels=(Regel(nummer=1, aantal=Decimal("1.50"), eenheid="PCE"),),
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("berichtnummer", "2"),
        ("verzonden", Moment(AT + timedelta(hours=1))),
        ("voorwaarden", Voorwaarden("ffff", Kalender(), wachttijd_uren=1)),
        ("persoon", "onderhoud/opdracht/x#y"),
    ],
)
def test_transport_fields_do_not_count(field: str, value: object) -> None:
    assert field in TRANSPORT
    assert content_hash(msgspec.structs.replace(ORDER, **{field: value})) == content_hash(ORDER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("aannemer", "8799999000215"),
        ("afzender", "8799999000116"),
        ("opdrachtnummer", "in 002"),
        ("datum", Moment(AT, alleen_dag=True)),
        ("soort", "REP"),
        ("regels", ()),
        ("btw_verlegd", False),
    ],
)
def test_everything_else_counts(field: str, value: object) -> None:
    assert content_hash(msgspec.structs.replace(ORDER, **{field: value})) != content_hash(ORDER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("opdrachtnummer", "IN001"),
        ("datum", Moment(AT.astimezone(timezone(timedelta(hours=2))))),
        ("regels", (Regel(nummer=1, aantal=Decimal("1.5"), eenheid="PCE"),)),
    ],
)
def test_the_same_value_written_otherwise_counts_as_the_same(field: str, value: object) -> None:
    assert content_hash(msgspec.structs.replace(ORDER, **{field: value})) == content_hash(ORDER)


class OneWay(Document, frozen=True, kw_only=True, omit_defaults=True):
    code: str
    gebeurd: Moment


class OtherWay(Document, frozen=True, kw_only=True, omit_defaults=True):
    gebeurd: Moment
    code: str


def test_the_order_of_fields_does_not_count() -> None:
    assert content_hash(OneWay(code="TGE", gebeurd=Moment(AT))) == content_hash(
        OtherWay(code="TGE", gebeurd=Moment(AT))
    )


def test_the_hash_is_stable_over_releases() -> None:
    status = Status(
        berichtnummer="7",
        afzender="8799999000116",
        opdrachtgever="8799999000017",
        opdrachtnummer="IN001",
        code=Statuscode.TGE,
        gebeurd=Moment(AT),
        bedrag=Decimal("12.50"),
    )
    assert content_hash(status) == "68a01f114248efee378eb0520bdcd143"
