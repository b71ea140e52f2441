"""From the texts of an OrderResponse to Berichten: its status, and the moments that it proposes."""

from datetime import datetime, timedelta
from typing import Final

from adapters.formats.findings import fout, quoted, waarschuwing
from adapters.formats.insbou import order
from adapters.formats.insbou.values import Values
from adapters.formats.insbou.version import ORDER, RESPONSE
from adapters.formats.insbou.walk import Texts, Walk
from adapters.formats.moments import local
from adapters.message import Bericht, PlanningInhoud, Soort, StatusInhoud
from topics.accounts import AMSTERDAM
from topics.documents import Moment
from topics.documents.onderhoud import Slot, Slotsoort

_HEAD: Final = f"/{RESPONSE}"
_UNCHANGED: Final = "5"
"""ActionDescriptionType of a line that is accepted as it was."""

PLANNING: Final = "#planning"
"""After the number of a response that holds both, for the message that its proposals become."""


def berichten(walk: Walk, values: Values) -> list[Bericht]:
    """A status, a planning, or first the one and then the other; none when there is neither (a finding says so)."""
    head = walk.head
    number, sent = head["OrderResponseNumber"], values.moment(head, "OrderResponseDate", "OrderResponseTime", _HEAD)
    if sent is None:
        tekst = (
            f"Veld OrderResponseDate: gevonden {quoted(head['OrderResponseDate'])}, verwacht de datum van het antwoord."
        )
        values.findings.append(fout("antwoord-zonder-datum", f"{_HEAD}/OrderResponseDate", tekst, values.bron))
        return []
    made: list[Bericht] = []
    code = head.get("StatusCode")
    if code is not None:
        _lines(walk, values, code)
        status = StatusInhoud(eigen=code, gebeurd=sent, eigen_detail=head.get("StatusDetailCode"))
        made.append(_bericht(walk, Soort.STATUS, number, sent, status))
    slots = tuple([slot for one in _spots(walk) if (slot := _slot(values, *one)) is not None])
    if slots:
        planning = PlanningInhoud(gebeurd=sent, sloten=slots)
        own = f"{number}{PLANNING}" if made else number
        made.append(_bericht(walk, Soort.PLANNING, own, sent, planning, {} if made else walk.personen))
    if not made:
        tekst = "Veld StatusCode: niet gevonden, en geen voorstel voor een moment; verwacht een van beide."
        values.findings.append(fout("antwoord-leeg", f"{_HEAD}/StatusCode", tekst, values.bron))
    return made


def where(canonical: str) -> str:
    """The XPath of a canonical path, for the checks."""
    return order.where(canonical).replace(f"/{ORDER}/", f"{_HEAD}/", 1)


def _bericht(
    walk: Walk,
    soort: Soort,
    number: str,
    sent: Moment,
    inhoud: StatusInhoud | PlanningInhoud,
    personen: Texts | None = None,
) -> Bericht:
    return Bericht(
        soort=soort,
        berichtnummer=number,
        opdrachtnummer=walk.head["BuyersOrderNumber"],
        opdrachtgever=walk.parties["opdrachtgever"]["GLN"],
        inhoud=inhoud,
        aannemer=walk.parties["aannemer"]["GLN"],
        verzonden=sent,
        personen=walk.personen if personen is None else personen,
    )


def _lines(walk: Walk, values: Values, code: str) -> None:
    """Of a line that was answered differently a status has no place: a person should know."""
    for position, texts in enumerate(walk.lines, 1):
        own = texts.get("StatusCode")
        if own is not None and own not in (code, _UNCHANGED):
            tekst = (
                f"Veld StatusCode: gevonden '{own}' bij een regel en '{code}' bij het antwoord, verwacht hetzelfde; "
                "alleen de status van het antwoord is overgenomen."
            )
            pad = f"{_HEAD}/OrderResponseLine[{position}]/StatusCode"
            values.findings.append(waarschuwing("regelstatus-wijkt-af", pad, tekst, waarde=own))


def _spots(walk: Walk) -> list[tuple[str, Texts]]:
    several = len(walk.proposals) > 1
    return [
        (f"{_HEAD}/DeliveryDateTimeInformation{f'[{number}]' if several else ''}", texts)
        for number, texts in enumerate(walk.proposals, 1)
    ]


def _slot(values: Values, at: str, texts: Texts) -> Slot | None:
    """The window when there is one, else the scheduled day, or from its time to the end of that day."""
    frame = f"{at}/DeliveryTimeFrame"
    first = values.moment(texts, "DeliveryDateEarliest", "DeliveryTimeEarliest", frame)
    last = values.moment(texts, "DeliveryDateLatest", "DeliveryTimeLatest", frame)
    scheduled = values.moment(texts, "ScheduledDeliveryDate", "ScheduledDeliveryTime", at)
    begin = first or scheduled
    known = begin or last
    if known is None:
        return None
    if begin is None or (last is None and not begin.alleen_dag):
        name = "DeliveryDateEarliest" if begin is None else "DeliveryDateLatest"
        tekst = f"Veld {name}: niet gevonden, verwacht begin en eind; de grens van de dag is aangehouden."
        values.findings.append(waarschuwing("slot-half", f"{frame}/{name}", tekst))
    start = begin.op if begin is not None else _midnight(known, 0)
    end = last.op if last is not None and not last.alleen_dag else _midnight(last or known, 1)
    if end <= start:
        tekst = (
            f"Veld DeliveryTimeFrame: gevonden {start:%d-%m-%Y %H:%M} tot {end:%d-%m-%Y %H:%M}, verwacht een eind na "
            "het begin."
        )
        values.findings.append(fout("slot-omgekeerd", frame, tekst, values.bron))
        return None
    return Slot(soort=Slotsoort.AANGEBODEN, begin=start, eind=end)


def _midnight(moment: Moment, days: int) -> datetime:
    """The beginning of its day in Amsterdam, or of so many days later."""
    day = moment.op.astimezone(AMSTERDAM).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    return local(day + timedelta(days=days))[0]
