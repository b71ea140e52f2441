"""What people read: codes in Dutch words, times as they are lived in Amsterdam, durations."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from topics.accounts import AMSTERDAM
from topics.documents import Reden
from topics.errors import ConfigurationError
from topics.profile.registry import Registry

STATUS: Final[Mapping[str, str]] = {
    "REG": "geregistreerd",
    "ACC": "geaccepteerd",
    "WEI": "geweigerd",
    "VIN": "verzoek om informatie",
    "AIN": "informatie aangevuld",
    "REV": "reactie vereist",
    "REA": "reactie gegeven",
    "OND": "onderbroken",
    "VER": "verlenging gevraagd",
    "VAN": "annulering gevraagd",
    "ANN": "geannuleerd",
    "TGE": "technisch gereed",
    "AGE": "administratief gereed",
}

DETAIL: Final[Mapping[str, str]] = {
    "THD": "tijdelijk hersteld",
    "VBW": "op verzoek van de gebruiker",
    "OHD": "onderdeel niet beschikbaar",
    "BNT": "gebruiker niet aanwezig",
    "MIB": "materiaal in bestelling",
    "AFR": "wacht op de opzichter",
    "AFH": "afspraak met de gebruiker gemaakt",
    "AFN": "afspraak niet gelukt",
    "BBT": "gebruiker belt terug",
    "AFW": "wacht wegens het weer",
    "AWE": "aanvullend werk door een ander",
    "AVW": "aanvullend werk nodig",
    "QUR": "offerte niet gegund",
}

REDEN: Final[Mapping[Reden, str]] = {
    Reden.ONLEESBAAR: "het bericht is niet te lezen",
    Reden.ONGELDIG: "het bericht voldoet niet aan zijn standaard",
    Reden.ONBEKENDE_CODE: "een code heeft bij deze partner geen vertaling",
    Reden.ONBEVOEGD: "de afzender mag dit niet sturen of is geen partij bij het dossier",
    Reden.ZONDER_SLEUTEL: "er is geen dossier uit af te leiden",
    Reden.ONBEKEND_DOSSIER: "de opdracht kwam niet binnen de wachttijd",
    Reden.MEERDUIDIG: "er is meer dan één uitleg mogelijk",
    Reden.STRIJDIG: "hetzelfde nummer met een andere inhoud",
    Reden.MOGELIJK_DUBBEL: "mogelijk twee keer hetzelfde onder een ander nummer",
    Reden.TE_GROOT: "het bericht of zijn dossier is te groot",
    Reden.ONVERWACHT: "een fout van de bus zelf",
    Reden.NIET_IN_KAART: "herkend, maar nog niet in kaart gebracht",
}


def visible(text: str, *, lines: bool = False) -> str:
    """`text` without characters that steer a terminal: what a partner sent may not. `lines`: line ends and tabs stay."""
    kept = "\n\t" if lines else ""
    if lines:
        text = text.replace("\r\n", "\n")
    return "".join(one if one.isprintable() or one in kept else "\ufffd" for one in text)


def moment(at: datetime, *, day_only: bool = False) -> str:
    """`2026-03-02 09:15` in Europe/Amsterdam; `2026-03-02` when only the day is known."""
    local = at.astimezone(AMSTERDAM)
    return f"{local:%Y-%m-%d}" if day_only else f"{local:%Y-%m-%d %H:%M}"


def duration(seconds: int) -> str:
    """`2 d 3 u`, `3 u 15 m`, `4 m 5 s`: the two largest units."""
    units = (("d", 86_400), ("u", 3_600), ("m", 60), ("s", 1))
    left = abs(seconds)
    found: list[tuple[int, str]] = []
    for name, size in units:
        count, left = divmod(left, size)
        if count or found:
            found.append((count, name))
    shown = " ".join(f"{count} {name}" for count, name in found[:2] if count) or "0 s"
    return f"-{shown}" if seconds < 0 else shown


def ago(since: datetime, now: datetime) -> str:
    """How long ago, roughly: `3 d 2 u`."""
    return duration(int(max(timedelta(), now - since).total_seconds()))


def names(profiles: Path, day: date) -> dict[str, str]:
    """What partners are called: by id and by GLN. Without (right) profiles nobody has a name, and ids are shown."""
    if not profiles.is_dir():
        return {}
    try:
        registry = Registry.load(profiles)
    except ConfigurationError:
        return {}
    found: dict[str, str] = {}
    for partner in registry.partners():
        profile = registry.partner(partner, day) or registry.versions(partner)[-1]
        found |= dict.fromkeys((partner, profile.gln, *profile.gln_aliassen), profile.naam)
    return found
