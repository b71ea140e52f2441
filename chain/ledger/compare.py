"""The account as the view has it beside the account counted from the topics: what must be equal, and what must add up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from chain.ledger.recompute import Books
from topics.documents import Account
from topics.view.figures import AccountRow

OLDEST: Final = timedelta(minutes=15)
"""A raw receipt that no adapter opened for so long is an alert (DESIGN 7)."""


_NEVER: Final = "9999-12-31"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One partner and day, both ways. `verschil`: names of the figures that differ."""

    partner: str
    dag: str
    live: AccountRow
    herrekend: AccountRow
    verschil: tuple[str, ...] = ()

    @property
    def balances(self) -> bool:
        return all(row.aangenomen == sum(row.accounts.values()) for row in (self.live, self.herrekend))


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, by partner and day. `redenen`: why it is not right, in sentences; empty when it is."""

    lines: tuple[Line, ...]
    live: AccountRow
    herrekend: AccountRow
    redenen: tuple[str, ...]


def compare(
    live: Mapping[tuple[str, str], AccountRow],
    books: Mapping[tuple[str, str], Books],
    *,
    cut: bool,
    unopened_since: datetime | None,
    now: datetime,
) -> Comparison:
    """Both counts side by side. Pure.

    `unopened_since`: when the oldest raw receipt came in that no adapter opened. `cut`: raw records are gone from the
    topics, past their retention; of days up to the oldest one left only postings are compared then.
    """
    oldest = min((day for (_, day), found in books.items() if found.ontvangen), default=_NEVER)
    lines = tuple(
        _line(key, live.get(key, AccountRow()), _row(books.get(key, Books())), received=not cut or key[1] > oldest)
        for key in sorted(live.keys() | books.keys())
    )
    reasons = []
    for line in lines:
        at = f"{line.partner} {line.dag}"
        if line.verschil:
            reasons.append(f"{at}: live en herrekend verschillen in {', '.join(line.verschil)}")
        for name, row in (("live", line.live), ("herrekend", line.herrekend)):
            total = sum(row.accounts.values())
            if row.aangenomen != total:
                reasons.append(f"{at}: {name} {row.aangenomen} aangenomen maar {total} op de rekeningen")
    if unopened_since is not None and now - unopened_since > OLDEST:
        minutes = int((now - unopened_since).total_seconds() // 60)
        reasons.append(f"een ontvangst is na {minutes} minuten nog door geen adapter geopend (hoogstens 15)")
    return Comparison(
        lines=lines,
        live=_sum([line.live for line in lines]),
        herrekend=_sum([line.herrekend for line in lines]),
        redenen=tuple(reasons),
    )


def _line(key: tuple[str, str], live: AccountRow, counted: AccountRow, *, received: bool) -> Line:
    names = ("ontvangen", "ongeopend", "aangenomen") if received else ("aangenomen",)
    differ = [name for name in names if getattr(live, name) != getattr(counted, name)]
    differ += [
        account.value for account in Account if live.accounts.get(account, 0) != counted.accounts.get(account, 0)
    ]
    return Line(partner=key[0], dag=key[1], live=live, herrekend=counted, verschil=tuple(differ))


def _row(books: Books) -> AccountRow:
    return AccountRow(
        ontvangen=books.ontvangen,
        ongeopend=books.ongeopend,
        aangenomen=books.aangenomen,
        accounts={Account(name): count for name, count in books.accounts.items()},
    )


def _sum(rows: list[AccountRow]) -> AccountRow:
    total = AccountRow()
    for row in rows:
        total.ontvangen += row.ontvangen
        total.ongeopend += row.ongeopend
        total.aangenomen += row.aangenomen
        for account, count in row.accounts.items():
            total.accounts[account] = total.accounts.get(account, 0) + count
    return total
