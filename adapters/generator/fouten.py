"""What goes wrong in the week beside the courses themselves: every fault of FACTS 8 for orders, planning and statuses.

A fault changes the planned utterances of one order. What it makes of them in the ledger follows from the utterance: a
reason when it cannot be handled, and otherwise the rules.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from adapters.generator.kalender import DAY, local, moment
from adapters.generator.partners import Partner
from adapters.generator.regie import Gepland, Regie

INSBOU: Final = ("insbou003", "insbou004")
ZONDER_DIALECT: Final = ("json", "dico-projectprofiel", "vera")
"""Formats of statuses, by whether their senders' profiles name dialects."""
Ingreep = Callable[[Regie, dict[str, Partner]], bool]
"""Changes `regie.gepland`; False when this order does not lend itself to it."""


def zelfde_bytes(regie: Regie, _: dict[str, Partner]) -> bool:
    """The receipt got lost: the ERP sends the same bytes again."""
    return _again(regie, regie.kans.randrange(len(regie.gepland)), "zelfde-bytes", schade="heel", kopie=True)


def zelfde_bericht_anders_geschreven(regie: Regie, _: dict[str, Partner]) -> bool:
    """The same number and content, in other bytes: dubbel."""
    place = regie.kans.randrange(len(regie.gepland))
    return _again(regie, place, "zelfde-bericht-anders-geschreven", schade="anders-geschreven")


def zelfde_nummer_andere_inhoud(regie: Regie, _: dict[str, Partner]) -> bool:
    """The same number with other content: strijdig, to a person."""
    place = _status(regie)
    if place is None:
        return False
    uiting = regie.gepland[place].uiting
    other = replace(uiting, gebeurd=uiting.gebeurd + timedelta(minutes=7), inhoud=f"{uiting.inhoud}*")
    return _add(regie, place, replace(regie.gepland[place], uiting=other), "zelfde-nummer-andere-inhoud")


def zelfde_inhoud_ander_nummer(regie: Regie, _: dict[str, Partner]) -> bool:
    """The same content under another number: a fact that counts once."""
    place = _status(regie)
    if place is None:
        return False
    told = regie.gepland[place]
    other = replace(told.uiting, berichtnummer=f"{told.uiting.berichtnummer}-2")
    return _add(regie, place, replace(told, uiting=other), "zelfde-inhoud-ander-nummer")


def opdracht_te_laat(regie: Regie, _: dict[str, Partner]) -> bool:
    """The order comes after its first statuses, which wait for it."""
    others = [one.op for one in regie.gepland if one.uiting.opdracht is None]
    if not others or regie.gepland[0].uiting.opdracht is None or others[0] - regie.gepland[0].op > DAY:
        return False
    at = regie.agenda.ontvangst(others[0] + timedelta(hours=2))
    if at is None:
        return False
    regie.gepland[0] = _marked(replace(regie.gepland[0], op=at), "status-voor-opdracht")
    return True


def opdracht_komt_nooit(regie: Regie, _: dict[str, Partner]) -> bool:
    """Statuses of an order that never comes: after the waiting time they go to a person."""
    kept = [_marked(one, "opdracht-komt-nooit") for one in regie.gepland if one.uiting.opdracht is None]
    if not kept:
        return False
    regie.gepland = kept
    return True


def verkeerde_volgorde(regie: Regie, _: dict[str, Partner]) -> bool:
    """Two statuses arrive in the reverse order."""
    for place, (one, two) in enumerate(zip(regie.gepland[1:], regie.gepland[2:], strict=False), start=1):
        if one.op < two.op and one.uiting.soort == "status":
            regie.gepland[place] = _marked(replace(one, op=two.op), "verkeerde-volgorde")
            regie.gepland[place + 1] = replace(two, op=one.op)
            if two.uiting.gebeurd <= one.op:
                return True
            regie.gepland[place], regie.gepland[place + 1] = one, two
    return False


def dagen_te_laat(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status arrives days after it happened."""
    place = _status(regie)
    at = None if place is None else regie.agenda.ontvangst(regie.gepland[place].op + regie.kans.choice((2, 3, 4)) * DAY)
    if place is None or at is None:
        return False
    regie.gepland[place] = _marked(replace(regie.gepland[place], op=at), "dagen-te-laat")
    return True


def gln_opdrachtgever_fout(regie: Regie, _: dict[str, Partner]) -> bool:
    """A client's GLN with a wrong check digit: nobody can tell the dossier."""
    return _refused_first(
        regie,
        _status(regie),
        "gln-controlecijfer",
        "zonder-sleutel",
        zichtbaar=False,
        klant_als=_wrong(regie.klant.gln),
    )


def gln_aannemer_fout(regie: Regie, _: dict[str, Partner]) -> bool:
    """An order to a GLN with a wrong check digit: with that one nothing is agreed."""
    return _refused_first(
        regie,
        _order(regie),
        "gln-controlecijfer",
        "onbevoegd",
        zichtbaar=False,
        aannemer_als=_wrong(regie.aannemer.gln),
    )


def onbekend_woord(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status word that the profile does not know, or that means something else in another standard."""
    word = regie.kans.choice(("AFW!", "PLN?", "afgemeld", "Status 99"))
    return _refused_first(regie, _status(regie), "onbekend-statuswoord", "onbekende-code", woord_als=word)


def opdracht_zonder_aannemer(regie: Regie, _: dict[str, Partner]) -> bool:
    """No contractor and no contract: nobody can tell for whom it is."""
    place = _order(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None or not order.noemt_aannemer or regie.gepland[place].formaat in INSBOU:
        return False
    bare = replace(order, noemt_aannemer=False, contract=None)
    return _refused_first(regie, place, "zonder-aannemer", "meerduidig", opdracht=bare)


def aannemer_uit_contract(regie: Regie, _: dict[str, Partner]) -> bool:
    """No contractor, but a contract that belongs to one."""
    place = _order(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None or order.contract is None or regie.gepland[place].formaat in INSBOU:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, opdracht=replace(order, noemt_aannemer=False), aannemer_als=None)
    regie.gepland[place] = _marked(replace(told, uiting=uiting), "aannemer-uit-contract")
    return True


def namens_een_ander(regie: Regie, partners: dict[str, Partner]) -> bool:
    """An aannemer names another one as the aannemer."""
    place = _status(regie, regie.aannemer)
    other = next(one for one in partners.values() if one.kind == "aannemer" and one.id != regie.aannemer.id)
    return _refused_first(regie, place, "namens-een-ander", "onbevoegd", zichtbaar=False, aannemer_als=other.gln)


def andere_opdrachtgever(regie: Regie, partners: dict[str, Partner]) -> bool:
    """A status that names the wrong client: no order of that client has this number."""
    place = _status(regie, regie.aannemer)
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
    return _add(regie, place, replace(told, uiting=uiting), "andere-opdrachtgever", after=timedelta())


def vreemde(regie: Regie, partners: dict[str, Partner]) -> bool:
    """Another aannemer of the same client speaks about this order."""
    place = _status(regie, regie.aannemer)
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
    return _add(regie, place, replace(told, uiting=uiting, formaat="json"), "vreemde")


def aannemer_geeft_opdracht(regie: Regie, _: dict[str, Partner]) -> bool:
    """The aannemer sends the client's order back as if it were its own."""
    place = _order(regie)
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
    return _add(regie, place, replace(told, uiting=uiting, formaat="json"), "aannemer-geeft-opdracht")


def alias(regie: Regie, _: dict[str, Partner]) -> bool:
    """GLNs of the client and of the aannemer that lead to the same partners."""
    told = regie.gepland[0]
    if told.uiting.opdracht is None or not regie.klant.aliassen:
        return False
    named = regie.aannemer.aliassen[0] if regie.aannemer.aliassen else regie.aannemer.gln
    uiting = replace(told.uiting, klant_als=regie.klant.aliassen[0], aannemer_als=named)
    regie.gepland[0] = _marked(replace(told, uiting=uiting), "alias")
    return True


def nummer_anders_geschreven(regie: Regie, _: dict[str, Partner]) -> bool:
    """The order's number in lower case and with a space: the same order."""
    place = _status(regie, regie.aannemer)
    if place is None:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, nummer_als=f"{regie.nummer[:3].lower()} {regie.nummer[3:].lower()}")
    regie.gepland[place] = _marked(replace(told, uiting=uiting), "nummer-anders-geschreven")
    return True


def datum_zonder_tijd(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status that names a day and no time."""
    place = _status(regie)
    if place is None:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, alleen_dag=True, gebeurd=moment(local(told.uiting.gebeurd).date(), 0))
    regie.gepland[place] = _marked(replace(told, uiting=uiting), "datum-zonder-tijd")
    return True


def in_de_toekomst(regie: Regie, _: dict[str, Partner]) -> bool:
    """A status dated days ahead: a slip of a pen, for a person to look at."""
    place = _status(regie, regie.aannemer)
    if place is None:
        return False
    told = regie.gepland[place]
    uiting = replace(
        told.uiting,
        gebeurd=told.op + regie.kans.choice((3, 30)) * DAY,
        berichtnummer=f"{told.uiting.berichtnummer}-t",
        inhoud=f"{told.uiting.inhoud}/toekomst",
    )
    return _add(regie, place, replace(told, uiting=uiting), "in-de-toekomst")


def gewijzigde_opdracht(regie: Regie, _: dict[str, Partner]) -> bool:
    """The order is sent again with other content: a change of it."""
    place = _order(regie)
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
    return _add(regie, place, replace(told, uiting=uiting), "gewijzigde-opdracht", after=timedelta(hours=5))


def opdracht_kaal(regie: Regie, _: dict[str, Partner]) -> bool:
    """An order without lines, price or appointment: valid; its free text carries the work."""
    place = _order(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None or order.urgentie != "regulier":
        return False
    told = regie.gepland[place]
    uiting = replace(
        told.uiting, opdracht=replace(order, regels=0, gereed_uiterlijk=None), tekst="Zie de mail van vanochtend."
    )
    regie.gepland[place] = _marked(replace(told, uiting=uiting), "opdracht-zonder-regels")
    return True


def foto(regie: Regie, _: dict[str, Partner]) -> bool:
    """A photo with the order: PHO inside it, or the older OTA at an address."""
    place = _order(regie)
    order = None if place is None else regie.gepland[place].uiting.opdracht
    if place is None or order is None:
        return False
    told = regie.gepland[place]
    uiting = replace(told.uiting, opdracht=replace(order, foto=True, regels=max(1, order.regels)))
    regie.gepland[place] = _marked(replace(told, uiting=uiting), "foto")
    return True


def schade_aan_opdracht(schade: str, reden: str, *, zichtbaar: bool = True, formaat: str = "dico") -> Ingreep:
    """An order whose bytes cannot be handled; the right one follows."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        place = _order(regie)
        if place is None or regie.gepland[place].formaat != formaat:
            return False
        return _refused_first(
            regie, place, schade, reden, zichtbaar=zichtbaar, schade=schade, tekst="Sleutel bij café Zonzicht"
        )

    return ingreep


def schade_aan_status(schade: str, reden: str, *, zichtbaar: bool = True, formaten: tuple[str, ...] = ()) -> Ingreep:
    """A status whose bytes cannot be handled; the right one follows."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        return _refused_first(
            regie,
            _status(regie, None, formaten),
            schade,
            reden,
            zichtbaar=zichtbaar,
            schade=schade,
            tekst="Bewoner zat in café Zonzicht",
        )

    return ingreep


def eigenaardig(schade: str, *, formaat: str = "dico") -> Ingreep:
    """An order in unusual bytes, which is read all the same."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        place = _order(regie)
        if place is None or regie.gepland[place].formaat != formaat:
            return False
        order = regie.gepland[place].uiting.opdracht
        if order is None or (schade == "gelieerd-is-aannemer" and not order.noemt_aannemer):
            return False
        told = regie.gepland[place]
        if schade == "zomertijdgat":
            reported = replace(order, gemeld_op=_GAT)
            told = replace(told, uiting=replace(told.uiting, opdracht=reported))
        regie.gepland[place] = _marked(replace(told, schade=schade), schade)
        return True

    return ingreep


def eigenaardige_status(schade: str, merk: str, formaten: tuple[str, ...] = ()) -> Ingreep:
    """A status in unusual bytes, which is read all the same: always, or as a dialect that the sender's profile names."""

    def ingreep(regie: Regie, _: dict[str, Partner]) -> bool:
        place = _status(regie, None, formaten)
        if place is None or regie.gepland[place].schade is not None:
            return False
        told = regie.gepland[place]
        uiting = replace(told.uiting, tekst="Sleutel bij café Zonzicht")
        regie.gepland[place] = _marked(replace(told, uiting=uiting, schade=schade), merk)
        return True

    return ingreep


_GAT: Final = moment(date(2026, 3, 29), 3, 30)
"""What half past two becomes in the night in which the clock is moved forward."""

INGREPEN: Final[tuple[Ingreep, ...]] = (
    zelfde_bytes,
    zelfde_bericht_anders_geschreven,
    zelfde_nummer_andere_inhoud,
    zelfde_inhoud_ander_nummer,
    opdracht_te_laat,
    opdracht_komt_nooit,
    verkeerde_volgorde,
    dagen_te_laat,
    gln_opdrachtgever_fout,
    gln_aannemer_fout,
    onbekend_woord,
    opdracht_zonder_aannemer,
    aannemer_uit_contract,
    namens_een_ander,
    andere_opdrachtgever,
    vreemde,
    aannemer_geeft_opdracht,
    alias,
    nummer_anders_geschreven,
    datum_zonder_tijd,
    in_de_toekomst,
    gewijzigde_opdracht,
    opdracht_kaal,
    foto,
    schade_aan_opdracht("cp1252", "onleesbaar", zichtbaar=False),
    schade_aan_opdracht("afgekapt", "onleesbaar", zichtbaar=False),
    schade_aan_opdracht("doctype", "onleesbaar", zichtbaar=False),
    schade_aan_opdracht("gln-12-cijfers", "ongeldig", zichtbaar=False),
    schade_aan_opdracht("dd-mm-jjjj", "ongeldig"),
    schade_aan_opdracht("dd-mm-jj", "ongeldig"),
    schade_aan_opdracht("decimale-komma", "ongeldig"),
    schade_aan_opdracht("duizendtal", "ongeldig"),
    schade_aan_opdracht("huisnummer-23a", "ongeldig"),
    schade_aan_opdracht("uuid-als-nummer", "ongeldig"),
    schade_aan_opdracht("leeg-element", "ongeldig"),
    schade_aan_opdracht("onbekend-element", "ongeldig"),
    schade_aan_opdracht("eenheid-m2", "ongeldig"),
    schade_aan_opdracht("plm-in-sales005", "ongeldig"),
    schade_aan_opdracht("zonder-namespace", "ongeldig"),
    schade_aan_status("cp1252", "onleesbaar", zichtbaar=False, formaten=ZONDER_DIALECT),
    schade_aan_status("afgekapt", "onleesbaar", zichtbaar=False),
    schade_aan_status("dd-mm-jjjj", "ongeldig", formaten=("json",)),
    schade_aan_status("dd-mm-jj", "ongeldig", formaten=("json",)),
    eigenaardig("bom"),
    eigenaardig("utf-16"),
    eigenaardig("gelieerd-is-aannemer"),
    eigenaardig("zomertijdgat", formaat="json"),
    eigenaardige_status("bom", "bom"),
    eigenaardige_status("cp1252", "dialect", INSBOU),
    eigenaardige_status("dd-mm-jjjj", "dialect", INSBOU),
    eigenaardige_status("tijd-kort", "dialect", INSBOU),
    schade_aan_opdracht("dd-mm-jjjj", "ongeldig", formaat="insbou004"),
    schade_aan_opdracht("decimale-komma-insbou", "ongeldig", formaat="insbou004"),
)


def _marked(gepland: Gepland, merk: str) -> Gepland:
    return replace(gepland, merken=(*gepland.merken, merk))


def _order(regie: Regie) -> int | None:
    return next((number for number, one in enumerate(regie.gepland) if one.uiting.opdracht is not None), None)


def _status(regie: Regie, door: Partner | None = None, formaten: tuple[str, ...] = ()) -> int | None:
    """The place of some status, of `door` and in one of `formaten` if given."""
    places = [
        number
        for number, one in enumerate(regie.gepland)
        if one.uiting.soort == "status"
        and (not formaten or one.formaat in formaten)
        and one.uiting.reden is None
        and (door is None or one.uiting.afzender == door.gln)
    ]
    return regie.kans.choice(places) if places else None


def _wrong(gln: str) -> str:
    """With a check digit that cannot be right."""
    return gln[:-1] + str((int(gln[-1]) + 3) % 10)


def _add(regie: Regie, place: int, made: Gepland, merk: str, after: timedelta = timedelta(hours=1)) -> bool:
    """Plans `made` some time after the utterance at `place`."""
    at = regie.agenda.ontvangst(regie.gepland[place].op + after)
    if at is None:
        return False
    regie.gepland.append(_marked(replace(made, op=at, merken=()), merk))
    return True


def _again(regie: Regie, place: int, merk: str, *, schade: str, kopie: bool = False) -> bool:
    told = regie.gepland[place]
    if told.schade is not None or told.uiting.reden is not None:
        return False
    if kopie:
        regie.gepland[place] = told = replace(told, schade="heel")
    return _add(regie, place, replace(told, schade=schade, kopie=kopie), merk)


def _refused_first(
    regie: Regie,
    place: int | None,
    merk: str,
    reden: str,
    *,
    zichtbaar: bool = True,
    schade: str | None = None,
    **changes: object,
) -> bool:
    """What stands at `place` is sent wrongly first; the right message follows some hours later, under the same number."""
    if place is None or regie.gepland[place].schade is not None:
        return False
    told = regie.gepland[place]
    at = regie.agenda.ontvangst(told.op + timedelta(hours=regie.kans.choice((2, 5, 20))))
    if at is None or at == told.op:
        return False
    wrong = replace(told.uiting, reden=reden, zichtbaar=zichtbaar, **changes)
    regie.gepland[place] = replace(told, op=at)
    regie.gepland.insert(place, _marked(replace(told, uiting=wrong, schade=schade or "heel", merken=()), merk))
    return True
