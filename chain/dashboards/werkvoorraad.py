"""The work in hand, what stands still, and who can get it moving."""

from typing import Final

from chain.dashboards import choices
from chain.dashboards.board import Board, Row
from chain.dashboards.choices import KETEN, PAIR
from chain.dashboards.panels import bars, classes, figure, heat_map, link, rows, trend
from chain.dashboards.queries import LATE, RUNNING, SIGNALS, open_age, total
from chain.dashboards.terms import ATTENTION, DAYS, WRONG, Column, Uitleg

_PAIRS: Final = "opdrachtgever,aannemer"
_VACANCIES: Final = f'ketenbus_dossiers{{{PAIR},soort="mutatie"}}'
_INVOICES: Final = f'ketenbus_dossiers{{{PAIR},soort="factuur"}}'
_OPEN_BUCKETS: Final = f'ketenbus_open_leeftijd_seconds_bucket{{{KETEN},maat="$maat"}}'


def _signals(kind: str) -> str:
    return total(f'ketenbus_signalen_open{{{PAIR},soort="{kind}"}}')


def _running(more: str) -> str:
    return total(RUNNING.replace("}", f",{more}}}"), _PAIRS)


_NOW: Final = Row(
    "Nu",
    (
        figure(
            Uitleg(
                "Lopende opdrachten",
                "Opdrachten die geregistreerd zijn en nog niet administratief gereed, geweigerd of geannuleerd.",
                "Vergelijk met wat de aannemers per week afmaken; groeit het, spreek dan capaciteit af.",
            ),
            total(RUNNING),
        ),
        figure(
            Uitleg(
                "Open en te laat",
                "Wat nog open staat terwijl de afgesproken deadline van de maat verstreken is; een dossier telt per maat, ook "
                "als het gereed is zonder het bericht dat de maat eindigt, zoals een afspraak die nooit gemeld is, tot het "
                "dossier sluit.",
                "Stijgt de lijn, neem dan de tabel onderaan: het paar met de meeste bovenaan, en bel wie daar aan zet is.",
            ),
            total(LATE),
        ),
        figure(
            Uitleg(
                "Norm dreigt",
                "Dossiers waarvan een groot deel van de normtijd voorbij is, maar nog niet alles.",
                "Hier is nog iets te redden: laat de partij die aan zet is vandaag plannen.",
            ),
            _signals("norm-dreigt"),
            steps=ATTENTION,
        ),
        figure(
            Uitleg(
                "Bericht ontbreekt",
                "Er had een bericht moeten komen en het kwam niet: een acceptatie, een reactie, een factuur.",
                "Vraag de partner of zijn systeem het verstuurde; is het werk wel gedaan, dan is alleen het bericht zoek.",
            ),
            _signals("bericht-ontbreekt"),
            steps=ATTENTION,
        ),
        figure(
            Uitleg(
                "Te beoordelen",
                "Gebeurtenissen die niet meetellen zolang een mens er niet naar keek, zoals een status na administratief "
                "gereed.",
                "Open het dossier (`ketenbus dossier NUMMER`) en beslis of de status toch telt.",
            ),
            _signals("beoordelen"),
            steps=ATTENTION,
        ),
        figure(
            Uitleg(
                "Geschorste dossiers",
                "Dossiers waarop een regel van de bus zelf vastliep; zij krijgen geen tikken meer tot er weer een bericht komt.",
                "Dit is een fout van de bus: meld het dossier bij de beheerder, die het op Techniek en in het logboek vindt.",
            ),
            f"sum(ketenbus_dossiers_geschorst{{{KETEN}}})",
            steps=WRONG,
            to=link("Techniek", "ketenbus-techniek"),
        ),
    ),
)

_COURSE: Final = Row(
    "Verloop",
    (
        trend(
            Uitleg(
                "Voorraad per toestand",
                "Lopende opdrachten naar hun laatste mijlpaal, in de tijd.",
                "De band die groeit is de stap waar het stokt: geregistreerd is accepteren, in-behandeling is uitvoeren, "
                "technisch-gereed is afhandelen.",
            ),
            [(total(RUNNING, "toestand"), "{{toestand}}")],
            stacked=True,
        ),
        trend(
            Uitleg(
                "Open signalen per soort",
                "Signalen die zijn afgegeven en niet ingetrokken, in de tijd.",
                "Stijgt norm-overschreden na norm-dreigt, dan wordt op waarschuwingen niet gehandeld: spreek af wie ze "
                "dagelijks naloopt.",
            ),
            [(total(SIGNALS, "soort"), "{{soort}}")],
        ),
    ),
)

_STANDING: Final = Row(
    "Stagnatie",
    (
        bars(
            Uitleg(
                "Open en te laat, per maat",
                "Hoeveel van elke maat nog open staat terwijl de deadline verstreken is, ook van opdrachten die gereed zijn "
                "zonder het bericht dat de maat eindigt, zoals een afspraak die nooit gemeld is, tot het dossier sluit.",
                "Kies de langste bovenaan als maat en zie hiernaast hoe oud het is.",
            ),
            [(f"sort_desc({total(LATE, 'maat')})", "{{maat}}")],
        ),
        bars(
            Uitleg(
                "Oudste tiende per maat",
                "Eén op de tien openstaande gevallen van een maat is ouder dan dit (kalenderdagen, van de hele keten).",
                "Zoek de oudste op met `ketenbus doorlooptijden`; meestal is een bericht vergeten of wacht iedereen op elkaar.",
            ),
            [(f"sort_desc({open_age(0.9, 'maat')})", "{{maat}}")],
            unit=DAYS,
        ),
        trend(
            Uitleg(
                "Open en te laat per aannemer, in de tijd",
                "Wat nog open staat na zijn deadline, naar de aannemer van de opdracht.",
                "Loopt één lijn op, kijk dan in de tabel hieronder bij wie zijn werk ligt: is dat de opdrachtgever, dan wacht "
                "die aannemer op een antwoord.",
            ),
            [(total(LATE, "aannemer"), "{{aannemer}}")],
        ).wide(8),
        classes(
            Uitleg(
                "Leeftijd van $maat",
                "Hoeveel openstaande gevallen van de gekozen maat in elke leeftijdsklasse vallen.",
                "De onderste klassen zijn nieuw werk; wat in de laatste klassen staat hoort in het weekoverleg per stuk langs "
                "te komen.",
            ),
            f"sum by (le) ({_OPEN_BUCKETS})",
        ).wide(12, 13),
        heat_map(
            Uitleg(
                "Leeftijd van $maat, in de tijd",
                "Dezelfde klassen in de tijd: hoe donkerder, hoe meer openstaande gevallen van die leeftijd.",
                "Een band die schuin omhoog loopt is een groep die samen veroudert en waar niemand aan werkt: zoek haar op.",
            ),
            f"sum by (le) ({_OPEN_BUCKETS})",
        ).wide(12, 13),
    ),
)

_PER_PAIR: Final = Row(
    "Per paar",
    (
        rows(
            Uitleg(
                "Voorraad per paar",
                "Van elk paar wat er loopt, bij wie het ligt, wat onderbroken is, wat te laat werd en welke signalen er open "
                "staan.",
                "Lees een rij van links naar rechts: veel bij de aannemer is capaciteit, veel bij de opdrachtgever is een "
                "antwoord, veel bij de huurder is een afspraak.",
            ),
            {"opdrachtgever": "Opdrachtgever", "aannemer": "Aannemer"},
            (
                Column("Lopend", total(RUNNING, _PAIRS)),
                Column("Bij aannemer", _running('aan_zet="aannemer"')),
                Column("Bij opdrachtgever", _running('aan_zet="opdrachtgever"')),
                Column("Bij huurder", _running('aan_zet="huurder"')),
                Column("Onderbroken", _running('toestand="onderbroken"')),
                Column("Open en te laat", total(LATE, _PAIRS)),
                Column("Open signalen", total(SIGNALS, _PAIRS), steps=ATTENTION),
            ),
            to={
                "aannemer": (
                    "Doorlooptijden van deze aannemer",
                    "/d/ketenbus-doorlooptijden?${keten:queryparam}&${maat:queryparam}"
                    "&var-aannemer=${__value.text:percentencode}&${__url_time_range}",
                )
            },
        ),
    ),
)

_OTHER: Final = Row(
    "Mutaties en facturen",
    (
        bars(
            Uitleg(
                "Mutaties per stap",
                "Lopende en afgeronde mutaties (leegstand van een woning) naar hun laatste stap.",
                "Blijft er veel bij sleutels-in staan, dan kost dat huur: kijk welke opdrachten van de woning nog lopen.",
            ),
            [(f"sort_desc({total(_VACANCIES, 'toestand')})", "{{toestand}}")],
        ).wide(12),
        bars(
            Uitleg(
                "Facturen per toestand",
                "Facturen naar hoever hun beoordeling en betaling zijn.",
                "Wachtend betekent dat geen enkele opdracht van de factuur bekend is: vraag de leverancier om het juiste "
                "opdrachtnummer.",
            ),
            [(f"sort_desc({total(_INVOICES, 'toestand')})", "{{toestand}}")],
        ).wide(12),
    ),
)

BOARD: Final = Board(
    uid="ketenbus-werkvoorraad",
    title="Werkvoorraad en stagnatie",
    about="Wat er loopt, bij wie het ligt, wat stilstaat en wat vandaag nog te redden is.",
    choices=(choices.keten(), choices.opdrachtgever(), choices.aannemer(), choices.maat()),
    rows=(_NOW, _COURSE, _STANDING, _PER_PAIR, _OTHER),
)
