"""Partners in a folder: look-ups, immutability, and errors that say where to look."""

from datetime import date
from pathlib import Path

import pytest
from stdnum import ean

from topics.documents.onderhoud import Statuscode
from topics.errors import ConfigurationError
from topics.profile.registry import Registry, examine, publish
from topics.profile.samples import FOLDER, install

DAY = date(2026, 6, 1)
LINDE, LINDE_OUD = "8799999000017", "8799999000024"
TWEEDE = (
    '{ contract = "ZL-KN-2026", bedrag = "1", periode = "jaar", geldig_vanaf = 2026-12-31, geldig_tot = 2027-12-30 },'
)
KOBALT, TEGENDRAAD = "8799999000116", "8799999000215"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    install(tmp_path)
    return tmp_path


def edit(folder: Path, partner: str, old: str, new: str, version: int = 1) -> Path:
    path = folder / partner / f"{version}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def second_version(folder: Path, partner: str, since: str) -> Path:
    text = (folder / partner / "1.toml").read_text(encoding="utf-8")
    path = folder / partner / "2.toml"
    path.write_text(
        text.replace("versie = 1", "versie = 2").replace("geldig_vanaf = 2025-01-01", f"geldig_vanaf = {since}", 1),
        encoding="utf-8",
    )
    return path


def test_samples_load_and_every_gln_has_a_right_check_digit() -> None:
    registry = Registry.load(FOLDER)
    assert registry.partners() == (
        "havermeer",
        "kobalt-noord",
        "meridiaan",
        "oudewal",
        "spanwerk",
        "tegendraad",
        "zilverlinde",
    )
    for partner in registry.partners():
        for profile in registry.versions(partner):
            assert all(ean.is_valid(gln) for gln in (profile.gln, *profile.gln_aliassen))


@pytest.mark.parametrize("partner", ["kobalt-noord", "oudewal", "spanwerk", "tegendraad"])
def test_sample_aannemer_maps_words_of_its_own_to_all_13_codes(partner: str) -> None:
    profile = Registry.load(FOLDER).partner(partner, DAY)
    assert profile is not None
    assert {coding.code for coding in profile.statussen.values()} == set(Statuscode)
    assert not {code.value for code in Statuscode} & set(profile.statussen)


def test_sample_aannemers_share_no_word() -> None:
    registry = Registry.load(FOLDER)
    words = [
        set(registry.versions(partner)[0].statussen)
        for partner in ("kobalt-noord", "oudewal", "spanwerk", "tegendraad")
    ]
    assert len(set.union(*words)) == sum(map(len, words))


def test_sample_calendars_name_5_may_good_friday_and_bouwvak_explicitly() -> None:
    client = Registry.load(FOLDER).partner("zilverlinde", DAY)
    assert client is not None
    kobalt, tegendraad = (set(terms.kalender.vrije_dagen) for terms in client.termen[:2])
    explicit = {date(2026, 5, 5), date(2027, 5, 5), date(2026, 4, 3), date(2027, 3, 26), date(2026, 8, 3)}
    assert explicit <= kobalt
    assert not explicit & tegendraad


def test_alias_leads_to_the_canonical_gln() -> None:
    registry = Registry.load(FOLDER)
    found = registry.of_gln(LINDE_OUD, DAY)
    assert found is not None
    assert found.gln == LINDE
    assert registry.canonical(LINDE_OUD) == LINDE
    assert registry.of_gln("8799999000314", DAY) is None
    assert registry.canonical("8799999000314") == "8799999000314"


def test_contract_number_leads_to_its_aannemer_on_that_day_only() -> None:
    registry = Registry.load(FOLDER)
    client = registry.versions("zilverlinde")[0]
    assert registry.contractors(client, "ZL-TD-2026", DAY) == (TEGENDRAAD,)
    assert registry.contractors(client, "ZL-TD-2026", date(2024, 12, 31)) == ()
    assert registry.contractors(client, "onbekend", DAY) == ()


def test_terms_of_a_pair_follow_their_dates(folder: Path) -> None:
    edit(
        folder,
        "zilverlinde",
        'aannemer = "8799999000215"  # Tegendraad\ngeldig_vanaf = 2025-01-01',
        'aannemer = "8799999000215"\ngeldig_vanaf = 2025-01-01\ngeldig_tot = 2026-05-31',
    )
    registry = Registry.load(folder)
    client = registry.versions("zilverlinde")[0]
    assert registry.terms(client, TEGENDRAAD, date(2026, 5, 31)) is not None
    assert registry.terms(client, TEGENDRAAD, DAY) is None
    assert registry.terms(client, KOBALT, DAY) is not None


def test_the_version_in_force_is_the_highest_that_is_valid_on_the_day(folder: Path) -> None:
    second_version(folder, "tegendraad", "2026-07-01")
    registry = Registry.load(folder)
    versions = [registry.partner("tegendraad", day) for day in (date(2024, 1, 1), DAY, date(2026, 7, 1))]
    assert [one.versie if one else None for one in versions] == [None, 1, 2]


def test_a_gln_of_two_partners_is_refused(folder: Path) -> None:
    edit(folder, "tegendraad", TEGENDRAAD, KOBALT)
    with pytest.raises(ConfigurationError, match=rf"tegendraad/1.toml: gln: found {KOBALT}.*kobalt-noord"):
        Registry.load(folder)


def test_a_legal_entity_of_two_partners_is_refused(folder: Path) -> None:
    edit(folder, "tegendraad", '"NL879999019B01"', '"NL879999007B01"')
    edit(folder, "spanwerk", '"99000611"', '"99000017"')
    with pytest.raises(ConfigurationError) as refused:
        Registry.load(folder)
    assert "tegendraad/1.toml: btw_nummers: found NL879999007B01" in str(refused.value)
    assert "spanwerk/1.toml: kvk_nummers: found 99000017" in str(refused.value)


def test_a_partner_is_found_by_a_legal_entity_of_its_own(folder: Path) -> None:
    registry = Registry.load(folder)
    for number in ("NL879999007B01", "99000116"):
        found = registry.of_legal_number(number, DAY)
        assert found is not None
        assert found.partner == "kobalt-noord"
    assert registry.of_legal_number("NL879999007B01", date(2024, 12, 31)) is None
    assert registry.of_legal_number("12345678", DAY) is None


def test_the_terms_say_for_whom_a_legal_entity_invoices(folder: Path) -> None:
    registry = Registry.load(folder)
    client = registry.versions("zilverlinde")[0]
    assert registry.suppliers(client, "NL879999019B01", DAY) == (TEGENDRAAD,)
    assert registry.suppliers(client, "99000215", DAY) == (TEGENDRAAD,)
    assert registry.suppliers(client, "NL879999019B01", date(2024, 12, 31)) == ()
    assert registry.suppliers(client, "NL879999043B01", DAY) == (), "it invoices another client"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'ibans = ["NL94KTNB0990000003"]',
            'ibans = ["NL51KTNB0990000001"]',
            rf"termen\.1\.facturen\.ibans: found NL51KTNB0990000001, expected .*{KOBALT}",
        ),
        (
            'btw_nummers = ["NL879999019B01"]',
            'btw_nummers = ["NL879999007B01"]',
            r"termen\.1\.facturen\.btw_nummers: found NL879999007B01",
        ),
        ('{ code = "PB-002", prijs', '{ code = "PB-001", prijs', "two prices of PB-001 on one day"),
        (
            'maat = "beoordeling"',
            'maat = "betaling"',
            r"termen\.0\.normen: found a norm of betaling.*betaaltermijn_dagen",
        ),
        (
            "betaaltermijn_dagen = 30",
            "betaaltermijn_dagen = 31",
            r"termen\.0\.facturen\.betaaltermijn_dagen: found 31, expected at most 30 .*6:119a lid 6.*wederzijds_groot",
        ),
        (
            "betaaltermijn_dagen = 30",
            "betaaltermijn_dagen = 61\nwederzijds_groot = true",
            "betaaltermijn_dagen: found 61",
        ),
        ('{ contract = "ZL-KN-2026"', '{ contract = "ZL-KN-2025"', r"afkoop\.0\.contract: found 'ZL-KN-2025'"),
        (
            '"1850", periode = "maand", geldig_vanaf = 2026',
            '"1850", periode = "maand", geldig_vanaf = 2027',
            "geldig_tot",
        ),
        ('"1850", periode = "maand"', '"1850", periode = "week"', "periode"),
        (
            '{ contract = "ZL-KN-2026"',
            f'{TWEEDE}\n  {{ contract = "ZL-KN-2026"',
            "two amounts of ZL-KN-2026 on one day",
        ),
        ('ibans = ["NL94KTNB0990000003"]', 'ibans = ["NL95KTNB0990000003"]', "an IBAN with right check digits"),
        ('btw_nummers = ["NL879999019B01"]', 'btw_nummers = ["NL879999018B01"]', "a VAT number with its country"),
    ],
)
def test_what_is_wrong_in_the_terms_of_invoices_is_named(folder: Path, old: str, new: str, said: str) -> None:
    edit(folder, "zilverlinde", old, new)
    with pytest.raises(ConfigurationError, match=said):
        Registry.load(folder)


def test_two_large_firms_may_agree_on_a_payment_term_of_60_days(folder: Path) -> None:
    edit(folder, "zilverlinde", "betaaltermijn_dagen = 30", "betaaltermijn_dagen = 60\nwederzijds_groot = true")
    terms = Registry.load(folder).versions("zilverlinde")[0].termen[0]
    assert terms.facturen.betaaltermijn_dagen == 60


def test_prices_that_follow_each_other_may_have_one_code(folder: Path) -> None:
    new = '{ code = "PB-009", prijs = "41", geldig_vanaf = 2026-01-01 },\n  { code = "PB-009", prijs = "39.90"'
    edit(folder, "zilverlinde", '{ code = "PB-009", prijs = "39.90"', new)
    assert Registry.load(folder)


def test_a_published_version_cannot_be_changed(folder: Path) -> None:
    publish(folder)
    edit(folder, "tegendraad", 'Tegendraad Bouwservice"', 'Tegendraad Bouw"')
    with pytest.raises(ConfigurationError, match=r"tegendraad/1\.toml.*published version.*new version file"):
        Registry.load(folder)


def test_a_published_version_cannot_be_removed(folder: Path) -> None:
    publish(folder)
    (folder / "tegendraad" / "1.toml").unlink()
    with pytest.raises(ConfigurationError, match=r"tegendraad/1\.toml.*restore it"):
        Registry.load(folder)


def test_comments_and_layout_of_a_published_version_may_change(folder: Path) -> None:
    publish(folder)
    edit(folder, "tegendraad", "# Tegendraad", "#\n\n# Tegendraad")
    publish(folder)


def test_a_profile_that_was_not_published_may_still_change(folder: Path) -> None:
    Registry.load(folder)
    edit(folder, "tegendraad", 'Tegendraad Bouwservice"', 'Tegendraad Bouw"')
    profile = Registry.load(folder).partner("tegendraad", DAY)
    assert profile is not None
    assert profile.naam == "Tegendraad Bouw"


def test_publishing_twice_changes_nothing(folder: Path) -> None:
    publish(folder)
    index = (folder / "versies.json").read_bytes()
    publish(folder)
    assert (folder / "versies.json").read_bytes() == index


def test_a_canonical_gln_cannot_change_between_versions(folder: Path) -> None:
    path = second_version(folder, "tegendraad", "2026-07-01")
    path.write_text(path.read_text().replace(TEGENDRAAD, "8799999000314"))
    with pytest.raises(ConfigurationError, match=r"tegendraad/2\.toml: gln: found 8799999000314.*aliassen"):
        Registry.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ('gln = "8799999000215"', 'gln = "8799999000216"', "gln", "check digit"),
        ('code = "REG"', 'code = "XXX"', "statussen.00.code", "'XXX'"),
        (
            'voorbeeld = "00: opdracht ingelezen, nog niet bekeken"',
            'voorbeeld = ""',
            "statussen.00.voorbeeld",
            "1 char",
        ),
        ("naam =", "nam =", "naam", "this field"),
        ('kind = "aannemer"', 'kind = "slager"', "kind", "corporatie, aannemer"),
        ('"onderhoud.planning"', '"onderhoud.taart"', "mag_sturen", "onderhoud.planning"),
        ("versie = 1", "versie = 3", "versie", "the name of the file"),
        ('partner = "tegendraad"', 'partner = "ander"', "partner", "name of its folder"),
        ("[statussen]", '[urgenties]\n"dagen:2" = "spoed"\n[statussen]', "urgenties.dagen:2", "gereed-binnen:"),
        ("[statussen]", "[statussen", "(file)", "TOML"),
    ],
)
def test_a_wrong_profile_is_named_by_file_field_found_and_expected(
    folder: Path, old: str, new: str, field: str, said: str
) -> None:
    edit(folder, "tegendraad", old, new)
    _, wrong = examine(folder)
    found = [one for one in wrong if one.field == field]
    assert len(found) == 1
    assert found[0].file == "tegendraad/1.toml"
    assert found[0].found
    assert said in str(found[0])
    with pytest.raises(ConfigurationError, match=r"tegendraad/1\.toml"):
        Registry.load(folder)


def test_terms_of_a_pair_that_overlap_are_refused(folder: Path) -> None:
    edit(folder, "zilverlinde", 'aannemer = "8799999000116"  # Kobalt Noord', 'aannemer = "8799999000215"')
    with pytest.raises(ConfigurationError, match=r"termen\.1: found a second one for 8799999000215"):
        Registry.load(folder)


def test_two_norms_for_the_same_case_are_refused(folder: Path) -> None:
    edit(folder, "zilverlinde", 'urgentie = "urgent"', 'urgentie = "spoed"')
    with pytest.raises(ConfigurationError, match=r"termen\.0\.normen: found two for acceptatie, None, spoed"):
        Registry.load(folder)


def test_every_misstand_is_named_at_once(folder: Path) -> None:
    edit(folder, "tegendraad", "naam =", "nam =")
    edit(folder, "kobalt-noord", 'kind = "aannemer"', 'kind = "slager"')
    _, wrong = examine(folder)
    assert {one.file for one in wrong} == {"tegendraad/1.toml", "kobalt-noord/1.toml"}


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ('formaten = "json"', "formaten: found 'json', expected a list, between [ and ]"),
        ("naam = 1", "naam: found 1, expected a text, between quotes"),
    ],
)
def test_what_is_of_another_type_is_told_in_the_words_of_the_file(folder: Path, field: str, told: str) -> None:
    path = folder / "tegendraad" / "1.toml"
    name = field.partition(" ")[0]
    lines = [field if line.startswith(f"{name} =") else line for line in path.read_text().splitlines()]
    path.with_name("2.toml.concept").write_text("\n".join(lines).replace("versie = 1", "versie = 2"))
    _, wrong = examine(folder, concepts=True)
    assert [str(one) for one in wrong] == [f"tegendraad/2.toml.concept: {told}"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        Registry.load(tmp_path / "nergens")


def test_installing_samples_leaves_what_is_there(folder: Path) -> None:
    path = edit(folder, "tegendraad", 'Tegendraad Bouwservice"', 'Eigen naam"')
    install(folder)
    assert "Eigen naam" in path.read_text()
