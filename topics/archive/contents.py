"""What is in an archive, by its manifests alone."""

from collections.abc import Iterator

from topics.archive.errors import ArchiveDamaged, ArchiveForeign
from topics.archive.manifest import CUTS, HEAD, RECORDS, Cut, File, Head, Offsets, cut_name, decode
from topics.archive.place import Place


class Contents:
    """`cuts` in order. A cut that was joined into a later one does not count."""

    def __init__(self, head: Head, cuts: list[Cut]) -> None:
        self.head, self.cuts = head, cuts

    @classmethod
    def load(cls, place: Place) -> "Contents | None":
        """None where nothing is yet. Raises ArchiveForeign, ArchiveDamaged, Unavailable."""
        said = place.read(HEAD)
        names = place.names(CUTS)
        if said is None:
            if names:
                raise ArchiveForeign(f"found {names[0]} but no {HEAD}: this is no archive, or a part of one")
            return None
        cuts: list[Cut] = []
        for name in reversed(names):
            if cuts and name >= cut_name(cuts[-1].since):
                # joined into the one behind it; whoever joined them was interrupted before it was removed
                continue
            cuts.append(decode(place.read(name) or b"", Cut, name))
        cuts.reverse()
        expected = 1
        for cut in cuts:
            if cut.since != expected:
                raise ArchiveDamaged(f"{cut_name(expected)} is missing: found {cut_name(cut.number)} behind it")
            expected = cut.number + 1
        return cls(decode(said, Head, HEAD), cuts)

    @property
    def last(self) -> Cut | None:
        return self.cuts[-1] if self.cuts else None

    @property
    def high(self) -> Offsets:
        """How far every partition is archived."""
        return dict(self.last.high) if self.last is not None else {}

    def files(self) -> Iterator[File]:
        """Of sources, in the order in which they were written."""
        for cut in self.cuts:
            yield from cut.files

    def referred(self) -> set[str]:
        """Names of all files that are in the archive."""
        found = {file.name for file in self.files()}
        if self.last is not None:
            found |= {file.name for file in self.last.stands.values()}
        return found


def sweep(place: Place, contents: Contents) -> int:
    """Removes what no manifest names: the remains of an archiver that was interrupted. How many files that were."""
    referred = contents.referred()
    left = [name for name in place.names(RECORDS) if name not in referred]
    joined = [name for name in place.names(CUTS) if name not in {cut_name(cut.number) for cut in contents.cuts}]
    for name in (*joined, *left):
        place.delete(name)
    return len(left)
