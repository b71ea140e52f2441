"""The page that a partner opens: it holds everything, fetches nothing, and shows what was sent as text."""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from chain.verschil.pagina import page, write_page
from chain.verschil.rapport import Cijfer, Duur, Groep, Kant, Kengetal, Rapport, Regel, Rekening, Sectie, Soort, Veld
from topics.errors import Refused

SIDE = Kant(naam="profielen", release="1.2.3", catalogus="abc", gespeeld=87, seconden=0.5)
LINES = (
    Regel(
        soort=Soort.OPGELOST,
        wat="onbekende-code",
        dossier="onderhoud/opdracht/8799999000017/ZL-26-1004",
        partner="tegendraad",
        ontvangst="019cb998-6be0-7000-8000-00000000001c",
        deel="1",
        velden=(Veld("rekening", "uitval", "toegepast"), Veld("uitleg", "<script>alert(1)</script>", None)),
    ),
    Regel(soort=Soort.NIEUW, wat="strijdig", partner="kobalt-noord", velden=(Veld("reden", None, "strijdig"),)),
)
REPORT = Rapport(
    opname="week 10 & 11.opname",
    berichten=87,
    besluiten=2,
    tikken="de tikken van het log",
    van="2026-03-02 08:12:00",
    tot="2026-03-23 12:00:00",
    oud=SIDE,
    nieuw=msgspec.structs.replace(SIDE, naam="tegendraad@2", niet_genomen={"stuur: geen-brief": 2}),
    secties=(
        Sectie(naam="gebeurtenissen", titel="Gebeurtenissen", oud=3, nieuw=3, gelijk=3),
        Sectie(
            naam="uitval",
            titel="Uitval",
            oud=5,
            nieuw=5,
            gelijk=4,
            tellingen={Soort.OPGELOST: 1, Soort.NIEUW: 1},
            groepen=(Groep(wat="onbekende-code", veld=Veld("rekening", "uitval", "toegepast"), aantal=3),),
            regels=LINES,
            weggelaten=4,
        ),
    ),
    kengetallen=(
        Kengetal(
            opdrachtgever="8799999000017",
            aannemer="8799999000215",
            maat="technisch-gereed",
            soort="REP",
            urgentie="regulier",
            keten="onderhoud",
            oud=Cijfer(n=5, open=1, p50=Duur(3600, True), p90=Duur(90_000, False), gevallen=4, gehaald=3),
            nieuw=Cijfer(n=5),
        ),
    ),
    verantwoording=(Rekening(partner="tegendraad", rekening="uitval", oud=5, nieuw=4),),
    opmerkingen=("Wat dossiers elkaar meldden verschilt.",),
    namen={"8799999000017": "Woonstichting Zilverlinde", "tegendraad": "Tegendraad Bouwservice"},
)


class Seen(HTMLParser):
    """Tags with their attributes, and what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def seen() -> Seen:
    found = Seen()
    found.feed(page(REPORT))
    return found


def test_everything_that_the_report_says_is_on_the_page(seen: Seen) -> None:
    text = " ".join(" ".join(seen.text).split())
    for said in (
        "week 10 & 11.opname",
        "tegendraad@2",
        "2 besluiten niet genomen (stuur: geen-brief)",
        "Woonstichting Zilverlinde → 8799999000215",
        "5, 1 open",
        "> 1 d 1 u",
        "3 van 4",
        "Tegendraad Bouwservice",
        "4 meer staan niet op deze pagina",
        "Wat dossiers elkaar meldden verschilt.",
    ):
        assert said in text, said


def test_nothing_is_fetched_from_anywhere(seen: Seen) -> None:
    html = page(REPORT)
    assert not re.search(r"https?://|url\(|@import", html)
    addresses = [attrs[name] for _, attrs in seen.tags for name in ("src", "href") if name in attrs]
    assert addresses
    assert all(one is not None and one.startswith("#") for one in addresses)
    assert "default-src 'none'" in html


def test_what_a_partner_sent_is_text(seen: Seen) -> None:
    assert [tag for tag, _ in seen.tags].count("script") == 1
    assert "<script>alert(1)</script>" in "".join(seen.text)


def test_every_field_has_a_label_every_table_a_caption_and_every_reference_an_end(seen: Seen) -> None:
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    labels = {attrs.get("for") for tag, attrs in seen.tags if tag == "label"}
    fields = {attrs.get("id") for tag, attrs in seen.tags if tag in ("input", "select")}
    assert fields == labels
    tags = [tag for tag, _ in seen.tags]
    assert tags.count("caption") == tags.count("table")
    references = {str(attrs["href"])[1:] for _, attrs in seen.tags if "href" in attrs}
    references |= {str(attrs["aria-labelledby"]) for _, attrs in seen.tags if "aria-labelledby" in attrs}
    assert references <= set(ids)
    assert ("html", {"lang": "nl"}) in seen.tags


def test_a_page_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    with pytest.raises(Refused, match="cannot be written"):
        write_page(tmp_path / "map", REPORT)
    assert [one.name for one in tmp_path.iterdir()] == ["map"]
