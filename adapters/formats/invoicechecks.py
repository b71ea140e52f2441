"""Own checks on an invoice, beyond its standard: amounts, accounts, numbers, dates, what a credit is about.

One list for every format; a format only says how it names a place. Amounts that contradict each other are errors, and so
is an account that cannot exist: nobody but the sender may change them (ONDERHOUD 5). The rest are warnings. Codes:
README.md of this folder.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from stdnum import iban
from stdnum.eu import vat

from adapters.formats.findings import OWN_CHECK, fout, quoted, waarschuwing
from adapters.formats.invoiceamounts import CHARGED, REVERSED, Where, check_amounts, total
from adapters.message import FactuurInhoud
from topics.documents import Bevinding
from topics.profile.supplier import account_number, is_kvk, legal_number

_CREDIT_NOTES: Final = frozenset({"381", "81", "83", "261", "262", "296", "308", "396", "420", "458", "532"})
"""UNTDID 1001: what EN 16931 takes as a credit note."""
_CORRECTING: Final = _CREDIT_NOTES | {"384"}
_EURO: Final = "EUR"


def check_invoice(inhoud: FactuurInhoud, where: Where) -> list[Bevinding]:
    """The findings on `inhoud`; one of severity `fout` refuses the message as `ongeldig`."""
    return [
        *_form(inhoud, where),
        *check_amounts(inhoud, where),
        *_accounts(inhoud, where),
        *_blocked(inhoud, where),
        *_parties(inhoud, where),
        *_reversed(inhoud, where),
        *_dates(inhoud, where),
        *_credit(inhoud, where),
    ]


def _form(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    if not inhoud.regels:
        yield _wrong("factuur-zonder-regels", where("regels"), "geen regels gevonden, verwacht ten minste een")
    if inhoud.munt != _EURO:
        what = f"gevonden {quoted(inhoud.munt)}, verwacht {_EURO}: in een andere munt wordt niet vergeleken"
        yield _wrong("munt-niet-euro", where("munt"), what, inhoud.munt)
    seen: set[str] = set()
    for position, line in enumerate(inhoud.regels, 1):
        if line.nummer in seen:
            what = f"gevonden {quoted(line.nummer)} bij meer dan een regel, verwacht elk nummer een keer"
            yield _odd("regelnummer-dubbel", where(f"regel.{position}.nummer"), what, line.nummer)
        seen.add(line.nummer)
        if line.prijs is not None and line.prijs < 0:
            what = f"gevonden {line.prijs}, verwacht 0 of meer: een credit heeft een negatief aantal"
            yield _odd("prijs-negatief", where(f"regel.{position}.prijs"), what, str(line.prijs))


def _accounts(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    if inhoud.iban and not _is_iban(account_number(inhoud.iban)):
        what = f"gevonden {quoted(inhoud.iban)}, verwacht een IBAN met een kloppend controlegetal"
        yield _wrong("iban-controlegetal", where("iban"), what, inhoud.iban, persoonlijk=True)
    if inhoud.g_iban and not _is_iban(account_number(inhoud.g_iban)):
        what = f"gevonden {quoted(inhoud.g_iban)}, verwacht een IBAN met een kloppend controlegetal"
        yield _wrong("g-iban-controlegetal", where("g_iban"), what, inhoud.g_iban, persoonlijk=True)
    if not inhoud.iban and inhoud.te_betalen > 0:
        yield _odd("iban-ontbreekt", where("iban"), "niet gevonden, verwacht de rekening waarop betaald moet worden")


def _blocked(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    """The G-account. Which part goes there is agreed per contract, often on the wages, so it is never checked."""
    amount, payable = inhoud.g_bedrag, inhoud.te_betalen
    if amount is None:
        if inhoud.ketenaansprakelijk and payable > 0:
            what = "niet gevonden, verwacht het deel voor de G-rekening bij ketenaansprakelijkheid"
            yield _odd("g-bedrag-ontbreekt", where("g_bedrag"), what)
    elif not amount or (amount > 0) is not (payable > 0):
        what = f"gevonden {amount:f}, verwacht een bedrag aan dezelfde kant van 0 als te betalen ({payable:f})"
        yield _wrong("g-bedrag-teken", where("g_bedrag"), what, f"{amount:f}")
    elif abs(amount) > abs(payable):
        what = f"gevonden {amount:f}, verwacht ten hoogste {payable:f}, wat te betalen is"
        yield _wrong("g-bedrag-te-hoog", where("g_bedrag"), what, f"{amount:f}")


def _parties(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    named = [("btw", "btw_nummer", inhoud.btw_nummer), ("kvk", "kvk_nummer", inhoud.kvk_nummer)]
    named += [(scheme, "koper", value) for scheme, value in inhoud.koper]
    for scheme, path, value in named:
        number = legal_number(value or "")
        if number is None:
            continue
        if scheme == "btw" and not _is_vat(number):
            what = f"gevonden {quoted(value or '')}, verwacht een btw-nummer met een kloppend controlegetal"
            yield _odd("btw-nummer-controlegetal", where(path), what, value)
        elif scheme == "kvk" and not is_kvk(number):
            what = f"gevonden {quoted(value or '')}, verwacht een KvK-nummer van 8 cijfers"
            yield _odd("kvk-nummer-vorm", where(path), what, value)


def _reversed(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    """Reverse charge: both VAT numbers are named; a whole that says so has no taxed lines."""
    if any(line.btw_categorie == REVERSED for line in inhoud.regels):
        if not inhoud.btw_nummer:
            what = "niet gevonden, verwacht het btw-nummer van de leverancier bij verlegde btw"
            yield _odd("btw-verlegd-zonder-nummer", where("btw_nummer"), what)
        if not any(scheme == "btw" for scheme, _ in inhoud.koper):
            what = "niet gevonden, verwacht het btw-nummer van de opdrachtgever bij verlegde btw"
            yield _odd("btw-verlegd-zonder-nummer", where("koper"), what)
    if not inhoud.btw_verlegd:
        return
    for position, line in enumerate(inhoud.regels, 1):
        if line.btw_categorie == CHARGED and line.btw_percentage:
            what = f"gevonden {CHARGED} met {line.btw_percentage:f} %, verwacht geen btw bij verlegde heffing"
            yield _odd("btw-verlegd-met-tarief", where(f"regel.{position}.btw_categorie"), what, CHARGED)


def _dates(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    invoiced, due, delivered = inhoud.factuurdatum, inhoud.vervaldatum, inhoud.leverdatum
    if due is not None and due < invoiced:
        what = f"gevonden {due}, verwacht niet eerder dan de factuurdatum ({invoiced})"
        yield _odd("vervaldatum-voor-factuurdatum", where("vervaldatum"), what, str(due))
    if delivered is not None and delivered > invoiced:
        what = f"gevonden {delivered}, verwacht niet later dan de factuurdatum ({invoiced})"
        yield _odd("leverdatum-na-factuurdatum", where("leverdatum"), what, str(delivered))
    start, end = inhoud.periode_van, inhoud.periode_tot
    if start is not None and end is not None and end < start:
        what = f"gevonden {end}, verwacht niet eerder dan het begin van de periode ({start})"
        yield _odd("periode-omgekeerd", where("periode_tot"), what, str(end))


def _credit(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    if (inhoud.typecode in _CORRECTING or inhoud.te_betalen < 0) and not inhoud.verwijst_naar:
        what = "niet gevonden, verwacht het nummer van de factuur die deze verbetert of crediteert"
        yield _odd("verwijzing-ontbreekt", where("verwijst_naar"), what)
    # lines are paid for what they ask, so what was prepaid does not make a credit of them
    asked = max(inhoud.te_betalen, total(inhoud))
    if inhoud.typecode in _CREDIT_NOTES and asked > 0:
        what = f"gevonden {asked:f} (te betalen) op een creditnota, verwacht een bedrag dat terugkomt"
        yield _wrong("credit-positief", where("te_betalen"), what, f"{asked:f}")


def _wrong(code: str, pad: str, what: str, waarde: str | None = None, *, persoonlijk: bool = False) -> Bevinding:
    return fout(code, pad, _sentence(pad, what), OWN_CHECK, waarde=waarde, persoonlijk=persoonlijk)


def _odd(code: str, pad: str, what: str, waarde: str | None = None) -> Bevinding:
    return waarschuwing(code, pad, _sentence(pad, what), waarde=waarde)


def _sentence(pad: str, what: str) -> str:
    return f"Veld {pad.rpartition('/')[2]}: {what}."


@lru_cache(maxsize=4096)
def _is_iban(number: str) -> bool:
    """Partners are few, so answers are kept."""
    return bool(iban.is_valid(number))


@lru_cache(maxsize=4096)
def _is_vat(number: str) -> bool:
    return bool(vat.is_valid(number))
