"""Key figures of lead times, from intervals alone: cohorts, censored quantiles, within norm. Pure (see README).

Both the command `doorlooptijden` and the KPIs per period count with this room, so that one question has one answer.
"""

from chain.kengetallen.cijfers import Cijfers, Kwantielen, Periode, cijfers, met_norm
from chain.kengetallen.herziening import Groep, Laatste, groep_of, interval_of
from chain.kengetallen.interval import Interval
from chain.kengetallen.survival import Quantile, Survival

__all__ = [
    "Cijfers",
    "Groep",
    "Interval",
    "Kwantielen",
    "Laatste",
    "Periode",
    "Quantile",
    "Survival",
    "cijfers",
    "groep_of",
    "interval_of",
    "met_norm",
]
