"""The end of a dossier: what nobody can end or answer any more stays neither open nor standing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.ketens.onderhoud import Stomp
from tests.unit.chain.berichten import (
    AANNEMER,
    CORPORATIE,
    SLEUTEL,
    Bericht,
    Bus,
    gespeeld,
    op,
    opdracht,
    slot,
    status,
)
from tests.unit.chain.berichten import planning as gepland
from tests.unit.chain.dossiers import Keten, Zending, dag, klok, mutatie_sleutel, sleutel, stap
from tests.unit.chain.dossiers import opdracht as order
from tests.unit.chain.dossiers import status as gemeld
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, factuurstap
from tests.unit.chain.factuurketen import opdracht as besteld
from tests.unit.chain.test_delen import WEEK, A, sub
from tests.unit.chain.test_factuur_toeval import SOM, verhalen
from tests.unit.chain.toeval import VOORWAARDEN_ALLE
from topics.documents.factuur import Factuurstap
from topics.documents.keten import Doorlooptijd, Klok, Stand
from topics.documents.onderhoud import Mutatiestap
from topics.envelope import Envelope

GEMELD = opdracht("ma 10:00", voorwaarden=VOORWAARDEN_ALLE)
KLAAR = [GEMELD, status("ACC", "ma 11:00"), status("TGE", "di 10:00"), status("AGE", "wo 10:00")]
SLUIT = op("wo 10:05") + timedelta(days=91)
EEN, TWEE = order("A", 0, subnummer="1"), order("A", 0, subnummer="2", elementen=("deur",))


def tik(at: datetime) -> Bericht:
    return Bericht(Klok(tot=at), at, "clock")


def gesloten(*berichten: Bericht) -> Bus:
    """With a tick a day earlier, so that what stands then is known to stand."""
    bus = gespeeld([*berichten, tik(SLUIT - timedelta(days=2)), tik(SLUIT)])
    assert isinstance(bus.get(SLEUTEL), Stomp)
    return bus


def uitgebleven(found: list[Doorlooptijd]) -> set[str]:
    return {one.maat for one in found if one.uitgebleven is not None}


# measures of an order


def test_appointment_that_nobody_reported_is_uitgebleven_when_its_dossier_is_closed() -> None:
    opened, last = gesloten(*KLAAR).revisies("afspraak-gemaakt")
    assert (opened.revisie, opened.standnaam, last.revisie, last.standnaam) == (0, "open", 1, "uitgebleven")
    assert (last.uitgebleven, last.eind, last.deadline, last.te_laat) == (SLUIT, None, opened.deadline, False)
    assert last.bruto_seconden == (SLUIT - op("ma 10:00")) // timedelta(seconds=1)
    assert last.netto_seconden == 2 * 86_400, "the contract clock stands still from the AGE on"
    assert last.bewijs[0] == opened.bewijs[0]


def test_every_measure_that_is_open_is_uitgebleven_and_what_ended_keeps_its_end() -> None:
    bus = gesloten(*KLAAR)
    assert uitgebleven(bus.metingen) == {"afspraak-gemaakt", "eerste-bezoek", "facturatie", "gehele-keten"}
    for maat in ("acceptatie", "technisch-gereed", "administratief-gereed", "veiliggesteld"):
        assert bus.maat(maat).stand is Stand.GESLOTEN


def test_order_that_closed_without_tge_leaves_technisch_gereed_uitgebleven() -> None:
    bus = gesloten(GEMELD, status("AGE", "wo 10:00"))
    assert "technisch-gereed" in uitgebleven(bus.metingen)


@pytest.mark.parametrize("code", ["ANN", "WEI"])
def test_what_a_cancellation_or_refusal_ended_stays_vervallen(code: str) -> None:
    bus = gesloten(GEMELD, status(code, "wo 10:00", door=CORPORATIE if code == "ANN" else AANNEMER))
    assert uitgebleven(bus.metingen) == set()
    assert bus.maat("technisch-gereed").stand is Stand.VERVALLEN


def test_what_stood_still_when_it_was_left_says_since_when() -> None:
    """Its deadline was never reached, so that it is not missed either."""
    last = gesloten(GEMELD, status("OND+AFR", "ma 12:00"), status("AGE", "wo 10:00")).maat("technisch-gereed")
    assert (last.standnaam, last.gepauzeerd, last.stil_sinds) == ("uitgebleven", True, op("ma 12:00"))


def test_nothing_is_uitgebleven_while_a_message_may_still_end_it() -> None:
    bus = gespeeld([*KLAAR, tik(SLUIT - timedelta(days=2))])
    assert uitgebleven(bus.metingen) == set()
    late = gepland("ma 15:00", slot("afgesproken", "di 08:00"))
    bus.play(Bericht(late.document, SLUIT - timedelta(days=1), late.bron), tik(SLUIT))
    assert bus.maat("afspraak-gemaakt").stand is Stand.GESLOTEN
    bus.play(tik(SLUIT + timedelta(days=90)))
    assert "afspraak-gemaakt" not in uitgebleven(bus.metingen)


def test_what_comes_after_the_closing_changes_no_measure() -> None:
    bus = gesloten(*KLAAR)
    late, before = gepland("ma 15:00", slot("afgesproken", "di 08:00")), len(bus.metingen)
    bus.play(Bericht(late.document, SLUIT + timedelta(days=1), late.bron), tik(SLUIT + timedelta(days=2)))
    assert len(bus.metingen) == before
    assert [one.reden.value for one in bus.uitval] == ["onbekend-dossier"]


def test_last_revisions_are_of_the_tick_and_of_the_receipt_that_the_dossier_began_with() -> None:
    outputs = [Envelope.read(output.headers) for step in gesloten(*KLAAR).stappen[-2:] for output in step.outputs]
    assert {one.correlation_id for one in outputs} == {GEMELD.receipt}
    assert len({one.id for one in outputs}) == len(outputs) > 4


# its parts, its invoices, its vacancy


def test_every_part_says_what_of_it_is_uitgebleven_and_the_whole_for_itself() -> None:
    keten = Keten().speel(EEN, TWEE, gemeld("A", "TGE", 3, subnummer="1"))
    keten.speel(gemeld("A", "AGE", 4, subnummer="1"), gemeld("A", "AGE", 4, subnummer="2"), klok(95))
    key = sleutel("A")
    assert keten.maat(key, "technisch-gereed").uitgebleven == dag(95)
    assert keten.maat(key, "technisch-gereed", "1").stand is Stand.GESLOTEN
    assert keten.maat(key, "technisch-gereed", "2").uitgebleven == dag(95)
    assert [keten.maat(key, "afspraak-gemaakt", deel).standnaam for deel in "12"] == ["uitgebleven"] * 2


def test_invoice_that_nobody_told_to_be_paid_is_uitgebleven_and_so_is_the_whole_chain_of_its_order() -> None:
    keten = Facturen().speel(besteld("A", 0), gemeld("A", "TGE", 2), gemeld("A", "AGE", 3))
    keten.speel(factuur("F1", 4, Post("A", "100")), klok(367))
    invoice, key = factuur_sleutel("F1"), sleutel("A")
    assert keten.maat(invoice, "betaling").standnaam == keten.maat(key, "gehele-keten").standnaam == "open"
    keten.speel(klok(370))
    paid = keten.maat(invoice, "betaling")
    assert (paid.standnaam, paid.uitgebleven, paid.eind, paid.te_laat) == ("uitgebleven", dag(370), None, False)
    assert (paid.kalenderdagen, paid.bruto_seconden) == (366, (dag(370) - paid.begin) // timedelta(seconds=1))
    assert keten.maat(invoice, "beoordeling").stand is Stand.GESLOTEN
    assert keten.maat(key, "gehele-keten").uitgebleven == dag(370)
    assert keten.maat(key, "facturatie").stand is Stand.GESLOTEN


def test_settled_invoice_leaves_nothing_uitgebleven() -> None:
    keten = Facturen().speel(besteld("A", 0), gemeld("A", "TGE", 2), factuur("F1", 4, Post("A", "100")))
    keten.speel(factuurstap("F1", Factuurstap.BETAALD, 5), klok(200))
    invoice = factuur_sleutel("F1")
    assert [keten.maat(invoice, maat).stand for maat in ("beoordeling", "betaling")] == [Stand.GESLOTEN] * 2


def test_vacancy_of_which_the_delivery_was_never_told_says_so_when_it_is_closed() -> None:
    key = mutatie_sleutel("M1")
    keten = Keten().speel(stap("M1", Mutatiestap.SLEUTELS_IN, 5), stap("M1", Mutatiestap.SLEUTELS_UIT, 10), klok(101))
    last = keten.maat(key, "sleutels-in-opgeleverd")
    assert (last.revisie, last.uitgebleven, last.kalenderdagen) == (1, dag(101), 96)
    assert keten.maat(key, "sleutels-in-sleutels-uit").stand is Stand.GESLOTEN


# signals


def test_signals_that_stand_are_withdrawn_when_the_dossier_is_closed() -> None:
    bus = gespeeld([*KLAAR, status("AIN", "vr 10:00"), tik(SLUIT - timedelta(days=2))])
    standing = {(one.soort, one.maat) for one in bus.staand.values()}
    assert {("norm-overschreden", "afspraak-gemaakt"), ("beoordelen", None)} <= standing
    bus.play(tik(SLUIT + timedelta(days=3)))
    assert isinstance(bus.get(SLEUTEL), Stomp)
    assert bus.staand == {}


def test_signal_on_what_ended_too_late_is_withdrawn_and_the_measure_goes_on_to_say_it() -> None:
    bus = gespeeld([GEMELD, tik(op("do 00:00")), status("ACC", "do 11:00"), status("AGE", "do 12:00")])
    assert "acceptatie" in bus.te_laat
    bus.play(tik(SLUIT + timedelta(days=2)))
    assert bus.te_laat == []
    assert bus.maat("acceptatie").te_laat


def test_signals_of_an_invoice_and_of_a_vacancy_are_withdrawn_when_they_are_closed() -> None:
    keten = Facturen().speel(besteld("A", 0, som="50"), gemeld("A", "TGE", 2), factuur("F1", 3, Post("A", "70")))
    ahead = stap("M1", Mutatiestap.OPGELEVERD, 400)
    keten.speel(
        stap("M1", Mutatiestap.SLEUTELS_UIT, 10),
        replace(ahead, bericht=replace(ahead.bericht, bekend=dag(12))),
        klok(60),
    )
    invoice, vacancy = factuur_sleutel("F1"), mutatie_sleutel("M1")
    standing = {key: {one.id for one in keten.signalen(key)} for key in (invoice, vacancy)}
    assert all(standing.values())
    assert not any(one.ingetrokken for key in standing for one in keten.signalen(key))
    keten.speel(klok(500))
    for key, raised in standing.items():
        assert {one.id for one in keten.signalen(key) if one.ingetrokken} == raised


# whatever came, of whatever kind of dossier


def nothing_left(keten: Keten) -> set[str]:
    """Keys of what was closed. Of that nothing is open and no signal stands; of the rest nothing is uitgebleven."""
    last: dict[tuple[str, str, str | None], Doorlooptijd] = {}
    for one in keten.metingen():
        place = one.dossier, one.maat, one.subnummer
        assert place not in last or (last[place].uitgebleven, one.revisie) == (None, last[place].revisie + 1)
        last[place] = one
    closed = {key for key in keten.alle() if isinstance(keten.driver.state(key), Stomp)}
    for one in last.values():
        assert one.standnaam != ("open" if one.dossier in closed else "uitgebleven")
    for key in closed:
        standing = {one.id: one.ingetrokken for one in keten.signalen(key)}
        assert all(standing.values())
    return closed


@given(verhalen())
@settings(max_examples=40, deadline=None)
def test_orders_and_invoices_that_are_closed_leave_nothing_open_and_no_signal(verhaal: list[Zending]) -> None:
    keten = Facturen().speel(*verhaal, *(gemeld(one, "AGE", 20) for one in SOM), klok(30), klok(200))
    nothing_left(keten)
    keten.speel(klok(800), klok(801))
    assert nothing_left(keten) >= {sleutel(one) for one in SOM}


@given(st.permutations([*WEEK, sub("AGE", 6, "2")]))
@settings(max_examples=40, deadline=None)
def test_parts_that_are_closed_leave_nothing_open_and_no_signal(order: list[Zending]) -> None:
    keten = Keten().speel(*order, klok(40))
    nothing_left(keten)
    assert A in nothing_left(keten.speel(klok(200), klok(201)))
