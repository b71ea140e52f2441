"""Expressions that more than one board asks, so that one word is one figure everywhere."""

from typing import Final

from chain.dashboards.choices import KETEN, MEASURE, PAIR, WINDOW

OPEN_ORDER: Final = 'soort="opdracht",toestand!~"wachtend|geweigerd|geannuleerd|administratief-gereed"'
"""An order that is known and that somebody still works on; the others have ended, or only their messages came."""

DAY: Final = 86400
"""Seconds. A quantile of nothing is NaN, which `>= 0` leaves out."""

RUNNING: Final = f"ketenbus_dossiers{{{PAIR},{OPEN_ORDER}}}"
LATE: Final = f"ketenbus_open_te_laat{{{PAIR}}}"
SIGNALS: Final = f"ketenbus_signalen_open{{{PAIR}}}"
EUROS: Final = f"ketenbus_factuur_euros{{{PAIR}}}"


def total(series: str, by: str = "") -> str:
    """The sum over processes, partitions and whatever is not named in `by`."""
    return f"sum by ({by}) ({series})" if by else f"sum({series})"


def within_norm(by: str = "", chosen: str = WINDOW) -> str:
    """Of the deadlines that passed in the window, the share that was met; `chosen` are the selectors."""
    met = total(f'ketenbus_deadlines{{{chosen},uitkomst="gehaald"}}', by)
    return f"{_over(met, total(f'ketenbus_deadlines{{{chosen}}}', by))}"


def deadlines(outcome: str, by: str, chosen: str = WINDOW) -> str:
    """Deadlines that passed in the window with this outcome, of what had any."""
    found = total(f'ketenbus_deadlines{{{chosen},uitkomst="{outcome}"}}', by)
    return f"{found} and on ({by}) ({total(f'ketenbus_deadlines{{{chosen}}}', by)} > 0)"


def by_the_bus(chosen: str, by: str = "") -> str:
    """Of what came to rest or waits for a person, the share that no person had to look at."""
    bus = total(f'ketenbus_delen_behandeld{{{chosen},door="bus"}}', by)
    waiting = f'ketenbus_rekening_delen{{{chosen},rekening="uitval"}}'
    return _over(bus, total(f"ketenbus_delen_behandeld{{{chosen}}} or {waiting}", by))


def disputed(by: str = "") -> str:
    """Of all money of known invoices, the share that is disputed."""
    part = total(f'ketenbus_factuur_euros{{{PAIR},stand="betwist"}}', by)
    return _over(part, total(EUROS, by))


def quantile(share: float, by: str = "", chosen: str = MEASURE) -> str:
    """Days within which `share` ended, estimated from the classes of everything that is chosen together."""
    labels = f"le,{by}" if by else "le"
    spread = total(f"ketenbus_doorlooptijd_seconds_bucket{{{chosen}}}", labels)
    return f"histogram_quantile({share}, {spread}) / {DAY} >= 0"


def censored(share: str, by: str, chosen: str = MEASURE) -> str:
    """Days within which `share` ended of one pair and measure, with what is still open counted in (Kaplan-Meier).

    Nothing where it lies beyond what was seen: that is told as infinite, which no axis can show.
    """
    return f'max by ({by}) (ketenbus_doorlooptijd_kwantiel_seconds{{{chosen},kwantiel="{share}"}}) / {DAY} < Inf'


def open_age(share: float, by: str = "", more: str = "") -> str:
    """Days that `share` of what is open is not older than."""
    labels = f"le,{by}" if by else "le"
    spread = total(f"ketenbus_open_leeftijd_seconds_bucket{{{KETEN}{more}}}", labels)
    return f"histogram_quantile({share}, {spread}) / {DAY} >= 0"


def aan_zet(party: str, by: str, chosen: str = WINDOW) -> str:
    """Of the time that what ended in the window took, the share that `party` was aan zet."""
    part = total(f'ketenbus_aan_zet_seconds{{{chosen},aan_zet="{party}"}}', by)
    return _over(part, total(f"ketenbus_aan_zet_seconds{{{chosen}}}", by))


def _over(part: str, whole: str) -> str:
    """Nothing where the whole is nothing: a share of nothing is no 0 %."""
    return f"({part}) / (({whole}) > 0)"
