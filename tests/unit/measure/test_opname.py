"""What was counted of a pair holds as long as counting everything anew would give the same."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kalender import SECONDE, UUR, day_of, micros
from chain.kalender.moment import DAG, moment
from chain.kengetallen import Cijfers, Groep, Interval, Meting, Paar, Pakker, Tijdvak
from chain.kengetallen.cijfers import Dagen, Kwantielen
from chain.kengetallen.telling import Figures
from chain.kengetallen.tijdvak import maand, maand_van
from chain.kengetallen.vouw import gevouwen, pack, samen, unpack
from chain.measure.beeld import Beeld
from chain.measure.opname import VEROUDERING, Momentopname, Opname
from chain.measure.rij import Gevouwen, Signaalstand, interval_key, vouw_key
from chain.measure.tabel import Partitie
from topics.documents.keten import AanZet, Stand

START = micros(datetime(2026, 3, 26, 9, tzinfo=UTC))
MATEN = ("acceptatie", "technisch-gereed")
NONE = Kwantielen(None, None)

Gepubliceerd = dict[tuple[Paar, str], tuple[Tijdvak, Figures]]


def hele_dagen(_groep: Groep) -> Dagen:
    return lambda one, peil: day_of(peil) - day_of(one.begin)


def dubbele_dagen(_groep: Groep) -> Dagen:
    return lambda one, peil: 2 * (day_of(peil) - day_of(one.begin))


class Wereld:
    """One partition of rows, their sum, and what was published of it turn by turn."""

    def __init__(self) -> None:
        self.peil, self.dagen = START, hele_dagen
        self.gepubliceerd: Gepubliceerd = {}
        self.opname = Opname()
        self._pakker = Pakker()
        self.partitie = Partitie(0, self._pakker)
        self.beeld = Beeld(self._pakker)
        self._laatste_maand = 0

    def zet(self, dossier: int, meting: Meting) -> None:
        key = interval_key(f"onderhoud/opdracht/1/{dossier}", meting.groep.maat, None).encode()
        former = self.partitie.get(key.decode())
        revisie = former.revisie + 1 if isinstance(former, Meting) else 0
        self._rij(key, meting._replace(revisie=revisie))

    def signaal(self, stand: Signaalstand) -> None:
        self.beeld.take("s", self.partitie, b"signaal", stand)

    def vouw(self) -> list[str]:
        """Fold what is over before the month at hand, as a closing does; keys of the rows that are then to go."""
        tot = maand_van(self.peil)
        keys = list(self.partitie.due(moment(maand(tot).periode.van or 0)))
        over = [row for row in map(self.partitie.get, keys) if isinstance(row, Meting)]
        for paar, month, fresh in gevouwen(over):
            former = self.partitie.get(vouw_key(paar, month))
            whole = samen(month, unpack(paar, former.sommen), fresh) if isinstance(former, Gevouwen) else fresh
            key_of = vouw_key(paar, month).encode()
            row = self.partitie.overig[key_of] = Gevouwen(tot, month, paar, pack(whole))
            self.beeld.take("t", self.partitie, key_of, row)
        return keys

    def weg(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._rij(key.encode(), None)

    def _rij(self, key: bytes, row: Meting | None) -> None:
        self.partitie.keep(key, row)
        self.beeld.take("t", self.partitie, key, row)

    def verder(self, span: int) -> None:
        """Time goes on; back it goes within the month only: a month that is over is not told again."""
        self._laatste_maand = max(self._laatste_maand, maand_van(self.peil + span))
        if maand_van(self.peil + span) == self._laatste_maand:
            self.peil += span

    def termijn(self, *, before: int) -> None:
        """Up to so long before the next deadline."""
        rows = (row.interval.deadline for _, row in self.partitie.items() if isinstance(row, Meting))
        coming = min((at for at in rows if at is not None and at > self.peil), default=self.peil)
        self.verder(max(0, coming - before - self.peil))

    def beurt(self) -> Iterator[Paar]:
        """Publishes what is told, of a pair and period at a time."""
        for paar, tijdvak, found in self.opname.tel(self.beeld.telling, self.peil, self.dagen):
            self.gepubliceerd[paar, tijdvak.naam] = tijdvak, found
            yield paar

    def heel(self) -> list[Paar]:
        """A whole turn: pairs and periods that were published."""
        return list(self.beurt())

    def gezien(self) -> Momentopname:
        return self.opname.made(self.peil, self.beeld.signalen())

    def anew(self, peil: int) -> "Wereld":
        """The same rows, counted by who has just begun."""
        fresh = Wereld()
        fresh._pakker, fresh.partitie, fresh.beeld = self._pakker, self.partitie, Beeld(self._pakker)
        for _ in fresh.beeld.whole("t", self.partitie):
            pass
        fresh.peil, fresh.dagen = peil, self.dagen
        fresh.heel()
        return fresh


def published(wereld: Wereld) -> dict[tuple[str, Groep], tuple[Tijdvak, Cijfers]]:
    return {
        (naam, groep): (tijdvak, one)
        for (_, naam), (tijdvak, found) in wereld.gepubliceerd.items()
        for groep, one in found.items()
    }


def check(wereld: Wereld) -> None:
    """Counts are those of now; so is everything of what has nothing open. Of the others quantiles are those of some moment
    that is no longer ago than allowed."""
    now, seen = wereld.anew(wereld.peil), wereld.gezien()
    found, fresh, shown = published(wereld), published(now), now.gezien()
    assert found.keys() == fresh.keys()
    assert seen.vensters.keys() == shown.vensters.keys()
    assert (+Counter(seen.open), +Counter(seen.te_laat)) == (+Counter(shown.open), +Counter(shown.te_laat))
    assert since(seen.begin) == since(shown.begin)
    assert wereld.peil - VEROUDERING < seen.peil <= wereld.peil
    stands = {}
    for paar in wereld.beeld.telling.paren():
        deel = wereld.opname.deel(paar)
        assert deel is not None
        stands[paar] = deel.peil if deel.veroudert else wereld.peil
    assert seen.peil == min(stands.values(), default=wereld.peil)
    aged = {peil: wereld.anew(peil) for peil in {*stands.values()}}
    for at, (tijdvak, one) in found.items():
        assert (tijdvak, counts(one)) == (fresh[at][0], counts(fresh[at][1]))
        of_then = published(aged[stands[Paar(*at[1][:3])]])[at][1]
        assert (one.uren, one.netto, one.dagen) == (of_then.uren, of_then.netto, of_then.dagen)
    for (maat, naam), beeld in seen.vensters.items():
        then = aged[stands[Paar(maat.keten, maat.opdrachtgever, maat.aannemer)]].gezien()
        assert beeld.kwantielen == then.vensters[maat, naam].kwantielen
        assert msgspec.structs.replace(beeld, kwantielen=NONE) == msgspec.structs.replace(
            shown.vensters[maat, naam], kwantielen=NONE
        )


def since(begin: Mapping[tuple[str, str], Sequence[Sequence[int]]]) -> dict[tuple[str, str], list[int]]:
    return {of: sorted(chain.from_iterable(parts)) for of, parts in begin.items() if any(parts)}


def counts(one: Cijfers) -> Cijfers:
    return msgspec.structs.replace(one, uren=NONE, netto=NONE, dagen=NONE)


def test_a_signal_counts_for_the_pair_of_its_dossier_as_soon_as_that_is_known() -> None:
    wereld = Wereld()
    stand = Signaalstand(1, True, "onderhoud", "norm", "onderhoud/opdracht/1/0", "b")
    wereld.signaal(stand)
    assert wereld.gezien().signalen == {("onderhoud", "norm", "", "b"): 1}
    groep = Groep("onderhoud", "c", "b", "acceptatie", "reparatie", "spoed")
    wereld.zet(0, Meting(0, groep, Interval(begin=START, stand=Stand.OPEN)))
    assert wereld.gezien().signalen == {("onderhoud", "norm", "c", "b"): 1}
    wereld.signaal(msgspec.structs.replace(stand, offset=2, open=False))
    assert wereld.gezien().signalen == {}


# ---------------------------------------------------------------- any sequence of rows and moments

uren = st.integers(-24 * 100, 24 * 3).map(lambda hours: START + hours * UUR) | st.integers(-30, 30).map(
    lambda hours: START + hours * UUR
)


@st.composite
def metingen(draw: st.DrawFn) -> Meting:
    begin = draw(uren)
    stand = draw(st.sampled_from((Stand.OPEN, Stand.OPEN, *Stand)))
    lasts = draw(st.integers(0, 24 * 30)) * UUR
    # open with an end: its dossier was closed without it
    eind = None if stand is Stand.OPEN and draw(st.booleans()) else begin + lasts
    groep = Groep(
        "onderhoud",
        "c",
        draw(st.sampled_from("ab")),
        draw(st.sampled_from(MATEN)),
        "reparatie",
        draw(st.sampled_from(("spoed", "regulier"))),
        draw(st.integers(0, 5)) == 0,
    )
    deadline = draw(st.none() | uren)
    interval = Interval(
        begin=begin,
        stand=stand,
        eind=eind,
        deadline=None if deadline is None else max(begin, deadline),
        stil_sinds=draw(st.none() | st.just(begin + lasts)) if stand is Stand.OPEN else None,
        op=begin,
        netto=0 if eind is None else lasts // (2 * SECONDE),
        dagen=None if eind is None else day_of(eind) - day_of(begin),
        aan_zet={} if eind is None else {AanZet.AANNEMER: lasts // SECONDE},
        voorlopig=draw(st.booleans()),
    )
    return Meting(0, groep, interval)


rijen = st.tuples(st.integers(0, 4), metingen())
sprongen = st.sampled_from(
    (0, SECONDE, 600 * SECONDE, VEROUDERING - SECONDE, VEROUDERING, UUR, 3 * UUR, DAG, 4 * DAG, -UUR, -DAG)
)


GEBEURTENISSEN = ("rij", "tijd", "tijd", "termijn", "termijn", "profiel", "vouw", "weg", "weg", "sluit", "tussen")


def stopped(wereld: Wereld, periods: int) -> None:
    """A turn that ends after so many."""
    for _ in islice(wereld.beurt(), periods):
        pass


@settings(max_examples=150, deadline=None)
@given(st.lists(rijen, max_size=8), st.data())
def test_after_any_rows_and_moments_figures_are_those_of_counting_everything_anew(
    first: list[tuple[int, Meting]], data: st.DataObject
) -> None:
    wereld = Wereld()
    for rij in first:
        wereld.zet(*rij)
    wereld.heel()
    check(wereld)
    for _ in range(data.draw(st.integers(1, 5))):
        match data.draw(st.sampled_from(GEBEURTENISSEN)):
            case "rij":
                wereld.zet(*data.draw(rijen))
            case "termijn":
                if data.draw(st.booleans()):
                    wereld.termijn(before=SECONDE)
                    wereld.heel()
                wereld.termijn(before=0)
            case "profiel":
                wereld.dagen = dubbele_dagen if wereld.dagen is hele_dagen else hele_dagen
            case "vouw":
                keys = wereld.vouw()
                wereld.heel()
                check(wereld)
                wereld.weg(keys)
            case "weg":
                # nobody knows what was sent: all is told again
                wereld.zet(*data.draw(rijen))
                before = dict(wereld.gepubliceerd)
                stopped(wereld, data.draw(st.integers(1, 6)))
                wereld.gepubliceerd = before
                wereld.beeld.telling.opnieuw()
            case "sluit":
                wereld.verder(data.draw(sprongen))
                stopped(wereld, data.draw(st.integers(1, 6)))
            case "tussen":
                at, rij = data.draw(st.integers(0, 6)), data.draw(rijen)
                wereld.verder(data.draw(sprongen))
                for number, _ in enumerate(wereld.beurt()):
                    if number == at:
                        wereld.zet(*rij)
            case _:
                wereld.verder(data.draw(sprongen))
        wereld.heel()
        check(wereld)
