"""From bytes to what an order, its response or an invoice in INSBOU004 says."""

from adapters.formats.insbou import parse as insbou
from adapters.formats.insbou004.codes import VERSION
from adapters.formats.payload import Payload
from adapters.formats.xsd import Xsd
from adapters.message import Gelezen


def parse(payload: Payload, xsd: Xsd) -> Gelezen:
    """The order in `payload`, the status and planning of a response, or the invoice. Raises Unreadable when it is no XML."""
    return insbou.parse(payload, VERSION, xsd)
