"""What goes with a measure besides its interval: the tenant's t0, whether it was late, the urgency (ONDERHOUD 2)."""

from tests.unit.chain.berichten import dag, gespeeld, op, opdracht, status
from topics.documents import Moment

# t0 huurder: the date of the tenant's report when known, else the order's


def test_t0_huurder_is_the_tenants_report_when_it_is_known() -> None:
    bus = gespeeld([opdracht("ma 10:00", gemeld=Moment(op("ma 07:15"))), status("ACC", "ma 11:00")])
    assert bus.maat("acceptatie").begin_huurder == op("ma 07:15")
    assert bus.maat("acceptatie").begin == op("ma 10:00")


def test_t0_huurder_is_the_orders_date_without_a_report() -> None:
    bus = gespeeld([opdracht("ma 10:00", datum=Moment(op("ma 08:00")))])
    assert bus.maat("technisch-gereed").begin_huurder == op("ma 08:00")
    assert gespeeld([opdracht("ma 10:00")]).maat("technisch-gereed").begin_huurder is None


def test_t0_huurder_of_a_day_without_time_is_known_when_that_is_earlier_than_its_end() -> None:
    bus = gespeeld([opdracht("ma 10:00", gemeld=dag("ma"))])
    assert bus.maat("technisch-gereed").begin_huurder is None


def test_report_that_a_change_tells_later_is_published_as_a_revision() -> None:
    bus = gespeeld([opdracht("ma 10:00"), opdracht("di 10:00", "O2", gemeld=Moment(op("ma 07:15")))])
    assert [one.begin_huurder for one in bus.revisies("acceptatie")] == [None, op("ma 07:15")]


def test_measure_that_does_not_begin_with_the_order_has_no_t0_huurder() -> None:
    bus = gespeeld([opdracht("ma 10:00", gemeld=Moment(op("ma 07:15"))), status("TGE", "di 11:00")])
    assert bus.maat("administratief-gereed").begin_huurder is None


# binnen norm: deadline and late


def test_measure_that_ended_after_its_deadline_is_te_laat() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("ACC", "wo 00:00"), status("TGE", "+ma 23:59")])
    assert (bus.maat("acceptatie").te_laat, bus.maat("technisch-gereed").te_laat) == (True, False)


# urgency


def test_urgency_that_nobody_named_is_regulier_afgeleid() -> None:
    bus = gespeeld([opdracht(afgeleid=True)])
    assert (bus.dossier.urgentie, bus.maat("acceptatie").urgentie) == ("regulier (afgeleid)", "regulier (afgeleid)")
    assert gespeeld([opdracht()]).maat("acceptatie").urgentie == "regulier"


def test_change_that_names_the_urgency_relabels_the_measures() -> None:
    bus = gespeeld([opdracht(afgeleid=True), opdracht("di 10:00", "O2")])
    assert [one.urgentie for one in bus.revisies("acceptatie")] == ["regulier (afgeleid)", "regulier"]
