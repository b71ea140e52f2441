"""The inbox: sample messages, each with a companion file that says when it comes, from whom, and what must become of it.

    inbox/010-opdracht-keukenkraan.xml             what the partner sends, byte for byte
    inbox/010-opdracht-keukenkraan.verwacht.toml   its companion (`Verwacht`)
    inbox/dossiers.toml                            how every dossier must stand at the end (`Einde`)

Companions are written by hand from the rules (ONDERHOUD 1, 2 and 6, DESIGN 5 and 7), never from what the bus gave.
"""

import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from topics.documents import Account, Reden
from topics.documents.keten import AanZet, Stand
from topics.errors import ConfigurationError

FOLDER: Final = Path(__file__).resolve().parent / "inbox"
COMPANION: Final = ".verwacht.toml"
DOSSIERS: Final = "dossiers.toml"


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("expected a time with its offset from UTC")
    return value


Moment = Annotated[datetime, AfterValidator(_aware)]


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verwacht(Strict):
    """What must become of one message.

    op: when it is handed over. status: per part, in order, at the end. reden and bevindingen: of what failed; findings
    that must be among those the partner sees. herhaling_van: name of the sample whose receipt the intake must repeat.
    antwoord: the HTTP status of a message that the intake refuses; such a one has no parts.
    """

    partner: str
    op: Moment
    waarom: str
    status: tuple[Account, ...] = ()
    reden: Reden | None = None
    bevindingen: tuple[str, ...] = ()
    herhaling_van: str | None = None
    antwoord: Literal[202, 200, 401, 413, 415] = 202
    inhoudstype: str | None = None


class MaatEinde(Strict):
    """A measure at the end; what is None is not compared. Working days as ONDERHOUD 2 counts them, the day of receipt
    being day 0. netto_uren: while the contract clock ran; aan_zet_uren: gross, split over who was aan zet."""

    stand: Stand
    werkdagen: int | None = None
    deadline: Moment | None = None
    netto_uren: float | None = None
    aan_zet_uren: dict[AanZet, float] | None = None
    gepauzeerd: bool = False
    voorlopig: bool = False
    bevindingen: tuple[str, ...] = ()


class DossierEinde(Strict):
    """A dossier at the end. signalen: kinds that stand, with their measure (`norm-overschreden:acceptatie`);
    ingetrokken: those that were raised and withdrawn since. vrijgegeven, betwist, verrekend: of an invoice, in euro
    including VAT."""

    toestand: str
    waarom: str
    aan_zet: AanZet | None = None
    feiten: int
    wachtend: int = 0
    onvolledig: int = 0
    buiten_beschouwing: int = 0
    maten: dict[str, MaatEinde] = {}
    signalen: tuple[str, ...] = ()
    ingetrokken: tuple[str, ...] = ()
    vrijgegeven: Decimal | None = None
    betwist: Decimal | None = None
    verrekend: Decimal | None = None


class Einde(Strict):
    """The end of the week: `einde` is the last moment that is played."""

    einde: Moment
    dossiers: dict[str, DossierEinde]


Written = TypeVar("Written", bound=Strict)


class Sample(Strict):
    """One message of the inbox with its companion."""

    naam: str
    bestand: Path
    verwacht: Verwacht

    @property
    def content_type(self) -> str:
        if self.verwacht.inhoudstype is not None:
            return self.verwacht.inhoudstype
        return "application/json" if self.bestand.suffix == ".json" else "application/xml"


def load(folder: Path = FOLDER) -> tuple[tuple[Sample, ...], Einde]:
    """The samples in the order in which they come, and the end. Raises ConfigurationError, naming file and field."""
    samples = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".json", ".xml", ".txt", ".bin"}:
            continue
        companion = path.with_name(path.stem + COMPANION)
        samples.append(Sample(naam=path.stem, bestand=path, verwacht=written(companion, Verwacht)))
    samples.sort(key=lambda sample: (sample.verwacht.op, sample.naam))
    return tuple(samples), written(folder / DOSSIERS, Einde)


def written(path: Path, model: type[Written]) -> Written:
    """What a person wrote down in `path`. Raises ConfigurationError, naming file and field."""
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(f"{path.parent.name}: {path.name}: {error}") from error
