"""Dead letters, decisions and invoices: what people have to look at."""

from typing import Final

from chain.dashboards import choices
from chain.dashboards.board import Board, Row
from chain.dashboards.choices import PAIR, PARTNER
from chain.dashboards.panels import bars, classes, figure, heat_map, link, rows, trend
from chain.dashboards.queries import by_the_bus, disputed, total
from chain.dashboards.terms import (
    ATTENTION,
    BETTER_HIGH,
    BETTER_LOW,
    EUROS,
    HANDS,
    MONEY,
    SHARE,
    TO_THE_CENT,
    Column,
    Step,
    Uitleg,
)

_PAIRS: Final = "opdrachtgever,aannemer"
_LETTERS: Final = f"ketenbus_uitval_open{{{PARTNER}}}"
_AGES: Final = "ketenbus_uitval_open_leeftijd_seconds_bucket"
_DAY: Final = "86400(.0)?"


def _euros(stand: str, by: str = "") -> str:
    return total(f'ketenbus_factuur_euros{{{PAIR},stand="{stand}"}}', by)


def _parts(account: str) -> str:
    return total(f'ketenbus_rekening_delen{{{PARTNER},rekening="{account}"}}', "partner")


_NOW: Final = Row(
    "Nu",
    (
        figure(
            Uitleg(
                "Uitval die wacht",
                "Berichten die op een besluit van een mens wachten.",
                "Werk de lijst weg met `ketenbus uitval lijst`; zolang een bericht wacht zijn de cijfers van zijn dossier "
                "voorlopig.",
            ),
            total(_LETTERS),
            steps=ATTENTION,
        ),
        figure(
            Uitleg(
                "Langer dan een dag",
                "Berichten die al meer dan een etmaal op een besluit wachten, van alle partners.",
                "Begin met deze: `ketenbus uitval lijst` zet de oudste bovenaan. Een aannemer kan op het antwoord wachten.",
            ),
            f'sum({_AGES}{{le="+Inf"}}) - sum({_AGES}{{le=~"{_DAY}"}})',
            steps=ATTENTION,
        ),
        figure(
            Uitleg(
                "Wacht op tweede persoon",
                "Besluiten die pas gelden als een ander ze bevestigt.",
                "Laat een collega ze bekijken en bevestigen met `ketenbus uitval keur`.",
            ),
            'sum(ketenbus_besluiten{toestand="wacht"}) or vector(0)',
            steps=ATTENTION,
        ),
        figure(
            Uitleg(
                "Zonder mens behandeld",
                "Van de berichten van de gekozen partners die tot rust kwamen of op een mens wachten: het deel zonder mens. Het "
                "streven is 80 %.",
                "Onder de 80 %: los de reden met de langste balk hieronder bij de bron op, vaak met één regel in het profiel "
                "van een partner.",
            ),
            by_the_bus(PARTNER),
            unit=SHARE,
            decimals=1,
            steps=(Step(None, "orange"), Step(0.8, "green")),
        ),
        figure(
            Uitleg(
                "Betwist",
                "Geld van facturen dat niet is vrijgegeven omdat opdracht, prijs, btw of rekening niet klopt.",
                "Kies een paar en bekijk de factuur met `ketenbus dossier FACTUUR`; de leverancier crediteert of de "
                "opdrachtgever accepteert.",
            ),
            _euros("betwist"),
            unit=EUROS,
        ),
        figure(
            Uitleg(
                "In behandeling",
                "Geld van facturen waarvan een opdracht nog niet antwoordde, zodat het niet is vrijgegeven en niet is betwist.",
                "Staat dit lang stil, dan ontbreekt een opdracht of een gereedmelding: vraag ernaar bij de aannemer.",
            ),
            f"{_euros('in_behandeling')} or vector(0)",
            unit=EUROS,
        ),
    ),
)

_COURSE: Final = Row(
    "Verloop",
    (
        trend(
            Uitleg(
                "Uitval die wacht, per reden",
                "Berichten die op een besluit wachten, naar de reden waarom de bus ze niet kon verwerken.",
                "Een sprong in één reden heeft één oorzaak: een nieuwe versie bij een partner (ongeldig, onbekende-code) of een "
                "opdracht die te laat komt (onbekend-dossier).",
            ),
            [(total(_LETTERS, "reden"), "{{reden}}")],
            stacked=True,
        ),
        trend(
            Uitleg(
                "Door de bus en door mensen",
                "Het deel van de berichten dat de bus alleen afhandelde, en het deel waar een mens aan te pas kwam of nog moet "
                "komen.",
                "Groeit het deel met een mens, kijk dan onderaan welke partner dat is.",
            ),
            [
                (by_the_bus(PARTNER), "zonder mens"),
                (f"1 - {by_the_bus(PARTNER)}", "met mens"),
            ],
            unit=SHARE,
            stacked=True,
            high=1,
            colors=HANDS,
        ),
    ),
)

_WHY: Final = Row(
    "Waarom en hoe lang al",
    (
        bars(
            Uitleg(
                "Per reden",
                "Berichten die nu wachten, naar de reden waarom de bus ze niet kon verwerken.",
                "onbekende-code en niet-in-kaart: vul de vertaling in het profiel aan. zonder-sleutel en meerduidig: koppel met "
                "de kandidaten. onverwacht: meld het de beheerder.",
            ),
            [(f"sort_desc({total(_LETTERS, 'reden')})", "{{reden}}")],
        ),
        bars(
            Uitleg(
                "Per partner",
                "Berichten die nu wachten, naar de partner die ze stuurde.",
                "Staat bijna alles bij één partner, dan is er aan zijn kant iets veranderd: bel hem voordat u per bericht "
                "beslist.",
            ),
            [(f"sort_desc({total(_LETTERS, 'partner')})", "{{partner}}")],
        ),
        bars(
            Uitleg(
                "Besluiten",
                "Brieven met een besluit, naar of het is doorgestuurd, op een tweede persoon wacht, of is teruggenomen en "
                "weer open staat.",
                "Open brieven met een eerder besluit vragen een nieuw besluit; zie `ketenbus uitval toon BRIEF` waarom.",
            ),
            [("sort_desc(sum by (toestand) (ketenbus_besluiten))", "{{toestand}}")],
        ),
        classes(
            Uitleg(
                "Leeftijd van wat wacht",
                "Hoeveel berichten hoe lang al op een besluit wachten, in klassen, van alle partners.",
                "Spreek een termijn af waarbinnen beslist wordt, en bekijk alles daarboven per stuk.",
            ),
            f"sum by (le) ({_AGES})",
        ).wide(12, 9),
        heat_map(
            Uitleg(
                "Leeftijd van wat wacht, in de tijd",
                "Dezelfde klassen in de tijd: hoe donkerder, hoe meer berichten van die leeftijd.",
                "Wordt het bovenin donkerder, dan is er te weinig tijd voor de lijst: verdeel haar of beslis per groep met "
                "`ketenbus uitval` en een kanarie.",
            ),
            f"sum by (le) ({_AGES})",
        ),
    ),
)

_PARTNERS: Final = Row(
    "Per partner",
    (
        rows(
            Uitleg(
                "Waar de berichten van elke partner zijn",
                "De rekening van elke partner: elk deel van elk bericht staat op precies één plek.",
                "Een partner met veel uitval of teruggestuurd heeft hulp nodig: laat zijn leverancier met `ketenbus check` "
                "vooraf toetsen.",
            ),
            {"partner": "Partner"},
            (
                Column("Zonder mens", by_the_bus(PARTNER, "partner"), SHARE, 0, scheme=BETTER_HIGH, low=0, high=1),
                Column("Uitval", _parts("uitval"), steps=ATTENTION),
                Column("Wachtend", _parts("wachtend")),
                Column("Toegepast", _parts("toegepast")),
                Column("Dubbel", _parts("dubbel")),
                Column("Vervangen", _parts("vervangen")),
                Column("Teruggestuurd", _parts("teruggestuurd")),
                Column("Afgevoerd", _parts("afgevoerd")),
            ),
            to={
                "partner": (
                    "Techniek van deze partner",
                    "/d/ketenbus-techniek?var-partner=${__value.text:percentencode}&${__url_time_range}",
                )
            },
        ).wide(20),
        figure(
            Uitleg(
                "Opgeschorte partners",
                "Partners van wie de bus niets meer aanneemt omdat bijna alles van hen uitviel; hun berichten wachten bij hen.",
                "Bel de partner, laat de oorzaak herstellen en hef de opschorting op met `ketenbus partner hervat`.",
            ),
            f"sum(ketenbus_partner_opgeschort{{{PARTNER}}}) or vector(0)",
            steps=ATTENTION,
            to=link("Techniek", "ketenbus-techniek"),
        ).wide(4, 9),
    ),
)

_INVOICES: Final = Row(
    "Facturen",
    (
        trend(
            Uitleg(
                "Geld van facturen, per stand",
                "Vrijgegeven om te betalen, in behandeling, betwist of verrekend, in euro inclusief btw, van alle bekende "
                "facturen.",
                "Groeit in behandeling sneller dan vrijgegeven, dan blijven facturen liggen: zoek het paar hiernaast.",
            ),
            [(total(f"ketenbus_factuur_euros{{{PAIR}}}", "stand"), "{{stand}}")],
            unit=EUROS,
            stacked=True,
            colors=MONEY,
        ).wide(10, 10),
        rows(
            Uitleg(
                "Facturen per paar",
                "Het geld van de facturen van elk paar, naar stand, en het deel dat betwist is.",
                "Begin bij het hoogste deel betwist: de redenen per regel staan in `ketenbus dossier FACTUUR`.",
            ),
            {"opdrachtgever": "Opdrachtgever", "aannemer": "Leverancier"},
            (
                Column("Betwist", _euros("betwist", _PAIRS), TO_THE_CENT, 2),
                Column("Deel betwist", disputed(_PAIRS), SHARE, 1, scheme=BETTER_LOW, low=0, high=1),
                Column("In behandeling", _euros("in_behandeling", _PAIRS), TO_THE_CENT, 2),
                Column("Vrijgegeven", _euros("vrijgegeven", _PAIRS), TO_THE_CENT, 2),
                Column("Verrekend", _euros("verrekend", _PAIRS), TO_THE_CENT, 2),
            ),
            to={
                "aannemer": (
                    "Werkvoorraad van deze leverancier",
                    "/d/ketenbus-werkvoorraad?${keten:queryparam}&var-aannemer=${__value.text:percentencode}"
                    "&${__url_time_range}",
                )
            },
        ).wide(14, 10),
    ),
)

BOARD: Final = Board(
    uid="ketenbus-uitval",
    title="Uitval en beoordeling",
    about="Wat de bus niet alleen kan: berichten en facturen waar een mens naar moet kijken, waarom, en hoe lang al.",
    choices=(choices.keten(), choices.opdrachtgever(), choices.aannemer(), choices.partner()),
    rows=(_NOW, _COURSE, _WHY, _PARTNERS, _INVOICES),
)
