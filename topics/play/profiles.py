"""Which profiles a play looks things up in: those of a folder as they follow each other, or some of them held fast."""

from datetime import date
from pathlib import Path

import msgspec

from topics.errors import ConfigurationError, Refused
from topics.profile.profile import Profiel
from topics.profile.registry import Registry, examine


class Chosen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`folder`: of profiles. `vast`: version by partner that holds on every day, a concept too. `dag`: of every other
    partner the version in force on that day holds on every day."""

    folder: str
    vast: dict[str, int] = {}
    dag: date | None = None


def chosen(choice: Chosen) -> Registry:
    """Raises ConfigurationError for wrong profiles, Refused for a partner or version that is not there.

    A version held fast holds from the first day on: its `geldig_vanaf` is set back.
    """
    folder = Path(choice.folder)
    if not choice.vast and choice.dag is None:
        return Registry.load(folder)
    known = Registry.load(folder)
    drafts = _with_concepts(folder, set(choice.vast)) if choice.vast else {}
    profiles: list[Profiel] = []
    for partner in sorted({*known.partners(), *choice.vast}):
        version = choice.vast.get(partner)
        if version is not None:
            profiles.append(_always(_of(drafts.get(partner, ()), partner, version)))
        elif choice.dag is None:
            profiles += known.versions(partner)
        elif (found := known.partner(partner, choice.dag)) is not None:
            profiles.append(_always(found))
    if not profiles:
        raise Refused(f"{folder}: no profile holds on {choice.dag}")
    return Registry(profiles)


def _with_concepts(folder: Path, partners: set[str]) -> dict[str, tuple[Profiel, ...]]:
    """Versions and concepts of `partners`. What is wrong in a concept of somebody else is not asked."""
    found, wrong = examine(folder, concepts=True)
    mine = [one for one in wrong if one.file.partition("/")[0] in partners]
    if mine:
        raise ConfigurationError("; ".join(map(str, mine)))
    return {partner: tuple(one for one in found if one.partner == partner) for partner in partners}


def _of(versions: tuple[Profiel, ...], partner: str, version: int) -> Profiel:
    for one in versions:
        if one.versie == version:
            return one
    there = ", ".join(str(one.versie) for one in versions) or "no version at all"
    raise Refused(f"{partner}@{version}: found {there}, expected one of them")


def _always(profile: Profiel) -> Profiel:
    return profile.model_copy(update={"geldig_vanaf": date.min})
