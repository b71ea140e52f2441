"""What the ledger's facets (`processor.facets`) come to as metrics."""

from typing import Final

from topics.documents import Account
from topics.metrics import declarations as declared
from topics.metrics.state import Facet, Figure, How

_ONDERWEG: Final = {"rekening": Account.ONDERWEG.value}
_BUS: Final = {"door": "bus"}
_MENS: Final = {"door": "mens"}
_FINAL: Final = tuple(account for account in Account if account.final)

FIGURES: Final = (
    Figure(
        metric=declared.REKENING_DELEN,
        facets=(
            *(Facet(f"{{partner}}|{account}", {"rekening": account.value}) for account in Account),
            Facet("{partner}|geopend", _ONDERWEG, factor=0),
        ),
    ),
    Figure(
        metric=declared.REKENING_OUDSTE,
        how=How.OLDEST,
        facets=(Facet("{partner}|sinds|@", _ONDERWEG), Facet("{partner}|geopend", _ONDERWEG)),
    ),
    Figure(
        metric=declared.REKENING_FOUTEN,
        facets=(Facet("{partner}|account-klopt-niet"), Facet("{partner}|geopend", factor=0)),
    ),
    Figure(metric=declared.ONTVANGSTEN, facets=(Facet("{partner}|geopend"),)),
    Figure(metric=declared.ONTVANGSTEN_ONGEOPEND, facets=(Facet("{partner}|ongeopend"),)),
    Figure(
        metric=declared.DELEN_BEHANDELD,
        facets=(
            *(Facet(f"{{partner}}|{account}", _BUS) for account in _FINAL),
            Facet("{partner}|mens", _BUS, factor=-1),
            Facet("{partner}|mens", _MENS),
            Facet("{partner}|geopend", _BUS, factor=0),
            Facet("{partner}|geopend", _MENS, factor=0),
        ),
    ),
    Figure(metric=declared.UITVAL_OPEN, facets=(Facet("{partner}|brief|{reden}|@"),)),
    Figure(
        metric=declared.UITVAL_LEEFTIJD,
        how=How.AGES,
        facets=(Facet("*|brief|{reden}|@"),),
    ),
)
