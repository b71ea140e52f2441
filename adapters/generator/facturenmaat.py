"""How the dossiers of invoices and contracts must stand: state, measures, signals and money (ONDERHOUD 2, 5)."""

from adapters.generator.facturenboek import Facturen
from adapters.generator.factuurloop import Loop, Paren, Uitkomst, maten, uitkomst
from adapters.generator.uitslag import Dossier


def dossiers(facturen: Facturen, termen: Paren) -> dict[str, Dossier]:
    """By key, those of the invoices and of the contracts that they name."""
    found = {key: _dossier(run, termen) for key, run in facturen.lopen.items()}
    for key, asked in facturen.per_opdracht.items():
        if "/contract/" in key:
            found[key] = Dossier(toestand="contract", facturen=tuple(sorted(run.sleutel for run in asked)))
    return found


def _dossier(run: Loop, termen: Paren) -> Dossier:
    one, factuur, end = run.factuur, run.inhoud, uitkomst(run, termen)
    if one is None or factuur is None or end is None:
        return Dossier(
            toestand="wachtend",
            wachtend=len(run.wachtend),
            onvolledig=run.brieven,
            opdrachten=tuple(sorted(run.vragen)),
        )
    money = end.deling.geheel
    standing = {("norm-overschreden", name) for name in run.gemeld} | run.beoordelen
    open_ = money.vrijgegeven > 0 and end.betaald is None
    who = "opdrachtgever"
    if end.afgerond is not None:
        who = "niemand"
    elif money.betwist and not money.in_behandeling and not open_:
        who = "aannemer"
    return Dossier(
        toestand=_toestand(run, end),
        aan_zet=who,
        feiten=len(run.feiten),
        wachtend=len(run.wachtend),
        onvolledig=run.brieven,
        opdrachten=tuple(sorted(run.vragen)),
        maten=maten(run, end, termen),
        signalen=_verteld(standing),
        ingetrokken=_verteld(run.ooit - standing),
        geld=end.deling,
    )


def _toestand(run: Loop, end: Uitkomst) -> str:
    money = end.deling.geheel
    if end.afgerond is not None:
        return "afgerond"
    if end.betaald is not None:
        return "betaald"
    if any(
        one.uiting.factuurstap is not None and one.uiting.factuurstap.stap == "betaalbaar-gesteld" for one in run.feiten
    ):
        return "betaalbaar-gesteld"
    if money.vrijgegeven:
        return "deels-vrijgegeven" if money.betwist or money.in_behandeling else "vrijgegeven"
    return "betwist" if money.betwist else "ontvangen"


def _verteld(signals: set[tuple[str, str]]) -> tuple[str, ...]:
    """As people see them: what is for a person has no measure."""
    return tuple(sorted(f"{kind}:{name}" if kind == "norm-overschreden" else "beoordelen" for kind, name in signals))
