"""What the facts of an order come to, written plainly from ONDERHOUD 1 (and for what it leaves open, the choices that
the rules' README lists). Shares nothing with the bus but the words."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from adapters.generator.beeld import (
    BIJ_HUURDER,
    BIJ_OPDRACHTGEVER,
    EINDSTAND,
    SLUITEND,
    VERLENGING,
    WERKEND,
    Conclusie,
    Feit,
    Stuk,
    ver_vooruit,
)
from adapters.generator.bericht import Opdracht, Slot


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
