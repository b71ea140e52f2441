"""What the official rules say of a UBL invoice, as findings: the rule's own name as code, in Dutch where we know it."""

from typing import Final

import msgspec
from lxml import etree

from adapters.formats.findings import MAX_FINDINGS, fout, printable, quoted, waarschuwing
from adapters.formats.ubl.codes import PERSONAL, Profile
from adapters.formats.xsd import path_of
from adapters.schematron import Assertion, Verdict
from topics.documents import Bevinding, Ernst

OFFICIAL_DECIDES: Final = frozenset({"regelbedrag", "iban-controlegetal", "g-iban-controlegetal"})
"""Own checks on what the official rules look at and let pass. They are warnings here: such an account is known of no
supplier, so nothing is released, and a line is matched against its order anyway."""

EXPECTED: Final = {
    "BR-NL-1": "het KvK-nummer (0106) of OIN (0190) van de leverancier",
    "BR-NL-2": "een BuyerReference of een OrderReference/ID",
    "BR-NL-3": "straat, plaats en postcode van de leverancier",
    "BR-NL-4": "straat, plaats en postcode van de afnemer",
    "BR-NL-5": "straat, plaats en postcode van de fiscaal vertegenwoordiger",
    "BR-NL-7": "soort 380, 381, 384 of 389",
    "BR-NL-8": "soort 381 op een CreditNote, en alleen daarop",
    "BR-NL-9": "bij soort 384 een BillingReference naar de oorspronkelijke factuur",
    "BR-NL-10": "het KvK-nummer (0106) of OIN (0190) van de afnemer",
    "BR-NL-11": "een PaymentMeans als er te betalen is",
    "BR-NL-12": "betaalwijze 30, 48, 49, 57, 58 of 59",
    "BR-NL-13": "een OrderReference/ID in de kop als een regel naar een orderregel verwijst",
    "BR-GA-0": "het CustomizationID van de G-rekening",
    "BR-GA-1": "precies twee PaymentTerms",
    "BR-GA-2": "precies twee PaymentMeans",
    "BR-GA-3": "twee PaymentTerms/Amount die samen PayableAmount zijn",
    "BR-GA-4": "in elke PaymentTerms een PaymentMeansID",
    "BR-GA-5": "in elke PaymentMeans een ID",
    "BR-GA-6": "een PaymentMeansID dat bij precies één PaymentMeans hoort",
    "BR-GA-7": "precies één PaymentMeans met ID GACCOUNT",
    "BR-01": "een CustomizationID",
    "BR-02": "een factuurnummer",
    "BR-03": "een factuurdatum",
    "BR-04": "een soort factuur",
    "BR-05": "een munt",
    "BR-06": "de naam van de leverancier",
    "BR-07": "de naam van de afnemer",
    "BR-08": "het adres van de leverancier",
    "BR-09": "het land van de leverancier",
    "BR-10": "het adres van de afnemer",
    "BR-11": "het land van de afnemer",
    "BR-12": "LineExtensionAmount, de som van de regels",
    "BR-13": "TaxExclusiveAmount",
    "BR-14": "TaxInclusiveAmount",
    "BR-15": "PayableAmount",
    "BR-16": "ten minste één regel",
    "BR-21": "een nummer bij elke regel",
    "BR-22": "een aantal bij elke regel",
    "BR-23": "een eenheid bij elk aantal",
    "BR-24": "een bedrag bij elke regel",
    "BR-25": "een naam bij elk artikel",
    "BR-26": "een prijs bij elke regel",
    "BR-27": "een prijs van 0 of meer",
    "BR-29": "een einde van de periode dat niet voor het begin ligt",
    "BR-49": "een PaymentMeansCode",
    "BR-50": "een rekening bij een overboeking",
    "BR-61": "een rekening bij een overboeking",
    "BR-CO-4": "een btw-categorie bij elke regel",
    "BR-CO-9": "een btw-nummer dat met de landcode begint",
    "BR-CO-10": "LineExtensionAmount gelijk aan de som van de regels",
    "BR-CO-11": "AllowanceTotalAmount gelijk aan de som van de kortingen",
    "BR-CO-12": "ChargeTotalAmount gelijk aan de som van de toeslagen",
    "BR-CO-13": "TaxExclusiveAmount gelijk aan de regels min kortingen plus toeslagen",
    "BR-CO-14": "TaxAmount gelijk aan de som van de btw per tarief",
    "BR-CO-15": "TaxInclusiveAmount gelijk aan TaxExclusiveAmount plus de btw",
    "BR-CO-16": "PayableAmount gelijk aan het totaal min het vooruitbetaalde plus de afronding",
    "BR-CO-17": "btw gelijk aan grondslag maal tarief, afgerond op de cent",
    "BR-CO-18": "de btw per tarief (TaxSubtotal)",
    "BR-CO-25": "een vervaldatum of betaalvoorwaarden als er te betalen is",
    "BR-CO-26": "een nummer dat de leverancier aanwijst",
    "BR-S-1": "een TaxSubtotal voor tarief S",
    "BR-S-8": "een grondslag gelijk aan de regels en toeslagen van dat tarief",
    "BR-AE-1": "een TaxSubtotal voor verlegde btw (AE)",
    "BR-AE-2": "btw-nummers van leverancier en afnemer bij verlegde btw",
    "BR-AE-5": "0 % bij verlegde btw",
    "BR-AE-8": "een grondslag gelijk aan de regels met verlegde btw",
    "BR-AE-9": "0 aan btw bij verlegde btw",
    "BR-AE-10": "de reden van vrijstelling bij verlegde btw",
}  # fmt: skip
"""What a rule asks, where a person is likely to meet it; of any other the words of its book are shown."""

_TOTAL: Final = "LegalMonetaryTotal"
_PARTS: Final = tuple(
    f"{_TOTAL}/{name}Amount"
    for name in ("LineExtension", "TaxExclusive", "TaxInclusive", "Prepaid", "PayableRounding", "Payable")
)
FOUND: Final = {
    "BR-CO-10": _PARTS[:1],
    "BR-CO-11": (f"{_TOTAL}/AllowanceTotalAmount",),
    "BR-CO-12": (f"{_TOTAL}/ChargeTotalAmount",),
    "BR-CO-13": (_PARTS[1], _PARTS[0], f"{_TOTAL}/AllowanceTotalAmount", f"{_TOTAL}/ChargeTotalAmount"),
    "BR-CO-14": ("TaxTotal/TaxAmount",),
    "BR-CO-15": (_PARTS[2], _PARTS[1], "TaxTotal/TaxAmount"),
    "BR-CO-16": (_PARTS[5], *_PARTS[2:5]),
    "BR-GA-3": (_PARTS[5], "PaymentTerms/Amount", "PaymentTerms[2]/Amount"),
}
"""The amounts that such a rule compares, to be shown with it."""


def findings(verdict: Verdict, tree: etree._Element, profile: Profile) -> list[Bevinding]:
    """An error for each fatal rule that `tree` does not meet, a warning for each other; one error when the rules failed."""
    bron = profile.book.value
    if verdict.failure:
        tekst = (
            f"Officiële regels {bron}: gevonden dat zij zelf op dit bericht vastlopen ({printable(verdict.failure, 250)}), "
            "verwacht een bericht waarover zij een oordeel geven."
        )
        return [fout("regels-vastgelopen", "/", tekst, bron)]
    found = [_finding(one, tree, bron) for one in verdict.assertions if one.rule not in profile.skipped]
    if verdict.more:
        tekst = f"Er zijn nog {verdict.more} regels waaraan niet is voldaan; verwacht dat aan elke regel is voldaan."
        found.insert(MAX_FINDINGS, waarschuwing("meer-bevindingen", "/", tekst, bron=bron))
    return found


def softened(found: list[Bevinding]) -> list[Bevinding]:
    """Own findings on an invoice that the official rules accept: those of OFFICIAL_DECIDES as warnings."""
    return [
        msgspec.structs.replace(one, ernst=Ernst.WAARSCHUWING) if one.code in OFFICIAL_DECIDES else one for one in found
    ]


def _finding(assertion: Assertion, tree: etree._Element, bron: str) -> Bevinding:
    node = _node(tree, assertion.location)
    pad = path_of(node) if node is not None else printable(assertion.location, 300)
    name = pad.rpartition("/")[2] or "bericht"
    rule = printable(assertion.rule, 40)
    value = (node.text or "").strip() if node is not None and not len(node) else None
    compared = [(path.rpartition("/")[2], tree.findtext(path)) for path in FOUND.get(rule, ())]
    amounts = ", ".join(f"{field} {printable(text.strip(), 20)}" for field, text in compared if text)
    shown = f"gevonden {quoted(value) if value is not None else amounts}".rstrip()
    expected = _expected(rule) or f"wat de regel vraagt: {printable(assertion.text, 300).rstrip('.')}"
    tekst = f"Veld {name}: {shown} in strijd met regel {rule}, verwacht {expected}."
    personal = value is not None and name.partition("[")[0] in PERSONAL
    if assertion.fatal:
        return fout(rule, pad, tekst, bron, waarde=value, persoonlijk=personal)
    return waarschuwing(rule, pad, tekst, bron=bron, waarde=value, persoonlijk=personal)


def _expected(rule: str) -> str | None:
    """Books write BR-S-08 or BR-S-8, and number the parts of a rule (BR-NL-27-2)."""
    head, _, number = rule.rpartition("-")
    plain = f"{head}-{number.lstrip('0')}" if number.isdecimal() else rule
    return EXPECTED.get(rule) or EXPECTED.get(plain) or EXPECTED.get(head)


def _node(tree: etree._Element, location: str) -> etree._Element | None:
    try:
        found = tree.getroottree().xpath(location)
    except etree.XPathError:
        return None
    first = found[0] if isinstance(found, list) and found else None
    return first if isinstance(first, etree._Element) else None
