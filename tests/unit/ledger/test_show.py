"""What a person sees of the account: what is wrong and the sum, and the rest when asked for."""

import pytest

from chain.ledger.command import show
from chain.ledger.compare import Comparison, compare
from chain.ledger.recompute import Books
from topics.clock.source import RealTime
from topics.documents import Account
from topics.view.figures import AccountRow


def comparison(*, wrong: bool) -> Comparison:
    """Two partners with two applied parts each, and one of them with one too few in the view."""
    live = {
        ("bouw", "2026-03-02"): AccountRow(ontvangen=1, aangenomen=2, accounts={Account.TOEGEPAST: 2}),
        ("wonen", "2026-03-03"): AccountRow(ontvangen=1, aangenomen=2, accounts={Account.TOEGEPAST: 1 if wrong else 2}),
    }
    books = {key: Books(ontvangen=1, aangenomen=2) for key in live}
    for one in books.values():
        one.accounts["toegepast"] = 2
    return compare(live, books, cut=False, unopened_since=None, now=RealTime().now())


def test_what_is_right_is_only_in_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    show(comparison(wrong=False))
    shown = capsys.readouterr().out
    assert "bouw" not in shown
    assert "totaal" in shown
    assert "2 keer partner en dag zonder verschil niet getoond (--alles)" in shown
    assert "aangenomen 4 = toegepast 4" in shown


def test_what_differs_is_shown_with_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    show(comparison(wrong=True))
    out, said = capsys.readouterr()
    assert "wonen" in out
    assert "bouw" not in out
    assert "wonen 2026-03-03: live en herrekend verschillen in toegepast" in " ".join(said.split())


def test_everything_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    show(comparison(wrong=False), alles=True)
    shown = capsys.readouterr().out
    assert "bouw" in shown
    assert "wonen" in shown
    assert "niet getoond" not in shown
