"""From an invoice, or a step of one, to its canonical document: the look-ups in the client's terms (DESIGN 5, ONDERHOUD 5).

Account numbers stay off the log: the event only says whether the client knows them; the numbers themselves are
personal data.
"""

from datetime import date
from decimal import Decimal

import msgspec

from adapters.adapter.admission import supplies_for
from adapters.adapter.outcome import PROFIEL, Weigering
from adapters.adapter.place import Dossierplek
from adapters.adapter.terms import agreed_price, invoice_conditions, invoice_terms, waiting_hours
from adapters.formats.findings import fout, quoted, waarschuwing
from adapters.message import Bericht, FactuurInhoud, FactuurstatusInhoud
from topics.documents import Bevinding, Reden
from topics.documents.factuur import Factuur, Factuurregel, Factuurstap, Factuurstatus
from topics.keys import LONGEST, normalise_number
from topics.profile.profile import Profiel, Termen
from topics.profile.registry import Registry
from topics.profile.supplier import account_number

_BY_SUPPLIER = frozenset({Factuurstap.INGETROKKEN})
"""Steps that the supplier sets; all others are the client's."""


class Invoicing:
    """Maps invoices of the partner of `profile`, received on day `today`, for the client of `where`."""

    def __init__(self, registry: Registry, profile: Profiel, where: Dossierplek, today: date) -> None:
        self._registry, self._profile, self._client, self._today = registry, profile, where.client, today
        self._leverancier = where.leverancier or ""

    def invoice(self, bericht: Bericht, inhoud: FactuurInhoud) -> tuple[Factuur, tuple[Bevinding, ...]]:
        """The document and warnings. Raises Weigering."""
        supplier = self._leverancier
        aannemer, known = self._contractor(supplier, inhoud.factuurdatum)
        terms = invoice_terms(self._registry, self._client, aannemer, self._today, inhoud.factuurdatum)
        contract = inhoud.contract.strip() if inhoud.contract and inhoud.contract.strip() else None
        document = Factuur(
            berichtnummer=bericht.berichtnummer,
            afzender=self._profile.gln,
            opdrachtgever=self._client.gln,
            aannemer=aannemer,
            leverancier=supplier,
            leverancier_bekend=known,
            factuurnummer=inhoud.factuurnummer.strip(),
            factuurdatum=inhoud.factuurdatum,
            te_betalen=inhoud.te_betalen,
            netto=inhoud.netto,
            iban_bekend=_known_account(inhoud, terms),
            voorwaarden=invoice_conditions(
                self._registry, self._client, terms, contract, self._today, inhoud.periode_van
            ),
            typecode=inhoud.typecode,
            munt=inhoud.munt,
            regels=self._lines(bericht, inhoud, terms, contract),
            toeslagen=inhoud.toeslagen,
            btw=inhoud.btw,
            afronding=inhoud.afronding,
            vooruitbetaald=inhoud.vooruitbetaald,
            g_bedrag=inhoud.g_bedrag,
            g_iban_bekend=account_number(inhoud.g_iban) in terms.facturen.g_ibans if inhoud.g_iban else None,
            verwijst_naar=(inhoud.verwijst_naar or "").strip() or None,
            contract=contract,
            periode_van=inhoud.periode_van,
            periode_tot=inhoud.periode_tot,
            leverdatum=inhoud.leverdatum,
            vervaldatum=inhoud.vervaldatum,
            bijlagen=bericht.bijlagen,
        )
        return document, self._warnings(document, inhoud)

    def step(self, bericht: Bericht, inhoud: FactuurstatusInhoud) -> Factuurstatus:
        """The document. Raises Weigering when somebody else than its owner takes this step."""
        supplier = self._leverancier
        own = self._client.partner == self._profile.partner
        if own is (inhoud.stap in _BY_SUPPLIER):
            allowed = [one.value for one in Factuurstap if own is not (one in _BY_SUPPLIER)]
            tekst = (
                f"Stap: gevonden {inhoud.stap.value}, verwacht {' of '.join(allowed)}: dat is wat "
                f"{'de opdrachtgever' if own else 'de leverancier'} van een factuur zegt."
            )
            finding = fout("stap-niet-toegestaan", "stap", tekst, PROFIEL, waarde=inhoud.stap.value)
            raise Weigering(Reden.ONBEVOEGD, finding)
        aannemer = self._supplier(supplier) if own else self._contractor(supplier, self._today)[0]
        number = bericht.opdrachtnummer.strip()
        return Factuurstatus(
            berichtnummer=bericht.berichtnummer,
            afzender=self._profile.gln,
            opdrachtgever=self._client.gln,
            leverancier=supplier,
            factuurnummer=inhoud.factuurnummer.strip(),
            stap=inhoud.stap,
            gebeurd=inhoud.gebeurd,
            bedrag=inhoud.bedrag,
            opdrachtnummer=_normal(number, "opdrachtnummer") if number else None,
            wachttijd_uren=waiting_hours(self._registry, self._client, aannemer, self._today),
        )

    def _supplier(self, number: str) -> str | None:
        """Whose legal entity it is by the client's terms; None when that is not one aannemer."""
        named = self._registry.suppliers(self._client, number, self._today)
        return named[0] if len(named) == 1 else None

    def _contractor(self, number: str, day: date) -> tuple[str, bool]:
        """`supplies_for` by the terms of today, else those of `day`. Raises Weigering `onbevoegd` when it is another's."""
        found = supplies_for(self._registry, self._profile, self._client, number, self._today, day)
        if found is not None:
            return found
        tekst = (
            f"Leverancier: gevonden {quoted(number)}, dat van een ander is; verwacht een rechtspersoon van "
            f"{self._profile.naam}: een partner factureert alleen voor zichzelf."
        )
        raise Weigering(Reden.ONBEVOEGD, fout("namens-ander", "leverancier", tekst, PROFIEL, waarde=number))

    def _lines(
        self, bericht: Bericht, inhoud: FactuurInhoud, terms: Termen, contract: str | None
    ) -> tuple[Factuurregel, ...]:
        """The lines with their order and agreed price. Raises Weigering `zonder-sleutel` when one has neither order nor
        contract."""
        header = bericht.opdrachtnummer.strip()
        numbers = [line.nummer.strip() for line in inhoud.regels]
        unique = all(numbers) and len(set(numbers)) == len(numbers)
        made: list[Factuurregel] = []
        for position, line in enumerate(inhoud.regels, 1):
            own = (line.opdrachtnummer or "").strip()
            number = own or header
            if not number and contract is None:
                tekst = (
                    f"Regel {position}: geen opdrachtnummer gevonden en geen contract, verwacht een van beide: op de "
                    "regel of op de factuur."
                )
                pad = f"regel.{position}.opdrachtnummer"
                raise Weigering(Reden.ZONDER_SLEUTEL, fout("opdrachtnummer-ontbreekt", pad, tekst, "Ketenbus"))
            code = (line.prijscode or "").strip() or None
            made.append(
                msgspec.structs.replace(
                    line,
                    nummer=numbers[position - 1] if unique else str(position),
                    opdrachtnummer=_normal(number, f"regel.{position}.opdrachtnummer") if number else None,
                    subnummer=line.subnummer if own else line.subnummer or bericht.subnummer,
                    prijscode=code,
                    afgesproken=self._price(terms, code, inhoud.factuurdatum),
                )
            )
        return tuple(made)

    def _price(self, terms: Termen, code: str | None, day: date) -> Decimal | None:
        return None if code is None else agreed_price(self._registry, self._client, terms, code, day)

    def _warnings(self, document: Factuur, inhoud: FactuurInhoud) -> tuple[Bevinding, ...]:
        found: list[Bevinding] = []
        client = self._client.naam
        if not document.leverancier_bekend:
            tekst = f"Leverancier: gevonden {quoted(document.leverancier)}, verwacht een rechtspersoon die {client} van deze aannemer kent."
            found.append(waarschuwing("leverancier-onbekend", "leverancier", tekst, bron=PROFIEL))
        if not document.iban_bekend and inhoud.iban:
            tekst = (
                f"IBAN: gevonden {quoted(inhoud.iban)}, verwacht een rekening die {client} van deze leverancier kent."
            )
            found.append(
                waarschuwing("iban-onbekend", "iban", tekst, bron=PROFIEL, waarde=inhoud.iban, persoonlijk=True)
            )
        if document.g_iban_bekend is False and inhoud.g_iban:
            tekst = f"G-rekening: gevonden {quoted(inhoud.g_iban)}, verwacht een G-rekening die {client} van deze leverancier kent."
            found.append(
                waarschuwing("g-iban-onbekend", "g_iban", tekst, bron=PROFIEL, waarde=inhoud.g_iban, persoonlijk=True)
            )
        if document.voorwaarden.eigenbouwer and any(line.btw_categorie == "S" for line in document.regels):
            tekst = f"Btw: gevonden belaste regels (S), verwacht verlegd (AE): {client} is eigenbouwer volgens de voorwaarden."
            found.append(waarschuwing("btw-niet-verlegd", "btw", tekst, bron=PROFIEL))
        periodic = any(line.opdrachtnummer is None for line in document.regels)
        if periodic and (document.periode_van is None or document.periode_tot is None):
            tekst = (
                "Periode: niet gevonden, verwacht de eerste en de laatste dag waarover een contract wordt gefactureerd."
            )
            found.append(waarschuwing("periode-ontbreekt", "periode_van", tekst))
        if document.factuurdatum > self._today:
            day = document.factuurdatum.isoformat()
            tekst = f"Factuurdatum: gevonden {day}, verwacht niet later dan de ontvangst van het bericht."
            found.append(waarschuwing("in-de-toekomst", "factuurdatum", tekst, waarde=day))
        return tuple(found)


def accounts_apart(inhoud: FactuurInhoud, personen: dict[str, str]) -> dict[str, str]:
    """`personen` with the account numbers that the event leaves out."""
    asked = {"iban": inhoud.iban, "g_iban": inhoud.g_iban}
    return {**personen, **{path: account_number(number) for path, number in asked.items() if number}}


def _known_account(inhoud: FactuurInhoud, terms: Termen) -> bool:
    """Whether the client knows the account that is asked for. Who asks for none of a positive amount is not known; a
    credit needs none."""
    if not inhoud.iban:
        return inhoud.te_betalen <= 0
    return account_number(inhoud.iban) in terms.facturen.ibans


def _normal(number: str, pad: str) -> str:
    try:
        return normalise_number(number)
    except ValueError:
        tekst = f"Opdrachtnummer: leeg of langer dan {LONGEST} tekens gevonden, verwacht het nummer van de opdracht."
        raise Weigering(Reden.ZONDER_SLEUTEL, fout("opdrachtnummer-leeg", pad, tekst, "Ketenbus")) from None
