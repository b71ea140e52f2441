"""A status or planning is read and written by a map of element paths: data, by name and version, that a partner can have
of its own. What no map knows is refused with the paths, never guessed."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from adapters.formats import CannotRender, read
from adapters.formats.dico_projectprofiel import FORMAT, Projectprofiel, schema
from adapters.formats.dico_projectprofiel.codes import OFFICIAL_NAMESPACE
from adapters.formats.dico_projectprofiel.schema import MAPS, OWN, Kaart, load, shipped
from adapters.formats.elementmap import Place
from adapters.formats.payload import Payload
from adapters.formats.xsd import path_of
from adapters.message import Bericht, Deel, PlanningInhoud, StatusInhoud
from topics.documents import Ernst, Reden
from topics.errors import ConfigurationError

GOLDEN = Path(__file__).parent / "golden" / "dico_projectprofiel"
FULL = (GOLDEN / "status-volledig.xml").read_bytes()
XS = "{http://www.w3.org/2001/XMLSchema}"
HEAD = f'<MaintenanceStatus xmlns="{OFFICIAL_NAMESPACE}"><MessageNumber>1</MessageNumber>'
REST = (
    "<Buyer><GLN>8799999000017</GLN></Buyer><StatusData><InstructionNumber>OPD-1</InstructionNumber>"
    "<StatusCode>Klaar</StatusCode><StatusDate>2026-03-10</StatusDate>{}</StatusData></MaintenanceStatus>"
)
OTHER = """
naam = "meerpolder"
versie = 2
geverifieerd = false
codelijst = "SALES005"

[[bericht]]
document = "MaintenanceStatus"
namespace = "http://www.ketenstandaard.nl/onderhoudsstatus/SALES/005"
soort = "status"

[bericht.groepen]
bijlage = ["Foto"]

[bericht.vast]
"bijlage.bestandssoort" = "image/jpeg"

[bericht.velden]
berichtnummer = ["Kop/Nummer"]
opdrachtgever = ["Kop/Klant"]
aannemer = ["Kop/Wij"]
opdrachtnummer = ["Order"]
status = ["Toestand"]
"gebeurd.datum" = ["Op"]
proef = ["Test"]
"bijlage.url" = ["Foto/Adres"]
"bijlage.soort" = ["Foto/Soort"]
"bijlage.naam" = ["Foto/Naam"]
"""
THEIRS = f"""<MaintenanceStatus xmlns="{OFFICIAL_NAMESPACE}"><Toestand>Gereed!</Toestand><Test>J</Test><Op>2026-03-10</Op>
<Kop><Klant>8799999000017</Klant><Nummer>9</Nummer></Kop><Order>OPD-1</Order>
<Foto><Adres>https://x.example/1.jpg</Adres><Soort>PHI</Soort><Naam>1.jpg</Naam></Foto></MaintenanceStatus>"""


def _map(text: str) -> Kaart:
    return Kaart.model_validate(tomllib.loads(text))


def _parse(format_: Projectprofiel, raw: str | bytes) -> tuple[Deel, ...]:
    return format_.parse(Payload(raw if isinstance(raw, bytes) else raw.encode())).delen


def _bericht(deel: Deel) -> Bericht:
    assert deel.bericht is not None, deel.bevindingen
    return deel.bericht


def test_a_message_that_the_first_map_does_not_know_is_read_by_the_next() -> None:
    both = Projectprofiel([*shipped(), _map(OTHER)])
    theirs = _bericht(_parse(both, THEIRS)[0])
    assert isinstance(theirs.inhoud, StatusInhoud)
    assert (theirs.inhoud.eigen, theirs.opdrachtnummer, theirs.berichtnummer, theirs.proef) == (
        "Gereed!",
        "OPD-1",
        "9",
        True,
    )
    assert both.parse(Payload(THEIRS.encode())).versie == "SALES005 meerpolder-2"
    assert _parse(both, FULL) == _parse(FORMAT, FULL)


def test_without_a_fitting_map_every_path_that_is_not_known_is_named() -> None:
    (deel,) = _parse(FORMAT, THEIRS)
    assert deel.reden is Reden.NIET_IN_KAART
    assert {finding.pad.removeprefix("/MaintenanceStatus/") for finding in deel.bevindingen} == {
        "Toestand", "Test", "Op", "Kop/Klant", "Kop/Nummer", "Order", "Foto/Adres", "Foto/Soort", "Foto/Naam"
    }  # fmt: skip
    assert {finding.code for finding in deel.bevindingen} == {"niet-in-kaart"}


def test_the_official_status_is_niet_in_kaart_when_there_is_no_map_at_all() -> None:
    none = Projectprofiel([])
    assert none.recognise(Payload(FULL))
    (deel,) = _parse(none, FULL)
    assert deel.reden is Reden.NIET_IN_KAART
    assert "/MaintenanceStatus/StatusData/StatusCode" in {finding.pad for finding in deel.bevindingen}


@pytest.mark.parametrize(
    ("codelijst", "sent", "canonical", "written"),
    [
        ("2021-02", "PHO", "PHO", b"PHO"),
        ("2021-02", "OTA", "OTA", b"OTA"),
        ("SALES005", "PHI", "PHO", b"PHI"),
        ("SALES005", "OTA", "PHO", b"PHI"),
    ],
)
def test_a_photo_has_the_code_of_the_version_that_the_map_names(
    codelijst: str, sent: str, canonical: str, written: bytes
) -> None:
    of_version = Projectprofiel([kaart.model_copy(update={"codelijst": codelijst}) for kaart in shipped()])
    one = _parse(of_version, FULL.replace(b"<DocumentType>PHO<", f"<DocumentType>{sent}<".encode()))[0]
    bericht = _bericht(one)
    assert [bijlage.soort for bijlage in bericht.bijlagen] == [canonical, "OTA"]
    assert b"<DocumentType>" + written + b"<" in of_version.render(bericht)


def test_elements_in_another_order_or_with_a_prefix_are_read_the_same() -> None:
    turned = HEAD.replace("<MessageNumber>1</MessageNumber>", "") + REST.format("").replace(
        "</MaintenanceStatus>", "<MessageNumber>1</MessageNumber></MaintenanceStatus>"
    )
    straight = HEAD + REST.format("")
    assert _parse(FORMAT, turned) == _parse(FORMAT, straight)
    prefixed = re.sub(r"<(/?)", r"<\1q:", straight).replace("xmlns=", "xmlns:q=")
    assert _parse(FORMAT, prefixed) == _parse(FORMAT, straight)


@pytest.mark.parametrize("extra", ["<Nieuw>1</Nieuw>", "<StatusDetailCode soort='x'>AFH</StatusDetailCode>", "<FreeText><b>x</b></FreeText>", "<x:Y xmlns:x='urn:x'>1</x:Y>"])  # fmt: skip
def test_anything_that_the_map_does_not_name_refuses_the_whole_message(extra: str) -> None:
    (deel,) = _parse(FORMAT, HEAD + REST.format(extra))
    assert deel.reden is Reden.NIET_IN_KAART
    assert deel.sleutel == ("8799999000017", "OPD-1")


def test_an_element_inside_a_field_is_found_behind_thousands_of_others() -> None:
    many = "<Attachment><DocumentType>PHO</DocumentType><FileType>jpg</FileType></Attachment>" * 3000
    (deel,) = _parse(FORMAT, HEAD + many + REST.format("<FreeText>a<b/></FreeText>"))
    assert [finding.pad for finding in deel.bevindingen] == ["/MaintenanceStatus/StatusData/FreeText/b"]


@pytest.mark.parametrize(
    ("extra", "dialect"),
    [
        ("<StatusTime>9:30</StatusTime>", "tijd-kort"),
        ("<Amount>12,50</Amount>", "decimale-komma"),
        ("<Amount>1.234,5</Amount>", "decimale-komma"),
        ("<StatusDetailCode/>", "lege-elementen"),
        ("<FreeText>  </FreeText>", "lege-elementen"),
    ],
)
def test_a_deviation_that_can_mean_one_thing_is_taken_and_named(extra: str, dialect: str) -> None:
    (deel,) = _parse(FORMAT, HEAD + REST.format(extra))
    assert deel.bericht is not None
    assert deel.dialecten == (dialect,)
    assert f"dialect-{dialect}" in {finding.code for finding in deel.bevindingen}


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("<Amount>1.234</Amount>", "bedrag-vorm"),
        ("<Amount>1,234,00</Amount>", "bedrag-vorm"),
        ("<StatusTime>25:00:00</StatusTime>", "waarde-soort"),
        ("<StatusDate>2026-03-11</StatusDate>", "element-dubbel"),
        ("<FreeText>a</FreeText><FreeText>b</FreeText>", "element-dubbel"),
        ("los", "tekst-onverwacht"),
        ("<StatusDetailCode>" + "x" * 81 + "</StatusDetailCode>", "waarde-te-lang"),
    ],
)
def test_what_can_mean_two_things_is_refused(extra: str, code: str) -> None:
    (deel,) = _parse(FORMAT, HEAD + REST.format(extra))
    assert deel.reden is Reden.ONGELDIG
    assert code in {finding.code for finding in deel.bevindingen}


def test_a_slot_with_a_time_that_cannot_be_read_is_told_once_without_a_time_of_our_own() -> None:
    planning = (GOLDEN / "planning-verzoek.xml").read_bytes()
    (deel,) = _parse(FORMAT, planning.replace(b"<DeliveryDateLatest>2026-03-05", b"<DeliveryDateLatest>2026-02-31"))
    (wrong,) = [one for one in deel.bevindingen if one.ernst is Ernst.FOUT]
    assert (wrong.code, wrong.waarde) == ("waarde-soort", "2026-02-31 12:00")


def test_an_error_behind_very_many_warnings_still_refuses() -> None:
    many = "<FreeText/>" * 500 + "<Amount>1.234</Amount>"
    (deel,) = _parse(FORMAT, HEAD + REST.format(many))
    assert deel.reden is Reden.ONGELDIG
    assert deel.bevindingen[0].code == "bedrag-vorm"
    assert len(deel.bevindingen) <= 101


def test_a_status_with_an_appointment_is_also_a_planning_with_a_number_of_its_own() -> None:
    status, planning = (_bericht(deel) for deel in read(FULL).delen)
    assert isinstance(planning.inhoud, PlanningInhoud)
    assert [slot.soort.value for slot in planning.inhoud.sloten] == ["afgesproken"]
    assert planning.berichtnummer != status.berichtnummer
    assert (planning.opdrachtnummer, planning.subnummer) == (status.opdrachtnummer, status.subnummer)
    assert planning.personen == {}


def test_own_words_and_free_texts_never_show_in_a_finding_that_travels() -> None:
    (deel,) = _parse(FORMAT, HEAD + REST.format("<FreeText>" + "Ada " * 3000 + "</FreeText>"))
    assert [finding.persoonlijk for finding in deel.bevindingen if "Ada" in finding.tekst] == [True]


def _paths(place: Place, at: str = "") -> set[str]:
    found: set[str] = set()
    for child in place.children.values():
        found |= {f"{at}/{child.name}"} | _paths(child, f"{at}/{child.name}")
    return found


def _declared(root: etree._Element, type_name: str, at: str = "") -> set[str]:
    found: set[str] = set()
    for type_ in root.iterfind(f"{XS}complexType[@name='{type_name}']"):
        for element in type_.iter(f"{XS}element"):
            path = f"{at}/{element.get('name')}"
            found |= {path} | _declared(root, str(element.get("type")), path)
    return found


def test_our_xsd_has_the_paths_that_our_map_writes_and_no_other() -> None:
    root = etree.parse(str(OWN)).getroot()
    (kaart,) = shipped()
    written = {soort.document: _paths(soort.writing) for soort in kaart.bericht}
    declared = {str(top.get("name")): _declared(root, str(top.get("type"))) for top in root.iterfind(f"{XS}element")}
    aside = {path for path in declared["MaintenanceStatus"] if path.startswith("/StatusData/Attachment")}
    assert written == declared | {"MaintenanceStatus": declared["MaintenanceStatus"] - aside}


def test_the_golden_status_has_every_path_that_our_map_writes() -> None:
    (kaart,) = shipped()
    found = {re.sub(r"\[\d+\]|^/[^/]*", "", path_of(leaf)) for leaf in etree.fromstring(FULL).iter()}
    others = ("/Affiliate/", "/Contractor/")  # the same party again
    assert {path for path in _paths(kaart.bericht[0].writing) if not path.startswith(others)} <= found


def test_what_is_rendered_is_valid_by_our_own_xsd_and_says_its_namespace() -> None:
    status = _bericht(read(FULL).delen[0])
    raw = FORMAT.render(status)
    assert f'xmlns="{OFFICIAL_NAMESPACE}"'.encode() in raw
    assert schema.schema().findings(etree.fromstring(raw.replace(f' xmlns="{OFFICIAL_NAMESPACE}"'.encode(), b""))) == []


def test_a_partners_own_map_renders_what_it_reads_and_refuses_what_it_has_no_path_for() -> None:
    own = Projectprofiel(
        [_map(OTHER.replace('"bijlage.naam" = ', '"bijlage.bestandssoort" = ["Foto/Type"]\n"bijlage.naam" = '))]
    )
    theirs = _bericht(_parse(own, THEIRS.replace("</Naam>", "</Naam><Type>image/jpeg</Type>"))[0])
    raw = own.render(theirs)
    assert b"<Toestand>Gereed!</Toestand>" in raw
    assert _bericht(_parse(own, raw)[0]) == theirs
    assert isinstance(theirs.inhoud, StatusInhoud)
    with pytest.raises(CannotRender, match="detail"):
        own.render(msgspec.structs.replace(theirs, inhoud=msgspec.structs.replace(theirs.inhoud, eigen_detail="x")))


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ("versie = 2", ""),
        ("versie = 2", 'versie = "2"'),
        ('opdrachtnummer = ["Order"]', ""),
        ('opdrachtnummer = ["Order"]', "opdrachtnummer = []"),
        ('proef = ["Test"]', 'huurder = ["Test"]'),
        ('bijlage = ["Foto"]', 'plaatje = ["Foto"]'),
        ('["Foto/Adres"]', '["Adres"]'),
        ("[bericht.vast]", '[bericht.woorden."slot.soort"]\nX = "misschien"\n\n[bericht.vast]'),
        ("naam = ", "naam == "),
    ],
)
def test_a_wrong_map_does_not_load(tmp_path: Path, found: str, put: str) -> None:
    file = tmp_path / "kaart.toml"
    assert found in OTHER
    file.write_text(OTHER.replace(found, put, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"kaart\.toml"):
        load(file)


def test_no_shipped_map_claims_to_be_verified() -> None:
    assert [kaart.geverifieerd for kaart in shipped()] == [False] * len(list(MAPS.glob("*.toml")))
