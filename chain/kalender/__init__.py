"""Working days and working time of a contract's calendar, and moments as whole microseconds. Pure (see README)."""

from chain.kalender.compact import pack, unpack
from chain.kalender.kalender import Werkkalender
from chain.kalender.moment import SECONDE, UUR, day_of, end_of_day, micros, moment

__all__ = ["SECONDE", "UUR", "Werkkalender", "day_of", "end_of_day", "micros", "moment", "pack", "unpack"]
