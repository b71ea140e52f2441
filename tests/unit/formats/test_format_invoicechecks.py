"""Each check on an invoice, broken once: which findings it gives, of which severity, and at which place."""

from datetime import date

import pytest

from adapters.formats.checks import check, judged
from adapters.message import Bericht, FactuurInhoud, Factuursleutel, Soort
from tests.unit.formats.invoices import RIGHT, D, changed, codes, credit, found, group, line, simple
from topics.accounts import without_values
from topics.documents import Ernst, Reden
from topics.documents.factuur import Btwbedrag


def test_an_invoice_that_agrees_with_itself_has_no_findings() -> None:
    assert found(RIGHT) == []
    assert found(credit(verwijst_naar="F-1")) == []


ERRORS = {
    "a line that is not quantity times price": (
        line(1, bedrag=D("91.01"), aantal=D(3)),
        {
            ("regelbedrag", "/regel.1.bedrag"),
            ("netto-som", "/netto"),
            ("btw-grondslag", "/btw.1.grondslag"),
        },
    ),
    "pieces times a price per metre": (
        line(2, prijsaantal=None),
        {("regelbedrag", "/regel.2.bedrag")},
    ),
    "a line without its own charge": (line(2, toeslag=D(0)), {("regelbedrag", "/regel.2.bedrag")}),
    "a price base of nothing": (line(1, prijsbasis=D(0)), {("regelbedrag", "/regel.1.prijsbasis")}),
    "a price per hundred": (line(1, prijsbasis=D(100)), {("regelbedrag", "/regel.1.bedrag")}),
    "a sum of lines that is another": (
        changed(netto=D("245.93")),
        {("netto-som", "/netto"), ("te-betalen-som", "/te_betalen")},
    ),
    "a sum of charges that is another": (changed(toeslag_totaal=D("25.00")), {("toeslag-som", "/toeslag_totaal")}),
    "a base that is another": (group(1, grondslag=D("91.00")), {("btw-grondslag", "/btw.1.grondslag"), ("btw-bedrag", "/btw.1.bedrag")}),
    "VAT of a rate that is left out": (
        changed(btw=RIGHT.btw[:1] + RIGHT.btw[2:]),
        {("btw-groep-ontbreekt", "/btw"), ("btw-som", "/btw_totaal"), ("te-betalen-som", "/te_betalen")},
    ),
    "VAT over nothing": (
        changed(btw=(*RIGHT.btw, Btwbedrag(categorie="Z", percentage=D(0), grondslag=D(5), bedrag=D(0)))),
        {("btw-grondslag", "/btw.4.grondslag")},
    ),
    "tax that is not the rate of its base": (
        group(2, bedrag=D("4.96")),
        {("btw-bedrag", "/btw.2.bedrag"), ("btw-som", "/btw_totaal"), ("te-betalen-som", "/te_betalen")},
    ),
    "a sum of VAT that is another": (changed(btw_totaal=D("26.51")), {("btw-som", "/btw_totaal")}),
    "reverse charge with a rate": (
        line(3, btw_percentage=D(21)),
        {
            ("btw-nul-verwacht", "/regel.3.btw_percentage"),
            ("btw-groep-ontbreekt", "/btw"),
            ("btw-grondslag", "/btw.3.grondslag"),
        },
    ),
    "reverse charge with tax": (
        group(3, bedrag=D("21.00")),
        {("btw-nul-verwacht", "/btw.3.bedrag"), ("btw-som", "/btw_totaal"), ("te-betalen-som", "/te_betalen")},
    ),
    "swapped digits in what is payable": (changed(te_betalen=D("223.05")), {("te-betalen-som", "/te_betalen")}),
    "a rounding that was not used": (changed(afronding=D(0)), {("te-betalen-som", "/te_betalen")}),
    "a prepayment that was not used": (changed(vooruitbetaald=D(0)), {("te-betalen-som", "/te_betalen")}),
    "half a cent": (
        changed(vooruitbetaald=D("50.005"), te_betalen=D("232.045")),
        {("bedrag-vorm", "/vooruitbetaald"), ("bedrag-vorm", "/te_betalen")},
    ),
    "an account that cannot exist": (changed(iban="NL52KTNB0990000001"), {("iban-controlegetal", "/iban")}),
    "a G-account that cannot exist": (changed(g_iban="NL24KTNB0990000003"), {("g-iban-controlegetal", "/g_iban")}),
    "more for the G-account than is payable": (changed(g_bedrag=D("232.06")), {("g-bedrag-te-hoog", "/g_bedrag")}),
    "nothing for the G-account": (changed(g_bedrag=D(0)), {("g-bedrag-teken", "/g_bedrag")}),
    "money back from the G-account": (changed(g_bedrag=D(-1)), {("g-bedrag-teken", "/g_bedrag")}),
    "more back from the G-account than is credited": (
        credit(verwijst_naar="F-1", g_bedrag=D("-110.12")),
        {("g-bedrag-te-hoog", "/g_bedrag")},
    ),
    "a rounding that is no rounding": (
        simple("100.00", "21.00", afronding=D("1.01"), te_betalen=D("122.01")),
        {("afronding-te-hoog", "/afronding")},
    ),
    "a rounding down that is no rounding": (
        simple("100.00", "21.00", afronding=D("-1.01"), te_betalen=D("119.99")),
        {("afronding-te-hoog", "/afronding")},
    ),
    "a prepayment that asks for more": (
        simple("100.00", "21.00", vooruitbetaald=D("-1000.00"), te_betalen=D("1121.00")),
        {("vooruitbetaald-teken", "/vooruitbetaald")},
    ),
    "a rate over the highest": (
        simple("100.00", "22.00", "22"),
        {("btw-tarief-onmogelijk", "/regel.1.btw_percentage")},
    ),
    "a rate that no country has": (
        simple("100.00", "28.00", "28", btw_nummer="SE556677889901"),
        {("btw-tarief-onmogelijk", "/regel.1.btw_percentage")},
    ),
    "a rate below nothing": (
        simple("100.00", "-21.00", "-21"),
        {("btw-tarief-onmogelijk", "/regel.1.btw_percentage")},
    ),
    "a credit note that asks for money": (
        changed(typecode="381", verwijst_naar="F-0"),
        {("credit-positief", "/te_betalen")},
    ),
    "a credit note of another kind that asks for money": (
        changed(typecode="396", verwijst_naar="F-0"),
        {("credit-positief", "/te_betalen")},
    ),
    "a credit note of which the lines ask for money": (
        simple("100.00", "21.00", typecode="381", verwijst_naar="F-0", vooruitbetaald=D(130), te_betalen=D("-9.00")),
        {("credit-positief", "/te_betalen")},
    ),
    "another currency": (changed(munt="USD"), {("munt-niet-euro", "/munt")}),
    "no lines": (
        simple("0", "0", count=0),
        {("factuur-zonder-regels", "/regels")},
    ),
}  # fmt: skip

WARNINGS = {
    "an unknown rate": (simple("100.00", "17.00", "17"), {("btw-tarief-onbekend", "/regel.1.btw_percentage")}),
    "a rate of elsewhere": (
        simple("100.00", "25.00", "25", btw_nummer="SE556677889901"),
        {("btw-tarief-onbekend", "/regel.1.btw_percentage")},
    ),
    "the low rate of before 2019": (simple("100.00", "6.00", "6"), {("btw-tarief-onbekend", "/regel.1.btw_percentage")}),
    "reverse charge without the supplier's VAT number": (
        changed(btw_nummer=None),
        {("btw-verlegd-zonder-nummer", "/btw_nummer")},
    ),
    "reverse charge without the client's VAT number": (
        changed(koper=(("kvk", "99000017"),)),
        {("btw-verlegd-zonder-nummer", "/koper")},
    ),
    "reverse charge and yet taxed lines": (
        changed(btw_verlegd=True),
        {
            ("btw-verlegd-met-tarief", "/regel.1.btw_categorie"),
            ("btw-verlegd-met-tarief", "/regel.2.btw_categorie"),
        },
    ),
    "a VAT number that cannot exist": (changed(btw_nummer="NL879999008B01"), {("btw-nummer-controlegetal", "/btw_nummer")}),
    "a client's VAT number that cannot exist": (
        changed(koper=(("btw", "NL009999013B01"),)),
        {("btw-nummer-controlegetal", "/koper")},
    ),
    "a KvK number of nine digits": (changed(kvk_nummer="990001167"), {("kvk-nummer-vorm", "/kvk_nummer")}),
    "no account": (changed(iban=None), {("iban-ontbreekt", "/iban")}),
    "chain liability without a G-account": (changed(g_bedrag=None), {("g-bedrag-ontbreekt", "/g_bedrag")}),
    "due before it was invoiced": (
        changed(vervaldatum=date(2026, 5, 3)),
        {("vervaldatum-voor-factuurdatum", "/vervaldatum")},
    ),
    "delivered after it was invoiced": (
        changed(leverdatum=date(2026, 5, 5)),
        {("leverdatum-na-factuurdatum", "/leverdatum")},
    ),
    "a period that runs back": (changed(periode_tot=date(2026, 3, 31)), {("periode-omgekeerd", "/periode_tot")}),
    "a credit of nothing that is named": (credit(), {("verwijzing-ontbreekt", "/verwijst_naar")}),
    "a correction of nothing that is named": (changed(typecode="384"), {("verwijzing-ontbreekt", "/verwijst_naar")}),
    "a negative invoice of nothing that is named": (
        credit(typecode="380"),
        {("verwijzing-ontbreekt", "/verwijst_naar")},
    ),
    "a line number twice": (line(3, nummer="1"), {("regelnummer-dubbel", "/regel.3.nummer")}),
    "a negative price": (line(1, aantal=D(-2), prijs=D("-45.50")), {("prijs-negatief", "/regel.1.prijs")}),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_what_contradicts_is_an_error(case: str) -> None:
    inhoud, expected = ERRORS[case]
    assert codes(inhoud) == expected
    assert {finding.ernst for finding in found(inhoud)} == {Ernst.FOUT}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_is_odd_is_a_warning(case: str) -> None:
    inhoud, expected = WARNINGS[case]
    assert codes(inhoud) == expected
    assert {finding.ernst for finding in found(inhoud)} == {Ernst.WAARSCHUWING}


@pytest.mark.parametrize("typecode", ["380", "384"])
def test_an_invoice_or_a_correction_that_gives_money_back_is_a_credit(typecode: str) -> None:
    assert codes(credit(typecode=typecode, verwijst_naar="F-1")) == set()


def test_a_sentence_names_field_found_and_expected() -> None:
    (finding,) = found(changed(te_betalen=D("223.05")))
    assert finding.tekst == (
        "Veld te_betalen: gevonden 223.05, verwacht 232.05: netto 245.92 + btw 26.15 + toeslagen 10.00 "
        "- afronding 0.02 - vooruitbetaald 50.00."
    )
    for cases in (ERRORS, WARNINGS):
        for inhoud, _ in cases.values():
            for one in found(inhoud):
                assert "verwacht" in one.tekst
                assert one.tekst.endswith(".")


def test_an_account_is_a_personal_value() -> None:
    (finding,) = found(changed(iban="NL52KTNB0990000001"))
    assert finding.persoonlijk
    assert "KTNB" not in without_values(finding).tekst
    assert without_values(finding).waarde is None


def message(inhoud: FactuurInhoud) -> Bericht:
    return Bericht(
        soort=Soort.FACTUUR, berichtnummer="1", opdrachtnummer="OPD-1", opdrachtgever="8799999000017", inhoud=inhoud
    )


def test_an_error_refuses_the_part_and_its_invoice_stays_known() -> None:
    bericht = message(changed(te_betalen=D("223.05")))
    part = judged(bericht, check(bericht, lambda path: f"/{path}"))
    assert part.bericht is None
    assert part.reden is Reden.ONGELDIG
    assert part.sleutel == Factuursleutel(
        opdrachtgever="8799999000017", leverancier="NL879999007B01", factuurnummer="F-1", koper=RIGHT.koper
    )


def test_warnings_go_along_with_the_message() -> None:
    bericht = message(changed(iban=None))
    part = judged(bericht, check(bericht, lambda path: f"/{path}"))
    assert part.bericht is bericht
    assert [finding.code for finding in part.bevindingen] == ["iban-ontbreekt"]
