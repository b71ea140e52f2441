"""What the reader of a board chooses: keten, partners, measure and window. Values come from Prometheus itself."""

from typing import Final

from grafana_foundation_sdk.models import dashboard as model

from chain.dashboards.panels import SOURCE

ALL: Final = "$__all"
ANYTHING: Final = ".*"
"""Also where a label is empty: a dossier without a contractor belongs to all."""

KETEN: Final = 'keten="$keten"'
PAIR: Final = f'{KETEN},opdrachtgever=~"$opdrachtgever",aannemer=~"$aannemer"'
WINDOW: Final = f'{PAIR},venster="$venster"'
MEASURE: Final = f'{WINDOW},maat="$maat"'
PARTNER: Final = 'partner=~"$partner"'


def keten() -> model.VariableModel:
    return _one("keten", "Keten", "label_values(ketenbus_dossiers, keten)", "onderhoud")


def opdrachtgever() -> model.VariableModel:
    return _any("opdrachtgever", "Opdrachtgever", 'label_values(ketenbus_dossiers{keten="$keten"}, opdrachtgever)')


def aannemer() -> model.VariableModel:
    return _any("aannemer", "Aannemer", 'label_values(ketenbus_dossiers{keten="$keten"}, aannemer)')


def maat() -> model.VariableModel:
    """One: a figure over several measures together means nothing."""
    return _one("maat", "Maat", 'label_values(ketenbus_open_intervallen{keten="$keten"}, maat)', "technisch-gereed")


def venster() -> model.VariableModel:
    return _one("venster", "Venster", "label_values(ketenbus_deadlines, venster)", "30d")


def partner() -> model.VariableModel:
    return _any("partner", "Partner", "label_values(ketenbus_rekening_delen, partner)")


def _one(name: str, label: str, query: str, first: str) -> model.VariableModel:
    found = _variable(name, label, query)
    found.current = model.VariableOption(selected=True, text=first, value=first)
    return found


def _any(name: str, label: str, query: str) -> model.VariableModel:
    found = _variable(name, label, query)
    found.multi, found.include_all, found.all_value = True, True, ANYTHING
    found.current = model.VariableOption(selected=True, text=["Alle"], value=[ALL])
    return found


def _variable(name: str, label: str, query: str) -> model.VariableModel:
    return model.VariableModel(
        type_val=model.VariableType.QUERY,
        name=name,
        label=label,
        query={"query": query, "refId": f"keuze-{name}"},
        datasource=SOURCE,
        refresh=model.VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=model.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC,
    )
