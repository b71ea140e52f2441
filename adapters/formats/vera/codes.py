"""Code lists of VERA (reference data of OpenAPI 4.x) and what each code is on the log, as data.

The codes are published; a crosswalk to DICO's codes is not: what a code becomes is our reading. A code without
counterpart is not guessed: it is `onbekende-code` and goes to a person.
"""

from typing import Final

from topics.documents.onderhoud import Slotsoort, Urgentie

VERSION: Final = "4"
SOURCE: Final = "VERA 4"
ORDER: Final = "Onderhoudsorder"
APPOINTMENT: Final = "Afspraak"

MARKS: Final = frozenset(
    {
        *("onderhoudSoort", "onderhoudstaken", "onderhoudsorder", "bovenliggendeOrder", "extra-attributen"),
        *("idOrganisatie", "idExtern", "idGegevensbeheerder", "idAdministratie"),
    }
)
"""Fields of which a VERA object has at least one, and no other JSON that is read here."""

OTHERS: Final = {
    **dict.fromkeys(("externFactuurnummer", "factuurdatum", "factuurregels", "gRekeningbedrag"), "Inkoopfactuur"),
    **dict.fromkeys(("offertedatum", "offerteregels"), "Offerte"),
    **dict.fromkeys(("contactmomenten", "voorkeurAfspraken", "melddatum"), "Onderhoudsverzoek"),
    **dict.fromkeys(("geconstateerdeDefecten", "inspectieOrder"), "Inspectierapport"),
    **dict.fromkeys(("planningscore", "duur"), "AfspraakOptie"),
}
"""A field that only another VERA object has → that object, which is not mapped (yet)."""

CONTENT: Final = (
    *(
        "onderhoudSoort",
        "afrekenwijze",
        "opdrachtdatum",
        "uitersteGereeddatum",
        "begindatum",
        "einddatum",
        "btwVerlegd",
    ),
    *("overeenkomst", "defecten", "bovenliggendeOrder"),
)
"""Fields of the order itself: an object without any only tells a status."""

ORDERSTATUS: Final = {
    "REG": "geregistreerd",
    "OFF": "offertetraject",
    "WOG": "wacht op goedkeuring",
    "GUN": "order gegund",
    "PLN": "order gepland",
    "INB": "in behandeling",
    "TEC": "technisch gereed",
    "STE": "order in steekproef",
    "FIN": "financieel afwikkelen",
    "AFG": "afgehandeld",
    "GEA": "geannuleerd",
}
PLACED: Final = ("REG", "GUN")
"""Statuses of an order that is being given; any other makes the object a status."""

READY: Final = {"TEC": "technischGereeddatum", "FIN": "financieelGereeddatum", "AFG": "financieelGereeddatum"}
"""Status → the field of the order that says when."""

TASK_AS_DETAIL: Final = ("OND", "PAU")
"""Statuses of a task that say something of the order, where the task has no detail status."""

ONDERHOUDSOORT: Final = {"INS": "INS", "MUT": "MUT", "REP": "REP", "PLN": "PLM", "WOV": "REN"}
"""VERA → DICO. Without counterpart: PRJ projectmatig, WMO, LEE leefbaarheid."""

GARANTIE: Final = "GAR"
AFREKENWIJZE: Final = {"AFK": "AFK", "NCE": "EHP", "NCR": "REG", "VPR": "ANS", GARANTIE: None}
"""VERA → DICO's agreement method. GAR is no method in DICO but the specification GAR."""

MEETEENHEID: Final = {
    "STU": "PCE",
    "UUR": "HUR",
    "MIN": "MIN",
    "MTR": "MTR",
    "CM": "CMT",
    "MIL": "MMT",
    "M2": "MTK",
    "M3": "MTQ",
    "LTR": "LTR",
    "KGR": "KGM",
    "GRM": "GRM",
}
"""VERA → DICO. Without counterpart: EUR, FTE."""

AFSPRAAKSTATUS: Final = {
    "AAN": Slotsoort.AANGEBODEN,
    "GEP": Slotsoort.AFGESPROKEN,
    "AFG": Slotsoort.NAGEKOMEN,
}
"""Without counterpart: ANN geannuleerd. An appointment that was missed has no status in VERA (a task's detail AFW)."""

URGENTIE: Final = {urgentie.value: urgentie for urgentie in Urgentie}

TEST_WORDS: Final = {"true": True, "false": False}

REFERENCE: Final = "Referentienummer"
SENT: Final = "TijdstipBericht"
HAPPENED: Final = "TijdstipGebeurtenis"
URGENCY: Final = "Urgentie"
TEST: Final = "Proefbericht"
ATTRIBUTES: Final = (REFERENCE, SENT, HAPPENED, URGENCY, TEST)
"""Names of extra attributes that carry what VERA has in HTTP headers, or not at all."""

PHOTO: Final = "PHO"
OTHER_DOCUMENT: Final = "OTA"

PERSONAL: Final = frozenset(
    {
        *("omschrijving", "onderwerp", "aanschrijfnaam", "achternaam", "voornaam", "voorletters", "tussenvoegsels"),
        *(
            "waarde",
            "adres",
            "straatnaam",
            "huisnummer",
            "huisletter",
            "huisnummerToevoeging",
            "postcode",
            "woonplaats",
        ),
        *("relaties", "contactgegevens", "locatie", "naam", "bestand", "bestandslocatie", "bestandsnaam"),
        *("bouwkundigElement", "soort", "oorzaak", "status", "detailStatus"),
    }
)
"""Fields whose values are, or may hold, personal data: never shown outside the work list."""
