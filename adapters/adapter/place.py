"""Where a part belongs: the client's profile, the keten and the dossier key (DESIGN 5)."""

from datetime import date
from typing import Final

import msgspec

from adapters.adapter.outcome import PROFIEL, Weigering
from adapters.formats.findings import fout, quoted
from adapters.message import Bericht, FactuurInhoud, Factuursleutel, FactuurstatusInhoud, MutatieInhoud
from topics.documents import Reden
from topics.keys import LONGEST, PROEF, invoice_key, mutation_key, order_key
from topics.profile.profile import Profiel
from topics.profile.registry import Registry
from topics.profile.supplier import is_kvk, legal_number

KETEN = "onderhoud"
_SHOWN: Final = 5
"""Numbers of a buyer that a finding quotes; an invoice may name thousands."""


class Dossierplek(msgspec.Struct, frozen=True):
    """Where a part belongs: the client's profile, its keten and its dossier key. leverancier: the legal entity whose
    invoice it is about, normalised."""

    client: Profiel
    keten: str
    dossier: str
    leverancier: str | None = None


def place(registry: Registry, profile: Profiel, gln: str, number: str, day: date, *, proef: bool) -> Dossierplek:
    """The dossier of order `number` of the client with `gln` (as sent, an alias too) on `day` of receipt.

    It lies in the proef-keten when the message, its sender or the client is on trial. Raises Weigering
    `zonder-sleutel` when the client is unknown or the number empty.
    """
    client = _client(registry, gln, day)
    keten = _keten(profile, client, proef=proef)
    try:
        return Dossierplek(client, keten, order_key(keten, client.gln, number))
    except ValueError:
        tekst = f"Opdrachtnummer: leeg of langer dan {LONGEST} tekens gevonden, verwacht het nummer van de opdracht."
        raise Weigering(
            Reden.ZONDER_SLEUTEL, fout("opdrachtnummer-leeg", "opdrachtnummer", tekst, "Ketenbus")
        ) from None


def place_of(registry: Registry, profile: Profiel, bericht: Bericht, day: date) -> Dossierplek:
    """The dossier of `bericht`: its order, its vacancy or its invoice. Raises as `place`."""
    match bericht.inhoud:
        case MutatieInhoud() as inhoud:
            return _vacancy(registry, profile, bericht, inhoud, day)
        case FactuurInhoud() as factuur:
            client = _buyer(registry, bericht.opdrachtgever, factuur.koper, day)
            supplier = supplier_of(registry, client, factuur)
            return _invoice(profile, client, supplier, factuur.factuurnummer, proef=bericht.proef)
        case FactuurstatusInhoud() as status:
            client = _client(registry, bericht.opdrachtgever, day)
            supplier = _canonical(registry, client, legal_number(status.leverancier))
            return _invoice(profile, client, supplier, status.factuurnummer, proef=bericht.proef)
        case _:
            number, gln = bericht.opdrachtnummer, bericht.opdrachtgever
            return place(registry, profile, gln, number, day, proef=bericht.proef)


def place_refused(
    registry: Registry, profile: Profiel, key: tuple[str, str] | Factuursleutel, day: date
) -> Dossierplek:
    """The dossier that a refused part still shows by its `key`. Raises as `place`."""
    if isinstance(key, tuple):
        return place(registry, profile, *key, day, proef=False)
    client = _buyer(registry, key.opdrachtgever, key.koper, day)
    supplier = _canonical(registry, client, legal_number(key.leverancier))
    return _invoice(profile, client, supplier, key.factuurnummer, proef=key.proef)


def supplier_of(registry: Registry, client: Profiel, inhoud: FactuurInhoud) -> str | None:
    """The legal entity that invoices, by the number that stands for it in the terms of `client`; when they do not know
    it by its VAT number, else by its KvK number; None when it names neither.

    A KvK number of theirs beside a VAT number that they do not know counts only when they know no VAT number with it.
    Raises Weigering `meerduidig` when the numbers are of two entities of the terms.
    """
    vat, kvk = legal_number(inhoud.btw_nummer or ""), legal_number(inhoud.kvk_nummer or "")
    by_vat = registry.entity(client, vat) if vat is not None else ()
    by_kvk = registry.entity(client, kvk) if kvk is not None else ()
    if by_vat and by_kvk and by_vat != by_kvk:
        tekst = (
            f"Leverancier: gevonden btw-nummer {quoted(vat or '')} en KvK-nummer {quoted(kvk or '')}, verwacht nummers "
            f"van één rechtspersoon; {client.naam} kent ze als twee."
        )
        raise Weigering(Reden.MEERDUIDIG, fout("leverancier-meerduidig", "leverancier", tekst, PROFIEL))
    if not by_vat and by_kvk and (vat is None or all(map(is_kvk, by_kvk))):
        return by_kvk[0]
    return _canonical(registry, client, vat or kvk)


def _canonical(registry: Registry, client: Profiel, number: str | None) -> str | None:
    """`number` (normalised), or the one that stands for its legal entity in the terms of `client`."""
    return next(iter(registry.entity(client, number)), number) if number is not None else None


def _vacancy(registry: Registry, profile: Profiel, bericht: Bericht, inhoud: MutatieInhoud, day: date) -> Dossierplek:
    client = _client(registry, bericht.opdrachtgever, day)
    keten = _keten(profile, client, proef=bericht.proef)
    try:
        key = mutation_key(keten, client.gln, inhoud.mutatie, inhoud.eenheid, inhoud.leegstand_vanaf)
    except ValueError:
        key = None
    if key is None:
        tekst = (
            f"Mutatie: geen nummer van hoogstens {LONGEST} tekens gevonden, en geen eenheid met de eerste dag van "
            "leegstand; verwacht een van beide."
        )
        raise Weigering(Reden.ZONDER_SLEUTEL, fout("mutatie-onbenoemd", "mutatie", tekst, "Ketenbus"))
    return Dossierplek(client, keten, key)


def _invoice(profile: Profiel, client: Profiel, supplier: str | None, number: str, *, proef: bool) -> Dossierplek:
    """The dossier of an invoice. Raises Weigering `zonder-sleutel` when supplier or number cannot be in a key."""
    if supplier is None:
        tekst = "Leverancier: geen btw-nummer en geen KvK-nummer gevonden, verwacht een van beide."
        raise Weigering(Reden.ZONDER_SLEUTEL, fout("leverancier-onbenoemd", "leverancier", tekst, "Ketenbus"))
    keten = _keten(profile, client, proef=proef)
    try:
        return Dossierplek(client, keten, invoice_key(keten, supplier, number), supplier)
    except ValueError:
        tekst = f"Factuurnummer: leeg of langer dan {LONGEST} tekens gevonden, verwacht het nummer van de factuur."
        raise Weigering(Reden.ZONDER_SLEUTEL, fout("factuurnummer-leeg", "factuurnummer", tekst, "Ketenbus")) from None


def _client(registry: Registry, gln: str, day: date) -> Profiel:
    """The client with `gln`. Raises Weigering `zonder-sleutel`."""
    client = registry.of_gln(gln, day)
    if client is None:
        tekst = f"Opdrachtgever: gevonden GLN {quoted(gln)}, verwacht een GLN die in een profiel staat."
        raise _unknown_client(tekst, gln)
    return client


def _buyer(registry: Registry, gln: str, koper: tuple[tuple[str, str], ...], day: date) -> Profiel:
    """The client of an invoice: by GLN, else by a KvK or VAT number that its profile lists.

    Raises Weigering `zonder-sleutel` when none of them is known, `meerduidig` when they are of several clients.
    """
    glns = dict.fromkeys([*([gln] if gln else []), *(value for scheme, value in koper if scheme == "gln")])
    numbers = dict.fromkeys(legal_number(value) for scheme, value in koper if scheme in ("btw", "kvk"))
    found = [registry.of_gln(one, day) for one in glns]
    found += [registry.of_legal_number(one, day) for one in numbers if one is not None]
    clients = {one.partner: one for one in found if one is not None}
    said = [*glns, *(value for scheme, value in koper if scheme != "gln")]
    named = ", ".join(map(quoted, said[:_SHOWN])) + (f" en nog {len(said) - _SHOWN}" if len(said) > _SHOWN else "")
    if len(clients) > 1:
        tekst = f"Opdrachtgever: gevonden {named}, verwacht nummers van één partner; zij horen bij {', '.join(sorted(clients))}."
        raise Weigering(Reden.MEERDUIDIG, fout("opdrachtgever-meerduidig", "opdrachtgever", tekst, PROFIEL))
    if not clients:
        shown = named or "niets"
        tekst = f"Opdrachtgever: gevonden {shown}, verwacht een GLN, KvK- of btw-nummer dat in een profiel staat."
        raise _unknown_client(tekst, gln or None)
    return next(iter(clients.values()))


def _unknown_client(tekst: str, gln: str | None) -> Weigering:
    return Weigering(Reden.ZONDER_SLEUTEL, fout("opdrachtgever-onbekend", "opdrachtgever", tekst, PROFIEL, waarde=gln))


def _keten(profile: Profiel, client: Profiel, *, proef: bool) -> str:
    return f"{PROEF}{KETEN}" if proef or profile.proef or client.proef else KETEN
