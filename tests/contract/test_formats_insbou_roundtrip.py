"""What the INSBOU formats render they read back the same; what they cannot express they refuse to render."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.formats import CannotRender, Format, read
from adapters.formats.insbou003 import FORMAT as INSBOU003
from adapters.formats.insbou004 import FORMAT as INSBOU004
from adapters.formats.json_v1 import FORMAT as JSON
from adapters.formats.moments import amsterdam, local
from adapters.message import Bericht, OfferteInhoud, OpdrachtInhoud, PlanningInhoud, Soort, StatusInhoud
from tests.contract.test_formats_roundtrip import (
    FIRST,
    LAST,
    QUICK,
    XML,
    Draw,
    glns,
    moments,
    optional,
    orders,
    parties,
    texts,
)
from topics.documents import Moment
from topics.documents.onderhoud import Bijlage, Locatie, Offertestap, Regel, Slot, Slotsoort, Urgentie

VERSIONS = pytest.mark.parametrize("format_", [INSBOU003, INSBOU004], ids=["insbou003", "insbou004"])
UNKNOWN = ("huisnummer", "huisletter", "toevoeging", "telefoon2", "email2", "breedtegraad", "lengtegraad")


def _known(personen: dict[str, str]) -> dict[str, str]:
    return {
        path: text
        for path, text in personen.items()
        if not path.startswith(("gelieerd.", "bijlage.")) and path.rpartition(".")[2] not in UNKNOWN
    }


@st.composite
def insbou_orders(draw: Draw) -> Bericht:
    """Orders as SALES005 has them, less what INSBOU lacks, and with what only INSBOU has."""
    bericht = draw(orders(XML))
    inhoud = bericht.inhoud
    assert isinstance(inhoud, OpdrachtInhoud)
    personen = _known(bericht.personen)
    if inhoud.locatie is not None:
        extra = {"naam2": texts(50), "land": st.just("NL"), "omschrijving": texts(1000)}
        if "locatie.naam" in personen:
            extra["contactpersoon"] = texts(35)
        drawn = draw(st.fixed_dictionaries({}, optional=extra))
        personen |= {f"locatie.{name}": text for name, text in drawn.items()}
    return msgspec.structs.replace(
        bericht,
        berichtnummer=draw(texts(35)),
        opdrachtnummer=draw(texts(35)),
        aannemer=bericht.aannemer or draw(glns),
        gelieerd=None,
        subnummer=None,
        bijlagen=(),
        blobs={},
        verzonden=draw(st.none() | moments()),
        personen=personen,
        inhoud=msgspec.structs.replace(
            inhoud,
            datum=inhoud.datum or draw(moments()),
            contractdatum=inhoud.contractdatum if inhoud.contract is not None else None,
        ),
    )


@st.composite
def offered(draw: Draw) -> Slot:
    if draw(st.booleans()):
        day = datetime.combine(draw(st.dates(FIRST.date(), LAST.date())), datetime.min.time())
        begin, end = local(day)[0], local(day + timedelta(days=1))[0]
    else:
        start = draw(st.datetimes(FIRST, LAST - timedelta(days=30), timezones=st.just(UTC)))
        begin, end = amsterdam(start), amsterdam(start + timedelta(minutes=draw(st.integers(1, 10_000))))
    return Slot(soort=Slotsoort.AANGEBODEN, begin=begin, eind=end)


@st.composite
def responses(draw: Draw) -> Bericht:
    personen: dict[str, str] = {"tekst": draw(texts(1000))} if draw(st.booleans()) else {}
    opdrachtgever, aannemer = parties(draw, "opdrachtgever", personen), parties(draw, "aannemer", personen)
    happened = draw(moments())
    inhoud: StatusInhoud | PlanningInhoud
    if draw(st.booleans()):
        inhoud = StatusInhoud(eigen=draw(texts(35)), gebeurd=happened, eigen_detail=optional(draw, texts(35)))
    else:
        inhoud = PlanningInhoud(gebeurd=happened, sloten=tuple(draw(st.lists(offered(), min_size=1, max_size=10))))
    return Bericht(
        soort=Soort.STATUS if isinstance(inhoud, StatusInhoud) else Soort.PLANNING,
        berichtnummer=draw(texts(35)),
        opdrachtnummer=draw(texts(35)),
        opdrachtgever=opdrachtgever,
        inhoud=inhoud,
        aannemer=aannemer,
        verzonden=happened,
        personen=_known(personen),
    )


@VERSIONS
@given(bericht=insbou_orders() | responses())
@QUICK
def test_a_message_is_read_back_the_same_when_rendered_as_insbou(format_: Format, bericht: Bericht) -> None:
    gelezen = read(format_.render(bericht))
    assert gelezen.delen[0].bericht == bericht
    assert (gelezen.formaat, gelezen.delen[0].dialecten, len(gelezen.delen)) == (format_.name, (), 1)


AT = Moment(local(datetime(2026, 3, 2, 9))[0])
ORDER = Bericht(
    soort=Soort.OPDRACHT,
    berichtnummer="1",
    opdrachtnummer="OPD-1",
    opdrachtgever="8799999000017",
    aannemer="8799999000512",
    inhoud=OpdrachtInhoud(datum=AT, regels=(Regel(nummer=1, aantal=Decimal(1), eenheid="PCE"),)),
)
SLOT = Slot(soort=Slotsoort.AANGEBODEN, begin=AT.op, eind=AT.op + timedelta(hours=2))


def _order(**changes: object) -> Bericht:
    return msgspec.structs.replace(ORDER, inhoud=msgspec.structs.replace(ORDER.inhoud, **changes))


def _with(**changes: object) -> Bericht:
    return msgspec.structs.replace(ORDER, **changes)


def _status(**changes: object) -> Bericht:
    inhoud = msgspec.structs.replace(StatusInhoud(eigen="29", gebeurd=AT), **changes)
    return msgspec.structs.replace(ORDER, soort=Soort.STATUS, inhoud=inhoud)


def _planning(slot: Slot) -> Bericht:
    return _with(soort=Soort.PLANNING, inhoud=PlanningInhoud(gebeurd=AT, sloten=(slot,)))


INEXPRESSIBLE: dict[str, tuple[Bericht, str]] = {
    "a test message": (_with(proef=True), "proef"),
    "a sub-number": (_with(subnummer="2"), "subnummer"),
    "an affiliate": (_with(gelieerd="8799999000017"), "gelieerd"),
    "no contractor": (_with(aannemer=None), "aannemer"),
    "an attachment": (_with(bijlagen=(Bijlage(soort="OTA", bestandssoort="x", naam="y", url="z"),)), "bijlagen"),
    "a long message number": (_with(berichtnummer="x" * 36), "MessageNumber"),
    "no date of order": (_order(datum=None), "OrderDate"),
    "an urgency": (_order(urgentie=Urgentie.SPOED), "urgentie"),
    "a vacancy": (_order(mutatie="M-1"), "mutatie"),
    "a code it lacks": (_order(soort="PLM"), "InstructionType"),
    "another postcode": (_order(locatie=Locatie(postcode4="9981")), "postcode4"),
    "a second telephone": (_with(personen={"locatie.telefoon2": "1"}), "telefoon2"),
    "a contact without the tenant": (
        msgspec.structs.replace(_order(locatie=Locatie()), personen={"locatie.contactpersoon": "x"}),
        "contactpersoon",
    ),
    "a control character": (_with(personen={"tekst": "a\x07"}), "teken"),
    "a number of forty digits": (
        _order(regels=(Regel(nummer=1, aantal=Decimal("1" * 40), eenheid="PCE"),)),
        "OrderedQuantity",
    ),
    "an amount of a status": (_status(bedrag=Decimal(5)), "bedrag"),
    "a long word": (_status(eigen="x" * 36), "StatusCode"),
    "another time of sending": (
        msgspec.structs.replace(_status(), verzonden=Moment(AT.op + timedelta(hours=1))),
        "verzonden",
    ),
    "an agreed slot": (_planning(msgspec.structs.replace(SLOT, soort=Slotsoort.AFGESPROKEN)), "soort"),
    "a reason of a slot": (_planning(msgspec.structs.replace(SLOT, reden="BNT")), "reden"),
    "a quotation": (
        _with(soort=Soort.OFFERTE, inhoud=OfferteInhoud(offertenummer="1", stap=Offertestap.GEVRAAGD, gebeurd=AT)),
        "soort",
    ),
}


@VERSIONS
@pytest.mark.parametrize("case", INEXPRESSIBLE)
def test_insbou_refuses_to_render_what_it_cannot_express(format_: Format, case: str) -> None:
    bericht, field = INEXPRESSIBLE[case]
    with pytest.raises(CannotRender, match=field):
        format_.render(bericht)


def test_insbou003_has_no_place_for_the_day_of_a_contract_without_its_number() -> None:
    bericht = _order(contractdatum=date(2026, 1, 1))
    with pytest.raises(CannotRender, match="ContractDate"):
        INSBOU003.render(bericht)
    assert read(INSBOU004.render(bericht)).delen[0].bericht == bericht


@given(bericht=insbou_orders())
@QUICK
def test_an_order_in_insbou_can_be_passed_on_as_json_and_back(bericht: Bericht) -> None:
    through = read(JSON.render(bericht)).delen[0].bericht
    assert through == bericht
    assert read(INSBOU003.render(through)).delen[0].bericht == bericht
