"""What a kind of partner is: a declaration. One module per kind in this folder."""

from enum import StrEnum

import msgspec

from topics.catalogue.declarations import adapter_name, raw_topic


class Partij(StrEnum):
    """A party of a message."""

    OPDRACHTGEVER = "opdrachtgever"
    AANNEMER = "aannemer"


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of partner.

    spreekt_als: which party of its messages a partner of this kind is itself; in another's name it may not send.
    documenten: what a partner of this kind may send at most; a profile can only narrow it. formaten: what a new
    partner starts with. proef: whether a new partner starts in the proef-keten, where its messages touch no real
    dossier, until its profile says otherwise.
    """

    name: str
    what: str
    spreekt_als: Partij
    documenten: tuple[str, ...]
    formaten: tuple[str, ...]
    proef: bool = True

    @property
    def raw_topic(self) -> str:
        """Where the intake puts what it sends, and what its adapter reads."""
        return raw_topic(self.name)

    @property
    def processor(self) -> str:
        """Name of its adapter."""
        return adapter_name(self.name)
