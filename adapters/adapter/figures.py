"""What the facets of an adapter (`processor.facets`, one state per partner) come to as metrics."""

from typing import Final

from topics.metrics import declarations as declared
from topics.metrics.state import Facet, Figure, How

FIGURES: Final = (
    Figure(
        metric=declared.OPGESCHORT,
        facets=(
            Facet("opgeschort|{partner}"),
            Facet("laatste|{partner}|@", factor=0),
            # as a former release counted it
            Facet("opgeschort", {"partner": ""}),
        ),
    ),
    Figure(metric=declared.PARTNER_STIL, how=How.OLDEST, facets=(Facet("laatste|{partner}|@"),)),
)
