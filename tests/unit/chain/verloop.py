"""What the messages of one order come to, plainly, from ONDERHOUD 1, 3 and 4: who was aan zet when, and what happened.

Nothing of the rules' own code is used; it is slow, and meant to be read beside ONDERHOUD. `herrekening` measures it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from tests.unit.chain.berichten import AANNEMER, CORPORATIE, Bericht
from tests.unit.chain.dagtelling import einde_dag, lokaal, op_klok
from topics.documents import Document, Moment
from topics.documents.onderhoud import Offerte, Opdracht, Planning, Slot, Status

RANGEN = [
    "OPDRACHT",
    "PLANNING",
    "REG",
    "ACC",
    "WEI",
    "VIN",
    "AIN",
    "REV",
    "REA",
    "OND",
    "VER",
    "VAN",
    "ANN",
    "TGE",
    "AGE",
]
WERKEND = {"ACC", "AIN", "REV", "REA", "OND", "VER"}
WIE = {
    "AFR": "opdrachtgever",
    "AVW": "opdrachtgever",
    "AWE": "opdrachtgever",
    "BNT": "huurder",
    "BBT": "huurder",
    "AFN": "huurder",
    "VBW": "huurder",
    "AFW": "niemand",
}
"""ONDERHOUD 1: on whom an OND with this detail waits; every other leaves the aannemer aan zet."""


@dataclass(frozen=True)
class Feit:
    """What was said: when it happened and counts, when it was known, by whom."""

    document: Document
    code: str
    detail: str
    door: str
    gebeurd: datetime
    alleen_dag: bool
    telt: datetime
    bekend: datetime
    nummer: str


@dataclass(frozen=True)
class Stuk:
    begin: datetime
    wie: str
    loopt: bool
    reden: str = ""


@dataclass
class Zaak:
    """What the walk over the facts of one order finds."""

    t0: datetime
    stukken: list[Stuk]
    antwoord: Feit | None = None
    veilig: Feit | None = None
    gereed: Feit | None = None
    einde: Feit | None = None
    van: Feit | None = None
    van_eind: Feit | None = None
    claim: Feit | None = None
    verlengd: tuple[datetime, datetime] | None = None
    afspraak: Feit | None = None
    bezoek: datetime | None = None
    bezoeken: set[datetime] = field(default_factory=set)
    aangeboden: list[tuple[datetime, Feit]] = field(default_factory=list)
    gekozen: list[tuple[datetime, Feit]] = field(default_factory=list)
    wens: bool = False
    vraag: bool = False
    offerte: str = ""
    gevraagd: Feit | None = None
    ontvangen: Feit | None = None
    voorgelegd: Feit | None = None
    besluit: Feit | None = None
    heropeningen: int = 0
    einde_stuk: int | None = None


# the facts in their order


def feiten(berichten: Sequence[Bericht]) -> list[Feit]:
    found = [feit for bericht in berichten if (feit := feit_van(bericht)) is not None]
    placed = sorted(found, key=lambda feit: plaats(feit, found))
    once: list[Feit] = []
    for feit in placed:
        same = [other for other in placed if inhoud(other.document) == inhoud(feit.document)]
        # of the same content the first counts, but for one that came before its time and was sent again in its time
        if feit is next((other for other in same if not voor_zijn_tijd(other)), same[0]):
            once.append(feit)
    return once


def voor_zijn_tijd(feit: Feit) -> bool:
    """Whether it says that something happened, or that a slot was kept or missed, more than a day after it was known."""
    if isinstance(feit.document, Opdracht):
        return False
    told = [feit.gebeurd]
    if isinstance(feit.document, Planning):
        told += [slot.begin for slot in feit.document.sloten if slot.soort.value in ("nagekomen", "gemist")]
    return any(at > feit.bekend + timedelta(days=1) for at in told)


def inhoud(document: Document) -> list[object]:
    return [
        type(document),
        *(getattr(document, name) for name in document.__struct_fields__ if name != "berichtnummer"),
    ]


def feit_van(bericht: Bericht) -> Feit | None:
    """None of somebody who is no party."""
    document = bericht.document
    assert isinstance(document, (Opdracht, Status, Planning, Offerte))
    if document.afzender not in (AANNEMER, CORPORATIE):
        return None
    moment = document.verzonden if isinstance(document, Opdracht) else document.gebeurd
    code = "OPDRACHT" if isinstance(document, Opdracht) else "PLANNING"
    if isinstance(document, Status):
        code = document.code.value
    detail = document.detail.value if isinstance(document, Status) and document.detail else ""
    known = bericht.bekend.astimezone(UTC)
    at = moment.op.astimezone(UTC)
    return Feit(
        document=document,
        code=code,
        detail=detail,
        door="aannemer" if document.afzender == AANNEMER else "opdrachtgever",
        gebeurd=at,
        alleen_dag=moment.alleen_dag,
        telt=min(tot_en_met(moment), known) if moment.alleen_dag else at,
        bekend=known,
        nummer=document.berichtnummer,
    )


def tot_en_met(moment: Moment) -> datetime:
    return einde_dag(lokaal(moment.op).date()) if moment.alleen_dag else moment.op.astimezone(UTC)


def plaats(feit: Feit, alle: Sequence[Feit]) -> tuple[datetime, int, int, str, str]:
    """Happened, rank, sender, number; a day alone right before the first higher rank of that day, else at its end."""
    sender = CORPORATIE if feit.door == "opdrachtgever" else AANNEMER
    tail = (RANGEN.index(feit.code), sender, feit.nummer)
    if not feit.alleen_dag:
        return feit.gebeurd, 1, *tail
    day = lokaal(feit.gebeurd).date()
    higher = [
        other.gebeurd
        for other in alle
        if not other.alleen_dag
        and lokaal(other.gebeurd).date() == day
        and RANGEN.index(other.code) > RANGEN.index(feit.code)
    ]
    return (min(higher), 0, *tail) if higher else (op_klok(day + timedelta(days=1), time(0)), -1, *tail)


# the walk


def loop(berichten: Sequence[Bericht]) -> Zaak:
    found = feiten(berichten)
    orders = [feit for feit in found if isinstance(feit.document, Opdracht)]
    first = orders[0].document
    assert isinstance(first, Opdracht)
    known = min(order.bekend for order in orders)
    dated = first.datum or first.verzonden
    t0 = known if dated.alleen_dag else max(dated.op.astimezone(UTC), known)
    zaak = Zaak(t0, [Stuk(datetime.min.replace(tzinfo=UTC), "aannemer", True)])
    for feit in found:
        if zaak.einde is not None and feit is not orders[0]:
            continue
        if isinstance(feit.document, Opdracht):
            if feit is not orders[0]:
                wijziging(zaak, feit, feit.document)
        elif voor_zijn_tijd(feit):
            continue
        elif isinstance(feit.document, Planning):
            gepland(zaak, feit, feit.document.sloten)
        elif isinstance(feit.document, Offerte):
            offertestap(zaak, feit, feit.document)
        elif isinstance(feit.document, Status):
            gemeld(zaak, feit, feit.document)
    return zaak


def beurt(zaak: Zaak, at: datetime, wie: str, loopt: bool, reden: str = "") -> None:
    last = zaak.stukken[-1]
    if (last.wie, last.loopt, last.reden) != (wie, loopt, reden):
        zaak.stukken.append(Stuk(max(at, last.begin, zaak.t0), wie, loopt, reden))


def wijziging(zaak: Zaak, feit: Feit, order: Opdracht) -> None:
    """A changed order agrees to what a VER asked."""
    if zaak.claim is not None:
        asked = zaak.claim.document
        assert isinstance(asked, Status)
        wanted = order.gereed_uiterlijk or asked.gereed_gevraagd
        zaak.claim = None
        if wanted is not None:
            zaak.verlengd = (tot_en_met(wanted), feit.telt)


def gemeld(zaak: Zaak, feit: Feit, status: Status) -> None:
    code, detail = feit.code, feit.detail
    if detail == "THD" and code in ("OND", "TGE"):
        zaak.veilig = zaak.veilig or feit
    if code == "OND" and detail == "VBW":
        zaak.wens = True
    if code == "OND" and detail == "QUR" and (zaak.gevraagd or zaak.voorgelegd):
        zaak.besluit = zaak.besluit or feit
    if code == "AIN":
        asked, zaak.vraag = zaak.vraag, False
        if asked and zaak.gereed is not None:
            return
    if code == "VIN":
        zaak.vraag = True
        return
    if code in ("ACC", "WEI"):
        zaak.antwoord = zaak.antwoord or feit
    if code == "VER":
        zaak.claim = feit
    if code == "REA" and zaak.claim is not None and zaak.claim.door != feit.door:
        asked_by = zaak.claim.document
        assert isinstance(asked_by, Status)
        zaak.claim = None
        if asked_by.gereed_gevraagd is not None:
            zaak.verlengd = (tot_en_met(asked_by.gereed_gevraagd), feit.telt)
    if code == "TGE":
        zaak.veilig = zaak.veilig or feit
        if detail != "THD":
            zaak.gereed = feit
    if code in WERKEND and zaak.gereed is not None:
        zaak.gereed = None
        zaak.heropeningen += 1
    ends_request = code in WERKEND or code in ("WEI", "ANN", "AGE") or (code == "TGE" and detail != "THD")
    requested = zaak.van is not None and zaak.van_eind is None
    if code == "VAN" and not requested:
        zaak.van, zaak.van_eind = feit, None
    elif requested and ends_request:
        zaak.van_eind = feit
    elif requested and code == "REG":
        return
    if code in ("WEI", "ANN", "AGE"):
        zaak.einde = feit
        zaak.einde_stuk = len(zaak.stukken)
    aan_zet(zaak, feit)


def aan_zet(zaak: Zaak, feit: Feit) -> None:
    """ONDERHOUD 1, row by row."""
    other = "aannemer" if feit.door == "opdrachtgever" else "opdrachtgever"
    if feit.code in ("WEI", "ANN", "AGE"):
        beurt(zaak, feit.telt, "niemand", False)
    elif feit.code == "VAN":
        beurt(zaak, feit.telt, other, True)
    elif feit.code == "REV" and feit.door == "aannemer":
        beurt(zaak, feit.telt, "opdrachtgever", False)
    elif feit.code == "OND" and feit.detail in WIE:
        who = WIE[feit.detail]
        beurt(zaak, feit.telt, who, False, feit.detail if who == "huurder" else "")
    else:
        beurt(zaak, feit.telt, "aannemer", True)


def gepland(zaak: Zaak, feit: Feit, sloten: Sequence[Slot]) -> None:
    """ONDERHOUD 3: what was offered, agreed, kept and missed, and the end of the tenant's time."""
    for slot in sloten:
        begin = slot.begin.astimezone(UTC)
        if slot.soort.value == "aangeboden":
            zaak.aangeboden.append((begin, feit))
        elif slot.soort.value in ("afgesproken", "verplaatst"):
            zaak.gekozen.append((begin, feit))
            zaak.afspraak = zaak.afspraak or feit
            zaak.wens = zaak.wens or slot.reden == "VBW"
        elif slot.soort.value == "nagekomen":
            zaak.bezoeken.add(begin)
            zaak.bezoek = begin if zaak.bezoek is None else min(zaak.bezoek, begin)
    now = zaak.stukken[-1]
    requested = zaak.van is not None and zaak.van_eind is None
    if zaak.gereed is not None or requested or now.wie not in ("aannemer", "huurder"):
        return
    missed = {slot.begin: wie_miste(slot) for slot in sloten if slot.soort.value == "gemist"}
    agreed = [s for s in sloten if s.soort.value in ("afgesproken", "verplaatst") and s.begin not in missed]
    kept = [slot.begin.astimezone(UTC) for slot in sloten if slot.soort.value == "nagekomen"]
    if "huurder" in missed.values() and not agreed:
        beurt(zaak, feit.telt, "huurder", False, "BNT")
    elif now.wie == "huurder":
        if kept:
            beurt(zaak, min(feit.telt, *kept), "aannemer", True)
        elif "aannemer" in missed.values() or now.reden in ("BBT", "AFN") or (now.reden == "BNT" and agreed):
            beurt(zaak, feit.telt, "aannemer", True)


def wie_miste(slot: Slot) -> str:
    if slot.door is not None:
        return slot.door
    if slot.reden in ("BNT", "BBT", "AFN", "VBW"):
        return "huurder"
    return "aannemer" if slot.reden == "niet-verschenen" else ""


def offertestap(zaak: Zaak, feit: Feit, offerte: Offerte) -> None:
    """ONDERHOUD 4: asked, received, adapted, decided; a decision before a new round is behind us."""
    step, decided = offerte.stap.value, zaak.besluit is not None
    begins = step in ("gevraagd", "ontvangen")
    if offerte.offertenummer != zaak.offerte:
        if zaak.offerte and not begins:
            return
        zaak.offerte = offerte.offertenummer
        zaak.gevraagd = zaak.ontvangen = zaak.voorgelegd = zaak.besluit = None
    elif decided and step == "gevraagd":
        zaak.gevraagd = zaak.ontvangen = zaak.voorgelegd = zaak.besluit = None
    if step == "gevraagd":
        if zaak.ontvangen is None:
            zaak.gevraagd = zaak.gevraagd or feit
    elif step in ("ontvangen", "aangepast"):
        if zaak.voorgelegd is None or zaak.besluit is not None:
            zaak.voorgelegd, zaak.besluit = feit, None
        zaak.ontvangen = zaak.ontvangen or feit
    else:
        zaak.besluit = zaak.besluit or feit
