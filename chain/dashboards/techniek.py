"""The machinery: is everything read, does the account balance, and which process needs an operator."""

from typing import Final

from chain.dashboards import choices
from chain.dashboards.board import Board, Row
from chain.dashboards.choices import PARTNER
from chain.dashboards.panels import figure, rows, trend
from chain.dashboards.processen import DISK, PROCESSES, PROCESSORS
from chain.dashboards.queries import DAY, total
from chain.dashboards.terms import DAYS, PER_SECOND, SECONDS, WRONG, Column, Step, Uitleg

_LIMIT: Final = (Step(None, "green"), Step(300, "orange"), Step(900, "red"))
"""A part of a message may be on its way for a quarter of an hour at most."""
_WATERMARK: Final = (Step(None, "green"), Step(300, "orange"), Step(600, "red"))
_ENDING: Final = (Step(None, "red"), Step(14, "orange"), Step(30, "green"))
"""Red where an alert is raised too (compose/prometheus/rules)."""
_RATE: Final = "[$__rate_interval]"


_NOW: Final = Row(
    "Nu",
    (
        figure(
            Uitleg(
                "Rekening klopt niet",
                "Delen van berichten die een plek verlieten waar zij niet waren of twee keer werden geopend, en ontvangsten die "
                "nooit geopend zijn. Hoort altijd 0 te zijn.",
                "Draai `ketenbus verantwoording`: dat telt opnieuw vanaf de topics en noemt de ontvangst. Dit is een fout van de "
                "bus.",
            ),
            f"sum(ketenbus_rekening_fouten{{{PARTNER}}}) + (sum(ketenbus_ontvangsten_ongeopend{{{PARTNER}}}) or vector(0))",
            steps=WRONG,
        ),
        figure(
            Uitleg(
                "Oudste bericht onderweg",
                "Hoe lang het oudste deel van een bericht al onderweg is. Meer dan een kwartier hoort niet voor te komen.",
                "Kijk hieronder welke verwerker achterloopt of stilstaat, en in zijn logboek waarom.",
            ),
            f'max(ketenbus_rekening_oudste_seconds{{{PARTNER},rekening="onderweg"}})',
            unit=SECONDS,
            steps=_LIMIT,
        ),
        figure(
            Uitleg(
                "Watermerk loopt achter",
                "Tot hoe lang geleden alles gelezen is. Zolang dit achterloopt geeft de bus geen signalen over wat ongelezen "
                "kan zijn.",
                "Blijft dit boven een paar minuten, dan leest een adapter niet: zie Achterstand per verwerker.",
            ),
            "max(ketenbus_watermerk_achterstand_seconds)",
            unit=SECONDS,
            steps=_WATERMARK,
        ),
        figure(
            Uitleg(
                "Stille processen",
                "Processen waarvan Prometheus nu geen cijfers krijgt.",
                "Kijk met `make ps` en `make logs` welk proces stilstaat, en start het opnieuw; het gaat verder waar het was.",
            ),
            "count(up == 0) or vector(0)",
            steps=WRONG,
        ),
        figure(
            Uitleg(
                "Gestopte taken",
                "Partities die niet verdergaan omdat een mens ernaar moet kijken, bijvoorbeeld bij een onbekend type of een "
                "positie die niet klopt.",
                "De code staat hieronder bij Fouten; het logboek van de verwerker zegt wat er gevonden en verwacht werd.",
            ),
            "sum(ketenbus_task_halted) or vector(0)",
            steps=WRONG,
        ),
        figure(
            Uitleg(
                "Kortst geldige sleutel",
                "Dagen tot de eerste sleutel of het eerste certificaat van een partner verloopt.",
                "Onder de dertig dagen: maak een nieuwe met `ketenbus partner sleutel` en spreek de wissel met de partner af.",
            ),
            f"min(ketenbus_certificaat_geldig_seconds{{{PARTNER}}}) / {DAY}",
            unit=DAYS,
            decimals=0,
            steps=_ENDING,
        ),
    ),
)

_INTAKE: Final = Row(
    "Ontvangst en meten",
    (
        trend(
            Uitleg(
                "Aangeboden berichten",
                "Berichten die partners aanbieden, naar uitkomst: aangenomen, herhaling, of de code van de weigering.",
                "Komt er niets meer binnen, bel dan de partner; wordt er veel geweigerd, dan zegt de code waarom (sleutel, soort, "
                "opschorting).",
            ),
            [(f"sum by (outcome) (rate(ketenbus_intake_messages_total{_RATE}))", "{{outcome}}")],
            unit=PER_SECOND,
        ),
        trend(
            Uitleg(
                "Antwoordtijd van de ontvangst",
                "Van de eerste byte van een verzoek tot het antwoord, dat pas komt als Kafka het bericht veilig heeft.",
                "Wordt het langzamer, kijk dan naar de broker; partners met korte tijdslimieten sturen anders dubbel.",
            ),
            [
                (
                    f"histogram_quantile(0.5, sum by (le) (rate(ketenbus_intake_answer_seconds_bucket{_RATE})))",
                    "mediaan",
                ),
                (
                    f"histogram_quantile(0.99, sum by (le) (rate(ketenbus_intake_answer_seconds_bucket{_RATE})))",
                    "99 %",
                ),
            ],
            unit=SECONDS,
        ),
        figure(
            Uitleg(
                "Meten: stand per",
                "Tot en met welk moment alles in de doorlooptijden is meegeteld. Tot een kwartier terug is gewoon: zo oud "
                "mag de leeftijd zijn van wat nog loopt.",
                "Blijft dit langer staan, kijk dan of het proces `measure` draait en hoe groot zijn achterstand is.",
            ),
            "max(ketenbus_measure_stand_per_timestamp_seconds) * 1000",
            unit="dateTimeAsIso",
        ).wide(8),
        figure(
            Uitleg(
                "Meten: achterstand",
                "Records die het meten nog moet lezen.",
                "Loopt dit op, dan zijn de borden van de keten oud; er gaat niets verloren en het haalt vanzelf in.",
            ),
            "sum(ketenbus_measure_lag_records)",
        ).wide(8),
        figure(
            Uitleg(
                "Meten: onleesbaar",
                "Records die niet geteld konden worden; elk heeft een brief in de uitval.",
                "Hoort 0 te zijn: meld de brief bij de ontwikkelaars, de cijfers missen zoveel gevallen.",
            ),
            "sum(ketenbus_measure_onleesbaar) or vector(0)",
            steps=WRONG,
        ).wide(8),
    ),
)

_PARTNERS: Final = Row(
    "Partners",
    (
        rows(
            Uitleg(
                "Verbinding met elke partner",
                "Hoeveel er van elke partner ontvangen is, hoe lang hij stil is en mag zijn, wat er nog onderweg is, en of hij is "
                "opgeschort.",
                "Is een partner langer stil dan zijn profiel zegt, bel hem: meestal staat zijn koppeling uit. Een opschorting "
                "heft een mens op.",
            ),
            {"partner": "Partner"},
            (
                Column("Stil", f"max by (partner) (ketenbus_partner_stil_seconds{{{PARTNER}}}) / {DAY}", DAYS, 1),
                Column(
                    "Mag stil", f"max by (partner) (ketenbus_partner_stil_grens_seconds{{{PARTNER}}}) / {DAY}", DAYS, 1
                ),
                Column("Ontvangsten", total(f"ketenbus_ontvangsten{{{PARTNER}}}", "partner")),
                Column("Onderweg", total(f'ketenbus_rekening_delen{{{PARTNER},rekening="onderweg"}}', "partner")),
                Column(
                    "Oudste onderweg",
                    f'max by (partner) (ketenbus_rekening_oudste_seconds{{{PARTNER},rekening="onderweg"}})',
                    SECONDS,
                    steps=_LIMIT,
                ),
                Column("Opgeschort", f"max by (partner) (ketenbus_partner_opgeschort{{{PARTNER}}})", steps=WRONG),
                Column("Rekening fout", total(f"ketenbus_rekening_fouten{{{PARTNER}}}", "partner"), steps=WRONG),
            ),
            to={
                "partner": (
                    "Uitval van deze partner",
                    "/d/ketenbus-uitval?var-partner=${__value.text:percentencode}&${__url_time_range}",
                )
            },
        ).wide(15),
        rows(
            Uitleg(
                "Sleutels en certificaten",
                "Hoe oud de jongste sleutel van elke partner is, en over hoeveel dagen zijn laatste sleutel of certificaat "
                "verloopt (leeg: nooit).",
                "Maak op tijd een nieuwe met `ketenbus partner sleutel`; de oude blijft geldig tot zijn einde, zodat de partner "
                "rustig kan wisselen.",
            ),
            {"partner": "Partner"},
            (
                Column(
                    "Leeftijd", f"max by (partner) (ketenbus_sleutel_leeftijd_seconds{{{PARTNER}}}) / {DAY}", DAYS, 0
                ),
                Column(
                    "Nog geldig",
                    f"min by (partner) (ketenbus_certificaat_geldig_seconds{{{PARTNER}}}) / {DAY}",
                    DAYS,
                    0,
                    steps=_ENDING,
                ),
            ),
        ).wide(9),
    ),
)

BOARD: Final = Board(
    uid="ketenbus-techniek",
    title="Techniek",
    about="Voor de beheerder: wordt alles gelezen, klopt de rekening, en welk proces vraagt aandacht.",
    choices=(choices.partner(),),
    rows=(_NOW, PROCESSORS, _INTAKE, _PARTNERS, PROCESSES, DISK),
    since="now-3h",
    refresh="30s",
)
