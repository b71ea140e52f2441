"""Who may say what, and in which dossier: by the profiles and the declaration of the kind (DESIGN 3, ONDERHOUD 6)."""

from datetime import date, datetime

import msgspec

from adapters.adapter.outcome import PROFIEL, Weigering
from adapters.formats.dialects import DIALECTEN
from adapters.formats.findings import fout, quoted
from adapters.kinds import Kind, Partij
from adapters.message import Bericht, MutatieInhoud, Soort
from topics.accounts import day_of
from topics.documents import Reden
from topics.keys import LONGEST, PROEF, mutation_key, order_key
from topics.profile.profile import Profiel
from topics.profile.registry import Registry

KETEN = "onderhoud"


class Dossierplek(msgspec.Struct, frozen=True):
    """Where a part belongs: the client's profile, its keten and its dossier key."""

    client: Profiel
    keten: str
    dossier: str


def document_name(soort: Soort) -> str:
    return f"{KETEN}.{soort.value}"


def sender(registry: Registry, kind: Kind, partner: str, received: datetime) -> Profiel:
    """The profile of `partner` in force when its message was received.

    Raises Weigering `onbevoegd` when there is none, or when it is of another kind than this adapter.
    """
    day = day_of(received)
    profile = registry.partner(partner, day)
    if profile is None:
        tekst = f"Afzender: gevonden '{partner}', verwacht een partner met een profiel dat geldt op {day}."
        raise Weigering(Reden.ONBEVOEGD, fout("geen-profiel", "afzender", tekst, PROFIEL, waarde=partner))
    if profile.kind != kind.name:
        tekst = f"Afzender: gevonden '{partner}' van soort {profile.kind}, verwacht een partner van soort {kind.name}."
        raise Weigering(Reden.ONBEVOEGD, fout("andere-soort", "afzender", tekst, PROFIEL, waarde=profile.kind))
    return profile


def check_document(profile: Profiel, kind: Kind, soort: Soort) -> None:
    """Raises Weigering `onbevoegd` when this partner, or its kind, may not send such a document."""
    name = document_name(soort)
    allowed = [one for one in profile.mag_sturen if one in kind.documenten]
    if name not in allowed:
        short = ", ".join(one.rpartition(".")[2] for one in allowed) or "geen enkel bericht"
        tekst = f"Bericht: gevonden {soort.value}, verwacht {short}: meer mag {profile.naam} niet sturen."
        raise Weigering(Reden.ONBEVOEGD, fout("bericht-niet-toegestaan", "soort", tekst, PROFIEL, waarde=soort.value))
    if KETEN not in profile.ketens:
        tekst = f"Keten: gevonden {KETEN}, verwacht een van {', '.join(profile.ketens) or 'geen'} volgens het profiel."
        raise Weigering(Reden.ONBEVOEGD, fout("keten-niet-toegestaan", "keten", tekst, PROFIEL, waarde=KETEN))


def place(registry: Registry, profile: Profiel, gln: str, number: str, day: date, *, proef: bool) -> Dossierplek:
    """The dossier of order `number` of the client with `gln` (as sent, an alias too) on `day` of receipt.

    It lies in the proef-keten when the message, its sender or the client is on trial. Raises Weigering
    `zonder-sleutel` when the client is unknown or the number empty.
    """
    client, keten = _client(registry, profile, gln, day, proef=proef)
    try:
        return Dossierplek(client, keten, order_key(keten, client.gln, number))
    except ValueError:
        tekst = f"Opdrachtnummer: leeg of langer dan {LONGEST} tekens gevonden, verwacht het nummer van de opdracht."
        raise Weigering(
            Reden.ZONDER_SLEUTEL, fout("opdrachtnummer-leeg", "opdrachtnummer", tekst, "Ketenbus")
        ) from None


def place_of(registry: Registry, profile: Profiel, bericht: Bericht, day: date) -> Dossierplek:
    """The dossier of `bericht`: its order, or its vacancy. Raises as `place`."""
    inhoud = bericht.inhoud
    if not isinstance(inhoud, MutatieInhoud):
        number, gln = bericht.opdrachtnummer, bericht.opdrachtgever
        return place(registry, profile, gln, number, day, proef=bericht.proef)
    client, keten = _client(registry, profile, bericht.opdrachtgever, day, proef=bericht.proef)
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


def _client(registry: Registry, profile: Profiel, gln: str, day: date, *, proef: bool) -> tuple[Profiel, str]:
    """The client with `gln` and the name of the keten. Raises Weigering `zonder-sleutel`."""
    client = registry.of_gln(gln, day)
    if client is None:
        tekst = f"Opdrachtgever: gevonden GLN {quoted(gln)}, verwacht een GLN die in een profiel staat."
        raise Weigering(
            Reden.ZONDER_SLEUTEL, fout("opdrachtgever-onbekend", "opdrachtgever", tekst, PROFIEL, waarde=gln)
        )
    return client, f"{PROEF}{KETEN}" if proef or profile.proef or client.proef else KETEN


def check_party(registry: Registry, profile: Profiel, kind: Kind, client: Profiel, bericht: Bericht, day: date) -> None:
    """A partner speaks for itself only: a corporatie as the opdrachtgever, an aannemer as the aannemer, if one is named,
    or as the opdrachtgever of its own orders to a subcontractor (ONDERHOUD 6).

    Whether the aannemer is a party to this very dossier is for the correlator, which knows the order. Raises Weigering
    `onbevoegd`.
    """
    if kind.spreekt_als is Partij.OPDRACHTGEVER or bericht.soort is Soort.OPDRACHT:
        named: Profiel | None = client
        party, gln = "opdrachtgever", bericht.opdrachtgever
    elif bericht.aannemer is None or client.partner == profile.partner:
        return
    else:
        named, party, gln = registry.of_gln(bericht.aannemer, day), "aannemer", bericht.aannemer
    if named is None or named.partner != profile.partner:
        tekst = f"{party.capitalize()}: gevonden {quoted(gln)}, verwacht {profile.gln}: {profile.naam} stuurt alleen voor zichzelf."
        raise Weigering(Reden.ONBEVOEGD, fout("namens-ander", party, tekst, PROFIEL, waarde=gln))


def check_dialects(profile: Profiel, needed: tuple[str, ...]) -> None:
    """Raises Weigering `ongeldig` when it took a deviation from the standard to read this part that the profile does
    not allow, with the line that would."""
    missing = [name for name in needed if name not in profile.dialecten]
    if not missing:
        return
    allowed = ", ".join(f'"{name}"' for name in sorted({*profile.dialecten, *needed}))
    agreed = ", ".join(profile.dialecten) or "geen enkele afwijking"
    raise Weigering(
        Reden.ONGELDIG,
        *(
            fout(
                "dialect-niet-toegestaan",
                "/",
                f"Dialect: gevonden '{name}' ({DIALECTEN.get(name, 'onbekend')}), verwacht {agreed} volgens het "
                f"profiel; dialecten = [{allowed}] in een volgende versie laat het toe.",
                PROFIEL,
                waarde=name,
            )
            for name in missing
        ),
    )


def may_speak(registry: Registry, profile: Profiel, client: Profiel, day: date) -> bool:
    """Whether a refused part of `profile` may make a dossier of `client` `onvolledig`: the client itself, or who has
    terms with it."""
    if client.partner == profile.partner:
        return True
    return registry.terms(client, profile.gln, day) is not None
