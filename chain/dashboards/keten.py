"""The board that all partners look at: the same indicators for everybody."""

from typing import Final

from chain.dashboards import choices
from chain.dashboards.board import Board, Row
from chain.dashboards.choices import KETEN, PAIR, WINDOW
from chain.dashboards.panels import bars, figure, link, rows, trend
from chain.dashboards.queries import LATE, RUNNING, SIGNALS, by_the_bus, censored, disputed, total, within_norm
from chain.dashboards.terms import ATTENTION, BETTER_HIGH, DAYS, EUROS, MONEY, PARTIES, SHARE, Column, Step, Uitleg

UID: Final = "ketenbus-keten"
VISION: Final = 0.8
"""Four of five messages without a person: the vision of the bus."""
_PAIRS: Final = "opdrachtgever,aannemer"

_NOW: Final = Row(
    "Nu",
    (
        figure(
            Uitleg(
                "Lopende opdrachten",
                "Opdrachten die geregistreerd zijn en nog niet administratief gereed, geweigerd of geannuleerd.",
                "Groeit dit getal dagen achtereen, open dan Werkvoorraad en stagnatie en kijk bij wie het werk blijft liggen.",
            ),
            total(RUNNING),
            to=link("Werkvoorraad en stagnatie", "ketenbus-werkvoorraad"),
        ),
        figure(
            Uitleg(
                "Open en te laat",
                "Wat nog open staat terwijl de afgesproken deadline van de maat verstreken is; een dossier telt per maat, ook "
                "als het gereed is zonder het bericht dat de maat eindigt, zoals een afspraak die nooit gemeld is, tot het "
                "dossier sluit.",
                "Stijgt de lijn, kijk dan hieronder bij welke maat en welk paar, en bel wie daar aan zet is.",
            ),
            total(LATE),
            to=link("Werkvoorraad en stagnatie", "ketenbus-werkvoorraad"),
        ),
        figure(
            Uitleg(
                "Binnen norm",
                "Van de afgesproken deadlines die in het venster verstreken: het deel dat op tijd was. Open en te laat telt "
                "als niet gehaald, en blijft dat als het dossier zonder het einde sluit.",
                "Zakt dit, open dan Doorlooptijden en zoek de maat en het paar waar het zakt.",
            ),
            within_norm(),
            unit=SHARE,
            decimals=0,
            scheme=BETTER_HIGH,
            to=link("Doorlooptijden", "ketenbus-doorlooptijden"),
        ),
        figure(
            Uitleg(
                "Open signalen",
                "Signalen die zijn afgegeven en niet ingetrokken: een norm die dreigt of is overschreden, een bericht dat "
                "uitblijft, iets dat een mens moet beoordelen.",
                "Open Werkvoorraad en stagnatie voor de soorten, en het dossier zelf met `ketenbus dossier NUMMER`.",
            ),
            total(SIGNALS),
            steps=ATTENTION,
            to=link("Werkvoorraad en stagnatie", "ketenbus-werkvoorraad"),
        ),
        figure(
            Uitleg(
                "Uitval die wacht",
                "Berichten die de bus niet kon verwerken en die op een besluit van een mens wachten, van alle ketens samen.",
                "Open Uitval en beoordeling voor de redenen; werk de lijst weg met `ketenbus uitval lijst`.",
            ),
            "sum(ketenbus_uitval_open)",
            steps=ATTENTION,
            to=link("Uitval en beoordeling", "ketenbus-uitval"),
        ),
        figure(
            Uitleg(
                "Zonder mens behandeld",
                "Van de berichten die tot rust kwamen of op een mens wachten: het deel waar geen mens aan te pas kwam. Het "
                "streven is 80 %.",
                "Onder de 80 %: kijk op Uitval en beoordeling welke reden en welke partner het meeste handwerk geven.",
            ),
            by_the_bus('partner=~".*"'),
            unit=SHARE,
            decimals=1,
            steps=(Step(None, "orange"), Step(VISION, "green")),
            to=link("Uitval en beoordeling", "ketenbus-uitval"),
        ),
    ),
)

_COURSE: Final = Row(
    "Verloop",
    (
        trend(
            Uitleg(
                "Wie is aan zet",
                "Lopende opdrachten, naar de partij die de volgende stap moet zetten.",
                "Groeit de band van één partij, bespreek dan met haar wat haar ophoudt; groeit de huurder, kijk dan naar "
                "afspraken die niet doorgingen.",
            ),
            [(total(RUNNING, "aan_zet"), "{{aan_zet}}")],
            stacked=True,
            colors=PARTIES,
        ),
        trend(
            Uitleg(
                "Binnen norm per aannemer",
                "Deel van de deadlines in het venster dat elke aannemer haalde, over alle maten met een norm.",
                "Een lijn die wegzakt: kies die aannemer bovenaan en open Doorlooptijden om te zien welke maat het is.",
            ),
            [(within_norm("aannemer"), "{{aannemer}}")],
            unit=SHARE,
            high=1,
        ),
    ),
)

_WHERE: Final = Row(
    "Waar ligt het",
    (
        bars(
            Uitleg(
                "Opdrachten per toestand",
                "Lopende opdrachten naar hun laatste mijlpaal.",
                "Veel in 'geregistreerd' betekent dat niemand accepteert; veel in 'technisch-gereed' dat de administratie "
                "achterloopt. Spreek daar de partij op aan die dan aan zet is.",
            ),
            [(f"sort_desc({total(RUNNING, 'toestand')})", "{{toestand}}")],
        ),
        bars(
            Uitleg(
                "Open en te laat, per maat",
                "Hoeveel van elke maat nog open staat terwijl de deadline verstreken is, ook van opdrachten die gereed zijn "
                "zonder het bericht dat de maat eindigt, zoals een afspraak die nooit gemeld is, tot het dossier sluit.",
                "Begin bij de langste balk: kies die maat op Doorlooptijden en kijk wie daar aan zet was.",
            ),
            [(f"sort_desc({total(LATE, 'maat')})", "{{maat}}")],
        ),
        bars(
            Uitleg(
                "Facturen",
                "Geld van alle bekende facturen: vrijgegeven om te betalen, in behandeling, betwist, of verrekend met een "
                "creditnota.",
                "Staat er veel in behandeling, dan ontbreken opdrachten of statussen; staat er veel betwist, zoek dan op "
                "Uitval en beoordeling het paar dat het betreft.",
            ),
            [(f"sort_desc({total(f'ketenbus_factuur_euros{{{PAIR}}}', 'stand')})", "{{stand}}")],
            unit=EUROS,
            colors=MONEY,
        ),
    ),
)

_PER_PAIR: Final = Row(
    "Per paar",
    (
        rows(
            Uitleg(
                "Dezelfde cijfers voor ieder paar",
                "Voor elk paar van opdrachtgever en aannemer de indicatoren van dit bord, en hoe lang technisch gereed duurt "
                "(mediaan en 90 %, open opdrachten meegeteld).",
                "Klik op een aannemer om zijn doorlooptijden te zien. Vergelijk paren en neem in het ketenoverleg het paar "
                "dat het goed doet als voorbeeld.",
            ),
            {"opdrachtgever": "Opdrachtgever", "aannemer": "Aannemer"},
            (
                Column("Lopend", total(RUNNING, _PAIRS)),
                Column("Open en te laat", total(LATE, _PAIRS)),
                Column("Binnen norm", within_norm(_PAIRS), SHARE, 0, scheme=BETTER_HIGH, low=0, high=1),
                Column("Gereed, mediaan", censored("0.5", _PAIRS, f'{WINDOW},maat="technisch-gereed"'), DAYS, 1),
                Column("Gereed, 90 %", censored("0.9", _PAIRS, f'{WINDOW},maat="technisch-gereed"'), DAYS, 1),
                Column("Open signalen", total(SIGNALS, _PAIRS), steps=ATTENTION),
                Column("Betwist", disputed(_PAIRS), SHARE, 1),
            ),
            to={
                "aannemer": (
                    "Doorlooptijden van deze aannemer",
                    "/d/ketenbus-doorlooptijden?${keten:queryparam}&${venster:queryparam}"
                    "&var-aannemer=${__value.text:percentencode}&${__url_time_range}",
                )
            },
        ),
        figure(
            Uitleg(
                "Voorlopige dossiers",
                "Dossiers waarvan een bericht nog op een besluit wacht: hun cijfers zijn voorlopig en hun signalen tegen "
                "anderen worden aangehouden.",
                "Neem eerst het besluit over dat bericht (Uitval en beoordeling) voordat u een partner op zijn cijfers "
                "aanspreekt.",
            ),
            f"sum(ketenbus_dossiers_onvolledig{{{KETEN}}})",
            steps=ATTENTION,
            to=link("Uitval en beoordeling", "ketenbus-uitval"),
        ).wide(12),
        figure(
            Uitleg(
                "Betwist geld",
                "Deel van het geld van alle bekende facturen dat betwist is.",
                "Loopt dit op, kijk dan op Uitval en beoordeling bij welk paar, en laat de leverancier crediteren of de "
                "opdrachtgever accepteren.",
            ),
            disputed(),
            unit=SHARE,
            decimals=1,
            to=link("Uitval en beoordeling", "ketenbus-uitval"),
        ).wide(12),
    ),
)

BOARD: Final = Board(
    uid=UID,
    title="Keten in één oogopslag",
    about="Waar alle partners samen naar kijken: hoe staat de keten ervoor, wie is aan zet, en waar moet iemand iets doen.",
    choices=(choices.keten(), choices.opdrachtgever(), choices.aannemer(), choices.venster()),
    rows=(_NOW, _COURSE, _WHERE, _PER_PAIR),
)
