"""Whole stories, from the first message to the last figure, as everything that was published tells them."""

from datetime import datetime

import pytest

from tests.unit.chain.berichten import AMSTERDAM, CORPORATIE, Bericht, Bus, gespeeld, klok, opdracht, status
from topics.documents.keten import Doorlooptijd

DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
ORDER = opdracht("ma 10:00")

STORIES: dict[str, tuple[list[Bericht], str]] = {
    "happy": (
        [
            ORDER,
            status("REG", "ma 10:30", door=CORPORATIE),
            status("ACC", "ma 11:00"),
            status("TGE", "wo 15:00"),
            status("AGE", "do 09:00"),
            klok("++zo 00:00"),
        ],
        """
        administratief-gereed, do 09:00, aan zet niemand
        acceptatie 0 open vanaf ma 10:00, deadline di 23:59
        technisch-gereed 0 open vanaf ma 10:00, deadline ma 23:59
        afspraak-gemaakt 0 open vanaf ma 10:00
        eerste-bezoek 0 open vanaf ma 10:00
        veiliggesteld 0 open vanaf ma 10:00
        gehele-keten 0 open vanaf ma 10:00
        acceptatie 1 gesloten ma 10:00 tot ma 11:00, bruto 1.0 netto 1.0 uur, werkdagen 0
        technisch-gereed 1 gesloten ma 10:00 tot wo 15:00, bruto 53.0 netto 53.0 uur, werkdagen 2
        administratief-gereed 0 open vanaf wo 15:00, deadline vr 15:00
        veiliggesteld 1 gesloten ma 10:00 tot wo 15:00, bruto 53.0 netto 53.0 uur, werkdagen 2
        meldvertraging 0 gesloten wo 15:00 tot wo 15:05, bruto 0.1 netto 0.1 uur, werkdagen 0
        facturatie 0 open vanaf wo 15:00
        administratief-gereed 1 gesloten wo 15:00 tot do 09:00, bruto 18.0 netto 18.0 uur, werkdagen 1
        """,
    ),
    "reopened": (
        [
            ORDER,
            status("ACC", "ma 11:00"),
            status("TGE", "di 10:00"),
            status("REV", "di 16:00", door=CORPORATIE),
            status("TGE", "wo 12:00"),
            status("AGE", "wo 13:00"),
        ],
        """
        administratief-gereed, wo 13:00, aan zet niemand
        acceptatie 0 open vanaf ma 10:00, deadline di 23:59
        technisch-gereed 0 open vanaf ma 10:00, deadline ma 23:59
        afspraak-gemaakt 0 open vanaf ma 10:00
        eerste-bezoek 0 open vanaf ma 10:00
        veiliggesteld 0 open vanaf ma 10:00
        gehele-keten 0 open vanaf ma 10:00
        acceptatie 1 gesloten ma 10:00 tot ma 11:00, bruto 1.0 netto 1.0 uur, werkdagen 0
        technisch-gereed 1 gesloten ma 10:00 tot di 10:00, bruto 24.0 netto 24.0 uur, werkdagen 1
        administratief-gereed 0 open vanaf di 10:00, deadline do 10:00
        veiliggesteld 1 gesloten ma 10:00 tot di 10:00, bruto 24.0 netto 24.0 uur, werkdagen 1
        meldvertraging 0 gesloten di 10:00 tot di 10:05, bruto 0.1 netto 0.1 uur, werkdagen 0
        facturatie 0 open vanaf di 10:00
        technisch-gereed 2 open vanaf ma 10:00, deadline ma 23:59
        administratief-gereed 1 ingetrokken vanaf di 10:00
        meldvertraging 1 ingetrokken vanaf di 10:00
        facturatie 1 ingetrokken vanaf di 10:00
        technisch-gereed 3 gesloten ma 10:00 tot wo 12:00, bruto 50.0 netto 50.0 uur, werkdagen 2
        administratief-gereed 2 open vanaf wo 12:00, deadline vr 12:00
        meldvertraging 2 gesloten wo 12:00 tot wo 12:05, bruto 0.1 netto 0.1 uur, werkdagen 0
        facturatie 2 open vanaf wo 12:00
        administratief-gereed 3 gesloten wo 12:00 tot wo 13:00, bruto 1.0 netto 1.0 uur, werkdagen 0
        """,
    ),
    "refused": (
        [ORDER, status("WEI", "ma 15:00"), status("AIN", "ma 16:00"), klok("++zo 00:00")],
        """
        geweigerd, ma 15:00, aan zet niemand, 1 buiten beschouwing
        acceptatie 0 open vanaf ma 10:00, deadline di 23:59
        technisch-gereed 0 open vanaf ma 10:00, deadline ma 23:59
        afspraak-gemaakt 0 open vanaf ma 10:00
        eerste-bezoek 0 open vanaf ma 10:00
        veiliggesteld 0 open vanaf ma 10:00
        gehele-keten 0 open vanaf ma 10:00
        acceptatie 1 gesloten ma 10:00 tot ma 15:00, bruto 5.0 netto 5.0 uur, werkdagen 0
        technisch-gereed 1 vervallen ma 10:00 tot ma 15:00, bruto 5.0 netto 5.0 uur, werkdagen 0
        afspraak-gemaakt 1 vervallen ma 10:00 tot ma 15:00, bruto 5.0 netto 5.0 uur, werkdagen 0
        eerste-bezoek 1 vervallen ma 10:00 tot ma 15:00, bruto 5.0 netto 5.0 uur, werkdagen 0
        veiliggesteld 1 vervallen ma 10:00 tot ma 15:00, bruto 5.0 netto 5.0 uur, werkdagen 0
        gehele-keten 1 vervallen ma 10:00 tot ma 15:00, bruto 5.0 netto 5.0 uur, werkdagen 0
        beoordelen
        """,
    ),
    "cancelled": (
        [
            ORDER,
            status("ACC", "ma 11:00"),
            status("OND+BNT", "di 09:00"),
            status("VAN", "wo 09:00", door=CORPORATIE),
            klok("+wo 00:00"),
            status("ANN", "+wo 09:00"),
        ],
        """
        geannuleerd, wo 09:00, aan zet niemand
        acceptatie 0 open vanaf ma 10:00, deadline di 23:59
        technisch-gereed 0 open vanaf ma 10:00, deadline ma 23:59
        afspraak-gemaakt 0 open vanaf ma 10:00
        eerste-bezoek 0 open vanaf ma 10:00
        veiliggesteld 0 open vanaf ma 10:00
        gehele-keten 0 open vanaf ma 10:00
        acceptatie 1 gesloten ma 10:00 tot ma 11:00, bruto 1.0 netto 1.0 uur, werkdagen 0
        technisch-gereed 1 open vanaf ma 10:00, deadline ma 23:59, gepauzeerd
        afspraak-gemaakt 1 open vanaf ma 10:00, gepauzeerd
        eerste-bezoek 1 open vanaf ma 10:00, gepauzeerd
        veiliggesteld 1 open vanaf ma 10:00, gepauzeerd
        gehele-keten 1 open vanaf ma 10:00, gepauzeerd
        technisch-gereed 2 open vanaf ma 10:00, deadline di 23:59
        afspraak-gemaakt 2 open vanaf ma 10:00
        eerste-bezoek 2 open vanaf ma 10:00
        veiliggesteld 2 open vanaf ma 10:00
        annulering 0 open vanaf wo 09:00
        gehele-keten 2 open vanaf ma 10:00
        technisch-gereed 3 vervallen ma 10:00 tot wo 09:00, bruto 215.0 netto 191.0 uur, werkdagen 7
        afspraak-gemaakt 3 vervallen ma 10:00 tot wo 09:00, bruto 215.0 netto 191.0 uur, werkdagen 7
        eerste-bezoek 3 vervallen ma 10:00 tot wo 09:00, bruto 215.0 netto 191.0 uur, werkdagen 7
        veiliggesteld 3 vervallen ma 10:00 tot wo 09:00, bruto 215.0 netto 191.0 uur, werkdagen 7
        annulering 1 gesloten wo 09:00 tot wo 09:00, bruto 168.0 netto 168.0 uur, werkdagen 5
        gehele-keten 3 vervallen ma 10:00 tot wo 09:00, bruto 215.0 netto 191.0 uur, werkdagen 7
        norm-overschreden technisch-gereed
        norm-overschreden technisch-gereed ingetrokken
        """,
    ),
    "late fact revises": (
        [
            ORDER,
            status("ACC", "ma 11:00"),
            status("TGE", "+di 10:00"),
            klok("+di 12:00"),
            status("OND+AVW", "wo 10:00", bekend="+di 13:00"),
            status("REA", "do 10:00", bekend="+di 14:00", door=CORPORATIE),
        ],
        """
        technisch-gereed, do 10:00, aan zet aannemer
        acceptatie 0 open vanaf ma 10:00, deadline di 23:59
        technisch-gereed 0 open vanaf ma 10:00, deadline ma 23:59
        afspraak-gemaakt 0 open vanaf ma 10:00
        eerste-bezoek 0 open vanaf ma 10:00
        veiliggesteld 0 open vanaf ma 10:00
        gehele-keten 0 open vanaf ma 10:00
        acceptatie 1 gesloten ma 10:00 tot ma 11:00, bruto 1.0 netto 1.0 uur, werkdagen 0
        technisch-gereed 1 gesloten ma 10:00 tot di 10:00, bruto 192.0 netto 192.0 uur, werkdagen 6
        administratief-gereed 0 open vanaf di 10:00, deadline do 10:00
        veiliggesteld 1 gesloten ma 10:00 tot di 10:00, bruto 192.0 netto 192.0 uur, werkdagen 6
        meldvertraging 0 gesloten di 10:00 tot di 10:05, bruto 0.1 netto 0.1 uur, werkdagen 0
        facturatie 0 open vanaf di 10:00
        technisch-gereed 2 gesloten ma 10:00 tot di 10:00, bruto 192.0 netto 48.0 uur, werkdagen 6
        veiliggesteld 2 gesloten ma 10:00 tot di 10:00, bruto 192.0 netto 48.0 uur, werkdagen 6
        technisch-gereed 3 gesloten ma 10:00 tot di 10:00, bruto 192.0 netto 168.0 uur, werkdagen 6
        veiliggesteld 3 gesloten ma 10:00 tot di 10:00, bruto 192.0 netto 168.0 uur, werkdagen 6
        beoordelen
        """,
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_story_is_told_as_written(name: str) -> None:
    messages, expected = STORIES[name]
    assert told(gespeeld(messages)) == [line.strip() for line in expected.strip().splitlines()]


def told(bus: Bus) -> list[str]:
    dossier = bus.dossier
    outside = f", {len(dossier.buiten_beschouwing)} buiten beschouwing" if dossier.buiten_beschouwing else ""
    since, who = clock(dossier.aan_zet_sinds), dossier.aan_zet.value if dossier.aan_zet else "-"
    lines = [f"{dossier.toestand}, {since}, aan zet {who}{outside}"]
    lines += [line(revision) for revision in bus.metingen]
    withdrawn = {True: " ingetrokken", False: ""}
    for signal in bus.signalen:
        maat = f" {signal.maat}" if signal.maat else ""
        lines.append(f"{signal.soort}{maat}{withdrawn[signal.ingetrokken]}")
    return lines


def line(found: Doorlooptijd) -> str:
    head = f"{found.maat} {found.revisie} {found.stand.value}"
    if found.eind is None:
        deadline = f", deadline {clock(found.deadline)}" if found.deadline else ""
        return f"{head} vanaf {clock(found.begin)}{deadline}{', gepauzeerd' if found.gepauzeerd else ''}"
    assert found.bruto_seconden is not None
    assert found.netto_seconden is not None
    hours = f"bruto {found.bruto_seconden / 3600:.1f} netto {found.netto_seconden / 3600:.1f} uur"
    return f"{head} {clock(found.begin)} tot {clock(found.eind)}, {hours}, werkdagen {found.werkdagen}"


def clock(at: datetime | None) -> str:
    assert at is not None
    local = at.astimezone(AMSTERDAM)
    return f"{DAYS[local.weekday()]} {local:%H:%M}"
