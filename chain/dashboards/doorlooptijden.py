"""Lead times: per measure and pair, against the norm, by who was aan zet, and their course."""

from typing import Final

from chain.dashboards import choices
from chain.dashboards.board import Board, Row
from chain.dashboards.choices import KETEN, MEASURE, PAIR, WINDOW
from chain.dashboards.panels import figure, heat_map, rows, shares, trend
from chain.dashboards.queries import aan_zet, censored, deadlines, open_age, quantile, total, within_norm
from chain.dashboards.terms import (
    ATTENTION,
    BETTER_HIGH,
    COUNT,
    DAYS,
    DEADLINES,
    NEUTRAL,
    PARTIES,
    SECONDS,
    SHARE,
    Column,
    Uitleg,
)

_ENDED: Final = f"ketenbus_doorlooptijd_seconds_gcount{{{MEASURE}}}"
_OPEN: Final = f"ketenbus_open_intervallen{{{PAIR}}}"
_OPEN_CHOSEN: Final = f'ketenbus_open_intervallen{{{PAIR},maat="$maat"}}'
_LATE: Final = f"ketenbus_norm_overschreden{{{PAIR}}}"
_LATE_CHOSEN: Final = f'ketenbus_norm_overschreden{{{PAIR},maat="$maat"}}'
_PAIRS: Final = "opdrachtgever,aannemer"

_NOW: Final = Row(
    "$maat nu",
    (
        figure(
            Uitleg(
                "Mediaan",
                "De helft van wat in het venster eindigde duurde niet langer dan dit (bruto, in kalenderdagen; geschat uit de "
                "klassen van alle gekozen paren samen).",
                "Kies één paar om het te vergelijken; de tabel onderaan telt ook mee wat nog open is.",
            ),
            quantile(0.5),
            unit=DAYS,
            decimals=1,
        ),
        figure(
            Uitleg(
                "90 % binnen",
                "Negen van de tien duurden niet langer dan dit (bruto, in kalenderdagen). Het verschil met de mediaan zijn de "
                "uitschieters, die huurders zich herinneren.",
                "Ligt dit ver boven de mediaan, zoek dan de uitschieters met `ketenbus doorlooptijden` en bespreek hun "
                "oorzaak.",
            ),
            quantile(0.9),
            unit=DAYS,
            decimals=1,
        ),
        figure(
            Uitleg(
                "Binnen norm",
                "Van de deadlines van deze maat die in het venster verstreken: het deel dat gehaald is.",
                "Zie hieronder per maat en per paar waar het misgaat; een maat zonder norm toont hier niets.",
            ),
            within_norm(chosen=MEASURE),
            unit=SHARE,
            decimals=0,
            scheme=BETTER_HIGH,
        ),
        figure(
            Uitleg(
                "Beëindigd in het venster",
                "Op hoeveel gevallen de cijfers van dit bord staan.",
                "Bij een klein aantal zegt een percentage weinig: kies een langer venster of meer paren.",
            ),
            total(_ENDED),
        ),
        figure(
            Uitleg(
                "Nu open",
                "Hoeveel er van deze maat nu lopen.",
                "Groeit dit terwijl er niet meer eindigen, dan loopt de keten vol: ga naar Werkvoorraad en stagnatie.",
            ),
            total(_OPEN_CHOSEN),
        ),
        figure(
            Uitleg(
                "Leeftijd van wat open is",
                "De helft van wat nu open is, is niet ouder dan dit (kalenderdagen, van de hele keten).",
                "Ligt dit boven de mediaan hiernaast, dan gaan de cijfers nog slechter worden: pak de oudste gevallen eerst.",
            ),
            open_age(0.5, more=',maat="$maat"'),
            unit=DAYS,
            decimals=1,
        ),
    ),
)

_NORM: Final = Row(
    "Tegen de norm",
    (
        shares(
            Uitleg(
                "Gehaald en gemist, per maat",
                "Deadlines die in het venster verstreken, naar of ze gehaald zijn. Alleen maten met een afgesproken norm.",
                "Kies bovenaan de maat met het meeste rood, en kijk hiernaast en onderaan welk paar het is.",
            ),
            ("maat", "Maat"),
            [
                Column("gehaald", deadlines("gehaald", "maat")),
                Column("gemist", deadlines("gemist", "maat")),
            ],
            COUNT,
            DEADLINES,
        ),
        trend(
            Uitleg(
                "$maat binnen norm, per paar",
                "Het deel van de deadlines van de gekozen maat dat elk paar haalde, in de tijd.",
                "Een knik in één lijn hoort bij dat paar; een knik in alle lijnen hoort bij iets van buiten, zoals vorst of "
                "een vakantie.",
            ),
            [(within_norm(_PAIRS, MEASURE), "{{opdrachtgever}} – {{aannemer}}")],
            unit=SHARE,
            high=1,
        ).wide(12, 9),
    ),
)

_SPREAD: Final = Row(
    "Verdeling en verloop",
    (
        heat_map(
            Uitleg(
                "Verdeling van $maat",
                "Hoe lang het duurde, in klassen van een uur tot negentig dagen: hoe donkerder, hoe meer gevallen er in het "
                "venster in die klasse vielen.",
                "Een donkere band die stijgt is vertraging van alles; een tweede band erboven is een groep die anders loopt, "
                "vaak één paar of een soort werk.",
            ),
            total(f"ketenbus_doorlooptijd_seconds_bucket{{{MEASURE}}}", "le"),
            axis=SECONDS,
        ),
        trend(
            Uitleg(
                "Mediaan van $maat, per paar",
                "Binnen hoeveel kalenderdagen de helft klaar is (Kaplan-Meier: wat nog open is telt mee). Een paar waarvan de "
                "helft nog niet klaar is, heeft geen lijn.",
                "Stijgt de lijn van een paar, kijk dan in het blok hieronder wie er langer aan zet is dan eerst.",
            ),
            [(censored("0.5", _PAIRS), "{{opdrachtgever}} – {{aannemer}}")],
            unit=DAYS,
        ).wide(12, 9),
    ),
)

_TURN: Final = Row(
    "Wie was aan zet",
    (
        shares(
            Uitleg(
                "Aan zet per maat",
                "Verdeling van de bruto tijd over wie de volgende stap moest zetten, van wat in het venster eindigde.",
                "De aannemer meet u op zijn eigen deel. Is de opdrachtgever of de huurder lang aan zet, dan helpt een andere "
                "afspraak meer dan een strengere norm.",
            ),
            ("maat", "Maat"),
            [Column(party, aan_zet(party, "maat")) for party in PARTIES],
            colors=PARTIES,
        ),
        trend(
            Uitleg(
                "Aan zet bij $maat, in de tijd",
                "Het deel van de bruto tijd dat elke partij aan zet was, van wat in het venster eindigde.",
                "Een verschuiving van aannemer naar huurder wijst op afspraken die niet doorgaan; naar opdrachtgever op "
                "goedkeuringen die blijven liggen.",
            ),
            [(aan_zet(party, "maat", MEASURE), party) for party in PARTIES],
            unit=SHARE,
            stacked=True,
            colors=PARTIES,
            high=1,
        ).wide(12, 9),
    ),
)


def _columns(by: str, chosen: str, still_open: str, late: str) -> tuple[Column, ...]:
    return (
        Column("Beëindigd", total(f"ketenbus_doorlooptijd_seconds_gcount{{{chosen}}}", by)),
        Column("Nu open", total(still_open, by)),
        Column("Norm overschreden", total(late, by)),
        Column("Binnen norm", within_norm(by, chosen), SHARE, 0, scheme=BETTER_HIGH, low=0, high=1),
    )


_DETAIL: Final = Row(
    "Per maat en per paar",
    (
        rows(
            Uitleg(
                "Alle maten",
                "Van elke maat hoeveel er eindigden, open zijn en hun norm overschreden (ook wat te laat eindigde), en hoe "
                "lang zij duurden (kalenderdagen, van de gekozen paren samen).",
                "Klik op een maat om het hele bord daarop te zetten.",
            ),
            {"maat": "Maat"},
            (
                *_columns("maat", WINDOW, _OPEN, _LATE),
                Column("Mediaan", quantile(0.5, "maat", WINDOW), DAYS, 1),
                Column("90 % binnen", quantile(0.9, "maat", WINDOW), DAYS, 1),
                Column("Mediaan van wat open is", open_age(0.5, "maat"), DAYS, 1),
            ),
            to={
                "maat": (
                    "Dit bord voor deze maat",
                    "/d/ketenbus-doorlooptijden?${keten:queryparam}&${opdrachtgever:queryparam}&${aannemer:queryparam}"
                    "&${venster:queryparam}&var-maat=${__value.text:percentencode}&${__url_time_range}",
                )
            },
        ).wide(24, 14),
        rows(
            Uitleg(
                "$maat per paar",
                "Van de gekozen maat de cijfers van elk paar; mediaan en 90 % tellen mee wat nog open is (Kaplan-Meier). Leeg: "
                "zover is het nog niet.",
                "Vergelijk paren met hetzelfde soort werk. Is het deel van de opdrachtgever groot, spreek dan die aan en niet "
                "de aannemer.",
            ),
            {"opdrachtgever": "Opdrachtgever", "aannemer": "Aannemer"},
            (
                *_columns(_PAIRS, MEASURE, _OPEN_CHOSEN, _LATE_CHOSEN),
                Column("Mediaan", censored("0.5", _PAIRS), DAYS, 1),
                Column("90 % binnen", censored("0.9", _PAIRS), DAYS, 1),
                Column("Aannemer aan zet", aan_zet("aannemer", _PAIRS, MEASURE), SHARE, 0),
                Column("Opdrachtgever aan zet", aan_zet("opdrachtgever", _PAIRS, MEASURE), SHARE, 0),
                Column("Huurder aan zet", aan_zet("huurder", _PAIRS, MEASURE), SHARE, 0),
            ),
        ),
        figure(
            Uitleg(
                "Stand per",
                "Tot en met welk moment alles is meegeteld in de doorlooptijden van dit bord. Tot een kwartier terug is "
                "gewoon: zo oud mag de leeftijd zijn van wat nog loopt.",
                "Blijft dit langer staan terwijl er berichten binnenkomen, dan loopt het meten achter: kijk op Techniek bij Meten.",
            ),
            "max(ketenbus_measure_stand_per_timestamp_seconds) * 1000",
            unit="dateTimeAsIso",
            steps=NEUTRAL,
        ).wide(12),
        figure(
            Uitleg(
                "Voorlopige dossiers",
                "Dossiers waarvan een bericht op een besluit wacht, zodat hun doorlooptijden nog kunnen veranderen.",
                "Laat eerst beslissen (Uitval en beoordeling) voordat u over deze cijfers afrekent.",
            ),
            f"sum(ketenbus_dossiers_onvolledig{{{KETEN}}})",
            steps=ATTENTION,
        ).wide(12),
    ),
)

BOARD: Final = Board(
    uid="ketenbus-doorlooptijden",
    title="Doorlooptijden",
    about="Hoe lang duurt het, van wie, en was het binnen de norm. Bruto tijd in kalenderdagen; zonder proefberichten.",
    choices=(choices.keten(), choices.opdrachtgever(), choices.aannemer(), choices.maat(), choices.venster()),
    rows=(_NOW, _NORM, _SPREAD, _TURN, _DETAIL),
)
