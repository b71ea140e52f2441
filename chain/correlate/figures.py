"""What the facets of the dossiers (`chain/ketens/onderhoud`: `uitkomst`, `factuuruitkomst`, `mutatie`, …) come to as
metrics."""

from collections.abc import Mapping
from typing import Final

from topics.metrics import declarations as declared
from topics.metrics.state import Facet, Figure

_PAIR: Final = "{opdrachtgever}|{aannemer}"


def _kind(name: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"soort": name, "aan_zet": "", "aannemer": "", **(given or {})}


FIGURES: Final = (
    Figure(
        metric=declared.DOSSIERS,
        facets=(
            Facet(f"dossier|{{toestand}}|{{aan_zet}}|{_PAIR}", {"soort": "opdracht"}),
            Facet(f"factuur|{{toestand}}|{{aan_zet}}|{_PAIR}", {"soort": "factuur"}),
            # as a former release counted it
            Facet(f"factuur|{{toestand}}|{_PAIR}", {"soort": "factuur", "aan_zet": ""}),
            Facet("mutatie|{toestand}|{opdrachtgever}", _kind("mutatie")),
            Facet("eenheid", _kind("eenheid", {"toestand": "eenheid", "opdrachtgever": ""})),
            Facet("contract", _kind("contract", {"toestand": "contract", "opdrachtgever": ""})),
        ),
    ),
    Figure(metric=declared.DOSSIERS_STOMP, facets=(Facet("stomp|{toestand}"),)),
    Figure(metric=declared.DOSSIERS_ONVOLLEDIG, facets=(Facet("onvolledig"),)),
    Figure(metric=declared.DOSSIERS_GESCHORST, facets=(Facet("geschorst"),)),
    Figure(metric=declared.NORM_OVERSCHREDEN, facets=(Facet(f"norm|{{maat}}|{_PAIR}"),)),
    Figure(metric=declared.FACTUUR_EUROS, facets=(Facet(f"geld|{{stand}}|{_PAIR}"),), divisor=100),
)
"""For a correlator, with its keten as a constant."""
