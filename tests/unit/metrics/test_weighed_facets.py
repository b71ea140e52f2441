"""The store counts facets: by one, or by what they weigh, and after a restore the same."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.teller import Teller, Telling
from topics.runtime.positions import Position
from topics.runtime.step import Step, weighed
from topics.runtime.store import Store, frame

TELLER: Final = Teller()


def put(store: Store[Telling], key: str, *facets: str) -> dict[str, bytes | None]:
    store.stage(Step(key=key, state=Telling(), facets=facets))
    staged = store.staged()
    store.commit(staged, Position(1))
    return staged


def test_a_facet_counts_for_what_it_weighs() -> None:
    store = Store(TELLER)
    put(store, "a", weighed("money", 250), "case")
    put(store, "b", weighed("money", -100), "case")
    assert store.facets == {"money": 150, "case": 2}


def test_what_comes_to_nothing_is_forgotten() -> None:
    store = Store(TELLER)
    put(store, "a", weighed("money", 250), "since|1")
    put(store, "b", weighed("money", -250), "since|2")
    assert store.facets == {"since|1": 1, "since|2": 1}
    put(store, "a", "since|3")
    assert store.facets == {"money": -250, "since|2": 1, "since|3": 1}


def test_frames_of_a_former_release_count_as_they_did() -> None:
    store = Store(TELLER)
    store.restore("a", frame(b"", 0, ("case|x",)))
    store.restore("b", frame(b"", 0, ("case|x", "late")))
    assert store.facets == {"case|x": 2, "late": 1}


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.none() | st.lists(st.tuples(st.sampled_from(("x", "y", "z")), st.integers(-5, 5)), max_size=3),
        ),
        max_size=20,
    )
)
def test_a_restore_counts_what_the_running_store_counts(
    changes: list[tuple[str, list[tuple[str, int]] | None]],
) -> None:
    running, restored = Store(TELLER), Store(TELLER)
    last: dict[str, dict[str, int]] = {}
    for key, facets in changes:
        if facets is None:
            running.stage(Step(key=key, state=None))
            last.pop(key, None)
        else:
            running.stage(Step(key=key, state=Telling(), facets=tuple(weighed(*one) for one in facets)))
            last[key] = {}
            for name, weight in facets:
                last[key][name] = last[key].get(name, 0) + weight
        staged = running.staged()
        running.commit(staged, Position(1))
        for name, data in staged.items():
            restored.restore(name, data)
    plain: dict[str, int] = {}
    for counted in last.values():
        for name, weight in counted.items():
            plain[name] = plain.get(name, 0) + weight
    assert running.facets == restored.facets == {name: total for name, total in plain.items() if total}
