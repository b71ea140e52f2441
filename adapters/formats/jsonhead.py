"""What the models of the plain JSON form share: dates, code lists, attachments, and what heads every message."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from adapters.formats.modeltypes import Adres, Data, Gln, Kort, Lang, Nummer, Regeltekst, Tijd, Wanneer, wrong
from adapters.message import Factuursleutel


def _with_time(value: Tijd) -> Tijd:
    if value.moment.alleen_dag:
        raise wrong("tijd-vorm", "een datum met een tijd, als 2026-03-02T09:30:00+01:00")
    return value


def _without_time(value: Tijd) -> Tijd:
    if not value.moment.alleen_dag:
        raise wrong("tijd-vorm", "een datum als 2026-03-02, zonder tijd")
    return value


Tijdstip = Annotated[Wanneer, AfterValidator(_with_time), WithJsonSchema({"type": "string", "format": "date-time"})]
Datum = Annotated[Wanneer, AfterValidator(_without_time), WithJsonSchema({"type": "string", "format": "date"})]

Eenheid = Literal[
    "CMT", "DAY", "GRM", "HUR", "KGM", "LTR", "MIN", "MLT", "MMT", "MTK", "MTQ", "MTR", "PCE", "TNE", "WEE"
]  # fmt: skip
Documentsoort = Literal[
    "CAD", "CHR", "FAC", "LOG", "LPP", "MAN", "MTE", "OTA", "PAR", "PHI", "PHO", "PPI", "PRT", "PVI", "SCH", "SOF",
    "STR",
]  # fmt: skip
MAX_LINES: Final = 2000
_LONGEST_KEY: Final = 64


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Kenmerk(Strict):
    naam: Kort
    waarde: Regeltekst


class Bijlage(Strict):
    """A document or photo: where it is (`url`) or its content in base64 (`data`). regel: position of the line, from 1."""

    soort: Documentsoort
    bestandssoort: Kort
    naam: Adres
    url: Adres | None = None
    data: Data | None = None
    regel: Annotated[int, Field(ge=1, le=MAX_LINES)] | None = None
    kenmerken: list[Kenmerk] = Field(default=[], max_length=20)


class Bericht(Strict):
    """What every message has. `berichtnummer` is unique per sender; the same number with other content is a conflict."""

    formaat: Literal["ketenbus-json/1"]
    berichtnummer: Nummer
    verzonden: Wanneer | None = None
    proef: bool = False
    tekst: Lang | None = None


class Kop(Bericht):
    """What every message about an order has."""

    opdrachtgever: Gln
    opdrachtnummer: Nummer
    aannemer: Gln | None = None
    subnummer: Nummer | None = None


def key_of(item: dict[str, object]) -> tuple[str, str] | Factuursleutel | None:
    """What names the dossier of a message that may be wrong otherwise; None where it shows too little of it."""
    gln = _shown(item, "opdrachtgever")
    if item.get("soort") not in ("factuur", "factuurstatus"):
        number = _shown(item, "opdrachtnummer")
        return (gln, number) if gln and number else None
    supplier = _shown(item, "btw_nummer") or _shown(item, "kvk_nummer") or _shown(item, "leverancier")
    number = _shown(item, "factuurnummer")
    if not gln or not supplier or not number:
        return None
    return Factuursleutel(
        opdrachtgever=gln, leverancier=supplier, factuurnummer=number, proef=item.get("proef") is True
    )


def _shown(item: dict[str, object], field: str) -> str:
    """The text of a field of a key, as far as it can be one; else an empty one."""
    text = item.get(field)
    fit = isinstance(text, str) and len(text) <= _LONGEST_KEY and text.isprintable() and bool(text.strip())
    return str(text) if fit else ""
