"""What an element map is, and our own XSD of what the shipped map writes (a project profile, not the official one).

A map is a TOML file, validated here; a partner's own map needs no code. Raises ConfigurationError for a wrong one.
"""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from adapters.formats.dico_projectprofiel.codes import (
    FIELDS,
    GROUPS,
    PERSONAL,
    REQUIRED,
    VERSION,
    WORDS,
    Kind,
    limit_of,
)
from adapters.formats.elementmap import Place
from adapters.formats.xsd import Xsd
from topics.errors import ConfigurationError

OWN: Final = Path(__file__).parent / "schema.xsd"
MAPS: Final = Path(__file__).parent / "kaarten"
OWN_MAP: Final = "projectprofiel-1"
"""The map that schema.xsd is about."""

SOURCE: Final = f"projectprofiel {VERSION} (eigen XSD)"


def schema() -> Xsd:
    """Our own XSD, without namespace: one file for the messages of two namespaces."""
    return Xsd(OWN, SOURCE, "", PERSONAL)


class Soortkaart(BaseModel):
    """Where the fields of one message are. `vast`: fields that no element says. `woorden`: words of the message.

    velden, groepen: canonical name → paths below the root; the first is written, in the order of the file.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    document: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")
    namespace: str
    soort: Literal["status", "planning"]
    schrijven: bool = True
    velden: dict[str, list[str]]
    groepen: dict[str, list[str]] = {}
    vast: dict[str, str] = {}
    woorden: dict[str, dict[str, str]] = {}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for what, found, known in (
            ("veld", self.velden, FIELDS),
            ("vast veld", self.vast, FIELDS),
            ("groep", self.groepen, GROUPS),
            ("veld met woorden", self.woorden, WORDS),
        ):
            strange = sorted(set(found) - set(known))
            if strange:
                raise ValueError(f"{self.document}: onbekend {what} {', '.join(strange)}")
        missing = [name for name in REQUIRED[self.soort] if name not in self.velden]
        if missing:
            raise ValueError(f"{self.document}: zonder {', '.join(missing)}")
        for name, paths in self.velden.items():
            group = group_of(name)
            inside = tuple(f"{path}/" for path in self.groepen.get(group, ()))
            if not paths or (group and not all(path.startswith(inside) for path in paths)):
                raise ValueError(f"{self.document}: {name} ligt niet in zijn groep {group or '(geen pad)'}")
        for field, words in self.woorden.items():
            if not set(words.values()) <= set(WORDS[field]):
                raise ValueError(f"{self.document}: woorden van {field} kennen alleen {', '.join(WORDS[field])}")
        return self

    @cached_property
    def root(self) -> str:
        return f"{{{self.namespace}}}{self.document}" if self.namespace else self.document

    @cached_property
    def reading(self) -> Place:
        """All paths."""
        return self._tree(None, self.namespace)

    @cached_property
    def writing(self) -> Place:
        """Only the path that is written of each."""
        return self._tree(1, "")

    def path(self, canonical: str) -> str:
        """The XPath of a field or group; of the root when it has none."""
        found = self.velden.get(canonical) or self.groepen.get(canonical) or [""]
        return f"/{self.document}/{found[0]}".rstrip("/")

    def _tree(self, first: int | None, namespace: str) -> Place:
        root = Place(self.document)
        for name, paths in self.velden.items():
            for path in paths[:first]:
                place = root.below(path, namespace)
                place.leaf = name.rpartition(".")[2]
                place.field, place.limit, place.personal = name, limit_of(name), FIELDS[name] is Kind.PERSON
        for name, paths in self.groepen.items():
            for path in paths[:first]:
                root.below(path, namespace).group = name
        return root


class Kaart(BaseModel):
    """A map, by name and version. `geverifieerd`: whether anyone held it to the official schema. codelijst: the
    version whose codes of photos are used (`photos`).
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    naam: str = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    versie: int = Field(ge=1)
    geverifieerd: bool
    codelijst: str = Field(pattern=r"^[A-Za-z0-9.-]{1,20}$")
    bericht: list[Soortkaart]

    @property
    def label(self) -> str:
        return f"{self.naam}-{self.versie}"

    def writer(self, soort: str) -> Soortkaart | None:
        """How a message of this kind is written with this map; None when it has none."""
        return next((one for one in self.bericht if one.schrijven and one.soort == soort), None)


def group_of(field: str) -> str:
    """The innermost group that a field is in; empty when none."""
    fitting = [group for group in GROUPS if field.startswith(f"{group}.")]
    return max(fitting, key=len, default="")


def load(path: Path) -> Kaart:
    """The map in a TOML file."""
    try:
        return Kaart.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(
            f"map {path}: found {error}, expected a map of element paths as projectprofiel-1.toml"
        ) from error


def shipped() -> list[Kaart]:
    """The maps of this folder, the newest first."""
    return sorted((load(path) for path in MAPS.glob("*.toml")), key=lambda kaart: (kaart.naam, -kaart.versie))
