"""Random dossiers: an order and whatever its parties, and a stranger, may say of it."""

from dataclasses import replace as other
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.chain.berichten import (
    AANNEMER,
    AMSTERDAM,
    ANDER,
    CORPORATIE,
    PARTNER,
    VOORWAARDEN,
    Bericht,
    op,
    opdracht,
)
from topics.documents import Moment
from topics.documents.onderhoud import (
    Eenheid,
    Norm,
    Offerte,
    Offertestap,
    Opdracht,
    Planning,
    Slot,
    Slotsoort,
    Status,
    Statuscode,
    Statusdetail,
)

BEGIN = datetime(2026, 11, 16, 8, 0, tzinfo=AMSTERDAM)
CODES = [*Statuscode, *("ACC", "TGE", "OND", "REV", "REA", "AIN") * 3]
"""All of them, and more often those that turn who is aan zet."""
DETAILS = [None, None, *Statusdetail, *(Statusdetail.AFW, Statusdetail.BNT, Statusdetail.AVW) * 3]
VOORWAARDEN_ALLE = replace(
    VOORWAARDEN,
    normen=(
        Norm(maat="acceptatie", waarde=Decimal(1), waarschuwen=Decimal("0.5")),
        Norm(maat="afspraak-gemaakt", waarde=Decimal(2)),
        Norm(maat="eerste-bezoek", waarde=Decimal("2.5"), waarschuwen=Decimal("0.75")),
        Norm(maat="veiliggesteld", waarde=Decimal(12), eenheid=Eenheid.UREN, waarschuwen=Decimal("0.25")),
        Norm(maat="technisch-gereed", waarde=Decimal(5), waarschuwen=Decimal("0.8")),
        Norm(maat="administratief-gereed", waarde=Decimal(48), eenheid=Eenheid.UREN),
        Norm(maat="offertebesluit", waarde=Decimal(1)),
        Norm(maat="reactie", waarde=Decimal(1)),
        Norm(maat="informatie", waarde=Decimal(1)),
        Norm(maat="terugmelding", waarde=Decimal(4), eenheid=Eenheid.UREN),
    ),
    mandaat=Decimal(100),
    terugdateren_uren=24,
)
"""Every norm that the keten knows, in both units, some with a share to warn at."""
minutes = st.integers(0, 4 * 24 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))


@st.composite
def statuses(draw: st.DrawFn, number: int) -> Bericht:
    at = BEGIN + draw(minutes)
    only_day = draw(st.booleans())
    op = at.replace(hour=0, minute=0) if only_day else at
    door = draw(st.sampled_from([AANNEMER, AANNEMER, AANNEMER, CORPORATIE, CORPORATIE, ANDER]))
    amount = draw(st.sampled_from([None, None, Decimal(50), Decimal(900)]))
    asked = draw(st.sampled_from([None, Moment(BEGIN + timedelta(days=9)), Moment(BEGIN + timedelta(days=3), True)]))
    document = Status(
        berichtnummer=f"S{number}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        code=Statuscode(draw(st.sampled_from(CODES))),
        gebeurd=Moment(op, only_day),
        detail=draw(st.sampled_from(DETAILS)),
        bedrag=amount,
        gereed_gevraagd=asked,
    )
    return Bericht(document, at + draw(minutes), PARTNER[door])


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    """Of six moments, so that the same slot is offered, agreed, moved, kept and missed."""
    at = BEGIN + timedelta(hours=18 * draw(st.integers(0, 5)))
    return Slot(
        soort=draw(st.sampled_from(Slotsoort)),
        begin=at,
        eind=at + timedelta(hours=2),
        door=draw(st.sampled_from([None, "huurder", "huurder", "aannemer", "opdrachtgever"])),
        reden=draw(st.sampled_from([None, "BNT", "AFN", "VBW", "niet-verschenen", "regen"])),
    )


@st.composite
def plannings(draw: st.DrawFn, number: int) -> Bericht:
    at = BEGIN + draw(minutes)
    only_day = draw(st.booleans()) and draw(st.booleans())
    document = Planning(
        berichtnummer=f"P{number}",
        afzender=AANNEMER,
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        gebeurd=Moment(at.replace(hour=0, minute=0) if only_day else at, only_day),
        sloten=tuple(draw(st.lists(slots(), min_size=1, max_size=3))),
    )
    return Bericht(document, at + draw(minutes), PARTNER[AANNEMER])


@st.composite
def quotations(draw: st.DrawFn, number: int) -> Bericht:
    at = BEGIN + draw(minutes)
    document = Offerte(
        berichtnummer=f"Q{number}",
        afzender=draw(st.sampled_from([AANNEMER, CORPORATIE])),
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        offertenummer=draw(st.sampled_from(["F1", "F1", "F2"])),
        stap=draw(st.sampled_from(Offertestap)),
        gebeurd=Moment(at),
    )
    return Bericht(document, at + draw(minutes), PARTNER[document.afzender])


@st.composite
def messages(draw: st.DrawFn, number: int) -> Bericht:
    kind = draw(st.sampled_from([statuses, statuses, statuses, plannings, plannings, quotations]))
    return draw(kind(number))


@st.composite
def dossiers(draw: st.DrawFn) -> list[Bericht]:
    """An order, perhaps changed, and what parties and a stranger say of it; no two under one number."""
    found = [opdracht("ma 08:00", voorwaarden=VOORWAARDEN_ALLE, prijs=draw(st.sampled_from([None, "100"])))]
    if draw(st.booleans()):
        at = op("ma 08:00") + draw(minutes)
        kind, wanted = draw(st.sampled_from(["REP", "MUT"])), draw(st.sampled_from([None, Moment(op("+vr 12:00"))]))
        change = opdracht("ma 08:00", "O2", soort=kind, voorwaarden=VOORWAARDEN_ALLE, prijs="180", gereed=wanted)
        sent = replace(change.document, verzonden=Moment(at))
        found.append(other(change, document=sent, bekend=at + draw(minutes)))
    for number in range(draw(st.integers(0, 10))):
        found.append(draw(messages(number)))
    return found


def happened(bericht: Bericht) -> datetime:
    document = bericht.document
    return document.gebeurd.op if isinstance(document, (Status, Planning, Offerte)) else bericht.bekend


def as_it_happened(found: list[Bericht]) -> list[Bericht]:
    return found[:1] + sorted(
        found[1:],
        key=lambda bericht: bericht.bekend if isinstance(bericht.document, Opdracht) else happened(bericht),
    )
