"""What the facts of an order come to, written plainly from ONDERHOUD 1 (and for what it leaves open, the choices that
the rules' README lists). Shares nothing with the bus but the words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from adapters.generator.bericht import Opdracht, Slot, Uiting
from adapters.generator.kalender import DAY, SECOND, end_of, local

RANGORDE: Final = (
    "opdracht", "planning", "REG", "ACC", "WEI", "VIN", "AIN", "REV", "REA", "OND", "VER", "VAN", "ANN", "TGE", "AGE"
)  # fmt: skip
BIJ_OPDRACHTGEVER: Final = {"AFR", "AVW", "AWE"}
BIJ_HUURDER: Final = {"BNT", "BBT", "AFN", "VBW"}
WERKEND: Final = {"ACC", "AIN", "REV", "REA", "OND", "VER"}
SLUITEND: Final = {"WEI", "ANN", "AGE"}
EINDSTAND: Final = {"WEI": "geweigerd", "ANN": "geannuleerd", "AGE": "administratief-gereed"}
VERLENGING: Final = "verlenging-niet-overeengekomen"


class Feit(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance that was applied, and when it became known."""

    uiting: Uiting
    bekend: datetime

    @property
    def rang(self) -> int:
        if self.uiting.soort == "status":
            return RANGORDE.index(self.uiting.code or "")
        return 0 if self.uiting.soort == "opdracht" else 1

    @property
    def moment(self) -> datetime:
        """When it counts: a day without a time as the earlier of its end and known."""
        if self.uiting.alleen_dag:
            return min(end_of(local(self.uiting.gebeurd).date()), self.bekend)
        return self.uiting.gebeurd


class Stuk(msgspec.Struct, frozen=True):
    """From `begin` on `aan_zet` has to act, and the contract clock runs or not; `door` is the fact that began it.
    `reden`: why it is the tenant's time."""

    begin: datetime
    aan_zet: str
    loopt: bool
    door: Feit | None = None
    reden: str | None = None


class Agenda(msgspec.Struct, kw_only=True):
    """Slots by what became of them (ONDERHOUD 3), each with the fact that told it."""

    aangeboden: list[tuple[Slot, Feit]] = []
    gekozen: list[tuple[Slot, Feit]] = []
    nagekomen: list[tuple[Slot, Feit]] = []
    gemist: list[tuple[Slot, Feit]] = []
    wens: bool = False


class Offerte(msgspec.Struct, kw_only=True):
    """The quotation: its last step, and when it was asked, first received, last put forward, and decided."""

    stap: str | None = None
    gevraagd: Feit | None = None
    ontvangen: Feit | None = None
    voorgelegd: Feit | None = None
    besluit: Feit | None = None


class Conclusie(msgspec.Struct, kw_only=True):
    """Where an order stands. `t0_huurder`: when the tenant reported, else the order's own date. `gereed`: the last valid TGE; `einde`: the AGE, ANN or WEI that ended status traffic.

    `veilig`: the first THD or TGE. `van`, `van_eind`: a request to cancel and what ended it. `claim`: a VER that nobody
    agreed to; `verlengd`: until when an agreed one goes, and since when. `vraag`, `reactie`: VIN and REV without answer.
    `posten`: extra work that counts, and on what ground. `meerwerk_open`: what nobody approved; `vrije_tekst`: REAs to it without an amount, for a person.
    """

    t0: datetime
    t0_huurder: datetime
    order: Opdracht
    termen: Opdracht
    toestand: str
    stukken: list[Stuk]
    clients: set[str]
    antwoord: Feit | None = None
    gereed: Feit | None = None
    einde: Feit | None = None
    veilig: Feit | None = None
    van: Feit | None = None
    van_eind: Feit | None = None
    claim: Feit | None = None
    verlengd: tuple[datetime, datetime] | None = None
    vraag: Feit | None = None
    reactie: Feit | None = None
    laatste: Feit | None = None
    heropend: int = 0
    niet_thuis: int = 0
    mandaat: Decimal = Decimal(0)
    posten: list[tuple[Decimal, str]] = []
    meerwerk_open: list[Feit] = []
    vrije_tekst: list[Feit] = []
    agenda: Agenda = msgspec.field(default_factory=Agenda)
    offerte: Offerte = msgspec.field(default_factory=Offerte)
    buiten: list[Feit] = []
    opmerkingen: list[tuple[datetime, str]] = []

    @property
    def aan_zet(self) -> str:
        return self.stukken[-1].aan_zet


def in_volgorde(feiten: Sequence[Feit]) -> list[Feit]:
    """Happened, rank, sender, number; a day without a time right before the first higher rank of that day, else last."""
    loose = [feit for feit in feiten if feit.uiting.alleen_dag]
    timed = sorted((feit for feit in feiten if not feit.uiting.alleen_dag), key=_plain)
    for feit in sorted(loose, key=lambda feit: (feit.uiting.gebeurd, *_plain(feit)[1:])):
        day = local(feit.uiting.gebeurd).date()
        place = next(
            (
                number
                for number, other in enumerate(timed)
                if (
                    not other.uiting.alleen_dag and local(other.uiting.gebeurd).date() == day and other.rang > feit.rang
                )
                or local(other.uiting.gebeurd).date() > day
            ),
            len(timed),
        )
        timed.insert(place, feit)
    return timed


def _plain(feit: Feit) -> tuple[datetime, int, str, str]:
    return feit.uiting.gebeurd, feit.rang, feit.uiting.afzender, feit.uiting.berichtnummer


def conclude(feiten: Sequence[Feit]) -> Conclusie:
    """`feiten` in their order, one of them an order of its client."""
    versions = [feit for feit in feiten if feit.uiting.opdracht is not None]
    found = _begin(versions)
    said: set[str] = set()
    for feit in feiten:
        uiting = feit.uiting
        if uiting.inhoud in said:
            continue
        said.add(uiting.inhoud)
        if found.einde is not None and feit is not versions[0]:
            found.buiten.append(feit)
        elif uiting.opdracht is not None:
            _changed(found, feit, uiting.opdracht, first=feit is versions[0])
        elif ver_vooruit(feit):
            found.buiten.append(feit)
        elif uiting.soort == "planning":
            _planning(found, feit)
        elif uiting.soort == "offerte":
            _quotation(found, feit)
        else:
            found.laatste = feit
            _status(found, feit)
    fit = (found.order.aannemer, found.order.soort, found.order.urgentie)
    for feit in versions:
        order = feit.uiting.opdracht
        if order is not None and feit not in found.buiten and (order.aannemer, order.soort, order.urgentie) == fit:
            found.termen = order
            break
    return found


def ver_vooruit(feit: Feit) -> bool:
    """Dated, or a slot kept or missed, more than a day after it was told: a slip of a pen."""
    told = [feit.uiting.gebeurd, *(slot.begin for slot in feit.uiting.sloten if slot.soort in ("nagekomen", "gemist"))]
    return max(told) > feit.bekend + DAY


def _begin(versions: Sequence[Feit]) -> Conclusie:
    first = versions[0].uiting.opdracht
    if first is None:
        raise ValueError("found no order, expected one among the facts")
    known = min(feit.bekend for feit in versions)
    t0 = known if first.datum_alleen_dag else max(first.datum, known)
    reported = [
        min(order.gemeld_op, feit.bekend)
        for feit in versions
        if (order := feit.uiting.opdracht) is not None and order.gemeld_op is not None
    ]
    own = t0 if first.datum_alleen_dag else first.datum
    return Conclusie(
        t0=t0,
        t0_huurder=reported[0] if reported else own,
        order=first,
        termen=first,
        toestand="geregistreerd",
        stukken=[Stuk(t0, "aannemer", True)],
        clients={feit.uiting.klant for feit in versions},
    )


def _changed(found: Conclusie, feit: Feit, order: Opdracht, *, first: bool) -> None:
    """A later version grants what a VER asked, and may carry extra work."""
    more = (order.bedrag or Decimal(0)) - (found.order.bedrag or Decimal(0))
    priced = order.bedrag is not None and found.order.bedrag is not None
    found.order = order
    if first:
        return
    if found.claim is not None:
        _agree(found, order.gereed_uiterlijk or found.claim.uiting.gevraagd, feit)
    if priced and more > 0:
        _settled(found, more, "wijziging")


def _status(found: Conclusie, feit: Feit) -> None:
    """The rows of ONDERHOUD 1."""
    code, detail, now = feit.uiting.code or "", feit.uiting.detail, found.stukken[-1]
    client = feit.uiting.afzender in found.clients
    if detail == "THD" or code == "TGE":
        found.veilig = found.veilig or feit
    if code == "VIN":
        found.vraag = feit
        return
    if code == "AIN":
        asked, found.vraag = found.vraag, None
        if asked is not None and found.gereed is not None:
            return
    if code in WERKEND and found.gereed is not None:
        found.gereed, found.heropend = None, found.heropend + 1
    requested = found.van is not None and found.van_eind is None
    if requested and (code in WERKEND or code in SLUITEND or (code == "TGE" and detail != "THD")):
        found.van_eind = feit
    if requested and code == "REG":
        return
    who, runs, toestand = _row(found, feit, client=client)
    found.toestand = toestand
    reden = detail if who == "huurder" else None
    if (who, runs, reden) != (now.aan_zet, now.loopt, now.reden):
        found.stukken.append(Stuk(max(now.begin, feit.moment), who, runs, feit, reden))


def _row(found: Conclusie, feit: Feit, *, client: bool) -> tuple[str, bool, str]:
    """Aan zet, whether the clock runs, and the state after a status; with what else it begins or ends."""
    code, detail = feit.uiting.code or "", feit.uiting.detail
    aannemer, zaken = "aannemer", "in-behandeling"
    match code:
        case "REG":
            return aannemer, True, "geregistreerd"
        case "ACC":
            found.antwoord = found.antwoord or feit
            return aannemer, True, "geaccepteerd"
        case "REV":
            found.reactie = feit
            if not client and feit.uiting.bedrag is not None:
                _extra(found, feit)
            return ("aannemer", True, zaken) if client else ("opdrachtgever", False, zaken)
        case "AIN" | "REA":
            found.reactie = None
            if code == "REA":
                _answered(found, feit, client=client)
            return aannemer, True, zaken
        case "OND":
            return _interrupted(found, feit, client=client)
        case "VER":
            found.claim = feit
            found.opmerkingen.append((feit.moment, VERLENGING))
            return aannemer, True, zaken
        case "VAN":
            if found.van is None or found.van_eind is not None:
                found.van, found.van_eind = feit, None
            return "aannemer" if client else "opdrachtgever", True, "annulering-gevraagd"
        case "TGE" if detail == "THD":
            return aannemer, True, zaken
        case "TGE":
            found.gereed = feit
            return aannemer, True, "technisch-gereed"
        case _:
            found.einde = feit
            if code == "WEI":
                found.antwoord = found.antwoord or feit
            return "niemand", False, EINDSTAND[code]


def _interrupted(found: Conclusie, feit: Feit, *, client: bool) -> tuple[str, bool, str]:
    detail = feit.uiting.detail
    if detail is None:
        found.opmerkingen.append((feit.moment, "onderbroken-zonder-detail"))
    if detail == "AVW" and not client:
        _extra(found, feit)
    if detail == "BNT":
        found.niet_thuis += 1
    if detail == "VBW":
        found.agenda.wens = True
    if detail == "QUR":
        run = found.offerte
        if run.besluit is None and (run.gevraagd is not None or run.voorgelegd is not None):
            run.besluit = feit
    stil = "onderbroken"
    if detail in BIJ_OPDRACHTGEVER:
        return "opdrachtgever", False, stil
    if detail in BIJ_HUURDER:
        return "huurder", False, stil
    return ("niemand", False, stil) if detail == "AFW" else ("aannemer", True, stil)


def _extra(found: Conclusie, feit: Feit) -> None:
    """Extra work is asked: within what is left of the pair's mandate it counts at once."""
    amount, mandate = feit.uiting.bedrag, found.order.termen.mandaat
    if amount is not None and mandate is not None and found.mandaat + amount <= mandate:
        found.mandaat += amount
        found.posten.append((amount, "mandaat"))
    else:
        found.meerwerk_open.append(feit)


def _answered(found: Conclusie, feit: Feit, *, client: bool) -> None:
    """A REA grants what the other party asked; a free text approves no extra work."""
    claim = found.claim
    if claim is not None and client != (claim.uiting.afzender in found.clients):
        _agree(found, claim.uiting.gevraagd, feit)
    if client and feit.uiting.bedrag is not None:
        _settled(found, feit.uiting.bedrag, "goedkeuring")
    elif client and found.meerwerk_open:
        found.vrije_tekst.append(feit)


def _settled(found: Conclusie, amount: Decimal, ground: str) -> None:
    found.posten.append((amount, ground))
    found.meerwerk_open, found.vrije_tekst = [], []


def _agree(found: Conclusie, until: datetime | None, feit: Feit) -> None:
    found.claim = None
    found.opmerkingen = [remark for remark in found.opmerkingen if remark[1] != VERLENGING]
    if until is not None:
        found.verlengd = (until, feit.moment)


def _planning(found: Conclusie, feit: Feit) -> None:
    """Slots, and whose time they begin or end: the tenant's lasts from a missed slot to a new appointment (BNT), to the
    next contact (BBT, AFN), or to the slot that the tenant chose (VBW)."""
    agenda = found.agenda
    kinds: dict[str, list[Slot]] = {}
    for slot in feit.uiting.sloten:
        kinds.setdefault(slot.soort, []).append(slot)
        {
            "aangeboden": agenda.aangeboden,
            "afgesproken": agenda.gekozen,
            "verplaatst": agenda.gekozen,
            "nagekomen": agenda.nagekomen,
            "gemist": agenda.gemist,
        }[slot.soort].append((slot, feit))
    now = found.stukken[-1]
    if found.gereed is not None or now.aan_zet not in ("aannemer", "huurder"):
        return
    missed = kinds.get("gemist", [])
    agreed = [
        slot
        for slot in kinds.get("afgesproken", []) + kinds.get("verplaatst", [])
        if slot.begin not in [other.begin for other in missed]
    ]
    # who did not come is told, or the reason tells it
    by_tenant = any(slot.door == "huurder" or slot.reden in BIJ_HUURDER for slot in missed)
    if by_tenant and not agreed:
        if (now.aan_zet, now.reden) != ("huurder", "BNT"):
            found.stukken.append(Stuk(max(now.begin, feit.moment), "huurder", False, feit, "BNT"))
        return
    if now.aan_zet != "huurder":
        return
    ends = None
    if "nagekomen" in kinds:
        ends = min([feit.moment, *(slot.begin for slot in kinds["nagekomen"])])
    elif missed or now.reden in ("BBT", "AFN") or (agreed and now.reden == "BNT"):
        ends = feit.moment
    if ends is not None:
        found.stukken.append(Stuk(max(now.begin, ends), "aannemer", True, feit))
        found.toestand = "in-behandeling"


def _quotation(found: Conclusie, feit: Feit) -> None:
    """One quotation per order in these weeks, step by step."""
    run, step = found.offerte, feit.uiting.stap
    run.stap = step
    if step == "gevraagd":
        run.gevraagd = run.gevraagd or (None if run.ontvangen is not None else feit)
    elif step in ("ontvangen", "aangepast"):
        if run.voorgelegd is None or run.besluit is not None:
            run.ontvangen = run.ontvangen or feit
            run.voorgelegd, run.besluit = feit, None
    elif run.besluit is None:
        run.besluit = feit


def stilstand(found: Conclusie) -> list[tuple[datetime, datetime | None]]:
    """When the contract clock stood still; the end of status traffic is no pause."""
    stops: list[tuple[datetime, datetime | None]] = []
    for stuk in found.stukken:
        if stuk.door is not None and stuk.door is found.einde:
            break
        if not stuk.loopt and (not stops or stops[-1][1] is not None):
            stops.append((stuk.begin, None))
        elif stuk.loopt and stops and stops[-1][1] is None:
            stops[-1] = (stops[-1][0], stuk.begin)
    return stops


def seconds(span: timedelta) -> int:
    return span // SECOND
