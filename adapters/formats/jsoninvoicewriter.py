"""The content of an invoice as fields of the plain JSON form."""

from datetime import date
from decimal import Decimal

from adapters.formats.findings import fout
from adapters.message import Bericht, FactuurInhoud
from topics.documents import Bevinding
from topics.documents.factuur import Factuurregel, Factuurtoeslag

Json = dict[str, object]
_SCHEMES = ("kvk", "btw", "oin")


def invoice_fields(
    bericht: Bericht, inhoud: FactuurInhoud, left: dict[str, str], misfits: list[Bevinding], source: str
) -> Json:
    """The fields of `inhoud`. Takes its texts out of `left`; what does not fit goes to `misfits`."""

    def misfit(pad: str, what: str) -> None:
        field = pad.rpartition("/")[2]
        misfits.append(fout("niet-uit-te-drukken", pad, f"Veld {field}: {what}.", source))

    koper: Json = {}
    for scheme, value in inhoud.koper:
        if scheme in _SCHEMES and koper.setdefault(scheme, value) != value:
            misfit(f"/koper/{scheme}", "twee nummers gevonden")
        elif scheme not in _SCHEMES and value != bericht.opdrachtgever:
            misfit(f"/koper/{scheme}", "hiervoor kent dit bericht geen veld")
    toeslagen: list[Json] = []
    for position, one in enumerate(inhoud.toeslagen, 1):
        free = left.pop(f"toeslag.{position}.reden", None)
        if free is not None and one.reden is not None:
            misfit(f"/toeslagen/{position - 1}/reden", "twee redenen gevonden")
        toeslagen.append(_charge(one, free))
    return {
        "opdrachtgever": bericht.opdrachtgever or None,
        "koper": koper or None,
        "factuurnummer": inhoud.factuurnummer,
        "factuurdatum": _day(inhoud.factuurdatum),
        "typecode": inhoud.typecode,
        "munt": inhoud.munt,
        "btw_nummer": inhoud.btw_nummer,
        "kvk_nummer": inhoud.kvk_nummer,
        "contract": inhoud.contract,
        "periode_van": _day(inhoud.periode_van),
        "periode_tot": _day(inhoud.periode_tot),
        "leverdatum": _day(inhoud.leverdatum),
        "vervaldatum": _day(inhoud.vervaldatum),
        "regels": [_line(position, line, left) for position, line in enumerate(inhoud.regels, 1)],
        "toeslagen": toeslagen,
        "btw": [
            {
                "categorie": one.categorie,
                "percentage": f"{one.percentage:f}",
                "grondslag": f"{one.grondslag:f}",
                "bedrag": f"{one.bedrag:f}",
            }
            for one in inhoud.btw
        ],
        "netto": f"{inhoud.netto:f}",
        "afronding": f"{inhoud.afronding:f}" if inhoud.afronding else None,
        "vooruitbetaald": f"{inhoud.vooruitbetaald:f}" if inhoud.vooruitbetaald else None,
        "toeslag_totaal": _number(inhoud.toeslag_totaal),
        "btw_totaal": _number(inhoud.btw_totaal),
        "te_betalen": f"{inhoud.te_betalen:f}",
        "btw_verlegd": inhoud.btw_verlegd,
        "iban": inhoud.iban,
        "g_iban": inhoud.g_iban,
        "g_bedrag": _number(inhoud.g_bedrag),
        "ketenaansprakelijk": inhoud.ketenaansprakelijk,
        "verwijst_naar": inhoud.verwijst_naar,
    }


def _line(position: int, line: Factuurregel, left: dict[str, str]) -> Json:
    fields: Json = {
        "nummer": line.nummer,
        "bedrag": f"{line.bedrag:f}",
        "btw_categorie": line.btw_categorie,
        "btw_percentage": f"{line.btw_percentage:f}",
        "opdrachtnummer": line.opdrachtnummer,
        "subnummer": line.subnummer,
        "prijscode": line.prijscode,
        "aantal": _number(line.aantal),
        "eenheid": line.eenheid,
        "prijs": _number(line.prijs),
        "prijsbasis": _number(line.prijsbasis),
        "prijseenheid": line.prijseenheid,
        "prijsaantal": _number(line.prijsaantal),
        "toeslag": f"{line.toeslag:f}" if line.toeslag else None,
        "soort": None if line.soort is None else line.soort.value,
        "meerwerk": line.meerwerk or None,
        "omschrijving": left.pop(f"regel.{position}.omschrijving", None),
        "toelichting": left.pop(f"regel.{position}.toelichting", None),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _charge(one: Factuurtoeslag, free: str | None) -> Json:
    fields: Json = {
        "bedrag": f"{one.bedrag:f}",
        "btw_categorie": one.btw_categorie,
        "btw_percentage": f"{one.btw_percentage:f}",
        "reden": one.reden if free is None else free,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _number(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
