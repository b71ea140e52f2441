"""Look-ups in the client's profile, done once, whose answers travel in the event (DESIGN 5)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from adapters.adapter.outcome import PROFIEL, Weigering
from adapters.formats.findings import fout, quoted
from topics.documents import Reden
from topics.documents.factuur import Afkoop, Factuurvoorwaarden
from topics.documents.onderhoud import Kalender, Norm, Urgentie, Voorwaarden
from topics.profile.profile import AfkoopTermen, KalenderTermen, NormTermen, Prijs, Profiel, Termen
from topics.profile.registry import Registry

REACH = timedelta(days=731)
"""How far after the order's date the free days in the event go: two years, a leap day included."""

INVOICE_MEASURES = frozenset({"beoordeling"})
"""Measures of the invoice itself that have a norm; an invoice has no kind and no urgency, so only norms without them
hold. That it is paid is measured against the payment term."""


def contractor_of(registry: Registry, client: Profiel, contract: str | None, day: date) -> str:
    """GLN of the aannemer for an order that names none: the one to whom its contract belongs on `day`.

    Raises Weigering `meerduidig` when there is no contract number, or when it belongs to nobody or to several.
    """
    if contract is None:
        tekst = (
            "Aannemer: niet genoemd, en geen contractnummer om de aannemer uit af te leiden; verwacht een van beide."
        )
        raise Weigering(Reden.MEERDUIDIG, fout("aannemer-ontbreekt", "aannemer", tekst, PROFIEL))
    found = registry.contractors(client, contract, day)
    if len(found) == 1:
        return found[0]
    belongs = (
        f"hoort bij {len(found)} aannemers ({', '.join(found)})" if found else "hoort op die dag bij geen aannemer"
    )
    tekst = (
        f"Aannemer: niet genoemd, en contract {quoted(contract)} {belongs} in het profiel van {client.naam}; "
        "verwacht een aannemer, of een contractnummer dat bij één aannemer hoort."
    )
    raise Weigering(Reden.MEERDUIDIG, fout("aannemer-meerduidig", "contract", tekst, PROFIEL, waarde=contract))


def conditions(
    registry: Registry, client: Profiel, aannemer: str, *, since: date, day: date, soort: str | None, urgentie: Urgentie
) -> Voorwaarden:
    """The terms of the pair on `day` as the event carries them: free days from `since` to two years after the order's
    `day`, and of each measure the norm that fits this order.

    Raises Weigering `onbevoegd` when there are none: they have no agreement.
    """
    found = _agreed(registry, client.partner, client.versie, aannemer, since, day, soort, urgentie)
    if found is None:
        tekst = (
            f"Aannemer: gevonden {aannemer}, verwacht een aannemer met wie {client.naam} op {day} "
            "voorwaarden heeft (profiel, termen)."
        )
        raise Weigering(Reden.ONBEVOEGD, fout("geen-voorwaarden", "aannemer", tekst, PROFIEL, waarde=aannemer))
    return found


def waiting_hours(registry: Registry, client: Profiel, aannemer: str | None, day: date) -> int | None:
    """How long a message of the pair may wait for its opdracht; None when the pair has no terms on `day`."""
    terms = registry.terms(client, aannemer, day) if aannemer is not None else None
    return terms.wachttijd_uren if terms is not None else None


@lru_cache(maxsize=1024)
def _agreed(
    registry: Registry,
    partner: str,
    versie: int,
    aannemer: str,
    since: date,
    day: date,
    soort: str | None,
    urgentie: Urgentie,
) -> Voorwaarden | None:
    """Kept, as the orders of a pair on one day share it: a registry and the versions in it never change."""
    client = next(one for one in registry.versions(partner) if one.versie == versie)
    terms = registry.terms(client, aannemer, day)
    if terms is None:
        return None
    return Voorwaarden(
        profiel=registry.hash_of(client),
        kalender=_calendar(terms.kalender, since, day),
        normen=tuple(
            Norm(maat=norm.maat, waarde=norm.waarde, eenheid=norm.eenheid, waarschuwen=norm.waarschuwen)
            for norm in narrowest(terms.normen, soort, urgentie)
            if norm.maat not in INVOICE_MEASURES
        ),
        wachttijd_uren=terms.wachttijd_uren,
        mandaat=terms.mandaat,
        terugdateren_uren=terms.terugdateren_uren,
    )


def invoice_terms(registry: Registry, client: Profiel, aannemer: str, day: date, invoiced: date) -> Termen:
    """The terms by which an invoice received on `day` is judged: those of that day, else (a contract that has ended) of the
    day that it was `invoiced`. Raises Weigering `onbevoegd` when there are none."""
    found = registry.terms(client, aannemer, day) or registry.terms(client, aannemer, invoiced)
    if found is None:
        tekst = (
            f"Aannemer: gevonden {aannemer}, verwacht een aannemer met wie {client.naam} op {day} of {invoiced} "
            "voorwaarden heeft (profiel, termen)."
        )
        raise Weigering(Reden.ONBEVOEGD, fout("geen-voorwaarden", "aannemer", tekst, PROFIEL, waarde=aannemer))
    return found


def invoice_conditions(
    registry: Registry, client: Profiel, terms: Termen, contract: str | None, day: date, van: date | None = None
) -> Factuurvoorwaarden:
    """What an invoice received on `day` carries of the `terms` of its pair; `contract`: the one that it names, `van`: the
    begin of the period that it is for."""
    agreed = terms.facturen
    general = [norm for norm in terms.normen if norm.soort is None and norm.urgentie is None]
    return Factuurvoorwaarden(
        profiel=registry.hash_of(client),
        kalender=_calendar(terms.kalender, day, day),
        normen=tuple(
            Norm(maat=norm.maat, waarde=norm.waarde, eenheid=norm.eenheid, waarschuwen=norm.waarschuwen)
            for norm in general
            if norm.maat in INVOICE_MEASURES
        ),
        wachttijd_uren=terms.wachttijd_uren,
        betaaltermijn_dagen=agreed.betaaltermijn_dagen,
        tolerantie=agreed.tolerantie,
        tolerantie_percentage=agreed.tolerantie_percentage,
        regieplafond=agreed.regieplafond,
        afkoop=_bought_off(agreed.afkoop, contract, van),
        g_loon=agreed.g_regel == "arbeid",
        eigenbouwer=agreed.eigenbouwer,
    )


def _bought_off(agreed: Sequence[AfkoopTermen], contract: str | None, van: date | None) -> Afkoop | None:
    """What `contract` is bought off for on the day `van`, else (a period that it does not have) at first."""
    of = [one for one in agreed if one.contract == contract]
    holds = [one for one in of if van is not None and one.geldig_vanaf <= van <= one.geldig_tot]
    for one in holds or of:
        return Afkoop(bedrag=one.bedrag, periode=one.periode, geldig_vanaf=one.geldig_vanaf, geldig_tot=one.geldig_tot)
    return None


def _calendar(calendar: KalenderTermen, since: date, day: date) -> Kalender:
    free = tuple(sorted(one for one in calendar.vrije_dagen if since <= one <= day + REACH))
    return Kalender(vrije_dagen=free, werkdagen=calendar.werkdagen, begin=calendar.begin, eind=calendar.eind)


def agreed_price(registry: Registry, client: Profiel, terms: Termen, code: str, day: date) -> Decimal | None:
    """The price of `code` in the price book of `terms` (of `client`) on `day`, in euro per unit; None when the book does
    not have it."""
    place = next(number for number, one in enumerate(client.termen) if one is terms)
    for price in _price_book(registry, client.partner, client.versie, place).get(code, ()):
        if (price.geldig_vanaf or date.min) <= day <= (price.geldig_tot or date.max):
            return price.prijs
    return None


@lru_cache(maxsize=256)
def _price_book(registry: Registry, partner: str, versie: int, place: int) -> dict[str, list[Prijs]]:
    """Kept, as a book has thousands of codes: a registry and the versions in it never change."""
    client = next(one for one in registry.versions(partner) if one.versie == versie)
    book: dict[str, list[Prijs]] = {}
    for price in client.termen[place].facturen.prijsboek:
        book.setdefault(price.code, []).append(price)
    return book


def narrowest(norms: tuple[NormTermen, ...], soort: str | None, urgentie: Urgentie) -> list[NormTermen]:
    """Per measure the norm that fits most narrowly: by kind and urgency, else urgency, else kind, else neither."""
    best: dict[str, NormTermen] = {}
    for norm in norms:
        if norm.soort not in (None, soort) or norm.urgentie not in (None, urgentie):
            continue
        held = best.get(norm.maat)
        if held is None or _narrow(norm) > _narrow(held):
            best[norm.maat] = norm
    return list(best.values())


def _narrow(norm: NormTermen) -> tuple[bool, bool]:
    return (norm.urgentie is not None, norm.soort is not None)
