"""An invoice, and a step of one, in the plain JSON form."""

from adapters.generator.bericht import Uiting
from adapters.generator.factuur import VERLEGD, Factuur, Regel, Stap, euro
from adapters.generator.partners import Partner
from adapters.generator.schrijf.tijden import written

Velden = dict[str, object]


def invoice(factuur: Factuur, klant: Partner) -> Velden:
    """What comes behind the head that all messages have."""
    numbers = {regel.opdracht for regel in factuur.regels}
    shared = factuur.opdrachten[0] if len(numbers) == 1 and factuur.opdrachten else None
    made: Velden = {
        "btw_nummer": factuur.leverancier,
        "factuurnummer": factuur.nummer,
        "factuurdatum": factuur.datum.isoformat(),
        "typecode": factuur.typecode,
        "verwijst_naar": factuur.verwijst_naar,
        "opdrachtnummer": shared,
        "contract": factuur.contract,
        "vervaldatum": None if factuur.vervalt is None else factuur.vervalt.isoformat(),
        "iban": factuur.iban,
        "g_iban": factuur.g_iban,
        "g_bedrag": None if factuur.g_bedrag is None else euro(factuur.g_bedrag),
        "regels": [_line(regel, shared is None) for regel in factuur.regels],
        "toeslagen": [
            {
                "bedrag": euro(one.bedrag),
                "btw_categorie": one.tarief[0],
                "btw_percentage": one.tarief[1],
                "reden": one.reden,
            }
            for one in factuur.toeslagen
        ],
        "btw": [
            {
                "categorie": tarief[0],
                "percentage": tarief[1],
                "grondslag": euro(factuur.grondslag(tarief)),
                "bedrag": euro(factuur.btw(tarief)),
            }
            for tarief in factuur.tarieven
        ],
        "netto": euro(factuur.netto),
        "afronding": euro(factuur.afronding),
        "te_betalen": euro(factuur.te_betalen if factuur.totaal_als is None else factuur.totaal_als),
    }
    if factuur.periode is not None:
        made |= {"periode_van": factuur.periode[0].isoformat(), "periode_tot": factuur.periode[1].isoformat()}
    if VERLEGD in factuur.tarieven:
        made["koper"] = {"btw": klant.btw_nummer}
    return {name: value for name, value in made.items() if value is not None}


def step(uiting: Uiting, stap: Stap, partner: Partner) -> Velden:
    made: Velden = {
        "leverancier": stap.leverancier,
        "factuurnummer": stap.nummer,
        "stap": stap.stap,
        "gebeurd": written(uiting.gebeurd, partner.id),
        "opdrachtnummer": stap.opdracht,
        "bedrag": None if stap.bedrag is None else euro(stap.bedrag),
    }
    return {name: value for name, value in made.items() if value is not None}


def _line(regel: Regel, named: bool) -> Velden:
    made: Velden = {
        "nummer": regel.nummer,
        "prijscode": regel.code,
        "aantal": str(regel.aantal),
        "eenheid": regel.eenheid,
        "prijs": euro(regel.prijs),
        "prijsaantal": None if regel.geteld is None else str(regel.geteld[0]),
        "prijseenheid": None if regel.geteld is None else regel.geteld[1],
        "bedrag": euro(regel.bedrag),
        "btw_categorie": regel.tarief[0],
        "btw_percentage": regel.tarief[1],
        "opdrachtnummer": regel.opdracht if named else None,
        "soort": None if regel.arbeid is None else "arbeid" if regel.arbeid else "materiaal",
        "meerwerk": True if regel.meerwerk else None,
    }
    return {name: value for name, value in made.items() if value is not None}
