"""Key figures of lead times, from intervals alone: cohorts, censored quantiles, within norm. Pure (see README).

Both the command `doorlooptijden` and the KPIs per period count with this room, so that one question has one answer.
"""

from chain.kengetallen.cijfers import Cijfers, Kwantielen, Periode, Som, cijfers, met_norm
from chain.kengetallen.herziening import Groep, Laatste, groep_of, interval_of
from chain.kengetallen.interval import Interval
from chain.kengetallen.pak import Gepakt, Meting, Paar, Pakker
from chain.kengetallen.rollend import Vensterbeeld, vensterbeeld
from chain.kengetallen.survival import Quantile, Survival
from chain.kengetallen.telling import Telling
from chain.kengetallen.tijdvak import VENSTERS, Tijdvak, venster

__all__ = [
    "VENSTERS",
    "Cijfers",
    "Gepakt",
    "Groep",
    "Interval",
    "Kwantielen",
    "Laatste",
    "Meting",
    "Paar",
    "Pakker",
    "Periode",
    "Quantile",
    "Som",
    "Survival",
    "Telling",
    "Tijdvak",
    "Vensterbeeld",
    "cijfers",
    "groep_of",
    "interval_of",
    "met_norm",
    "venster",
    "vensterbeeld",
]
