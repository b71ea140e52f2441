"""What a tick does to one dossier that is due: signals, messages that waited too long, the stub, its removal. Pure."""

from msgspec.structs import replace

from chain.kalender import UUR
from chain.ketens.onderhoud.signalen import Tik, suspended
from chain.ketens.onderhoud.soort import Soort
from chain.ketens.onderhoud.staat import Dossierstaat, Stomp, Wachter
from chain.ketens.onderhoud.uitkomst import BEWAREN, Kader, Uitkomst
from chain.ketens.onderhoud.verder import Nieuw
from chain.ketens.onderhoud.wachten import lees, to_person
from topics.documents import Account, Reden


def tik_as(soort: Soort, kader: Kader, sleutel: str, staat: Dossierstaat | Stomp, klok: Tik) -> Uitkomst:
    """The outcome at watermark `klok` of a dossier of the kind `soort` that was due. It is never due again at the same
    watermark."""
    if isinstance(staat, Stomp):
        return Uitkomst(staat=None)
    if not staat.feiten and not staat.wachtend and staat.bijgewerkt + BEWAREN <= klok.tot:
        return Uitkomst(staat=None)
    return soort.opruimen(kader, sleutel, staat, klok.tot) or _expire(soort, kader, sleutel, staat, klok)


def _expire(soort: Soort, kader: Kader, sleutel: str, staat: Dossierstaat, klok: Tik) -> Uitkomst:
    """Messages without opdracht go to a person after the waiting time, unless the opdrachtgever's are held up."""
    expired = [w for w in staat.wachtend if w.tot <= klok.tot and not _held(staat, w.opdrachtgever, klok)]
    if not expired:
        return soort.afronden(kader, sleutel, staat, klok, (), (), Nieuw(None))
    found = [to_person(kader, lees(w), Account.WACHTEND, Reden.ONBEKEND_DOSSIER, _waited(w)) for w in expired]
    new = replace(
        staat,
        reeks=staat.reeks + 1,
        bijgewerkt=klok.tot,
        wachtend=tuple(w for w in staat.wachtend if w not in expired),
        brieven=(*staat.brieven, *(brief for _, _, brief in found)),
    )
    postings, letters = [posting for _, posting, _ in found], [letter for letter, _, _ in found]
    return soort.afronden(kader, sleutel, new, klok, postings, letters, None)


def _waited(wachter: Wachter) -> str:
    hours = (wachter.tot - wachter.bekend) // UUR
    return f"geen opdracht gevonden binnen {hours} uur; verwacht de opdracht waar dit bericht bij hoort"


def _held(staat: Dossierstaat, gln: str, klok: Tik) -> bool:
    return suspended(staat, gln, klok.opgeschort)
