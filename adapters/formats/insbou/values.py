"""From texts of a valid message to values, with a finding for what is odd about them."""

from datetime import date
from decimal import Decimal

from adapters.formats.findings import OWN_CHECK, fout, quoted, waarschuwing
from adapters.formats.insbou.walk import Texts
from adapters.formats.moments import WITH_ZONE, date_from_xsd, from_xsd, sentence
from adapters.formats.numbers import DECIMAL_EXPECTED, WHOLE_EXPECTED, decimal_of, whole_of, year_of
from topics.documents import Bevinding, Moment


class Values:
    """Reads values; gathers findings. `bron`: the standard's name in findings."""

    def __init__(self, bron: str, findings: list[Bevinding]) -> None:
        self.bron = bron
        self.findings = findings

    def moment(self, texts: Texts, day: str, time: str, at: str) -> Moment | None:
        """Of the elements named `day` and `time`; at: the path of their parent."""
        on, clock = texts.get(day), texts.get(time)
        if on is None:
            if clock is not None:
                tekst = f"Veld {time}: gevonden '{clock}' zonder datum, verwacht een datum erbij; niet overgenomen."
                self.findings.append(waarschuwing("tijd-zonder-datum", f"{at}/{time}", tekst, waarde=clock))
            return None
        moment, oddities = from_xsd(on, clock)
        if oddities:
            name, found = (day, on) if clock is None else (time, f"{on} {clock}")
            self._odd(oddities, f"{at}/{name}", name, found)
        return moment

    def day(self, texts: Texts, name: str, at: str) -> date | None:
        text = texts.get(name)
        if text is None:
            return None
        found, oddities = date_from_xsd(text)
        self._odd(oddities, f"{at}/{name}", name, text)
        return found

    def _odd(self, oddities: tuple[str, ...], pad: str, name: str, found: str) -> None:
        for oddity in oddities:
            bron = self.bron if oddity == WITH_ZONE else OWN_CHECK
            self.findings.append(waarschuwing(oddity, pad, sentence(oddity, name, found), bron=bron, waarde=found))

    def year(self, texts: Texts, name: str, at: str) -> int | None:
        text = texts.get(name)
        if text is None:
            return None
        year = year_of(text)
        if year is not None:
            return year
        tekst = f"Veld {name}: gevonden {quoted(text)}, verwacht een jaartal als 1974; niet overgenomen."
        self.findings.append(waarschuwing("bouwjaar-vorm", f"{at}/{name}", tekst, waarde=text))
        return None

    def number(self, texts: Texts, name: str, at: str) -> Decimal | None:
        text = texts.get(name)
        if text is None:
            return None
        number = decimal_of(text)
        return Decimal(self._too_big(f"{at}/{name}", name, text, DECIMAL_EXPECTED)) if number is None else number

    def needed_number(self, texts: Texts, name: str, at: str) -> Decimal:
        """Of an element that the schema requires."""
        number = self.number(texts, name, at)
        return Decimal(0) if number is None else number

    def whole(self, texts: Texts, name: str, at: str) -> int:
        text = texts[name]
        number = whole_of(text)
        return self._too_big(f"{at}/{name}", name, text, WHOLE_EXPECTED) if number is None else number

    def _too_big(self, pad: str, name: str, text: str, expected: str) -> int:
        """Refuses the message; the 0 that stands in for the number is never used."""
        tekst = f"Veld {name}: gevonden {quoted(text)}, verwacht {expected}."
        self.findings.append(fout("getal-te-groot", pad, tekst, OWN_CHECK, waarde=text))
        return 0
