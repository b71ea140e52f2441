"""ONDERHOUD 1 as data: after which status who is aan zet, whether the contract clock runs, and the dossier's state.

`aan_zet` and `klok_loopt` hold until the next event that says otherwise. Rows without a source are practice and stand
here to be changed; nothing else in the rules knows a code's meaning, but for the codes that a measure is defined by.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from chain.ketens.onderhoud.feiten import DETAILS, GEEN_DETAIL, RANG
from topics.documents.keten import AanZet
from topics.documents.onderhoud import Statuscode as C
from topics.documents.onderhoud import Statusdetail as D


class Rol(IntEnum):
    """Of the sender in this dossier."""

    OPDRACHTGEVER = 0
    AANNEMER = 1


class Rij(NamedTuple):
    """What a status means. None leaves what was. `ontvanger`: aan zet is the other party than the sender.

    `werkend`: a working status, which withdraws a TGE before it (ONDERHOUD 2, heropend). `bevinding`: code of a finding
    on the measures that it falls in. `bijzonder`: the code also begins, answers or ends something.
    """

    aan_zet: AanZet | None = None
    klok_loopt: bool | None = None
    toestand: str | None = None
    ontvanger: bool = False
    werkend: bool = False
    bevinding: str | None = None
    bijzonder: bool = False


Sleutel = tuple[C, D | None, Rol | None]
"""Code, detail and role of the sender; None stands for all that no narrower row names."""

BEGIN: Final = Rij(AanZet.AANNEMER, True, "geregistreerd")
"""An order without any status."""

VERLENGING: Final = "verlenging-niet-overeengekomen"
TE_LAAT_GEMELD: Final = "te-laat-gemeld"
_BIJZONDER: Final = frozenset(C) - {C.REG, C.OND}
ZAKEN: Final = "in-behandeling"
STIL: Final = "onderbroken"

RIJEN: Final[dict[Sleutel, Rij]] = {
    (C.REG, None, None): Rij(AanZet.AANNEMER, True, "geregistreerd"),
    (C.ACC, None, None): Rij(AanZet.AANNEMER, True, "geaccepteerd", werkend=True),
    (C.WEI, None, None): Rij(AanZet.NIEMAND, False, "geweigerd"),
    (C.VIN, None, None): Rij(),
    (C.AIN, None, None): Rij(AanZet.AANNEMER, True, ZAKEN, werkend=True),
    (C.REV, None, Rol.AANNEMER): Rij(AanZet.OPDRACHTGEVER, False, ZAKEN, werkend=True),
    (C.REV, None, Rol.OPDRACHTGEVER): Rij(AanZet.AANNEMER, True, ZAKEN, werkend=True),
    (C.REA, None, None): Rij(AanZet.AANNEMER, True, ZAKEN, werkend=True),
    (C.OND, D.AFR, None): Rij(AanZet.OPDRACHTGEVER, False, STIL, werkend=True),
    (C.OND, D.AVW, None): Rij(AanZet.OPDRACHTGEVER, False, STIL, werkend=True),
    (C.OND, D.AWE, None): Rij(AanZet.OPDRACHTGEVER, False, STIL, werkend=True),
    (C.OND, D.BNT, None): Rij(AanZet.HUURDER, False, STIL, werkend=True),
    (C.OND, D.BBT, None): Rij(AanZet.HUURDER, False, STIL, werkend=True),
    (C.OND, D.AFN, None): Rij(AanZet.HUURDER, False, STIL, werkend=True),
    (C.OND, D.VBW, None): Rij(AanZet.HUURDER, False, STIL, werkend=True),
    (C.OND, D.AFW, None): Rij(AanZet.NIEMAND, False, STIL, werkend=True),
    (C.OND, D.MIB, None): Rij(AanZet.AANNEMER, True, STIL, werkend=True),
    (C.OND, D.OHD, None): Rij(AanZet.AANNEMER, True, STIL, werkend=True),
    (C.OND, D.THD, None): Rij(AanZet.AANNEMER, True, STIL, werkend=True),
    # practice: an appointment is made, a quotation was not awarded; the aannemer goes on
    (C.OND, D.AFH, None): Rij(AanZet.AANNEMER, True, STIL, werkend=True),
    (C.OND, D.QUR, None): Rij(AanZet.AANNEMER, True, STIL, werkend=True),
    (C.OND, None, None): Rij(AanZet.AANNEMER, True, STIL, werkend=True, bevinding="onderbroken-zonder-detail"),
    (C.VER, None, None): Rij(AanZet.AANNEMER, True, ZAKEN, werkend=True, bevinding=VERLENGING),
    (C.VAN, None, None): Rij(None, True, "annulering-gevraagd", ontvanger=True),
    (C.ANN, None, None): Rij(AanZet.NIEMAND, False, "geannuleerd"),
    (C.TGE, D.THD, None): Rij(AanZet.AANNEMER, True, ZAKEN),
    # practice: closing the books is left, and that is the aannemer's
    (C.TGE, None, None): Rij(AanZet.AANNEMER, True, "technisch-gereed"),
    (C.AGE, None, None): Rij(AanZet.NIEMAND, False, "administratief-gereed"),
}

BEVINDINGEN: Final = {
    "onderbroken-zonder-detail": "StatusDetailCode: geen detail gevonden bij OND; verwacht een detailcode die zegt"
    " op wie het wachten is. De contractklok loopt door.",
    VERLENGING: "StatusCode: VER gevonden, een verzoek om verlenging; de termijn schuift pas na"
    " instemming (REA of een gewijzigde opdracht).",
    "eind-voor-begin": "Eind: gevonden vóór het begin van de meting; verwacht een later moment. De duur telt als nul.",
    TE_LAAT_GEMELD: "Gebeurd: gevonden een gereedmelding die later bekend werd dan de voorwaarden toestaan; verwacht een"
    " melding binnen die termijn na het gereedkomen.",
}
"""Sentences of the findings on measures, by code; their order is their place in the state."""

Opzoeken = dict[tuple[int, int, Rol], Rij]


def compile_rows(rows: dict[Sleutel, Rij]) -> Opzoeken:
    """Every (rank, detail, role) with the narrowest row that fits. Raises KeyError when a code has none."""
    return {
        (RANG[code], index, role): _narrowest(rows, code, detail, role)._replace(bijzonder=code in _BIJZONDER)
        for code in C
        for index, detail in _all_details()
        for role in Rol
    }


def _all_details() -> Iterable[tuple[int, D | None]]:
    yield GEEN_DETAIL, None
    yield from enumerate(DETAILS)


def _narrowest(rows: dict[Sleutel, Rij], code: C, detail: D | None, role: Rol) -> Rij:
    for key in ((code, detail, role), (code, detail, None), (code, None, role)):
        if key in rows:
            return rows[key]
    return rows[(code, None, None)]


TABEL: Final = compile_rows(RIJEN)
