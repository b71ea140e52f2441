"""What people who decide ask of the view."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from tests.integration.view.conftest import BASE, DOSSIER_KEY
from topics.catalogue.declarations import BESLUIT, BESLUITSTAND, log_topic
from topics.documents import Account, Moment, onderhoud
from topics.documents.besluit import Besluit, Besluitstand, Kop, Origineel, Toestand
from topics.documents.onderhoud import Kalender, Voorwaarden
from topics.view import decisions, search
from topics.view.fill import View

Later = Callable[[float], datetime]


def stand(brief: str, toestand: Toestand, **fields: object) -> Besluitstand:
    given: dict[str, object] = {
        "brief": brief,
        "toestand": toestand,
        "bijgewerkt": BASE,
        "soort": "stuur",
        "door": "Anna",
    }
    return Besluitstand(**(given | fields))  # type: ignore[arg-type]


def test_every_decision_is_kept_without_its_letter(view: View, reader: Engine, log: Any, later: Later) -> None:
    letter = Origineel(topic="t", partitie=0, positie=0, sleutel="k", koppen=(Kop("a", b"b"),), waarde=b"geheim")
    for number in (2, 1):
        besluit = Besluit(brief="b1", soort="stuur", door=f"p{number}", op=later(number), origineel=letter)
        log.document(BESLUIT, "b1", besluit, id=f"d{number}")
        log.document(BESLUIT, "b1", besluit, id=f"d{number}")
    log.give(view)
    found = decisions.history(reader, "b1")
    assert [(one.id, one.besluit.door, one.besluit.origineel) for one in found] == [
        ("d1", "p1", None),
        ("d2", "p2", None),
    ]
    assert decisions.history(reader, "b2") == []


def test_what_waits_is_found_by_its_set_and_the_last_stand_counts(view: View, reader: Engine, log: Any) -> None:
    for brief, reeks in (("b1", "ab_1"), ("b2", "ab_1"), ("b3", "abc1"), ("b4", None)):
        log.document(BESLUITSTAND, brief, stand(brief, Toestand.WACHT, reeks=reeks), id=f"s-{brief}")
    log.document(BESLUITSTAND, "b2", stand("b2", Toestand.DOORGESTUURD, reeks="ab_1"), id="s-later")
    log.give(view)
    assert [one.brief for one in decisions.waiting(reader, "ab_1")] == ["b1"]
    assert sorted(one.brief for one in decisions.waiting(reader)) == ["b1", "b3", "b4"]
    assert decisions.sets(reader, "ab_") == ["ab_1"]
    assert len(decisions.sets(reader, "ab")) == 2
    assert decisions.sets(reader, "%") == []
    found = decisions.stand(reader, "b2")
    assert found is not None
    assert found.toestand is Toestand.DOORGESTUURD
    assert decisions.stand(reader, "b9") is None


def test_a_part_failed_again_when_another_letter_of_it_is_open(view: View, reader: Engine, log: Any) -> None:
    log.letter("b1", "r1", "1")
    log.letter("b9", "r1", "2")
    log.document(BESLUITSTAND, "b1", stand("b1", Toestand.DOORGESTUURD), id="s1")
    log.give(view)
    assert not decisions.failed_again(reader, "r1", "1")
    log.letter("b2", "r1", "1")
    log.letter("b3", "r2")
    log.give(view)
    assert decisions.failed_again(reader, "r1", "1")
    assert decisions.failed_again(reader, "r2", "-")
    assert [letter.id for letter in search.letters(reader)] == ["b2", "b3", "b9"]


def test_orders_of_a_party_come_with_the_order_itself(view: View, reader: Engine, log: Any, later: Later) -> None:
    log.dossier()
    log.dossier(sleutel="onderhoud/opdracht/8712345000011/IN00002", opdrachtnummer="IN00002", bijgewerkt=later(5))
    log.dossier(sleutel="onderhoud/eenheid/8712345000011/VHE1", opdrachtnummer=None)
    log.dossier(sleutel="onderhoud/opdracht/8799999000016/IN00001", opdrachtgever="8799999000016", aannemer=None)
    opdracht = onderhoud.Opdracht(
        berichtnummer="O1", afzender="8712345000011", opdrachtgever="8712345000011", aannemer="8712345000028",
        opdrachtnummer="IN00001", verzonden=Moment(BASE), voorwaarden=Voorwaarden(profiel="x", kalender=Kalender()),
    )  # fmt: skip
    log.document(log_topic("onderhoud"), DOSSIER_KEY, opdracht, id="e1", receipt="r1", subject=DOSSIER_KEY, part="1")
    log.give(view)
    found = decisions.orders_of(reader, ["8712345000028"])
    assert [one.dossier.opdrachtnummer for one in found] == ["IN00002", "in 00001"]
    assert [one.opdracht for one in found] == [None, opdracht]
    assert decisions.orders_of(reader, []) == []


def test_only_what_was_applied_later_can_take_a_letters_place(
    view: View, reader: Engine, log: Any, later: Later
) -> None:
    for number, account in enumerate((Account.TOEGEPAST, Account.UITVAL, Account.TOEGEPAST)):
        receipt = f"r{number}"
        log.raw(receipt, "bouw")
        log.opened(receipt, 1, "bouw")
        log.moved(receipt, "1", Account.ONDERWEG, account, "bouw")
        log.status(f"s{number}", "TGE", known=later(number), receipt=receipt)
    log.give(view)
    found = decisions.applied_since(reader, "bouw", BASE)
    assert [(one.ontvangst, one.berichtnummer, one.dossier) for one in found] == [("r2", "s2", DOSSIER_KEY)]
    assert decisions.applied_since(reader, "wonen", BASE) == []
    assert decisions.accounts_of(reader, "r1") == {"1": Account.UITVAL}
