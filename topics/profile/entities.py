"""Legal entities in a client's terms: which VAT and KvK numbers are of one, and by which of them it is known in keys."""

from collections.abc import Iterator

from topics.profile.profile import FactuurTermen, Profiel


def legal_entities(client: Profiel) -> dict[str, tuple[str, ...]]:
    """Of each number in the client's terms all numbers of its legal entity, first the one that stands for it.

    Terms that have ended count too: a legal entity stays the same one. What stands for it is the number that the
    earliest terms name, VAT before KvK, so that later terms do not move its invoices to other dossiers.
    """
    found: dict[str, tuple[str, ...]] = {}
    for terms in sorted(client.termen, key=lambda one: one.geldig_vanaf):
        for numbers in _said(terms.facturen):
            known = [one for number in numbers for one in found.get(number, ())]
            known.sort(key=list(found).index)
            whole = tuple(dict.fromkeys((*known, *numbers)))
            found |= dict.fromkeys(whole, whole)
    return found


def _said(terms: FactuurTermen) -> Iterator[tuple[str, ...]]:
    """A single VAT number and a single KvK number are of one; of several, those that `entiteiten` puts together."""
    if terms.btw_nummers and terms.kvk_nummers and not needs_pairs(terms):
        yield (*terms.btw_nummers, *terms.kvk_nummers)
        return
    yield from ((number,) for number in (*terms.btw_nummers, *terms.kvk_nummers))
    for one in terms.entiteiten:
        yield (one.kvk,) if one.btw is None else (one.btw, one.kvk)


def needs_pairs(terms: FactuurTermen) -> bool:
    """Whether it takes `entiteiten` to tell of which VAT number each KvK number is."""
    if not (terms.btw_nummers and terms.kvk_nummers):
        return False
    return bool(terms.entiteiten) or (len(terms.btw_nummers), len(terms.kvk_nummers)) != (1, 1)
