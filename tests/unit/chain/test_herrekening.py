"""The rules agree with the plain recomputation of `herrekening`, to the second and the working day."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.chain import herrekening as plain
from tests.unit.chain.berichten import Bericht, Bus, gespeeld
from tests.unit.chain.toeval import as_it_happened, dossiers
from tests.unit.chain.verloop import loop
from topics.documents.keten import Doorlooptijd, Stand


def published(bus: Bus) -> dict[str, plain.Meting]:
    """The last revision of every measure that stands."""
    found: dict[str, Doorlooptijd] = {}
    for revision in bus.metingen:
        found[revision.maat] = revision
    return {name: _as_plain(last) for name, last in found.items() if last.stand is not Stand.INGETROKKEN}


def _as_plain(found: Doorlooptijd) -> plain.Meting:
    begin, end, deadline = _utc(found.begin), found.eind, found.deadline
    limit = None if deadline is None else _utc(deadline)
    if end is None:
        return plain.Meting(found.stand.value, begin, None, limit, found.gepauzeerd)
    return plain.Meting(
        found.stand.value,
        begin,
        _utc(end),
        limit,
        found.gepauzeerd,
        found.bruto_seconden,
        found.netto_seconden,
        found.werkdagen,
        {who.value: span for who, span in found.aan_zet_seconden.items()},
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


@given(dossiers().flatmap(lambda found: st.permutations(found) | st.just(as_it_happened(found))))
@settings(max_examples=250, deadline=None)
def test_measures_are_those_of_the_plain_recomputation(found: list[Bericht]) -> None:
    bus = gespeeld(found)
    zaak = loop(found)
    assert published(bus) == plain.metingen(found)
    dossier = bus.dossier
    assert dossier.aan_zet is not None
    assert (dossier.aan_zet.value, dossier.klok_loopt) == (zaak.stukken[-1].wie, zaak.stukken[-1].loopt)
    assert (dossier.bezoeken, dossier.heropend) == (len(zaak.bezoeken), zaak.heropeningen)
