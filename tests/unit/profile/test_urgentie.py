"""The profile's rules for the urgency of an order that does not state it."""

from datetime import UTC, datetime, timedelta

import pytest

from topics.documents.onderhoud import Urgentie
from topics.profile.urgentie import derive, split_rule

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
RULES = {
    "contract:SPOED": Urgentie.SPOED,
    "prijscode:N1": Urgentie.SPOED,
    "gereed-binnen:24": Urgentie.SPOED,
    "gereed-binnen:72": Urgentie.URGENT,
}


def urgency(contract: str | None = None, codes: tuple[str, ...] = (), hours: int | None = None) -> Urgentie | None:
    due = None if hours is None else AT + timedelta(hours=hours)
    return derive(RULES, contract=contract, prijscodes=codes, datum=AT, gereed_uiterlijk=due)


def test_each_form_of_rule_fits_what_it_names() -> None:
    assert urgency(contract="SPOED") is Urgentie.SPOED
    assert urgency(codes=("X", "N1")) is Urgentie.SPOED
    assert urgency(hours=24) is Urgentie.SPOED
    assert urgency(hours=25) is Urgentie.URGENT
    assert urgency(hours=72) is Urgentie.URGENT


def test_nothing_follows_when_no_rule_fits() -> None:
    assert urgency() is None
    assert urgency(contract="spoed", codes=("N10",), hours=73) is None


def test_the_first_rule_that_fits_holds() -> None:
    reversed_rules = dict(reversed(RULES.items()))
    found = derive(reversed_rules, contract=None, prijscodes=(), datum=AT, gereed_uiterlijk=AT + timedelta(hours=2))
    assert found is Urgentie.URGENT


@pytest.mark.parametrize("rule", ["", "contract", "contract:", "kleur:rood", "gereed-binnen:twee", "gereed-binnen:0"])
def test_a_rule_of_no_known_form_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        split_rule(rule)
