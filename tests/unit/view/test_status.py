"""The rule by which a message shows one of its parts' accounts, for any mixture of parts."""

from hypothesis import given
from hypothesis import strategies as st

from topics.documents import Account
from topics.view.status import LEAST_FINISHED, PartStatus, complete, least_finished

ORDER = (Account.ONDERWEG, Account.WACHTEND, Account.UITVAL)


def parts(*accounts: Account) -> list[PartStatus]:
    return [PartStatus(deel=str(n), account=a, definitief=a.final) for n, a in enumerate(accounts, 1)]


def test_every_account_has_a_place_and_the_unfinished_come_first() -> None:
    assert set(LEAST_FINISHED) == set(Account)
    assert LEAST_FINISHED[:3] == ORDER
    assert not any(account.final for account in LEAST_FINISHED[:3])


@given(st.lists(st.sampled_from(list(Account)), min_size=1, max_size=6), st.integers(0, 4))
def test_all_parts_are_listed_once_and_the_least_finished_shows(accounts: list[Account], unknown: int) -> None:
    listed = complete(parts(*accounts), len(accounts) + unknown)
    assert [part.deel for part in listed] == [str(n) for n in range(1, len(accounts) + unknown + 1)]
    present = set(accounts) | ({Account.ONDERWEG} if unknown else set())
    expected = next((account for account in ORDER if account in present), None)
    shown = least_finished(listed)
    assert shown in present
    assert expected is None or shown is expected


def test_a_part_whose_name_is_no_number_takes_one_place() -> None:
    whole = [PartStatus(deel="-", account=Account.UITVAL, definitief=False)]
    assert complete(whole, 1) == tuple(whole)


def test_a_receipt_that_is_not_opened_has_no_parts() -> None:
    assert complete([], None) == ()
    assert least_finished(()) is Account.ONDERWEG
