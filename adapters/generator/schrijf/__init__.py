"""Plain writers: utterances in a partner's own format. Each is a template, not a library."""

from collections.abc import Mapping, Sequence

from adapters.generator.bericht import Uiting
from adapters.generator.partners import Partner
from adapters.generator.schrijf import insbou, insbou_factuur, plat_json, projectprofiel, sales005, ubl, vera


def schrijf(formaat: str, uitingen: Sequence[Uiting], partner: Partner, klanten: Mapping[str, Partner]) -> bytes:
    """One message of `partner` in `formaat`; `klanten` by GLN. Only the plain JSON form holds several utterances. Raises ValueError for others."""
    if formaat == "json":
        return plat_json.write(uitingen, partner, klanten)
    (uiting,) = uitingen
    match formaat:
        case "dico":
            return sales005.write(uiting, partner)
        case "dico-projectprofiel":
            return projectprofiel.write(uiting, partner)
        case "vera":
            return vera.write(uiting, partner)
        case "insbou003" | "insbou004" if uiting.factuur is not None:
            return insbou_factuur.write(uiting, partner, klanten[uiting.klant], formaat[-3:])
        case "ubl":
            return ubl.write(uiting, partner, klanten[uiting.klant])
        case "insbou004" if uiting.opdracht is not None:
            return insbou.order(uiting, partner)
        case "insbou003" | "insbou004":
            return insbou.response(uiting, partner, formaat[-3:])
    raise ValueError(f"formaat: found {formaat!r}, expected one that a partner of the week sends")
