"""Names and code lists of INSBOU004. Elements and what becomes of them: `adapters.formats.insbou.version`.

The namespaces of order and response are formed after the published one of the invoice: unverified.
"""

from typing import Final

from adapters.formats.dico_sales005.codes import AFSPRAAK, BTW, EENHEID, OPDRACHTSOORT, SPECIFICATIE
from adapters.formats.insbou.codes import FACTUUR_BTW, FACTUURSOORT
from adapters.formats.insbou.version import INVOICE, NAMES_004, ORDER, RESPONSE, Version

VERSION: Final = Version(
    "insbou004",
    "INSBOU004",
    namespaces={
        ORDER: "http://www.gs1.nl/order/insbou/004",
        RESPONSE: "http://www.gs1.nl/orderbevestiging/insbou/004",
        INVOICE: "http://www.gs1.nl/factuur/insbou/004",
    },
    names=NAMES_004,
    wrapped=False,
)

__all__ = ["AFSPRAAK", "BTW", "EENHEID", "FACTUURSOORT", "FACTUUR_BTW", "OPDRACHTSOORT", "SPECIFICATIE", "VERSION"]
