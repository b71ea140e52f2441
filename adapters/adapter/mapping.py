"""From what a format read to a canonical document: the partner's words mapped, the look-ups done.

The adapter and `ketenbus check` use this same code. Pure: the registry is immutable and time is an argument.
"""

from datetime import datetime, time, timedelta

import msgspec

from adapters.adapter.admission import check_dialects, check_document, check_party, may_speak
from adapters.adapter.codes import map_status, own_word
from adapters.adapter.invoicing import Invoicing, accounts_apart
from adapters.adapter.outcome import PROFIEL, Geweigerd, Toegelaten, Uitkomst, Weigering
from adapters.adapter.place import Dossierplek, place_of, place_refused
from adapters.adapter.terms import conditions, contractor_of, waiting_hours
from adapters.formats.findings import fout, waarschuwing
from adapters.kinds import Kind
from adapters.message import (
    Bericht,
    Deel,
    FactuurInhoud,
    FactuurstatusInhoud,
    MutatieInhoud,
    OfferteInhoud,
    OpdrachtInhoud,
    PlanningInhoud,
    StatusInhoud,
)
from topics.accounts import AMSTERDAM, day_of
from topics.documents import Bevinding, Document, Moment, Reden, encode
from topics.documents.factuur import Factuur
from topics.documents.onderhoud import Bovenliggend, Mutatie, Offerte, Opdracht, Planning, Status, Urgentie
from topics.profile.profile import Profiel
from topics.profile.registry import Registry
from topics.profile.urgentie import derive

_replace = msgspec.structs.replace

LARGEST = 900_000
"""Bytes of a canonical document at most; a record of the log allows 1 MiB with its headers."""

AHEAD = timedelta(days=1)
"""How far after its reception something may have happened before that is a finding."""


class Mapping:
    """Maps the parts of one sender's message received at `received` (aware)."""

    def __init__(self, registry: Registry, kind: Kind, profile: Profiel, received: datetime) -> None:
        self._registry, self._kind, self._profile, self._received = registry, kind, profile, received
        self._today = day_of(received)

    def part(self, deel: Deel) -> Uitkomst:
        """What becomes of `deel`; never raises for what a partner sent."""
        bericht = deel.bericht
        if bericht is None:
            return self._unread(deel)
        where: Dossierplek | None = None
        try:
            check_document(self._profile, self._kind, bericht.soort)
            where = place_of(self._registry, self._profile, bericht, self._today)
            check_party(self._registry, self._profile, self._kind, where.client, bericht, self._today)
            check_dialects(self._profile, deel.dialecten)
            return self._admitted(bericht, where, deel.bevindingen)
        except Weigering as refused:
            return self._refused(refused.reden, (*deel.bevindingen, *refused.bevindingen), where)

    def _unread(self, deel: Deel) -> Geweigerd:
        """A part of which the format made no message: its dossier is known where it still showed its key."""
        where = None
        try:
            if deel.sleutel is not None:
                where = place_refused(self._registry, self._profile, deel.sleutel, self._today)
        except Weigering:
            where = None
        return self._refused(deel.reden or Reden.ONGELDIG, deel.bevindingen, where)

    def _refused(self, reden: Reden, findings: tuple[Bevinding, ...], where: Dossierplek | None) -> Geweigerd:
        speaks = where is not None and may_speak(self._registry, self._profile, where, self._today)
        if where is None or not speaks or reden is Reden.ONBEVOEGD:
            return Geweigerd(reden=reden, bevindingen=findings)
        return Geweigerd(reden=reden, bevindingen=findings, keten=where.keten, dossier=where.dossier)

    def _admitted(self, bericht: Bericht, where: Dossierplek, findings: tuple[Bevinding, ...]) -> Toegelaten:
        bericht = without_names(bericht)
        personen = bericht.personen
        if isinstance(bericht.inhoud, FactuurInhoud):
            personen = accounts_apart(bericht.inhoud, personen)
        document, happened, extra = self._document(bericht, where)
        size = len(encode(document))
        if size > LARGEST:
            tekst = f"Bericht: gevonden {size} bytes na omzetting, verwacht ten hoogste {LARGEST}."
            raise Weigering(Reden.TE_GROOT, fout("bericht-te-groot", "/", tekst, "Ketenbus", waarde=str(size)))
        if happened > self._received + AHEAD and not isinstance(document, Factuur):
            found = happened.isoformat()
            tekst = f"Tijdstip: gevonden {found}, verwacht niet later dan de ontvangst van het bericht."
            extra = (*extra, waarschuwing("in-de-toekomst", "gebeurd", tekst, waarde=found))
        return Toegelaten(
            document=document,
            keten=where.keten,
            dossier=where.dossier,
            gebeurd=happened,
            personen=personen,
            bevindingen=(*findings, *extra),
            blobs=tuple(bericht.blobs.values()),
        )

    def _document(self, bericht: Bericht, where: Dossierplek) -> tuple[Document, datetime, tuple[Bevinding, ...]]:
        """The canonical document, when it happened, and warnings. Raises Weigering."""
        match bericht.inhoud:
            case OpdrachtInhoud() as inhoud:
                return self._opdracht(bericht, inhoud, where.client)
            case StatusInhoud() as inhoud:
                return self._status(bericht, inhoud, where.client), inhoud.gebeurd.op, ()
            case PlanningInhoud() as inhoud:
                return self._planning(bericht, inhoud, where.client), inhoud.gebeurd.op, ()
            case OfferteInhoud() as inhoud:
                return self._offerte(bericht, inhoud, where.client), inhoud.gebeurd.op, ()
            case MutatieInhoud() as inhoud:
                return self._mutatie(bericht, inhoud, where.client), inhoud.gebeurd.op, ()
            case FactuurInhoud() as inhoud:
                factuur, warnings = self._invoicing(where).invoice(bericht, inhoud)
                return factuur, datetime.combine(factuur.factuurdatum, time(), AMSTERDAM), warnings
            case FactuurstatusInhoud() as inhoud:
                return self._invoicing(where).step(bericht, inhoud), inhoud.gebeurd.op, ()

    def _invoicing(self, where: Dossierplek) -> Invoicing:
        return Invoicing(self._registry, self._profile, where, self._today)

    def _opdracht(
        self, bericht: Bericht, inhoud: OpdrachtInhoud, client: Profiel
    ) -> tuple[Opdracht, datetime, tuple[Bevinding, ...]]:
        sent = bericht.verzonden or Moment(self._received)
        happened = (inhoud.datum or sent).op
        day = day_of(happened)
        if bericht.aannemer is None:
            aannemer = contractor_of(self._registry, client, inhoud.contract, day)
        else:
            aannemer = self._registry.canonical(bericht.aannemer)
        urgentie, derived, warnings = self._urgency(inhoud, client, happened)
        since = min(day, day_of(inhoud.gemeld_op.op)) if inhoud.gemeld_op is not None else day
        opdracht = Opdracht(
            berichtnummer=bericht.berichtnummer,
            afzender=self._profile.gln,
            opdrachtgever=client.gln,
            aannemer=aannemer,
            opdrachtnummer=bericht.opdrachtnummer.strip(),
            verzonden=sent,
            voorwaarden=conditions(
                self._registry, client, aannemer, since=since, day=day, soort=inhoud.soort, urgentie=urgentie
            ),
            subnummer=bericht.subnummer,
            datum=inhoud.datum,
            soort=inhoud.soort,
            afspraak=inhoud.afspraak,
            specificatie=inhoud.specificatie,
            urgentie=urgentie,
            urgentie_afgeleid=derived,
            contract=inhoud.contract,
            contractdatum=inhoud.contractdatum,
            btw_verlegd=inhoud.btw_verlegd,
            gemeld_op=inhoud.gemeld_op,
            gereed_uiterlijk=inhoud.gereed_uiterlijk,
            uitvoeren_vanaf=inhoud.uitvoeren_vanaf,
            uitvoeren_tot=inhoud.uitvoeren_tot,
            locatie=inhoud.locatie,
            regels=inhoud.regels,
            bijlagen=bericht.bijlagen,
            mutatie=inhoud.mutatie,
            leegstand_vanaf=inhoud.leegstand_vanaf,
            bovenliggend=self._above(inhoud.bovenliggend),
        )
        return opdracht, happened, warnings

    def _urgency(
        self, inhoud: OpdrachtInhoud, client: Profiel, happened: datetime
    ) -> tuple[Urgentie, bool, tuple[Bevinding, ...]]:
        """Urgency, whether it is derived for want of anything better, and the warning then (ONDERHOUD 2)."""
        if inhoud.urgentie is not None:
            return inhoud.urgentie, False, ()
        ruled = derive(
            client.urgenties,
            contract=inhoud.contract,
            prijscodes=[line.prijscode for line in inhoud.regels if line.prijscode],
            datum=happened,
            gereed_uiterlijk=inhoud.gereed_uiterlijk.op if inhoud.gereed_uiterlijk is not None else None,
        )
        if ruled is not None:
            return ruled, False, ()
        tekst = "Urgentie: niet gevonden en geen regel van het profiel past, verwacht spoed, urgent of regulier; regulier is aangenomen."
        return Urgentie.REGULIER, True, (waarschuwing("urgentie-afgeleid", "urgentie", tekst, bron=PROFIEL),)

    def _status(self, bericht: Bericht, inhoud: StatusInhoud, client: Profiel) -> Status:
        coding = map_status(self._profile, inhoud.eigen, inhoud.eigen_detail)
        return Status(
            berichtnummer=bericht.berichtnummer,
            afzender=self._profile.gln,
            opdrachtgever=client.gln,
            opdrachtnummer=bericht.opdrachtnummer.strip(),
            code=coding.code,
            gebeurd=inhoud.gebeurd,
            detail=coding.detail,
            wachttijd_uren=self._waiting(bericht, client),
            eigen_status=own_word(inhoud.eigen, inhoud.eigen_detail),
            subnummer=bericht.subnummer,
            bedrag=inhoud.bedrag,
            bijlagen=bericht.bijlagen,
            gereed_gevraagd=inhoud.gereed_gevraagd,
        )

    def _planning(self, bericht: Bericht, inhoud: PlanningInhoud, client: Profiel) -> Planning:
        return Planning(
            berichtnummer=bericht.berichtnummer,
            afzender=self._profile.gln,
            opdrachtgever=client.gln,
            opdrachtnummer=bericht.opdrachtnummer.strip(),
            gebeurd=inhoud.gebeurd,
            sloten=inhoud.sloten,
            wachttijd_uren=self._waiting(bericht, client),
            subnummer=bericht.subnummer,
        )

    def _offerte(self, bericht: Bericht, inhoud: OfferteInhoud, client: Profiel) -> Offerte:
        return Offerte(
            berichtnummer=bericht.berichtnummer,
            afzender=self._profile.gln,
            opdrachtgever=client.gln,
            opdrachtnummer=bericht.opdrachtnummer.strip(),
            offertenummer=inhoud.offertenummer,
            stap=inhoud.stap,
            gebeurd=inhoud.gebeurd,
            bedrag=inhoud.bedrag,
            reden=inhoud.reden,
            wachttijd_uren=self._waiting(bericht, client),
            subnummer=bericht.subnummer,
            bijlagen=bericht.bijlagen,
        )

    def _mutatie(self, bericht: Bericht, inhoud: MutatieInhoud, client: Profiel) -> Mutatie:
        return Mutatie(
            berichtnummer=bericht.berichtnummer,
            afzender=self._profile.gln,
            opdrachtgever=client.gln,
            stap=inhoud.stap,
            gebeurd=inhoud.gebeurd,
            eenheid=inhoud.eenheid,
            mutatie=inhoud.mutatie,
            leegstand_vanaf=inhoud.leegstand_vanaf,
        )

    def _above(self, above: Bovenliggend | None) -> Bovenliggend | None:
        """The order above with its client's canonical GLN."""
        if above is None:
            return None
        return Bovenliggend(self._registry.canonical(above.opdrachtgever), above.opdrachtnummer.strip())

    def _waiting(self, bericht: Bericht, client: Profiel) -> int | None:
        """By the terms with the aannemer that the message names, or that sent it."""
        aannemer = self._registry.canonical(bericht.aannemer) if bericht.aannemer else self._profile.gln
        return waiting_hours(self._registry, client, aannemer, self._today)


def without_names(bericht: Bericht) -> Bericht:
    """Names and addresses of attachments are free text, so they stay off the log, with the other personal data."""
    if not bericht.bijlagen:
        return bericht
    personen, addresses, bare = bericht.personen.copy(), {}, []
    for number, one in enumerate(bericht.bijlagen, 1):
        if one.naam:
            personen[f"bijlage.{number}.naam"] = one.naam
        if one.url:
            addresses[f"bijlage.{number}.url"] = one.url
        bare.append(_replace(one, naam="", url=None))
    return _replace(bericht, bijlagen=tuple(bare), personen=personen | addresses)
