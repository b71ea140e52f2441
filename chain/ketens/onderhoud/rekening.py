"""An invoice as its dossier keeps it: what release and measures need, in few bytes. Pure.

Amounts are text, days ordinals. The lines as orders need them are kept as what was told (`staat.Deelvraag`).
"""

from datetime import date
from decimal import Decimal

import msgspec

from chain.kalender import pack
from chain.ketens.onderhoud.termijn import norm_van
from chain.ketens.onderhoud.toeslag import verdeeld
from topics import keys
from topics.documents.content import content_but_accounts
from topics.documents.factuur import Btwbedrag, Factuur, Factuurregel, Factuurvoorwaarden, Kostensoort
from topics.documents.onderhoud import Kalender

NIEMAND = -1
"""Place of the dossier of a line that names none."""


class Post(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line with its effective amount (`toeslag.verdeeld`): `dossier` is the place of the order or contract that it is
    for among those of the invoice. `los`: a charge, or what is asked beside everything, that follows no line."""

    nummer: str
    bedrag: str
    categorie: str
    percentage: str
    dossier: int
    arbeid: bool | None = None
    los: bool = False


class Belasting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    categorie: str
    percentage: str
    grondslag: str
    bedrag: str


class Rekening(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """As `Factuur`. `opdrachtgever`, `aannemer`: indices of the dossier's parties; `dossiers`: keys of the orders and
    contracts that lines are for; `kalender` and `normen` as of `feiten.Versie`. `kern`: `content_but_accounts`."""

    opdrachtgever: int
    aannemer: int
    leverancier: str
    nummer: str
    datum: int
    te_betalen: str
    netto: str
    iban_bekend: bool
    leverancier_bekend: bool
    g_iban_bekend: bool | None
    typecode: str
    munt: str
    dossiers: tuple[str, ...]
    regels: tuple[Post, ...]
    btw: tuple[Belasting, ...]
    afronding: str
    vooruitbetaald: str
    g_bedrag: str | None
    kalender: bytes
    normen: tuple[tuple[str, str, bool, str | None], ...]
    wachttijd: int
    betaaltermijn: int
    g_loon: bool
    eigenbouwer: bool
    kern: bytes = b""


def rekening_bekend(factuur: Factuur | Rekening) -> bool:
    """Whether the client knows every account that the invoice asks to pay to; else nothing of it is ever released."""
    return factuur.iban_bekend and factuur.g_iban_bekend is not False


def alles_bekend(factuur: Factuur | Rekening) -> bool:
    """Its supplier too."""
    return factuur.leverancier_bekend and rekening_bekend(factuur)


def rekening_van(document: Factuur, opdrachtgever: int, aannemer: int, keten: str) -> Rekening:
    terms = document.voorwaarden
    whole = verdeeld(document)
    places = plaatsen(keten, document, whole)
    named = tuple(dict.fromkeys(place for place in places if place is not None))
    place_of = {key: index for index, key in enumerate(named)}
    return Rekening(
        opdrachtgever,
        aannemer,
        document.leverancier,
        document.factuurnummer,
        document.factuurdatum.toordinal(),
        str(document.te_betalen),
        str(document.netto),
        document.iban_bekend,
        document.leverancier_bekend,
        document.g_iban_bekend,
        document.typecode,
        document.munt,
        named,
        tuple(
            [
                Post(
                    line.nummer,
                    str(line.bedrag),
                    line.btw_categorie,
                    str(line.btw_percentage),
                    NIEMAND if place is None else place_of[place],
                    None if line.soort is None else line.soort is Kostensoort.ARBEID,
                    index >= len(document.regels),
                )
                for index, (line, place) in enumerate(zip(whole.regels, places, strict=True))
            ]
        ),
        tuple(
            [Belasting(one.categorie, str(one.percentage), str(one.grondslag), str(one.bedrag)) for one in whole.btw]
        ),
        str(document.afronding),
        str(document.vooruitbetaald),
        None if document.g_bedrag is None else str(document.g_bedrag),
        pack(terms.kalender),
        tuple([norm_van(norm) for norm in terms.normen]),
        terms.wachttijd_uren,
        terms.betaaltermijn_dagen,
        terms.g_loon,
        terms.eigenbouwer,
        content_but_accounts(document),
    )


def plaatsen(keten: str, document: Factuur, geheel: Factuur) -> list[str | None]:
    """Per line of `geheel` (what `verdeeld` made of `document`) the key of the order that it names, else of the contract
    of the invoice; None where neither gives one, and of what follows no line."""
    contract = _contract(keten, document)
    found = [
        _order(keten, document, line.opdrachtnummer) if line.opdrachtnummer else contract for line in document.regels
    ]
    return [*found, *[None] * (len(geheel.regels) - len(found))]


def factuur_van(rekening: Rekening, glns: tuple[str, str]) -> Factuur:
    """The invoice as release sees it: effective amounts, VAT and terms. `glns`: opdrachtgever and aannemer."""
    return Factuur(
        berichtnummer="",
        afzender="",
        opdrachtgever=glns[0],
        aannemer=glns[1],
        leverancier=rekening.leverancier,
        factuurnummer=rekening.nummer,
        factuurdatum=date.fromordinal(rekening.datum),
        te_betalen=Decimal(rekening.te_betalen),
        netto=Decimal(rekening.netto),
        iban_bekend=rekening.iban_bekend,
        leverancier_bekend=rekening.leverancier_bekend,
        g_iban_bekend=rekening.g_iban_bekend,
        typecode=rekening.typecode,
        munt=rekening.munt,
        voorwaarden=Factuurvoorwaarden(
            profiel="", kalender=Kalender(), g_loon=rekening.g_loon, eigenbouwer=rekening.eigenbouwer
        ),
        regels=tuple([_line(post) for post in rekening.regels]),
        btw=tuple(
            [
                Btwbedrag(
                    categorie=one.categorie,
                    percentage=Decimal(one.percentage),
                    grondslag=Decimal(one.grondslag),
                    bedrag=Decimal(one.bedrag),
                )
                for one in rekening.btw
            ]
        ),
        afronding=Decimal(rekening.afronding),
        vooruitbetaald=Decimal(rekening.vooruitbetaald),
        g_bedrag=None if rekening.g_bedrag is None else Decimal(rekening.g_bedrag),
    )


def _line(post: Post) -> Factuurregel:
    kind = None
    if post.arbeid is not None:
        kind = Kostensoort.ARBEID if post.arbeid else Kostensoort.MATERIAAL
    return Factuurregel(
        nummer=post.nummer,
        bedrag=Decimal(post.bedrag),
        btw_categorie=post.categorie,
        btw_percentage=Decimal(post.percentage),
        soort=kind,
    )


def _order(keten: str, document: Factuur, number: str) -> str | None:
    try:
        return keys.order_key(keten, document.opdrachtgever, number)
    except ValueError:
        return None


def _contract(keten: str, document: Factuur) -> str | None:
    try:
        return keys.contract_key(keten, document.opdrachtgever, document.contract) if document.contract else None
    except ValueError:
        return None
