"""All partners as they stand in a folder: `<folder>/<partner>/<version>.toml` (DESIGN 3).

A `Registry` is immutable and does no I/O after loading, so that a processor may hold it and stay pure. A look-up takes
a day: the version in force on that day is the highest whose `geldig_vanaf` is not later. `<version>.toml.concept` is
being written by a person: nothing runs on it, and it becomes a version by being renamed (`ketenbus partner publiceer`).
"""

import itertools
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from topics.catalogue.declarations import KETENS, KINDS
from topics.documents import registry as documents
from topics.errors import ConfigurationError
from topics.profile.entities import legal_entities
from topics.profile.profile import Profiel, Termen
from topics.profile.terms import Misstand, valid, wrong_terms
from topics.profile.urgentie import split_rule
from topics.profile.versions import INDEX, Index, digest, read_index, write_index

CONCEPT = ".concept"


class Registry:
    """Partners by id, by GLN, by legal entity and by pair. Raises ConfigurationError when `profiles` contradict each other."""

    def __init__(self, profiles: Iterable[Profiel]) -> None:
        versions: dict[str, list[Profiel]] = {}
        for profile in profiles:
            versions.setdefault(profile.partner, []).append(profile)
        self._versions = {
            partner: tuple(sorted(found, key=lambda one: one.versie)) for partner, found in sorted(versions.items())
        }
        wrong = list(_contradictions(self._versions))
        if wrong:
            raise ConfigurationError("; ".join(map(str, wrong)))
        self._owner = {gln: partner for partner, found in self._versions.items() for one in found for gln in _glns(one)}
        self._legal = {
            number: partner for partner, found in self._versions.items() for one in found for number in _legal(one)
        }
        self._entities = {
            (one.partner, one.versie): legal_entities(one) for found in self._versions.values() for one in found
        }
        self._hashes = {(one.partner, one.versie): one.hash() for found in self._versions.values() for one in found}

    @classmethod
    def load(cls, folder: Path) -> "Registry":
        """All profiles of `folder`. Raises ConfigurationError that names every misstand (see `examine`)."""
        profiles, wrong = examine(folder)
        if wrong:
            raise ConfigurationError("; ".join(map(str, wrong)))
        return cls(profiles)

    def partners(self) -> tuple[str, ...]:
        """Ids in alphabetical order."""
        return tuple(self._versions)

    def versions(self, partner: str) -> tuple[Profiel, ...]:
        """All versions, oldest first; empty for a stranger."""
        return self._versions.get(partner, ())

    def partner(self, partner: str, day: date) -> Profiel | None:
        """The profile in force on `day`."""
        for profile in reversed(self._versions.get(partner, ())):
            if profile.geldig_vanaf <= day:
                return profile
        return None

    def of_gln(self, gln: str, day: date) -> Profiel | None:
        """The partner whose canonical GLN or alias `gln` is on `day`; its canonical one is `.gln`."""
        owner = self._owner.get(gln)
        profile = None if owner is None else self.partner(owner, day)
        return profile if profile is not None and gln in _glns(profile) else None

    def of_legal_number(self, number: str, day: date) -> Profiel | None:
        """The partner that lists the VAT or KvK `number` (normalised) as its own on `day`."""
        owner = self._legal.get(number)
        profile = None if owner is None else self.partner(owner, day)
        return profile if profile is not None and number in _legal(profile) else None

    def entity(self, client: Profiel, number: str) -> tuple[str, ...]:
        """All numbers of the legal entity that has `number` (normalised) by the terms of `client`, first the one that
        stands for it in keys; empty when they do not name it."""
        return self._entities[(client.partner, client.versie)].get(number, ())

    def suppliers(self, client: Profiel, number: str, day: date) -> tuple[str, ...]:
        """Canonical GLNs of the aannemers for whom the legal entity `number` invoices `client` on `day`, by its terms."""
        numbers = set(self.entity(client, number))
        found = {
            self.canonical(terms.aannemer)
            for terms in client.termen
            if not numbers.isdisjoint((*terms.facturen.btw_nummers, *terms.facturen.kvk_nummers)) and valid(terms, day)
        }
        return tuple(sorted(found))

    def hash_of(self, profile: Profiel) -> str:
        """`profile.hash()`, computed once."""
        return self._hashes[(profile.partner, profile.versie)]

    def owner(self, gln: str) -> str | None:
        """Id of the partner that has or had `gln`; None for a stranger."""
        return self._owner.get(gln)

    def canonical(self, gln: str) -> str:
        """The canonical GLN (the same in all versions) of the partner that has or had `gln`, else `gln` itself."""
        owner = self._owner.get(gln)
        return gln if owner is None else self._versions[owner][0].gln

    def terms(self, client: Profiel, aannemer: str, day: date) -> Termen | None:
        """Terms of the pair that are valid on `day`; `aannemer`: canonical GLN."""
        for terms in client.termen:
            if valid(terms, day) and self.canonical(terms.aannemer) == aannemer:
                return terms
        return None

    def contractors(self, client: Profiel, contract: str, day: date) -> tuple[str, ...]:
        """Canonical GLNs of the aannemers to whom `contract` belongs on `day`: none, one, or an ambiguity."""
        found = {
            self.canonical(terms.aannemer)
            for terms in client.termen
            if contract in terms.contracten and valid(terms, day)
        }
        return tuple(sorted(found))


def publish(folder: Path) -> Registry:
    """`Registry.load`, and its versions are immutable from now on: they enter the index beside the profiles.

    What a process that runs on profiles calls at its start. Raises ConfigurationError, also when the index cannot be
    written.
    """
    registry = Registry.load(folder)
    index = read_index(folder)
    published: Index = {partner: dict(versions) for partner, versions in index.items()}
    for path in _files(folder):
        published.setdefault(path.parent.name, {}).setdefault(
            _version(path), digest(tomllib.loads(path.read_text("utf-8")))
        )
    if published != index:
        try:
            write_index(folder, published)
        except OSError as error:
            raise ConfigurationError(f"{folder / INDEX}: {error}; profiles in use are recorded there") from error
    return registry


def examine(folder: Path, *, concepts: bool = False) -> tuple[tuple[Profiel, ...], tuple[Misstand, ...]]:
    """Profiles of `folder` that are right in themselves, and everything that is wrong in any of them.

    `concepts`: as if they were versions already.

    Raises ConfigurationError when there is no such folder or its index is unreadable.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: found no such folder, expected profiles as <partner>/<version>.toml")
    index = read_index(folder)
    profiles: list[Profiel] = []
    wrong: list[Misstand] = []
    seen: set[tuple[str, str]] = set()
    for path in _files(folder, CONCEPT if concepts else ""):
        seen.add((path.parent.name, _version(path)))
        profile, found = _read(path, index.get(path.parent.name, {}).get(_version(path)))
        wrong += found
        if profile is not None:
            profiles.append(profile)
    for partner, versions in sorted(index.items()):
        wrong += [
            Misstand(f"{partner}/{version}.toml", "(file)", "nothing", "the version that was published; restore it")
            for version in sorted(versions)
            if (partner, version) not in seen
        ]
    by_partner: dict[str, tuple[Profiel, ...]] = {}
    for profile in sorted(profiles, key=lambda one: (one.partner, one.versie)):
        by_partner[profile.partner] = (*by_partner.get(profile.partner, ()), profile)
    wrong += _contradictions(by_partner)
    return tuple(profiles), tuple(wrong)


def misstanden(file: str, fields: dict[str, object]) -> list[Misstand]:
    """What is wrong in the fields of one profile, by their types."""
    try:
        Profiel.model_validate(fields)
    except ValidationError as error:
        return [_misstand(file, dict(one)) for one in error.errors(include_url=False)]
    return []


def _files(folder: Path, also: str = "") -> list[Path]:
    found = {*folder.glob("*/*.toml"), *(folder.glob(f"*/*.toml{also}") if also else ())}
    return sorted(found, key=lambda path: (path.parent.name, len(_version(path)), path.name))


def _version(path: Path) -> str:
    return path.name.removesuffix(CONCEPT).removesuffix(".toml")


def _read(path: Path, published: str | None) -> tuple[Profiel | None, list[Misstand]]:
    file = f"{path.parent.name}/{path.name}"
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return None, [Misstand(file, "(file)", str(error), "a TOML file in UTF-8")]
    if published is not None and digest(fields) != published:
        wrong = Misstand(file, "(file)", "a change of a published version", "a new version file beside it")
        return None, [wrong]
    wrong_fields = misstanden(file, fields)
    if wrong_fields:
        return None, wrong_fields
    profile = Profiel.model_validate(fields)
    return profile, list(_own(file, path, profile))


_TYPES: Final = {"tuple_type": "a list, between [ and ]", "string_type": "a text, between quotes"}
"""What a type of field is called in the file; by the code of pydantic's error."""


def _misstand(file: str, error: dict[str, object]) -> Misstand:
    where = error["loc"]
    field = ".".join(map(str, where)) if isinstance(where, tuple) else str(where)
    message = str(error["msg"]).removeprefix("Value error, ")
    found, separator, expected = message.removeprefix("found ").partition(", expected ")
    if not separator:
        expected = _TYPES.get(str(error["type"])) or message[:1].lower() + message[1:]
        found, expected = repr(error.get("input"))[:80], expected.removeprefix("input should be ")
    if error["type"] == "missing":
        found, expected = "nothing", "this field"
    elif error["type"] == "extra_forbidden":
        found, expected = "an unknown field", "one of the fields of a profile (spelling?)"
    return Misstand(file, field, found, expected)


def _own(file: str, path: Path, profile: Profiel) -> Iterator[Misstand]:
    """What is wrong in one file by itself, beyond the types of its fields."""
    if profile.partner != path.parent.name:
        yield Misstand(file, "partner", repr(profile.partner), f"{path.parent.name!r}, the name of its folder")
    if str(profile.versie) != _version(path):
        yield Misstand(file, "versie", str(profile.versie), f"{_version(path)}, the name of the file")
    if profile.kind not in KINDS:
        yield Misstand(file, "kind", repr(profile.kind), f"one of {', '.join(KINDS)}")
    names = {document.NAME for document in documents.classes()}
    for field, values, known in (("mag_sturen", profile.mag_sturen, names), ("ketens", profile.ketens, set(KETENS))):
        for value in values:
            if value not in known:
                yield Misstand(file, field, repr(value), f"one of {', '.join(sorted(known))}")
    for rule in profile.urgenties:
        try:
            split_rule(rule)
        except ValueError:
            yield Misstand(
                file, f"urgenties.{rule}", repr(rule), "contract:, prijscode: or gereed-binnen: with a value"
            )
    yield from wrong_terms(file, profile.termen)


def _contradictions(versions: dict[str, tuple[Profiel, ...]]) -> Iterator[Misstand]:
    """What is wrong between files: partners that share a GLN or a legal entity, versions that do not follow each other."""
    owner: dict[tuple[str, str], Profiel] = {}
    for partner, found in versions.items():
        for one, following in itertools.pairwise(found):
            file = f"{partner}/{following.versie}.toml"
            if following.versie == one.versie:
                yield Misstand(file, "versie", str(following.versie), "each version once")
            if following.geldig_vanaf < one.geldig_vanaf:
                yield Misstand(file, "geldig_vanaf", str(following.geldig_vanaf), f"{one.geldig_vanaf} or later")
            if following.gln != one.gln:
                expected = f"{one.gln} as before (dossiers hang on it); a new GLN goes into gln_aliassen"
                yield Misstand(file, "gln", following.gln, expected)
        for one in found:
            numbers = [("gln", "a GLN", gln) for gln in _glns(one)]
            numbers += [("btw_nummers", "a VAT number", number) for number in one.btw_nummers]
            numbers += [("kvk_nummers", "a KvK number", number) for number in one.kvk_nummers]
            for field, what, number in numbers:
                other = owner.setdefault((field, number), one)
                if other.partner != partner:
                    for mine, theirs in ((one, other), (other, one)):
                        expected = f"{what} of its own (partner {theirs.partner} has this one)"
                        yield Misstand(f"{mine.partner}/{mine.versie}.toml", field, number, expected)


def _glns(profile: Profiel) -> tuple[str, ...]:
    return (profile.gln, *profile.gln_aliassen)


def _legal(profile: Profiel) -> tuple[str, ...]:
    return (*profile.btw_nummers, *profile.kvk_nummers)
