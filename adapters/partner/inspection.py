"""Everything that is wrong in a folder of profiles, also what only the adapters know: formats, dialects and kinds."""

from collections.abc import Iterator
from pathlib import Path

from adapters.formats import FORMATS
from adapters.formats.dialects import DIALECTEN, unknown
from adapters.kinds import KINDS
from topics.profile.profile import Profiel
from topics.profile.registry import CONCEPT, examine
from topics.profile.terms import Misstand


def inspect(folder: Path, partner: str | None = None) -> tuple[tuple[Profiel, ...], tuple[Misstand, ...]]:
    """Profiles that were read, concepts too, and all misstanden, of one partner or of all. Raises ConfigurationError."""
    profiles, wrong = examine(folder, concepts=True)
    found = [*wrong, *(misstand for profile in profiles for misstand in _beyond(folder, profile))]
    if partner is None:
        return profiles, tuple(found)
    return (
        tuple(profile for profile in profiles if profile.partner == partner),
        tuple(misstand for misstand in found if misstand.file.startswith(f"{partner}/")),
    )


def _beyond(folder: Path, profile: Profiel) -> Iterator[Misstand]:
    file = f"{profile.partner}/{profile.versie}.toml"
    if not (folder / file).exists():
        file += CONCEPT
    known = sorted(one.name for one in FORMATS)
    for formaat in profile.formaten:
        if formaat not in known:
            yield Misstand(file, "formaten", repr(formaat), f"one of {', '.join(known)}")
    for dialect in unknown(profile.dialecten):
        yield Misstand(file, "dialecten", repr(dialect), f"one of {', '.join(DIALECTEN)}")
    kind = KINDS.get(profile.kind)
    for name in profile.mag_sturen if kind is not None else ():
        if kind is not None and name not in kind.documenten:
            yield Misstand(file, "mag_sturen", repr(name), f"what a {kind.name} may send: {', '.join(kind.documenten)}")
