"""What a step cannot do."""

from topics.documents import Reden
from topics.errors import KetenbusError


class CannotWrite(KetenbusError):
    """A step wants to write what the catalogue does not allow; `reden` is that of the dead letter it becomes."""

    code = "niet-te-schrijven"
    reden = Reden.ONVERWACHT


class TooLargeToWrite(CannotWrite):
    code = "te-groot-om-te-schrijven"
    reden = Reden.TE_GROOT
