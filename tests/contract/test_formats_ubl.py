"""UBL invoices: the official test files come out as their names say, and what is rendered reads back the same."""

import re
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from adapters import bundle
from adapters.formats import CannotRender, is_slow, read
from adapters.formats.payload import Payload
from adapters.formats.ubl import FORMAT, Ubl, codes
from adapters.message import Bericht, FactuurInhoud, Factuursleutel, Soort, StatusInhoud
from adapters.schematron import Book, Rules
from topics.documents import Ernst, Moment, Reden
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag, Kostensoort
from topics.errors import Unavailable

GOLDEN = Path(__file__).parent / "golden" / "ubl"
OFFICIAL = {book.value for book in Book}
NAMED = re.compile(r"(BR-NL-\d+|BR-CO-\d+|BR-\d+|UBL-[A-Z]+-\d+)")
OTHER_RULE = {"BR-NL-7_error_381_invoice": "BR-NL-8", "BR-NL-34_warning_reasoncode": "BR-NL-32"}
"""Files that the official rules refuse or warn about by another rule than the one in the name."""


def sample(name: str) -> bytes:
    return (GOLDEN / f"{name}.xml").read_bytes()


def bericht_of(raw: bytes) -> Bericht:
    part = read(raw).delen[0]
    assert part.bericht is not None, part.bevindingen
    return part.bericht


def inhoud_of(raw: bytes) -> FactuurInhoud:
    inhoud = bericht_of(raw).inhoud
    assert isinstance(inhoud, FactuurInhoud)
    return inhoud


def codes_of(raw: bytes) -> list[str]:
    return [finding.code for finding in read(raw).delen[0].bevindingen]


def test_every_official_test_file_comes_out_as_its_name_says(shared: Path) -> None:
    files = sorted((shared / "domain" / "ubl").glob("*/*.xml"))
    assert len(files) > 60
    wrong = []
    for file in files:
        part = read(file.read_bytes()).delen[0]
        official = [one for one in part.bevindingen if one.bron in OFFICIAL]
        refused = any(one.ernst is Ernst.FOUT for one in official)
        asked = "error" if "error" in file.stem else "warning" if "warning" in file.stem else "ok"
        found = "error" if refused else "warning" if official else "ok"
        rule = next((other for part_, other in OTHER_RULE.items() if part_ in file.stem), None) or next(
            iter(NAMED.findall(file.stem.replace("SI-UBL", ""))), ""
        )
        named = found == "ok" or any(one.code == rule or one.code.startswith(f"{rule}-") for one in official)
        if found != asked or (part.bericht is None) is not refused or (rule and not named):
            wrong.append((file.stem, part.reden, [one.code for one in part.bevindingen]))
    assert wrong == []


def test_the_official_peppol_example_is_read(shared: Path) -> None:
    gelezen = read((shared / "domain" / "ubl" / "peppol-base-example.xml").read_bytes())
    assert gelezen.versie == "Peppol BIS 3.0"
    assert gelezen.delen[0].bericht is not None


def test_a_message_on_which_the_rules_themselves_fail_is_refused_for_that_without_its_values() -> None:
    part = read(sample("fout-regels-vastgelopen")).delen[0]
    assert part.reden is Reden.ONGELDIG
    assert part.bevindingen[0].code == "regels-vastgelopen"
    assert "XPTY0004" in part.bevindingen[0].tekst
    assert "Kobalt" not in part.bevindingen[0].tekst


def test_two_legal_entities_are_refused_by_rule_though_each_is_well_formed() -> None:
    raw = sample("factuur-peppol").decode()
    entity = re.search(r"<cac:PartyLegalEntity>.*?</cac:PartyLegalEntity>", raw, re.DOTALL)
    assert entity is not None
    part = read(raw.replace(entity[0], entity[0] * 2, 1).encode()).delen[0]
    assert part.reden is Reden.ONGELDIG
    assert part.bevindingen[0].bron in OFFICIAL


def test_nothing_is_valid_while_the_rules_cannot_be_run() -> None:
    def away() -> Path:
        raise Unavailable("no network")

    lonely = Ubl(Rules(away))
    for name in ("factuur-volledig", "fout-totalen"):
        with pytest.raises(Unavailable):
            read(sample(name), formats=(lonely,))
    with pytest.raises(Unavailable):
        lonely.render(bericht_of(sample("factuur-peppol")))


def test_an_unknown_profile_is_niet_in_kaart_and_none_at_all_is_refused_by_rule() -> None:
    raw = sample("factuur-verlegd")
    for unknown in (b"nlcius:v2.0", b"nlcius:v1.0#conformant#urn:example:eigen"):
        assert read(raw.replace(b"nlcius:v1.0", unknown)).delen[0].reden is Reden.NIET_IN_KAART
    none = re.sub(rb"<cbc:CustomizationID>[^<]*</cbc:CustomizationID>", b"", raw)
    assert "BR-01" in codes_of(none)
    assert read(none).delen[0].reden is Reden.ONGELDIG


def test_a_credit_note_is_negative_and_a_corrected_invoice_as_it_says() -> None:
    credit, corrected = inhoud_of(sample("creditnota")), inhoud_of(sample("factuur-volledig"))
    assert (credit.typecode, credit.te_betalen, credit.netto) == ("381", Decimal("-55.06"), Decimal("-45.50"))
    assert (credit.regels[0].aantal, credit.regels[0].prijs) == (Decimal(-1), Decimal("45.50"))
    assert (credit.btw[0].grondslag, credit.btw[0].bedrag) == (Decimal("-45.50"), Decimal("-9.56"))
    assert credit.verwijst_naar == "F-2026-0413"
    assert (corrected.typecode, corrected.te_betalen) == ("384", Decimal("554.00"))


def test_the_g_account_and_its_amount_stand_apart_from_the_other_account() -> None:
    inhoud = inhoud_of(sample("factuur-g-rekening"))
    assert (inhoud.iban, inhoud.g_iban) == ("NL51KTNB0990000001", "NL24KTNB0990000002")
    assert (inhoud.g_bedrag, inhoud.te_betalen) == (Decimal("27.53"), Decimal("110.11"))


def test_several_accounts_are_given_together_so_that_nobody_knows_them() -> None:
    raw = sample("factuur-verlegd").decode()
    means = re.search(r"<cac:PaymentMeans>.*?</cac:PaymentMeans>", raw, re.DOTALL)
    assert means is not None
    other = means[0].replace("NL51KTNB0990000001", "NL94KTNB0990000003")
    two = raw.replace(means[0], means[0] + other).encode()
    assert inhoud_of(two).iban == "NL51KTNB0990000001, NL94KTNB0990000003"
    assert "rekening-meer" in codes_of(two)


def test_each_line_names_its_order_in_either_way_and_else_has_that_of_the_whole() -> None:
    inhoud = inhoud_of(sample("factuur-volledig"))
    assert [line.opdrachtnummer for line in inhoud.regels] == ["OPD-26-00815", "OPD-26-00815", "OPD-26-00816"]
    assert bericht_of(sample("factuur-volledig")).opdrachtnummer == ""
    raw = sample("factuur-verlegd").decode()
    own = (
        "<cac:OrderLineReference><cbc:LineID>1</cbc:LineID>"
        "<cac:OrderReference><cbc:ID>OPD-9</cbc:ID></cac:OrderReference></cac:OrderLineReference>"
    )
    named = bericht_of(raw.replace("<cac:Item>", f"{own}<cac:Item>").encode())
    assert named.opdrachtnummer == "OPD-9"
    assert bericht_of(raw.encode()).opdrachtnummer == "OPD-26-00817"


@pytest.mark.parametrize(
    ("reference", "order"),
    [("OPD-26-00817", "OPD-26-00817"), ("4711/2", "4711/2"), ("Afdeling Onderhoud", None), ("J. Jansen", None)],
)
def test_a_buyer_reference_is_an_order_number_only_when_it_reads_as_one(reference: str, order: str | None) -> None:
    raw = sample("factuur-kenmerk").replace(b"OPD-26-00817", reference.encode())
    assert inhoud_of(raw).regels[0].opdrachtnummer == order
    assert ("opdrachtnummer-uit-kenmerk" in codes_of(raw)) is (order is not None)


def test_a_reference_beside_a_contract_is_no_order_number() -> None:
    assert inhoud_of(sample("factuur-periodiek")).regels[0].opdrachtnummer is None
    assert inhoud_of(sample("factuur-periodiek")).contract == "ZL-KN-2026"


def test_a_refused_invoice_still_names_its_dossier() -> None:
    part = read(sample("fout-totalen")).delen[0]
    assert part.sleutel == Factuursleutel(
        opdrachtgever="8799999000017",
        leverancier="NL879999007B01",
        factuurnummer="F-2026-0413",
        koper=(("btw", "NL009999012B01"), ("kvk", "99000017")),
    )


def test_a_large_attachment_is_read_and_goes_to_the_blobs() -> None:
    content = bytes(range(256)) * 4000
    raw = sample("factuur-volledig")
    old = re.search(rb'filename="werkbon-815.pdf">([^<]*)<', raw)
    assert old is not None
    bericht = bericht_of(raw.replace(old[1], b64encode(content)))
    assert list(bericht.blobs.values()) == [content]
    assert bericht.bijlagen[0].bytes == len(content)


def test_a_file_beside_the_invoice_is_the_attachment_that_it_names() -> None:
    reference = "<cac:AdditionalDocumentReference><cbc:ID>werkbon.png</cbc:ID></cac:AdditionalDocumentReference>"
    supplier = "<cac:AccountingSupplierParty>"
    raw = sample("factuur-verlegd").decode().replace(supplier, reference + supplier)
    together, _ = bundle.pack(raw.encode(), "application/xml", [("werkbon.png", b"een foto")])
    bericht = bericht_of(together)
    assert [(one.soort, one.naam, one.bytes) for one in bericht.bijlagen] == [("PHO", "werkbon.png", 8)]
    assert bericht_of(raw.encode()).bijlagen == ()


def test_an_invoice_in_utf_16_or_with_other_prefixes_is_the_same_invoice() -> None:
    raw = sample("factuur-volledig").decode()
    same = bericht_of(raw.encode())
    assert bericht_of(raw.replace("UTF-8", "UTF-16").encode("utf-16")) == same
    other = re.sub(r"\b(cac|cbc)(?=[:=])", lambda found: f"x-{found[0]}", raw)
    assert bericht_of(other.encode()) == same


def test_what_is_outside_en_16931_is_left_out_with_a_warning_wherever_it_stands() -> None:
    raw = sample("factuur-verlegd").decode()
    odd = raw.replace("<cac:Item>", "<cbc:Verzonnen>x</cbc:Verzonnen><cac:Item><cac:Name>y</cac:Name>")
    assert inhoud_of(odd.encode()) == inhoud_of(raw.encode())
    assert codes_of(odd.encode()).count("element-niet-in-kaart") == 2


# -- rendering

VAT = st.sampled_from([("S", Decimal(21)), ("S", Decimal(9)), ("AE", Decimal(0)), ("Z", Decimal(0))])
CENT = Decimal("0.01")
NUMBERS = st.from_regex(r"[A-Z]{1,4}-[0-9]{2}-[0-9]{3,8}", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40)
BASE = inhoud_of(sample("factuur-verlegd"))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@st.composite
def invoices(draw: st.DrawFn) -> Bericht:
    """Invoices and credit notes whose amounts agree."""
    sign = draw(st.sampled_from([1, -1]))
    orders = draw(st.lists(NUMBERS, min_size=1, max_size=2))
    lines: list[Factuurregel] = []
    personen = dict(bericht_of(sample("factuur-verlegd")).personen)
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for position in range(1, draw(st.integers(1, 4)) + 1):
        category, rate = draw(VAT)
        quantity = draw(st.decimals("0.01", "9999", places=2))
        price = draw(st.decimals("0", "9999", places=4))
        base = draw(st.sampled_from([None, Decimal(1), Decimal(100)]))
        charge = draw(st.sampled_from([Decimal(0), Decimal("3.25"), Decimal("-1.10")]))
        amount = cents(quantity * price / (base or 1) + charge)
        lines.append(
            Factuurregel(
                nummer=str(position),
                bedrag=amount * sign,
                btw_categorie=category,
                btw_percentage=rate,
                opdrachtnummer=draw(st.sampled_from(orders)),
                subnummer=draw(st.none() | NUMBERS),
                prijscode=draw(st.none() | NUMBERS),
                aantal=quantity * sign,
                eenheid=draw(st.sampled_from(["PCE", "HUR", "MTR", "MTK"])),
                prijs=price,
                prijsbasis=base,
                prijseenheid="DAY" if base and draw(st.booleans()) else None,
                toeslag=charge * sign,
                soort=draw(st.none() | st.sampled_from(Kostensoort)),
                meerwerk=draw(st.booleans()),
            )
        )
        personen[f"regel.{position}.omschrijving"] = draw(WORDS)
        bases[category, rate] = bases.get((category, rate), Decimal(0)) + amount
    charges: list[Factuurtoeslag] = []
    for amount in draw(st.lists(st.sampled_from([Decimal("12.50"), Decimal("-2.05")]), max_size=2)):
        category, rate = lines[0].btw_categorie, lines[0].btw_percentage
        charges.append(Factuurtoeslag(bedrag=amount * sign, btw_categorie=category, btw_percentage=rate))
        bases[category, rate] += amount
    vat = [
        Btwbedrag(categorie=of, percentage=rate, grondslag=base * sign, bedrag=cents(base * rate / 100) * sign)
        for (of, rate), base in bases.items()
    ]
    net, paid = sum((line.bedrag for line in lines), Decimal(0)), draw(st.sampled_from([Decimal(0), Decimal("1.00")]))
    payable = net + sum((one.bedrag for one in charges), Decimal(0)) + sum((one.bedrag for one in vat), Decimal(0))
    assume(sign > 0 or payable <= 0)  # a credit note asks for no money
    paid = paid if payable >= 0 else -paid  # what was prepaid never makes the whole higher
    payable -= paid
    day = draw(st.dates(date(2019, 1, 1), date(2090, 1, 1)))
    blocked = draw(st.booleans()) and abs(payable) >= 1
    inhoud = msgspec.structs.replace(
        BASE,
        factuurnummer=draw(NUMBERS),
        factuurdatum=day,
        typecode="381" if sign < 0 else draw(st.sampled_from(["380", "384"])),
        te_betalen=payable,
        netto=net,
        regels=tuple(lines),
        toeslagen=tuple(charges),
        btw=tuple(vat),
        vooruitbetaald=paid,
        btw_totaal=None,
        toeslag_totaal=None,
        verwijst_naar=draw(NUMBERS),
        contract=draw(st.none() | NUMBERS),
        g_iban="NL24KTNB0990000002" if blocked else None,
        g_bedrag=cents(payable / 4) if blocked else None,
        vervaldatum=day + timedelta(days=30),
        leverdatum=draw(st.none() | st.just(day)),
    )
    return Bericht(
        soort=Soort.FACTUUR,
        berichtnummer=inhoud.factuurnummer,
        opdrachtnummer=orders[0] if len({line.opdrachtnummer for line in lines}) == 1 else "",
        opdrachtgever="8799999000017",
        aannemer="8799999000116",
        inhoud=inhoud,
        personen=personen,
    )


@given(invoices())
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_what_is_rendered_passes_the_official_rules_and_reads_back_the_same(bericht: Bericht) -> None:
    raw = FORMAT.render(bericht)
    part = read(raw).delen[0]
    assert part.bericht is not None
    assert not [one for one in part.bevindingen if one.bron in OFFICIAL and one.ernst is Ernst.FOUT]
    read_, written = part.bericht.inhoud, bericht.inhoud
    assert isinstance(read_, FactuurInhoud)
    assert isinstance(written, FactuurInhoud)
    same = ("toeslag_totaal", "btw_totaal", "ketenaansprakelijk")
    assert msgspec.structs.replace(read_, **{name: getattr(written, name) for name in same}) == written
    assert part.bericht.personen == bericht.personen


def changed(**changes: object) -> Bericht:
    bericht = bericht_of(sample("factuur-verlegd"))
    return msgspec.structs.replace(bericht, inhoud=msgspec.structs.replace(bericht.inhoud, **changes))


LINE = BASE.regels[0]
STATUS = StatusInhoud(eigen="Klaar", gebeurd=Moment(datetime(2026, 3, 2, 9, tzinfo=UTC)))
INEXPRESSIBLE: dict[str, tuple[Bericht, str]] = {
    "a status": (msgspec.structs.replace(changed(), soort=Soort.STATUS, inhoud=STATUS), "soort"),
    "a test message": (msgspec.structs.replace(changed(), proef=True), "proef"),
    "personal data it lacks": (msgspec.structs.replace(changed(), personen={"slot.1.reden": "x"}), "slot.1.reden"),
    "a control character": (
        msgspec.structs.replace(changed(), personen={**changed().personen, "tekst": "a\x07"}),
        "teken",
    ),
    "a quantity in two units": (
        changed(regels=(msgspec.structs.replace(LINE, prijsaantal=Decimal("16.8"), prijseenheid="MTR"),)),
        "regels",
    ),
    "totals that contradict": (changed(te_betalen=Decimal("90.00")), "BR-CO-16"),
    "chain liability without a part": (changed(ketenaansprakelijk=True), "ketenaansprakelijk"),
    "an identifier of another kind": (changed(koper=(*BASE.koper, ("btw", "NL001234567B01"))), "UBL-SR-18"),
    "a message without a buyer's name": (msgspec.structs.replace(changed(), personen={}), "BR-"),
    "the content of an attachment that is not there": (
        msgspec.structs.replace(
            changed(),
            bijlagen=(msgspec.structs.replace(bericht_of(sample("factuur-volledig")).bijlagen[0]),),
        ),
        "blob",
    ),
}


@pytest.mark.parametrize("case", INEXPRESSIBLE)
def test_ubl_refuses_to_render_what_it_cannot_express(case: str) -> None:
    bericht, field = INEXPRESSIBLE[case]
    with pytest.raises(CannotRender, match=field):
        FORMAT.render(bericht)


def test_every_profile_has_a_sample() -> None:
    found = {read(file.read_bytes()).versie for file in GOLDEN.glob("factuur-*.xml")}
    assert found == {profile.version for profile in codes.PROFILES.values()}
    assert FORMAT.recognise(Payload(sample("creditnota")))


@pytest.mark.parametrize("element", ["PayableAmount", "PriceAmount", "TaxableAmount"])
def test_an_amount_in_another_currency_than_the_invoice_is_refused(element: str) -> None:
    raw = sample("factuur-kenmerk").replace(
        f'{element} currencyID="EUR"'.encode(), f'{element} currencyID="USD"'.encode()
    )
    part = read(raw).delen[0]
    assert part.reden is Reden.ONGELDIG
    assert {one.code for one in part.bevindingen if one.ernst is Ernst.FOUT} == {"munt-gemengd"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<cbc:IssueDate>", b"<a/>" * 6000 + b"<cbc:IssueDate>", "te-groot"),
        (b">110.11<", b">110.11" + b"0" * 1_000_000 + b"<", "getal-te-groot"),
    ],
    ids=["elements outside the standard", "digits"],
)
def test_what_would_keep_the_rules_busy_for_seconds_is_refused_without_them(old: bytes, new: bytes, code: str) -> None:
    def unasked() -> Path:
        raise AssertionError("the rules were asked")

    raw = sample("factuur-kenmerk")
    assert old in raw
    part = Ubl(Rules(unasked)).parse(Payload(raw.replace(old, new, 1))).delen[0]
    assert part.reden is Reden.ONGELDIG
    assert part.bevindingen[0].code == code


def test_what_a_message_names_itself_by_is_bounded_in_a_finding() -> None:
    raw = re.sub(rb'(<cbc:EndpointID schemeID="0088">)[0-9]+', rb"\g<1>" + b"1" * 100_000, sample("factuur-kenmerk"))
    findings = read(raw).delen[0].bevindingen
    assert "gln-controlecijfer" in [one.code for one in findings]
    assert max(len(one.tekst) for one in findings) < 1000


@pytest.mark.parametrize("disguise", ["comment", "utf-16", "references", "none"])
def test_an_invoice_is_read_beside_the_event_loop_however_it_names_its_namespace(disguise: str) -> None:
    text = sample("factuur-kenmerk").decode()
    match disguise:
        case "comment":
            raw = text.replace("<Invoice", f"<!--{'x' * 100_000}--><Invoice", 1).encode()
        case "utf-16":
            raw = text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
        case "references":
            raw = text.replace("urn:oasis:", "urn&#58;oasis&#x3a;").encode()
        case _:
            raw = text.encode()
    assert read(raw).formaat == "ubl"
    assert is_slow(raw)
