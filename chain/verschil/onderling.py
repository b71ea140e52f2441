"""What dossiers told each other, as one sentence. Pure."""

from collections import Counter

from chain.verschil.uitkomst import Uitkomst

Melding = tuple[str, str]
"""A document that one dossier sent another: its name, and the dossier that got it."""


def onderling(oud: Uitkomst, nieuw: Uitkomst) -> str | None:
    """What dossiers told each other, as one sentence that names the kinds that differ; None when it is the same."""
    before, after = oud.onderling, nieuw.onderling
    moved = Counter(name.rpartition(".")[2] for name, _ in _differing(before, after))
    if not moved:
        return None
    olds, news = _per_kind(before), _per_kind(after)
    told = ", ".join(_count(name, olds[name], news[name], moved[name]) for name in sorted(moved))
    return f"Wat dossiers elkaar meldden verschilt: {told}."


def _differing(before: Counter[Melding], after: Counter[Melding]) -> list[Melding]:
    return [one for one in before.keys() | after.keys() if before[one] != after[one]]


def _count(name: str, before: int, after: int, dossiers: int) -> str:
    """Of a kind that differs: how many there are, or that as many went to other dossiers."""
    return (
        f"{name} {before} → {after}"
        if before != after
        else f"{name} ({before}) anders verdeeld over {dossiers} dossiers"
    )


def _per_kind(told: Counter[Melding]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (name, _), count in told.items():
        found[name.rpartition(".")[2]] += count
    return found
