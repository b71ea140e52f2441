"""Compares what two sides came to. Pure, and the same for the same outcomes: everything is in the order of its name.

What differs for technical reasons only is no difference: revisions, sequence numbers, evidence, the hash of a profile.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, TypeVar

import msgspec

from chain.kalender import moment as at
from chain.kengetallen import interval_of, met_norm
from chain.verschil.rapport import Groep, Regel, Rekening, Sectie, Soort, Veld
from chain.verschil.uitkomst import Deel, Gebeurtenis, Maatplek, Signaalplek, Uitkomst
from chain.verschil.velden import moment, toon, verschillen
from topics.deadletters import Letter
from topics.documents.keten import Doorlooptijd
from topics.keys import kind_of

K = TypeVar("K")

_LOOKED_UP: Final = frozenset(
    ("voorwaarden", "wachttijd_uren", "afgesproken", "iban_bekend", "g_iban_bekend", "leverancier_bekend")
)
"""Parts of a path that are the adapter's look-ups: terms of the pair, no facts of a partner."""
_TECHNICAL: Final = frozenset(("profiel", "persoon", "reeks", "bijgewerkt", "bewijs", "revisie"))
_COUNTED: Final = ("onvolledig", "buiten_beschouwing")
"""Lists of ids in a dossier, of which the number says what people need."""
_FIRST: Final = ("toestand", "aan_zet", "stand", "binnen norm", "deadline", "rekening", "reden")
_TEXT: Final = 300
_GROUPS: Final = 50


def secties(oud: Uitkomst, nieuw: Uitkomst, peil: int, most: int | None) -> tuple[Sectie, ...]:
    """`peil`: microseconds, per when open intervals stand. `most`: lines per section; None: all. Raises DocumentError."""
    return (
        _events(oud, nieuw, most),
        _terms(oud, nieuw, most),
        _letters(oud, nieuw, most),
        _dossiers(oud, nieuw, most),
        _measures(oud, nieuw, peil, most),
        _signals(oud, nieuw, most),
        _invoices(oud, nieuw, most),
        _places(oud, nieuw, most),
    )


def verantwoording(oud: Uitkomst, nieuw: Uitkomst) -> tuple[Rekening, ...]:
    """Per partner and account how many parts are there."""
    before, after = _accounts(oud), _accounts(nieuw)
    return tuple(
        Rekening(partner=who, rekening=account, oud=before[(who, account)], nieuw=after[(who, account)])
        for who, account in sorted({*before, *after})
    )


# ---------------------------------------------------------------- events and their terms


def _events(oud: Uitkomst, nieuw: Uitkomst, most: int | None) -> Sectie:
    lines = _changes(oud, nieuw, lambda veld: not _is_looked_up(veld))
    return _section("gebeurtenissen", "Gebeurtenissen", oud.gebeurtenissen, nieuw.gebeurtenissen, lines, most)


def _terms(oud: Uitkomst, nieuw: Uitkomst, most: int | None) -> Sectie:
    lines = [line for line in _changes(oud, nieuw, _is_looked_up) if line.soort is Soort.GEWIJZIGD]
    there = set(oud.gebeurtenissen) & set(nieuw.gebeurtenissen)
    both = dict.fromkeys(there)
    return _section("voorwaarden", "Voorwaarden en wat verder werd opgezocht", both, both, lines, most)


def _changes(oud: Uitkomst, nieuw: Uitkomst, wanted: Callable[[Veld], bool]) -> list[Regel]:
    found = []
    for place, before, after in _pairs(oud.gebeurtenissen, nieuw.gebeurtenissen):
        if before == after:
            continue
        one = after or before
        if one is None:
            continue
        if before is None or after is None:
            fields = _whole(one, gone=after is None)
        else:
            fields = tuple(veld for veld in _event_fields(before, after) if wanted(veld))
        if fields:
            found.append(_line(_kind(before, after), _short(one.type), one.dossier, one.partner, place, fields))
    return sorted(found, key=_by_dossier)


def _event_fields(before: Gebeurtenis, after: Gebeurtenis) -> Iterator[Veld]:
    yield from verschillen(_short(before.type), _short(after.type), "soort")
    yield from verschillen(before.dossier, after.dossier, "dossier")
    yield from verschillen(before.gebeurd, after.gebeurd, "gebeurd op")
    if before.inhoud != after.inhoud:
        yield from _fields(_object(before.inhoud), _object(after.inhoud))


_SAID: Final = ("code", "detail", "eigen_status", "stap", "factuurnummer", "opdrachtnummer", "berichtnummer")


def _whole(event: Gebeurtenis, *, gone: bool) -> tuple[Veld, ...]:
    """What a new or gone event says, as far as people know it by that."""
    said = _object(event.inhoud)
    values = [("gebeurd op", toon(event.gebeurd)), *((name, toon(said.get(name))) for name in _SAID)]
    return tuple(Veld(name, value if gone else None, None if gone else value) for name, value in values if value)


def _is_looked_up(veld: Veld) -> bool:
    return not _LOOKED_UP.isdisjoint(veld.pad.split("."))


# ---------------------------------------------------------------- dead letters, dossiers, measures, signals, invoices


def _letters(oud: Uitkomst, nieuw: Uitkomst, most: int | None) -> Sectie:
    lines = []
    for place, before, after in _pairs(oud.brieven, nieuw.brieven):
        fields = tuple(_ranked(verschillen(_told(before, oud, place), _told(after, nieuw, place))))
        one = after or before
        if fields and one is not None:
            kind = Soort.OPGELOST if after is None else _kind(before, after)
            lines.append(_line(kind, one.reden.value, one.dossier, one.partner, place, fields))
    return _section("uitval", "Uitval", oud.brieven, nieuw.brieven, lines, most)


def _told(letter: Letter | None, side: Uitkomst, place: Deel) -> dict[str, object]:
    where = side.plaatsen.get(place)
    rekening = {"rekening": where.rekening} if where is not None and not place.poging else {}
    if letter is None:
        return {**rekening}
    codes = ", ".join(sorted({one.code for one in letter.bevindingen}))
    return {
        **rekening,
        "reden": letter.reden.value,
        "stap": letter.stage,
        "bevindingen": codes or None,
        _WORDS: letter.tekst[:_TEXT] or None,
        "besluit": side.besluit(letter.id),
    }


def _dossiers(oud: Uitkomst, nieuw: Uitkomst, most: int | None) -> Sectie:
    lines = list(_documents(oud.dossiers, nieuw.dossiers, _dossier_object))
    return _section("dossiers", "Dossiers", oud.dossiers, nieuw.dossiers, lines, most)


def _dossier_object(raw: bytes) -> dict[str, object]:
    found = _object(raw)
    if not found:
        return found
    for name in _COUNTED:
        ids = found.get(name)
        found[name] = len(ids) if isinstance(ids, list) else 0
    milestones = found.get("mijlpalen")
    found["mijlpalen"] = [_milestone(one) for one in milestones] if isinstance(milestones, list) else []
    found.setdefault("klok_loopt", False)
    return found


def _milestone(one: object) -> str:
    """`TGE 2026-03-06 15:30:00`: an order may be ready more than once."""
    if not isinstance(one, Mapping):
        return str(one)
    happened = one.get("gebeurd")
    at_ = happened.get("op") if isinstance(happened, Mapping) else None
    return f"{one.get('code')} {toon(at_)}"


def _invoices(oud: Uitkomst, nieuw: Uitkomst, most: int | None) -> Sectie:
    lines = list(_documents(oud.facturen, nieuw.facturen, _object))
    return _section("facturen", "Beoordeling van facturen", oud.facturen, nieuw.facturen, lines, most)


def _documents(
    oud: Mapping[str, bytes], nieuw: Mapping[str, bytes], read: Callable[[bytes], dict[str, object]]
) -> Iterator[Regel]:
    for key, before, after in _pairs(oud, nieuw):
        if before == after:
            continue
        was, becomes = read(before or b"{}"), read(after or b"{}")
        fields = tuple(_fields(was, becomes))
        if before is None or after is None:
            fields = tuple(veld for veld in fields if veld.pad in _SHOWN)
        if fields or before is None or after is None:
            said = becomes or was
            wie = str(said.get("aannemer") or said.get("opdrachtgever") or "")
            yield _line(_kind(before, after), kind_of(key), key, wie, None, fields)


_SHOWN: Final = frozenset(("toestand", "aan_zet", "feiten", "te_betalen", "vrijgegeven", "betwist"))


def _measures(oud: Uitkomst, nieuw: Uitkomst, peil: int, most: int | None) -> Sectie:
    lines = []
    before_all, after_all = oud.maten(), nieuw.maten()
    for place, before, after in _pairs(before_all, after_all):
        fields = tuple(_ranked(verschillen(_measured(before, peil), _measured(after, peil))))
        if before is None or after is None:
            fields = tuple(veld for veld in fields if veld.pad in _MEASURE_SHOWN)
        one = after or before
        if fields and one is not None:
            lines.append(_line(_kind(before, after), _named(place), place.dossier, one.aannemer, None, fields))
    return _section("doorlooptijden", "Doorlooptijden", before_all, after_all, lines, most)


_MEASURE_SHOWN: Final = frozenset(("stand", "begin", "eind", "deadline", "binnen norm"))
"""What is told of a measure that is on one side only."""


def _named(place: Maatplek) -> str:
    return f"{place.maat} (deel {place.subnummer})" if place.subnummer else place.maat


def _measured(document: Doorlooptijd | None, peil: int) -> dict[str, object]:
    if document is None:
        return {}
    interval = interval_of(document)
    return {
        "stand": document.standnaam,
        "begin": moment(at(interval.begin)),
        "eind": None if interval.eind is None else moment(at(interval.eind)),
        "deadline": None if interval.deadline is None else moment(at(interval.deadline)),
        "binnen norm": met_norm(interval, peil),
        "dagen": interval.dagen,
        "bruto seconden": interval.bruto_op(peil),
        "netto seconden": interval.netto_op(peil),
        "eindcode": interval.eindcode,
        "voorlopig": interval.voorlopig,
        "bevindingen": ", ".join(sorted(set(interval.bevindingen))) or None,
        "aan zet": {who.value: seconds for who, seconds in interval.aan_zet.items()} if interval.gesloten else None,
        "soort": document.soort,
        "urgentie": document.urgentie,
        "aannemer": document.aannemer,
    }


def _signals(oud: Uitkomst, nieuw: Uitkomst, most: int | None) -> Sectie:
    lines = []
    for place, before, after in _pairs(oud.signalen, nieuw.signalen):
        fields = tuple(verschillen(_raised(oud, place), _raised(nieuw, place)))
        if fields:
            wat = f"{place.soort}: {place.maat}" if place.maat else place.soort
            lines.append(_line(_kind(before, after), wat, place.dossier, place.tegen, None, fields))
    return _section("signalen", "Signalen", oud.signalen, nieuw.signalen, lines, most)


def _raised(side: Uitkomst, place: Signaalplek) -> dict[str, object]:
    found = sorted(side.signalen.get(place, {}).values(), key=lambda one: (one.sinds, one.tekst))
    one = [{"sinds": each.sinds, "ingetrokken": each.ingetrokken, "tekst": each.tekst} for each in found]
    return dict(one[0]) if len(one) == 1 else {str(number): each for number, each in enumerate(one, 1)}


def _places(oud: Uitkomst, nieuw: Uitkomst, most: int | None) -> Sectie:
    lines = []
    for place, before, after in _pairs(oud.plaatsen, nieuw.plaatsen):
        was = None if before is None else before.rekening
        becomes = None if after is None else after.rekening
        one = after or before
        if was != becomes and one is not None:
            fields = (Veld("rekening", was, becomes),)
            lines.append(_line(_kind(before, after), "deel van een bericht", one.dossier, one.partner, place, fields))
    return _section("verantwoording", "Verantwoording", oud.plaatsen, nieuw.plaatsen, lines, most)


def _accounts(side: Uitkomst) -> Counter[tuple[str, str]]:
    return Counter((place.partner, place.rekening) for place in side.plaatsen.values())


# ---------------------------------------------------------------- for all of them

A = TypeVar("A")


def _pairs(oud: Mapping[K, A], nieuw: Mapping[K, A]) -> Iterator[tuple[K, A | None, A | None]]:
    for key in chain(oud, (one for one in nieuw if one not in oud)):
        yield key, oud.get(key), nieuw.get(key)


def _kind(before: object | None, after: object | None) -> Soort:
    return Soort.NIEUW if before is None else Soort.WEG if after is None else Soort.GEWIJZIGD


def _object(raw: bytes) -> dict[str, object]:
    return _decode(raw)


_decode = msgspec.json.Decoder(dict[str, object]).decode


def _fields(was: Mapping[str, object], becomes: Mapping[str, object]) -> Iterator[Veld]:
    found = verschillen(_plain(was), _plain(becomes))
    return _ranked(found)


def _plain(value: object) -> object:
    """Without what is technical, at any depth."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if name not in _TECHNICAL}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _ranked(fields: Iterable[Veld]) -> Iterator[Veld]:
    """What people ask first, first."""
    return iter(sorted(fields, key=lambda one: (_FIRST.index(one.pad) if one.pad in _FIRST else len(_FIRST), one.pad)))


def _line(kind: Soort, wat: str, dossier: str, partner: str, place: Deel | None, fields: tuple[Veld, ...]) -> Regel:
    receipt, part = (place.ontvangst, place.deel) if place is not None else ("", "")
    return Regel(soort=kind, wat=wat, dossier=dossier, partner=partner, ontvangst=receipt, deel=part, velden=fields)


def _by_dossier(line: Regel) -> tuple[str, str, str, str, str]:
    return line.dossier, line.wat, line.ontvangst, line.deel.zfill(9), line.soort


def _section(
    naam: str, titel: str, oud: Mapping[K, object], nieuw: Mapping[K, object], lines: list[Regel], most: int | None
) -> Sectie:
    ordered = sorted(lines, key=_by_dossier)
    counts = Counter(line.soort for line in ordered)
    both = sum(1 for key in oud if key in nieuw)
    return Sectie(
        naam=naam,
        titel=titel,
        oud=len(oud),
        nieuw=len(nieuw),
        gelijk=both - counts[Soort.GEWIJZIGD],
        tellingen={kind: counts[kind] for kind in Soort if counts[kind]},
        groepen=_groups(ordered, most),
        regels=tuple(ordered[:most]),
        weggelaten=max(0, len(ordered) - most) if most is not None else 0,
    )


def _groups(lines: Iterable[Regel], most: int | None) -> tuple[Groep, ...]:
    """Of what is new or gone only where it went or came from says anything of the others."""
    together = (Soort.GEWIJZIGD, Soort.OPGELOST)
    counts = Counter(
        (line.wat, veld)
        for line in lines
        for veld in line.velden
        if veld.pad != _WORDS and (line.soort in together or veld.pad in _TOLD_TOGETHER)
    )
    found = [Groep(wat=wat, veld=veld, aantal=count) for (wat, veld), count in counts.items() if count > 1]
    found.sort(key=lambda one: (-one.aantal, one.wat, one.veld.pad, one.veld.oud or "", one.veld.nieuw or ""))
    return tuple(found if most is None else found[:_GROUPS])


_WORDS: Final = "uitleg"
_TOLD_TOGETHER: Final = frozenset(("rekening", "reden", "stap", "bevindingen"))


def _short(name: str) -> str:
    """`status` of `onderhoud.status`."""
    return name.rpartition(".")[2]
