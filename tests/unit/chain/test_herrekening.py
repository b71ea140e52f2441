"""The rules agree with the plain recomputation of `herrekening`, to the second and the working day."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chain.kalender import Werkkalender, micros
from chain.kengetallen import Cijfers, Laatste, Periode, cijfers
from chain.ketens.onderhoud import Stomp
from tests.unit.chain import herrekening as plain
from tests.unit.chain.berichten import KALENDER, SLEUTEL, Bericht, Bus, gespeeld, klok
from tests.unit.chain.toeval import BEGIN, as_it_happened, dossiers
from tests.unit.chain.verloop import loop
from topics.documents.keten import Doorlooptijd, Klok, Stand

GESLOTEN = BEGIN + timedelta(days=120)


def published(bus: Bus) -> dict[str, plain.Meting]:
    """The last revision of every measure that stands."""
    found: dict[str, Doorlooptijd] = {}
    for revision in bus.metingen:
        found[revision.maat] = revision
    return {name: _as_plain(last) for name, last in found.items() if last.stand is not Stand.INGETROKKEN}


def _as_plain(found: Doorlooptijd) -> plain.Meting:
    begin, end, deadline = _utc(found.begin), found.eind, found.deadline
    limit = None if deadline is None else _utc(deadline)
    if end is None and found.uitgebleven is None:
        return plain.Meting(found.standnaam, begin, None, limit, found.gepauzeerd)
    return plain.Meting(
        found.standnaam,
        begin,
        None if end is None else _utc(end),
        limit,
        found.gepauzeerd,
        found.bruto_seconden,
        found.netto_seconden,
        found.werkdagen,
        {who.value: span for who, span in found.aan_zet_seconden.items()},
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


@given(dossiers().flatmap(lambda found: st.permutations(found) | st.just(as_it_happened(found))))
@settings(max_examples=250, deadline=None)
def test_measures_are_those_of_the_plain_recomputation(found: list[Bericht]) -> None:
    bus = gespeeld(found)
    zaak = loop(found)
    assert published(bus) == plain.metingen(found)
    dossier = bus.dossier
    assert dossier.aan_zet is not None
    assert (dossier.aan_zet.value, dossier.klok_loopt) == (zaak.stukken[-1].wie, zaak.stukken[-1].loopt)
    assert (dossier.bezoeken, dossier.heropend) == (len(zaak.bezoeken), zaak.heropeningen)


def lang_erna() -> Bericht:
    """A tick long after a dossier may have been closed."""
    return Bericht(Klok(tot=GESLOTEN), GESLOTEN, "clock")


@given(dossiers().flatmap(lambda found: st.permutations(found) | st.just(as_it_happened(found))))
@settings(max_examples=150, deadline=None)
def test_measures_of_a_closed_dossier_are_those_of_the_plain_recomputation(found: list[Bericht]) -> None:
    bus = gespeeld([*found, klok("++zo 00:00")])
    written = len(bus.metingen)
    bus.play(lang_erna())
    ended = loop(found).einde is not None
    assert isinstance(bus.get(SLEUTEL), Stomp) is ended
    assert published(bus) == plain.metingen(found, GESLOTEN if ended else None)
    assert len(bus.metingen) == written + sum(one.stand == "uitgebleven" for one in published(bus).values())
    if ended:
        assert bus.staand == {}


CALENDAR = Werkkalender(KALENDER)


def counted(bus: Bus, peil: datetime) -> dict[str, Cijfers]:
    """Figures of each measure, without net time: that of what is open goes on up to `peil`, that of what is closed stood
    still from the end of status traffic on."""
    last = Laatste()
    for revision in bus.metingen:
        last.take(revision)
    found = {}
    for groep, one in last.intervals():
        whole = cijfers([one], Periode(), micros(peil), lambda one, at: CALENDAR.working_days(one.begin, at))
        found[groep.maat] = replace(whole, netto=whole.uren)
    return found


@given(dossiers().flatmap(lambda found: st.permutations(found) | st.just(as_it_happened(found))))
@settings(max_examples=100, deadline=None)
def test_closing_a_dossier_changes_no_figure_and_nothing_of_it_ages_after(found: list[Bericht]) -> None:
    bus = gespeeld(found)
    before, later = counted(bus, GESLOTEN), counted(bus, GESLOTEN + timedelta(days=400))
    bus.play(lang_erna())
    if not isinstance(bus.get(SLEUTEL), Stomp):
        return
    after, still = counted(bus, GESLOTEN), counted(bus, GESLOTEN + timedelta(days=400))
    assert after == {maat: replace(one, open=0, uitgebleven=one.open) for maat, one in before.items()}
    for maat, one in still.items():
        assert (one.gevallen, one.gehaald) == (later[maat].gevallen, later[maat].gehaald)
        assert one == replace(after[maat], gevallen=one.gevallen)
