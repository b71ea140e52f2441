"""Who may say what, by the profiles and the declaration of the kind (DESIGN 3, ONDERHOUD 6)."""

from datetime import date, datetime

from adapters.adapter.outcome import PROFIEL, Weigering
from adapters.adapter.place import KETEN, Dossierplek
from adapters.formats.dialects import DIALECTEN
from adapters.formats.findings import fout, quoted
from adapters.kinds import Kind, Partij
from adapters.message import Bericht, Soort
from topics.accounts import day_of
from topics.documents import Reden
from topics.profile.profile import Profiel
from topics.profile.registry import Registry


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
    if name not in profile.mag_sturen or name not in kind.documenten:
        allowed = [one for one in profile.mag_sturen if one in kind.documenten]
        short = ", ".join(one.rpartition(".")[2] for one in allowed) or "geen enkel bericht"
        tekst = f"Bericht: gevonden {soort.value}, verwacht {short}: meer mag {profile.naam} niet sturen."
        raise Weigering(Reden.ONBEVOEGD, fout("bericht-niet-toegestaan", "soort", tekst, PROFIEL, waarde=soort.value))
    if KETEN not in profile.ketens:
        tekst = f"Keten: gevonden {KETEN}, verwacht een van {', '.join(profile.ketens) or 'geen'} volgens het profiel."
        raise Weigering(Reden.ONBEVOEGD, fout("keten-niet-toegestaan", "keten", tekst, PROFIEL, waarde=KETEN))


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
    missing = [name for name in needed if name not in profile.dialecten] if needed else None
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


def may_speak(registry: Registry, profile: Profiel, where: Dossierplek, day: date) -> bool:
    """Whether a refused part of `profile` may make a dossier `onvolledig`: of its client, or of one that has terms with
    it; of an invoice only when that is not another's."""
    if where.client.partner == profile.partner:
        return True
    if where.leverancier is not None and supplies_for(registry, profile, where.client, where.leverancier, day) is None:
        return False
    return registry.terms(where.client, profile.gln, day) is not None


def supplies_for(
    registry: Registry, profile: Profiel, client: Profiel, number: str, *days: date
) -> tuple[str, bool] | None:
    """Canonical GLN of the aannemer to whom an invoice of the legal entity `number` belongs when `profile` sends it, and
    whether the client's terms say so: those of the first of `days` that name it. None: it is another's, and a partner
    invoices for itself only."""
    named = next((found for day in days if (found := registry.suppliers(client, number, day))), ())
    numbers = registry.entity(client, number) or (number,)
    own = not set(numbers).isdisjoint((*profile.btw_nummers, *profile.kvk_nummers))
    if profile.gln in named:
        return profile.gln, True
    if named:
        return (named[0], True) if own and len(named) == 1 else None
    listed = {one.partner for number in numbers if (one := registry.of_legal_number(number, days[0]))}
    return (profile.gln, False) if own or listed <= {profile.partner} else None
