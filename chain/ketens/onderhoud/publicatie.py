"""What a dossier shows of itself: the document Dossier. Pure."""

from collections.abc import Sequence
from typing import Final

from chain.kalender import SECONDE, moment
from chain.ketens.onderhoud.beeld import Conclusie
from chain.ketens.onderhoud.delen import Onderdeel
from chain.ketens.onderhoud.feiten import (
    DETAILS,
    NAAM,
    OFFERTESTAPPEN,
    SLOTSOORTEN,
    bewijs_of,
    bewijs_van,
    gebeurtenis_van,
)
from chain.ketens.onderhoud.herziening import urgentie_van
from chain.ketens.onderhoud.planning import Agenda
from chain.ketens.onderhoud.staat import Deelvraag, Dossierstaat
from topics.documents.document import Moment
from topics.documents.keten import AanZet, Afspraak, Deel, Dossier, Meerwerk, Mijlpaal

WACHTEND: Final = "wachtend"


def dossier(
    keten: str,
    sleutel: str,
    staat: Dossierstaat,
    found: Conclusie | None,
    onvolledig: tuple[str, ...],
    delen: Sequence[Onderdeel] = (),
) -> Dossier:
    """The dossier as others may see it. Without conclusion there is no opdracht yet: `wachtend`."""
    if found is None:
        return Dossier(
            sleutel=sleutel,
            keten=keten,
            reeks=staat.reeks,
            toestand=WACHTEND,
            bijgewerkt=moment(staat.bijgewerkt),
            wachtend=len(staat.wachtend),
            onvolledig=onvolledig,
        )
    versie, agenda = found.versie, found.agenda
    return Dossier(
        sleutel=sleutel,
        keten=keten,
        reeks=staat.reeks,
        toestand=found.toestand,
        bijgewerkt=moment(staat.bijgewerkt),
        opdrachtgever=staat.partijen[versie.opdrachtgever].gln,
        aannemer=staat.partijen[versie.aannemer].gln,
        opdrachtnummer=versie.nummer,
        soort=versie.soort,
        urgentie=urgentie_van(found),
        aan_zet=found.aan_zet,
        aan_zet_sinds=moment(found.aan_zet_sinds),
        klok_loopt=found.klok_loopt,
        mijlpalen=tuple(
            [
                Mijlpaal(NAAM[feit.rang], Moment(feit.gebeurd, feit.alleen_dag), feit.bekend, bewijs_of(feit.bewijs))
                for feit in found.mijlpalen
            ]
        ),
        feiten=len(staat.feiten),
        wachtend=len(staat.wachtend),
        onvolledig=onvolledig,
        buiten_beschouwing=tuple([gebeurtenis_van(feit) for feit in found.buiten]),
        in_een_keer_goed=staat.eenmaal,
        afspraken=() if agenda is None else _afspraken(agenda),
        bezoeken=0 if agenda is None else len(agenda.nagekomen),
        vergeefs={} if agenda is None else agenda.vergeefs,
        heropend=found.heropeningen,
        huurder_seconden=_of_the_tenant(found),
        offerte=None if found.offerte is None else OFFERTESTAPPEN[found.offerte.stap].value,
        meerwerk=() if found.meerwerk is None else _meerwerk(found),
        delen=tuple([_deel(deel) for deel in delen]) if delen else (),
        facturen=tuple([item.sleutel for item in staat.gehoord if isinstance(item, Deelvraag) and not item.ingetrokken])
        if staat.gehoord
        else (),
    )


def _deel(deel: Onderdeel) -> Deel:
    ready = deel.found.gereed
    return Deel(
        deel.subnummer, deel.found.toestand, deel.found.aan_zet, None if ready is None else moment(ready.moment)
    )


def _afspraken(agenda: Agenda) -> tuple[Afspraak, ...]:
    return tuple(
        Afspraak(
            SLOTSOORTEN[slot.soort].value,
            moment(slot.begin),
            moment(slot.eind),
            moment(feit.moment),
            slot.door,
            slot.reden,
            None if slot.vorig is None else moment(slot.vorig),
        )
        for feit in agenda.feiten
        for slot in feit.sloten
    )


def _of_the_tenant(found: Conclusie) -> dict[str, int]:
    """Seconds that the tenant was aan zet, by the detail that says why, of what has ended."""
    spans: dict[str, int] = {}
    for index, stuk in enumerate(found.stukken[:-1]):
        if stuk.aan_zet is AanZet.HUURDER:
            span = (found.stukken[index + 1].begin - stuk.begin) // SECONDE
            name = DETAILS[stuk.reden].value
            spans[name] = spans.get(name, 0) + span
    return spans


def _meerwerk(found: Conclusie) -> tuple[Meerwerk, ...]:
    if found.meerwerk is None:
        return ()
    return tuple(Meerwerk(post.bedrag, post.grond, bewijs_van(post.feit)) for post in found.meerwerk.alle())
