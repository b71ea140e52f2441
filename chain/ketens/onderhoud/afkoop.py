"""Which periods of a contract that is bought off there are: whole ones, counted from the day that it begins. Pure."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from topics.documents.factuur import Afkoop, Periodelengte

MAANDEN: Final = {Periodelengte.MAAND: 1, Periodelengte.KWARTAAL: 3, Periodelengte.JAAR: 12}
_DAG: Final = timedelta(days=1)


def is_periode(afkoop: Afkoop, van: date, tot: date) -> bool:
    """Whether `van` up to and including `tot` is exactly one whole period of the contract, within its validity."""
    length, first = MAANDEN[afkoop.periode], afkoop.geldig_vanaf
    passed = (van.year - first.year) * 12 + van.month - first.month
    if passed % length or tot > afkoop.geldig_tot:
        return False
    return passed >= 0 and van == _verder(first, passed) and tot == _verder(first, passed + length) - _DAG


def _verder(dag: date, maanden: int) -> date:
    """The same day of the month so many months on, else the last of that month."""
    year, month = divmod(dag.year * 12 + dag.month - 1 + maanden, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(dag.day, monthrange(year, month + 1)[1]))
