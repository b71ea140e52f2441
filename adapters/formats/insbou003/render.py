"""From a Bericht to an order, a response or an invoice in INSBOU003, without any deviation."""

from adapters.formats.insbou import render as insbou
from adapters.formats.insbou003.codes import VERSION
from adapters.formats.xsd import Xsd
from adapters.message import Bericht


def render(bericht: Bericht, xsd: Xsd) -> bytes:
    """UTF-8 XML that `xsd` accepts. Raises CannotRender with a finding per field that does not fit."""
    return insbou.render(bericht, VERSION, xsd)
