"""The rules of the keten onderhoud (ONDERHOUD 1, 2, 6): pure functions from facts to what they come to. See README."""

from chain.ketens.onderhoud.afgeleid import Afgeleid
from chain.ketens.onderhoud.signalen import Tik
from chain.ketens.onderhoud.soorten import decide, tik
from chain.ketens.onderhoud.staat import Dossierstaat, Klokstand, Staat, Stomp
from chain.ketens.onderhoud.staat import decode as decode_state
from chain.ketens.onderhoud.staat import encode as encode_state
from chain.ketens.onderhoud.uitkomst import Kader, Uitkomst, opschorten

__all__ = [
    "Afgeleid",
    "Dossierstaat",
    "Kader",
    "Klokstand",
    "Staat",
    "Stomp",
    "Tik",
    "Uitkomst",
    "decide",
    "decode_state",
    "encode_state",
    "opschorten",
    "tik",
]
