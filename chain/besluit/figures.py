"""What the facets of the decider (`besluit|<toestand>` per letter) come to as metrics."""

from typing import Final

from topics.documents.besluit import Toestand
from topics.metrics import declarations as declared
from topics.metrics.state import Facet, Figure

FIGURES: Final = (
    Figure(
        metric=declared.BESLUITEN,
        facets=tuple(Facet(f"besluit|{state}", {"toestand": state.value}) for state in Toestand),
    ),
)
