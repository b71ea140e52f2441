"""Every course that an order may take, with its weight among orders."""

from collections.abc import Callable
from typing import Final

from adapters.generator.regie import Regie
from adapters.generator.samengesteld import afkeuring_offerte, deelopdrachten, onderaanneming
from adapters.generator.verloop import (
    annulering,
    gereed_zonder_aanname,
    gewoon,
    heropend,
    materiaal,
    meerwerk,
    na_sluiten,
    niet_thuis,
    niet_verschenen,
    noodvoorziening,
    reactie_aannemer,
    reactie_opdrachtgever,
    stilte,
    twee_keer_gereed,
    verlenging,
    verzoek_vervalt,
    vraag,
    weer,
    weigering,
    wens_bewoner,
    zonder_afspraak,
)

Loop = Callable[[Regie], None]

LOPEN: Final[tuple[tuple[Loop, int], ...]] = (
    (gewoon, 26),
    (zonder_afspraak, 10),
    (niet_thuis, 7),
    (niet_verschenen, 3),
    (wens_bewoner, 6),
    (materiaal, 5),
    (weer, 3),
    (meerwerk, 7),
    (reactie_aannemer, 4),
    (reactie_opdrachtgever, 3),
    (vraag, 4),
    (verlenging, 4),
    (weigering, 3),
    (annulering, 4),
    (verzoek_vervalt, 2),
    (noodvoorziening, 3),
    (heropend, 4),
    (na_sluiten, 3),
    (gereed_zonder_aanname, 2),
    (twee_keer_gereed, 2),
    (stilte, 4),
    (afkeuring_offerte, 5),
    (onderaanneming, 6),
    (deelopdrachten, 5),
)
"""Courses with their weight among ordinary orders."""
