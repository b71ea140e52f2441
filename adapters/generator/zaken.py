"""Orders as those who invoice them know them: what was ordered, when it was ready, what extra work counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from random import Random

import msgspec

from adapters.generator.beeld import Conclusie
from adapters.generator.bericht import Opdracht, Uiting
from adapters.generator.factuur import Regel, Tarief
from adapters.generator.oordeel import Verloop
from adapters.generator.partners import Factuurtermen, Partner


class Zaak(msgspec.Struct, frozen=True, kw_only=True):
    """An order that can be invoiced. `besteld`, `gereed`, `vervallen`: when the bus first knew it there, ready, refused or
    cancelled."""

    sleutel: str
    nummer: str
    klant: Partner
    aannemer: Partner
    opdracht: Opdracht
    verloop: Verloop
    besteld: datetime
    gereed: datetime | None = None
    vervallen: datetime | None = None

    @property
    def termen(self) -> Factuurtermen:
        return self.opdracht.termen.facturen

    @property
    def laatst(self) -> Conclusie:
        return self.verloop[-1][1]


def zaken(
    uitingen: Mapping[str, Sequence[Uiting]], verlopen: Mapping[str, Verloop], partners: Mapping[str, Partner]
) -> list[Zaak]:
    """The orders in order of their key that came, in one part, of a client to one of its own contractors."""
    per_gln = {one.gln: one for one in partners.values()}
    made = []
    for key, verloop in sorted(verlopen.items()):
        said = uitingen[key]
        order = verloop[-1][1].order if verloop else None
        if order is None or order.bovenliggend is not None or any(one.sub is not None or one.proef for one in said):
            continue
        ready = [at for at, found in verloop if found.gereed is not None]
        over = [at for at, found in verloop if found.einde is not None and found.einde.uiting.code in ("ANN", "WEI")]
        made.append(
            Zaak(
                sleutel=key,
                nummer=said[0].nummer,
                klant=per_gln[said[0].klant],
                aannemer=per_gln[order.aannemer],
                opdracht=order,
                verloop=verloop,
                besteld=verloop[0][0],
                gereed=ready[0] if ready else None,
                vervallen=over[0] if over else None,
            )
        )
    return made


def regels_van(zaak: Zaak, kans: Random, tarief: Tarief, *, eerste: int = 1) -> list[Regel]:
    """What the contractor asks for `zaak` when nothing is wrong: what was ordered, in REG the hours and the material."""
    order = zaak.opdracht
    if order.afspraak == "REG":
        prices = zaak.termen.prijzen
        # an order with prices has its own ceiling, without prices it is that of the pair
        hours = "0.25" if order.bedrag is not None else kans.choice(("0.5", "1", "1.25", "2", "3.5"))
        pieces = "1" if order.bedrag is not None else kans.choice(("1", "3", "6"))
        asked = [("AR-01", hours, "HUR", True), ("MT-01", pieces, "PCE", False)]
        return [
            Regel(
                nummer=str(eerste + place),
                aantal=Decimal(amount),
                prijs=prices[code],
                tarief=tarief,
                code=code,
                eenheid=unit,
                opdracht=zaak.nummer,
                arbeid=labour,
            )
            for place, (code, amount, unit, labour) in enumerate(asked)
        ]
    return [
        Regel(
            nummer=str(eerste + place),
            aantal=Decimal(order.aantal),
            prijs=zaak.termen.prijzen[f"PB-{place + 1:03}"],
            tarief=tarief,
            code=f"PB-{place + 1:03}",
            opdracht=zaak.nummer,
        )
        for place in range(order.regels)
    ]
