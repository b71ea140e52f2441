"""Rows of the board Techniek about what runs: processors, processes, disk and archive."""

from typing import Final

from chain.dashboards.board import Row
from chain.dashboards.panels import bars, figure, trend
from chain.dashboards.queries import total
from chain.dashboards.terms import BYTES, PER_SECOND, SECONDS, SHARE, WRONG, Uitleg

_RATE: Final = "[$__rate_interval]"


def _p95(name: str, by: str) -> str:
    return f"histogram_quantile(0.95, sum by (le,{by}) (rate({name}_bucket{_RATE})))"


PROCESSORS: Final = Row(
    "Verwerkers",
    (
        trend(
            Uitleg(
                "Achterstand per verwerker",
                "Records die op de partities van een verwerker klaarstaan en nog niet verwerkt zijn.",
                "Blijft een lijn stijgen, zet er een werker bij (tot het aantal partities) of zoek de fout die hem tegenhoudt.",
            ),
            [
                (total("ketenbus_task_lag_records", "processor"), "{{processor}}"),
                ("sum(ketenbus_view_lag_records)", "view"),
                ("sum(ketenbus_measure_lag_records)", "measure"),
            ],
        ),
        trend(
            Uitleg(
                "Verwerkt per seconde",
                "Records die elke verwerker in afgeronde transacties verwerkte.",
                "Zakt dit terwijl de achterstand groeit, kijk dan hieronder naar de duur van transacties en naar fouten.",
            ),
            [(f"sum by (processor) (rate(ketenbus_task_records_total{_RATE}))", "{{processor}}")],
            unit=PER_SECOND,
        ),
        trend(
            Uitleg(
                "Duur van transacties (95 %)",
                "Negentien van de twintig transacties van een verwerker duren niet langer dan dit.",
                "Wordt dit meer dan een seconde, kijk dan naar de schijf en de processor van de broker.",
            ),
            [(_p95("ketenbus_task_transaction_seconds", "processor"), "{{processor}}")],
            unit=SECONDS,
        ),
        trend(
            Uitleg(
                "Fouten per code",
                "Pogingen die mislukten en opnieuw gedaan worden, naar code. Eén piek bij een herstart is gewoon.",
                "Blijft een code terugkomen, zoek haar in het logboek van de verwerker; er gaat niets verloren, maar het werk "
                "staat wel stil.",
            ),
            [(f"sum by (processor, code) (rate(ketenbus_task_failures_total{_RATE}))", "{{processor}} {{code}}")],
            unit=PER_SECOND,
        ),
        bars(
            Uitleg(
                "Sleutels in de toestand",
                "Hoeveel dossiers, ontvangsten en brieven elke verwerker bijhoudt; hiervan hangen zijn geheugen en de duur van "
                "zijn herstart af.",
                "Groeit dit sneller dan het aantal opdrachten, meld het de ontwikkelaars.",
            ),
            [("sort_desc(sum by (processor) (ketenbus_task_state_keys))", "{{processor}}")],
        ),
        bars(
            Uitleg(
                "Herstart van een taak (95 %)",
                "Hoe lang een taak nodig heeft om haar toestand terug te lezen voordat zij verder kan.",
                "Meer dan drie kwart minuut: kijk naar de schijf van de broker, en of de changelogs worden opgeschoond.",
            ),
            [
                (
                    "histogram_quantile(0.95, sum by (le,processor) (ketenbus_task_open_seconds_bucket))",
                    "{{processor}}",
                )
            ],
            unit=SECONDS,
        ),
        bars(
            Uitleg(
                "Uitval sinds de start",
                "Berichten die elke verwerker sinds zijn laatste start naar de uitval schreef.",
                "Veel bij één verwerker in korte tijd wijst op een partner die iets veranderde of op een fout in een nieuwe "
                "versie van de bus; zie Uitval en beoordeling.",
            ),
            [("sort_desc(sum by (processor) (ketenbus_task_dead_letters_total))", "{{processor}}")],
        ),
    ),
)

PROCESSES: Final = Row(
    "Processen",
    (
        trend(
            Uitleg(
                "Geheugen per proces",
                "Geheugen dat elk proces gebruikt.",
                "Groeit het zonder dat het aantal sleutels groeit, herstart het proces op een rustig moment en meld het.",
            ),
            [("sum by (job, instance) (process_resident_memory_bytes)", "{{job}} {{instance}}")],
            unit=BYTES,
        ),
        trend(
            Uitleg(
                "Processortijd per proces",
                "Hoeveel kernen elk proces gebruikt; een werker is één kern.",
                "Staat een verwerker lang op 1 en groeit zijn achterstand, zet er dan een werker bij.",
            ),
            [(f"sum by (job, instance) (rate(process_cpu_seconds_total{_RATE}))", "{{job}} {{instance}}")],
            unit="suffix:kernen",
        ),
    ),
)

DISK: Final = Row(
    "Schijf en archief",
    (
        trend(
            Uitleg(
                "Vrije schijfruimte",
                "Het deel van de schijf met gegevens dat nog vrij is, per proces. Onder de 15 % gaat het alarm.",
                "Ruim op of vergroot de schijf voordat zij vol is: een volle schijf zet Kafka stil, en dan wordt er niets meer "
                "aangenomen.",
            ),
            [("min by (job) (ketenbus_data_free_bytes / ketenbus_data_size_bytes)", "{{job}}")],
            unit=SHARE,
            high=1,
        ),
        figure(
            Uitleg(
                "Archief: leeftijd",
                "Hoe lang geleden het archief voor het laatst een hele snede had: zoveel gaat er hoogstens verloren als al het "
                "andere weg is.",
                "Loopt dit op, kijk dan of het archief schrijft en of zijn schijf of bucket bereikbaar is.",
            ),
            "max(ketenbus_archief_leeftijd_seconds) < Inf",
            unit=SECONDS,
        ).wide(4, 8),
        figure(
            Uitleg(
                "Archief: achterstand",
                "Records die op de topics staan en nog niet in het archief.",
                "Blijft dit groeien, geef het archief dan een snellere schijf; tot dan leunt herstel op Kafka alleen.",
            ),
            "sum(ketenbus_archief_achterstand_records)",
        ).wide(4, 8),
        figure(
            Uitleg(
                "Archief: bijlagen weg",
                "Berichten en bijlagen waarnaar wordt verwezen en die de opslag niet heeft. Hoort 0 te zijn.",
                "Zoek de opslag na: zonder deze bestanden is het origineel van een bericht niet te tonen en niet te herstellen.",
            ),
            "sum(ketenbus_archief_bijlagen_ontbreken)",
            steps=WRONG,
        ).wide(4, 8),
    ),
)
