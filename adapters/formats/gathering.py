"""What is gathered while one JSON object becomes a Bericht: findings, personal data, deviations, and its moments in UTC."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeVar, get_args

from pydantic import BaseModel

from adapters.formats.findings import MAX_FINDINGS, fout, quoted, waarschuwing
from adapters.formats.modelerrors import pointer
from adapters.formats.modeltypes import Tijd
from adapters.formats.moments import sentence
from adapters.formats.personal import noun_of
from topics.documents import Bevinding, Moment

NO_ZONE: Final = "tijd-zonder-zone"
OFFSET: Final = "tijd-niet-utc"
SHORT_TIME: Final = "tijd-kort"

_UTC: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z")
_ENDS_IN_OFFSET: Final = re.compile(r"[Tt ].*[+-]\d{2}:\d{2}$")

T = TypeVar("T")


class Gathering:
    """Of the object at JSON pointer `at`; paths are below it. `source` names the standard in findings."""

    def __init__(self, at: str, source: str, warnings: Iterable[Bevinding]) -> None:
        self.at, self.source = at, source
        self.findings: list[Bevinding] = list(warnings)
        self.personen: dict[str, str] = {}
        self.dialects: dict[str, None] = {}
        self.unknown_code = False
        self._warned = 0

    def wrong(self, code: str, path: str, what: str, found: str | None = None, *, personal: bool = False) -> None:
        """An error; `what` goes on from the field's name."""
        self.findings.append(fout(code, f"{self.at}/{path}", _sentence(path, what), self.source, waarde=found, persoonlijk=personal))  # fmt: skip

    def odd(self, code: str, path: str, what: str, found: str | None = None) -> None:
        """A warning; at most MAX_FINDINGS and one are kept."""
        self._warned += 1
        if self._warned <= MAX_FINDINGS + 1:
            self.findings.append(waarschuwing(code, f"{self.at}/{path}", _sentence(path, what), waarde=found))

    def missed(self, path: str) -> None:
        """A field that the standard may have and that is not mapped."""
        self.odd("veld-niet-in-kaart", path, "gevonden en niet in kaart, verwacht niets; niet overgenomen.")

    def person(self, path: str, text: str | None) -> None:
        if text is not None:
            self.personen[path] = text

    def noun(self, path: str, text: str | None) -> str | None:
        """A short noun may stand on the log; a sentence is personal, at `path`."""
        return noun_of(self.personen, path, text)

    def coded(self, path: str, code: str | None, codes: Mapping[str, T]) -> T | None:
        """What a code means by the table; one that is not in it refuses the part as `onbekende-code`."""
        if code is None:
            return None
        if code not in codes:
            self.unknown_code = True
            expected = ", ".join(codes)
            self.wrong(
                "code-onbekend", path, f"gevonden {quoted(code)}, verwacht een van {expected}.", code, personal=True
            )
            return None
        return codes[code]

    def time(self, path: str, found: Tijd | None) -> Moment | None:
        """The moment. One that is not in UTC is a deviation, and without zone it is Europe/Amsterdam."""
        if found is None:
            return None
        if _UTC.fullmatch(found.text) is None:
            deviation = SHORT_TIME
            if _ENDS_IN_OFFSET.search(found.text):
                deviation = OFFSET
            elif not found.text.endswith(("Z", "z")):
                deviation = NO_ZONE
            self.dialects[deviation] = None
            self.odd(f"dialect-{deviation}", path, f"gevonden '{found.text}', verwacht een tijd in UTC als 2026-03-02T08:30:00Z.", found.text)  # fmt: skip
        for oddity in found.oddities:
            tekst = sentence(oddity, path.rpartition("/")[2], found.text)
            self.findings.append(waarschuwing(oddity, f"{self.at}/{path}", tekst, waarde=found.text))
        return found.moment

    def day_or_time(self, path: str, found: Tijd | None) -> Moment | None:
        """The moment; midnight in the Netherlands is a day without a time, as the standard has no other way to say it."""
        moment = self.time(path, found)
        return moment if moment is None or moment.alleen_dag or not is_midnight(moment) else Moment(moment.op, True)


def is_midnight(moment: Moment) -> bool:
    """Whether the clock in Amsterdam says 00:00:00 (moments are kept with its offset)."""
    at = moment.op
    return not (at.hour or at.minute or at.second or at.microsecond)


class Shape(NamedTuple):
    """The fields of an object that are known, and those of them that hold an object or objects."""

    names: frozenset[str]
    inside: dict[str, "Shape"]


def shape_of(model: type[BaseModel], known: frozenset[str]) -> Shape:
    """The fields of a model and of those inside it, with `known` at every level. For models without a cycle."""
    inside: dict[str, Shape] = {}
    for name, field in model.model_fields.items():
        for one in _types(field.annotation):
            if isinstance(one, type) and issubclass(one, BaseModel):
                inside[field.alias or name] = shape_of(one, known)
    return Shape(known | {field.alias or name for name, field in model.model_fields.items()}, inside)


def _types(annotation: object) -> Iterator[object]:
    """`annotation` and whatever it is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from _types(part)


def unknown(item: Mapping[str, object], shape: Shape) -> list[str]:
    """Paths of what has a value in `item`, or in an object in it, and is not in `shape`."""
    found: list[str] = []
    names, inner = shape
    if not names.issuperset(item):
        strange = {name: value for name, value in item.items() if name not in names}
        found += [pointer(name) for name, value in strange.items() if value not in (None, [], {})]
    for name in [name for name in item if name in inner] if inner else ():
        value, below = item[name], inner[name]
        if isinstance(value, dict):
            if below.inside or not below.names.issuperset(value):
                found += [f"{name}/{path}" for path in unknown(value, below)]
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, dict) and (below.inside or not below.names.issuperset(one)):
                    found += [f"{name}/{index}/{path}" for path in unknown(one, below)]
    return found


def _sentence(path: str, what: str) -> str:
    return f"Veld {path.rpartition('/')[2] or 'bericht'}: {what}"
