"""What is said wrongly, twice, too late, by the wrong one or about the wrong order (FACTS 8)."""

from datetime import timedelta

from msgspec.structs import replace

from adapters.generator.ingreep import (
    INSBOU,
    eerst_fout,
    fout_cijfer,
    gemerkt,
    nogmaals,
    opdracht_in,
    status_in,
    voeg_toe,
)
from adapters.generator.kalender import DAY, local, moment
from adapters.generator.partners import Partner
from adapters.generator.regie import Regie


def zelfde_bytes(regie: Regie, _: dict[str, Partner]) -> bool:
    """The receipt got lost: the ERP sends the same bytes again."""
    return nogmaals(regie, regie.kans.randrange(len(regie.gepland)), "zelfde-bytes", schade="heel", kopie=True)


def zelfde_bericht_anders_geschreven(regie: Regie, _: dict[str, Partner]) -> bool:
    """The same number and content, in other bytes: dubbel."""
    place = regie.kans.randrange(len(regie.gepland))
    return nogmaals(regie, place, "zelfde-bericht-anders-geschreven", schade="anders-geschreven")


def zelfde_nummer_andere_inhoud(regie: Regie, _: dict[str, Partner]) -> bool:
    """The same number with other content: strijdig, to a person."""
    place = status_in(regie)
    if place is None:
        return False
    uiting = regie.gepland[place].uiting
    other = replace(uiting, gebeurd=uiting.gebeurd + timedelta(minutes=7), inhoud=f"{uiting.inhoud}*")
    return voeg_toe(regie, place, replace(regie.gepland[place], uiting=other), "zelfde-nummer-andere-inhoud")


def zelfde_inhoud_ander_nummer(regie: Regie, _: dict[str, Partner]) -> bool:
    """The same content under another number: a fact that counts once."""
    place = status_in(regie)
    if place is None:
        return False
    told = regie.gepland[place]
    other = replace(told.uiting, berichtnummer=f"{told.uiting.berichtnummer}-2")
    return voeg_toe(regie, place, replace(told, uiting=other), "zelfde-inhoud-ander-nummer")


def opdracht_te_laat(regie: Regie, _: dict[str, Partner]) -> bool:
    """The order comes after its first statuses, which wait for it."""
    others = [one.op for one in regie.gepland if one.uiting.opdracht is None]
    if not others or regie.gepland[0].uiting.opdracht is None or others[0] - regie.gepland[0].op > DAY:
        return False
    at = regie.agenda.ontvangst(others[0] + timedelta(hours=2))
    if at is None:
        return False
    regie.gepland[0] = gemerkt(replace(regie.gepland[0], op=at), "status-voor-opdracht")
    return True


def opdracht_komt_nooit(regie: Regie, _: dict[str, Partner]) -> bool:
    """Statuses of an order that never comes: after the waiting time they go to a person."""
    kept = [gemerkt(one, "opdracht-komt-nooit") for one in regie.gepland if one.uiting.opdracht is None]
    if not kept:
        return False
    regie.gepland = kept
    return True


def verkeerde_volgorde(regie: Regie, _: dict[str, Partner]) -> bool:
    """Two statuses arrive in the reverse order."""
    for place, (one, two) in enumerate(zip(regie.gepland[1:], regie.gepland[2:], strict=False), start=1):
        if one.op < two.op and one.uiting.soort == "status":
            regie.gepland[place] = gemerkt(replace(one, op=two.op), "verkeerde-volgorde")
            regie.gepland[place + 1] = replace(two, op=one.op)
            if two.uiting.gebeurd <= one.op:
                return True
            regie.gepland[place], regie.gepland[place + 1] = one, two
    return False


def dagen_te_laat(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status arrives days after it happened."""
    place = status_in(regie)
    at = None if place is None else regie.agenda.ontvangst(regie.gepland[place].op + regie.kans.choice((2, 3, 4)) * DAY)
    if place is None or at is None:
        return False
    regie.gepland[place] = gemerkt(replace(regie.gepland[place], op=at), "dagen-te-laat")
    return True


def gln_opdrachtgever_fout(regie: Regie, _: dict[str, Partner]) -> bool:
    """A client's GLN with a wrong check digit: nobody can tell the dossier."""
    return eerst_fout(
        regie,
        status_in(regie),
        "gln-controlecijfer",
        "zonder-sleutel",
        zichtbaar=False,
        klant_als=fout_cijfer(regie.klant.gln),
    )


def gln_aannemer_fout(regie: Regie, _: dict[str, Partner]) -> bool:
    """An order to a GLN with a wrong check digit: with that one nothing is agreed."""
    return eerst_fout(
        regie,
        opdracht_in(regie),
        "gln-controlecijfer",
        "onbevoegd",
        zichtbaar=False,
        aannemer_als=fout_cijfer(regie.aannemer.gln),
    )


def onbekend_woord(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status word that the profile does not know, or that means something else in another standard."""
    word = regie.kans.choice(("AFW!", "PLN?", "afgemeld", "Status 99"))
    return eerst_fout(regie, status_in(regie), "onbekend-statuswoord", "onbekende-code", woord_als=word)


def opdracht_zonder_aannemer(regie: Regie, _: dict[str, Partner]) -> bool:
    """No contractor and no contract: nobody can tell for whom it is."""
    place = opdracht_in(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None or not order.noemt_aannemer or regie.gepland[place].formaat in INSBOU:
        return False
    bare = replace(order, noemt_aannemer=False, contract=None)
    return eerst_fout(regie, place, "zonder-aannemer", "meerduidig", opdracht=bare)


def aannemer_uit_contract(regie: Regie, _: dict[str, Partner]) -> bool:
    """No contractor, but a contract that belongs to one."""
    place = opdracht_in(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None or order.contract is None or regie.gepland[place].formaat in INSBOU:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, opdracht=replace(order, noemt_aannemer=False), aannemer_als=None)
    regie.gepland[place] = gemerkt(replace(told, uiting=uiting), "aannemer-uit-contract")
    return True


def namens_een_ander(regie: Regie, partners: dict[str, Partner]) -> bool:
    """An aannemer names another one as the aannemer."""
    place = status_in(regie, regie.aannemer)
    other = next(one for one in partners.values() if one.kind == "aannemer" and one.id != regie.aannemer.id)
    return eerst_fout(regie, place, "namens-een-ander", "onbevoegd", zichtbaar=False, aannemer_als=other.gln)


def andere_opdrachtgever(regie: Regie, partners: dict[str, Partner]) -> bool:
    """A status that names the wrong client: no order of that client has this number."""
    place = status_in(regie, regie.aannemer)
    if place is None:
        return False
    other = next(one for one in partners.values() if one.kind == "corporatie" and one.id != regie.klant.id)
    told = regie.gepland[place]
    terms = other.termen.get(regie.aannemer.gln)
    uiting = replace(
        told.uiting,
        klant=other.gln,
        berichtnummer=f"{told.uiting.berichtnummer}-v",
        inhoud=f"{told.uiting.inhoud}/andere-klant",
        wacht=None if terms is None else terms.wachttijd,
    )
    return voeg_toe(regie, place, replace(told, uiting=uiting), "andere-opdrachtgever", after=timedelta())


def vreemde(regie: Regie, partners: dict[str, Partner]) -> bool:
    """Another aannemer of the same client speaks about this order."""
    place = status_in(regie, regie.aannemer)
    others = [
        one
        for one in partners.values()
        if one.gln in regie.klant.termen and one.id not in (regie.aannemer.id, "oudewal")
    ]
    if place is None or not others or regie.gepland[0].uiting.opdracht is None:
        return False
    stranger, told = others[0], regie.gepland[place]
    uiting = replace(
        told.uiting,
        partner=stranger.id,
        afzender=stranger.gln,
        detail=stranger.detail(told.uiting.code or "", told.uiting.detail),
        aannemer_als=None,
        bedrag=None,
        berichtnummer=f"{told.uiting.berichtnummer}-x",
        inhoud=f"{told.uiting.inhoud}/vreemde",
        wacht=regie.klant.termen[stranger.gln].wachttijd,
    )
    return voeg_toe(regie, place, replace(told, uiting=uiting, formaat="json"), "vreemde")


def aannemer_geeft_opdracht(regie: Regie, _: dict[str, Partner]) -> bool:
    """The aannemer sends the client's order back as if it were its own."""
    place = opdracht_in(regie)
    if place is None or regie.aannemer.id in ("oudewal", "spanwerk"):
        return False
    told = regie.gepland[place]
    uiting = replace(
        told.uiting,
        partner=regie.aannemer.id,
        afzender=regie.aannemer.gln,
        berichtnummer=f"{regie.nummer[-8:]}-o",
        reden="onbevoegd",
        zichtbaar=False,
    )
    return voeg_toe(regie, place, replace(told, uiting=uiting, formaat="json"), "aannemer-geeft-opdracht")


def alias(regie: Regie, _: dict[str, Partner]) -> bool:
    """GLNs of the client and of the aannemer that lead to the same partners."""
    told = regie.gepland[0]
    if told.uiting.opdracht is None or not regie.klant.aliassen:
        return False
    named = regie.aannemer.aliassen[0] if regie.aannemer.aliassen else regie.aannemer.gln
    uiting = replace(told.uiting, klant_als=regie.klant.aliassen[0], aannemer_als=named)
    regie.gepland[0] = gemerkt(replace(told, uiting=uiting), "alias")
    return True


def nummer_anders_geschreven(regie: Regie, _: dict[str, Partner]) -> bool:
    """The order's number in lower case and with a space: the same order."""
    place = status_in(regie, regie.aannemer)
    if place is None:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, nummer_als=f"{regie.nummer[:3].lower()} {regie.nummer[3:].lower()}")
    regie.gepland[place] = gemerkt(replace(told, uiting=uiting), "nummer-anders-geschreven")
    return True


def datum_zonder_tijd(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status that names a day and no time."""
    place = status_in(regie)
    if place is None:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, alleen_dag=True, gebeurd=moment(local(told.uiting.gebeurd).date(), 0))
    regie.gepland[place] = gemerkt(replace(told, uiting=uiting), "datum-zonder-tijd")
    return True


def in_de_toekomst(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status dated days ahead: a slip of a pen, for a person to look at."""
    place = status_in(regie, regie.aannemer)
    if place is None:
        return False
    told = regie.gepland[place]
    uiting = replace(
        told.uiting,
        gebeurd=told.op + regie.kans.choice((3, 30)) * DAY,
        berichtnummer=f"{told.uiting.berichtnummer}-t",
        inhoud=f"{told.uiting.inhoud}/toekomst",
    )
    return voeg_toe(regie, place, replace(told, uiting=uiting), "in-de-toekomst")


def gewijzigde_opdracht(regie: Regie, _: dict[str, Partner]) -> bool:
    """The order is sent again with other content: a change of it."""
    place = opdracht_in(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None:
        return False
    told = regie.gepland[place]
    at = told.op + timedelta(hours=5)
    uiting = replace(
        told.uiting,
        gebeurd=at.replace(second=0),
        berichtnummer=f"{regie.nummer[-8:]}-w",
        inhoud=f"{told.uiting.inhoud}/gewijzigd",
        opdracht=replace(order, regels=order.regels + 1),
    )
    return voeg_toe(regie, place, replace(told, uiting=uiting), "gewijzigde-opdracht", after=timedelta(hours=5))


def opdracht_kaal(regie: Regie, _: dict[str, Partner]) -> bool:
    """An order without lines, price or appointment: valid; its free text carries the work."""
    place = opdracht_in(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None or order.urgentie != "regulier":
        return False
    told = regie.gepland[place]
    uiting = replace(
        told.uiting, opdracht=replace(order, regels=0, gereed_uiterlijk=None), tekst="Zie de mail van vanochtend."
    )
    regie.gepland[place] = gemerkt(replace(told, uiting=uiting), "opdracht-zonder-regels")
    return True


def foto(regie: Regie, _: dict[str, Partner]) -> bool:
    """A photo with the order: PHO inside it, or the older OTA at an address."""
    place = opdracht_in(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, opdracht=replace(order, foto=True, regels=max(1, order.regels)))
    regie.gepland[place] = gemerkt(replace(told, uiting=uiting), "foto")
    return True
