"""Names and code lists of INSBOU003. Elements and what becomes of them: `adapters.formats.insbou.version`."""

from typing import Final

from adapters.formats.dico_sales005.codes import AFSPRAAK, BTW, EENHEID, OPDRACHTSOORT, SPECIFICATIE
from adapters.formats.insbou.codes import FACTUUR_BTW, FACTUURSOORT
from adapters.formats.insbou.version import INVOICE, ORDER, RESPONSE, Version

VERSION: Final = Version(
    "insbou003", "INSBOU003", namespaces={ORDER: "", RESPONSE: "", INVOICE: ""}, names={}, wrapped=True
)

__all__ = ["AFSPRAAK", "BTW", "EENHEID", "FACTUURSOORT", "FACTUUR_BTW", "OPDRACHTSOORT", "SPECIFICATIE", "VERSION"]
