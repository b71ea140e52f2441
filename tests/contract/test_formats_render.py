"""What a standard cannot express is refused when rendering: nothing is cut off or left out."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from adapters.formats import CannotRender, read
from adapters.formats.dico_sales005 import FORMAT as SALES005
from adapters.formats.json_v1 import FORMAT as JSON
from adapters.formats.moments import amsterdam, local
from adapters.message import Bericht, OpdrachtInhoud, Soort, StatusInhoud
from topics.documents import Moment
from topics.documents.onderhoud import Bijlage, Locatie, Regel, Urgentie

ORDER = Bericht(
    soort=Soort.OPDRACHT,
    berichtnummer="1",
    opdrachtnummer="OPD-1",
    opdrachtgever="8799999000017",
    inhoud=OpdrachtInhoud(regels=(Regel(nummer=1, aantal=Decimal(1), eenheid="PCE"),), contractdatum=date(2026, 3, 2)),
    verzonden=Moment(local(datetime(2026, 3, 2, 9))[0]),
)
STATUS = msgspec.structs.replace(
    ORDER, soort=Soort.STATUS, inhoud=StatusInhoud(eigen="Klaar", gebeurd=Moment(local(datetime(2026, 3, 2, 9))[0]))
)


def _order(**changes: object) -> Bericht:
    inhoud = msgspec.structs.replace(ORDER.inhoud, **changes)
    return msgspec.structs.replace(ORDER, inhoud=inhoud)


INEXPRESSIBLE: dict[str, tuple[Bericht, str]] = {
    "a long message number": (msgspec.structs.replace(ORDER, berichtnummer="x" * 18), "MessageNumber"),
    "a long text": (msgspec.structs.replace(ORDER, personen={"tekst": "x" * 1001}), "FreeText"),
    "a test message": (msgspec.structs.replace(ORDER, proef=True), "proef"),
    "a status": (STATUS, "soort"),
    "no time of sending": (msgspec.structs.replace(ORDER, verzonden=None), "MessageDate"),
    "an urgency": (_order(urgentie=Urgentie.SPOED), "urgentie"),
    "a day of report": (_order(gemeld_op=ORDER.verzonden), "gemeld_op"),
    "a code it lacks": (_order(soort="PLM"), "InstructionType"),
    "a place without street": (_order(locatie=Locatie(postcode4="9981")), "postcode4"),
    "a personal field it lacks": (msgspec.structs.replace(ORDER, personen={"slot.1.reden": "x"}), "slot.1.reden"),
    "a control character": (msgspec.structs.replace(ORDER, personen={"tekst": "a\x07"}), "teken"),
    "half a character": (msgspec.structs.replace(ORDER, personen={"tekst": "a\ud800"}), "teken"),
    "a number of forty digits": (
        _order(regels=(Regel(nummer=1, aantal=Decimal("1" * 40), eenheid="PCE"),)),
        "Quantity",
    ),
    "the content of an attachment": (
        msgspec.structs.replace(ORDER, bijlagen=(Bijlage(soort="OTA", bestandssoort="x", naam="y", bytes=9),)),
        "blob",
    ),
    "an attachment of a line that is not there": (
        msgspec.structs.replace(ORDER, bijlagen=(Bijlage(soort="OTA", bestandssoort="x", naam="y", url="z", regel=2),)),
        "regel",
    ),
}


@pytest.mark.parametrize("case", INEXPRESSIBLE)
def test_sales005_refuses_to_render_what_it_cannot_express(case: str) -> None:
    bericht, field = INEXPRESSIBLE[case]
    with pytest.raises(CannotRender, match=field):
        SALES005.render(bericht)


@pytest.mark.parametrize(
    ("bericht", "field"),
    [
        (msgspec.structs.replace(ORDER, berichtnummer="x" * 65), "berichtnummer"),
        (msgspec.structs.replace(ORDER, opdrachtgever="12"), "opdrachtgever"),
        (msgspec.structs.replace(ORDER, personen={"tekst": "a\x07"}), "tekst"),
        (msgspec.structs.replace(ORDER, personen={"tekst": "a\ud800"}), "UTF-8"),
        (msgspec.structs.replace(STATUS, personen={"locatie.naam": "x"}), "locatie.naam"),
        (msgspec.structs.replace(STATUS, gelieerd="8799999000017"), "gelieerd"),
        (_order(soort="XYZ"), "opdrachtsoort"),
        (_order(locatie=Locatie(postcode4="99")), "postcode"),
        (
            msgspec.structs.replace(ORDER, bijlagen=(Bijlage(soort="OTA", bestandssoort="x", naam="y", bytes=9),)),
            "data",
        ),
    ],
)
def test_json_refuses_to_render_what_it_cannot_express(bericht: Bericht, field: str) -> None:
    with pytest.raises(CannotRender, match=field):
        JSON.render(bericht)


def test_a_time_that_occurs_twice_is_rendered_with_its_zone() -> None:
    second = Moment(amsterdam(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)))
    raw = SALES005.render(msgspec.structs.replace(ORDER, verzonden=second))
    assert b"<MessageTime>02:30:00+01:00</MessageTime>" in raw
    bericht = read(raw).delen[0].bericht
    assert bericht is not None
    assert bericht.verzonden == second
