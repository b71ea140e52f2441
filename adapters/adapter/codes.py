"""A partner's own status words, mapped by its profile. What is not there goes to a person: never guess (DESIGN 7)."""

from adapters.adapter.outcome import PROFIEL, Weigering
from adapters.formats.findings import fout, quoted, waarschuwing
from topics.documents import Reden
from topics.profile.profile import Codering, Profiel

_SHOWN = 40


def own_word(eigen: str, detail: str | None) -> str:
    """The word as a profile lists it: `eigen`, or `eigen/detail` when the partner gave a detail."""
    word = eigen.strip()
    return f"{word}/{detail.strip()}" if detail and detail.strip() else word


def map_status(profile: Profiel, eigen: str, detail: str | None) -> Codering:
    """What the partner's word means. Compared exactly, but for white space around it.

    Raises Weigering `onbekende-code`: a finding with the word found, which may hold a name and so is personal, and one
    with the known words, which travels.
    """
    word = own_word(eigen, detail)
    coding = profile.statussen.get(word)
    if coding is not None:
        return coding
    known = sorted(profile.statussen)
    listed = ", ".join(f"'{one}'" for one in known[:_SHOWN]) + (" en andere" if len(known) > _SHOWN else "")
    version = f"(profiel {profile.partner} versie {profile.versie})"
    expected = f"een van {listed}" if known else "niets: het profiel kent nog geen eigen statussen"
    raise Weigering(
        Reden.ONBEKENDE_CODE,
        fout(
            "status-onbekend",
            "status",
            f"Status: gevonden {quoted(word)}, verwacht een status die het profiel kent {version}.",
            PROFIEL,
            waarde=word,
            persoonlijk=True,
        ),
        waarschuwing("statussen-bekend", "status", f"Status: verwacht {expected} {version}.", bron=PROFIEL),
    )
