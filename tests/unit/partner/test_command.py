"""`ketenbus partner`: what an operator types, what happens, what comes back."""

import re
import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.kinds import KINDS
from adapters.partner.command import app
from adapters.partner.lifting import lift
from chain.besluit.processor import Decider
from topics.catalogue import declarations
from topics.documents import decode
from topics.documents.keten import Hervat
from topics.errors import KetenbusError, Refused
from topics.kafka import Coordinates
from topics.profile.credentials import Credentials
from topics.profile.profile import FactuurTermen
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER, install
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Output

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    install(tmp_path / "profielen")
    return tmp_path


def run(*words: str) -> Result:
    """The command; errors of ours are raised, as the CLI's frame gets them."""
    result = CliRunner().invoke(app, list(words))
    if isinstance(result.exception, KetenbusError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def new(partner: str = "dakmeester", kind: str = "aannemer", gln: str = "8799999000314") -> Result:
    return run("nieuw", partner, "--soort", kind, "--gln", gln, "--naam", 'Dak "meester" BV')


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_new_profile_is_right_as_it_is_written_and_nothing_runs_on_it_before_it_is_published(
    data: Path, kind: str
) -> None:
    path = Path(new(kind=kind).stdout.strip())
    assert path.name == "1.toml.concept"
    assert run("controle", "dakmeester").exit_code == 0
    assert "dakmeester" not in Registry.load(data / "profielen").partners()
    assert run("publiceer", "dakmeester").exit_code == 0
    profile = Registry.load(data / "profielen").versions("dakmeester")[0]
    assert (profile.naam, profile.kind, profile.proef) == ('Dak "meester" BV', kind, True)
    assert profile.mag_sturen == KINDS[kind].documenten


def test_the_terms_that_a_new_client_may_fill_in_are_right_when_they_are(data: Path) -> None:
    path = Path(new(kind="corporatie").stdout.strip())
    head, _, terms = path.read_text(encoding="utf-8").partition("# [[termen]]\n")
    filled = "".join(line.removeprefix("# ") for line in f"# [[termen]]\n{terms}".splitlines(keepends=True))
    path.write_text(head + filled.replace("GLN van de aannemer", "8799999000116"), encoding="utf-8")
    assert run("controle", "dakmeester").exit_code == 0
    (agreed,) = tomllib.loads(path.read_text(encoding="utf-8"))["termen"]
    assert set(agreed["facturen"]) == set(FactuurTermen.model_fields)


def test_a_published_profile_goes_on_as_a_next_version(data: Path) -> None:
    new()
    run("publiceer", "dakmeester")
    concept = Path(run("nieuw", "dakmeester", "--volgende").stdout.strip())
    concept.write_text(concept.read_text().replace("proef = true", "proef = false"))
    with pytest.raises(Refused, match="found concept"):
        run("nieuw", "dakmeester", "--volgende")
    run("publiceer", "dakmeester")
    versions = Registry.load(data / "profielen").versions("dakmeester")
    assert [(one.versie, one.proef) for one in versions] == [(1, True), (2, False)]


def test_an_earlier_version_comes_back_as_the_next_one_from_today(data: Path) -> None:
    new()
    run("publiceer", "dakmeester")
    concept = Path(run("nieuw", "dakmeester", "--volgende").stdout.strip())
    concept.write_text(re.sub(r"(?m)^naam = .*", 'naam = "Vergissing BV"', concept.read_text()))
    run("publiceer", "dakmeester")
    assert run("terug", "dakmeester", "--naar", "1").exit_code == 0
    versions = Registry.load(data / "profielen").versions("dakmeester")
    assert [(one.versie, one.naam) for one in versions[1:]] == [(2, "Vergissing BV"), (3, versions[0].naam)]
    with pytest.raises(Refused, match="found no version 9, expected one of 1, 2, 3"):
        run("terug", "dakmeester", "--naar", "9")


def test_an_earlier_version_is_in_force_after_one_that_was_to_begin_later(data: Path) -> None:
    new()
    run("publiceer", "dakmeester")
    concept = Path(run("nieuw", "dakmeester", "--volgende").stdout.strip())
    text = re.sub(r"(?m)^geldig_vanaf = .*", "geldig_vanaf = 2099-01-01", concept.read_text())
    concept.write_text(text)
    run("publiceer", "dakmeester")
    run("terug", "dakmeester", "--naar", "1")
    versions = Registry.load(data / "profielen").versions("dakmeester")
    assert [one.geldig_vanaf.year for one in versions][1:] == [2099, 2099]


def test_a_mistake_of_a_concept_is_told_by_the_file_that_is_there(data: Path) -> None:
    new()
    concept = data / "profielen" / "dakmeester" / "1.toml.concept"
    lines = concept.read_text().splitlines()
    concept.write_text("\n".join('dialecten = ["komma"]' if one.startswith("dialecten =") else one for one in lines))
    assert "dakmeester/1.toml.concept: dialecten: found 'komma'" in run("controle", "dakmeester").stdout


def test_what_is_wrong_is_not_published(data: Path) -> None:
    path = Path(new().stdout.strip())
    path.write_text(path.read_text().replace("8799999000314", "8799999000017"))
    result = run("publiceer", "dakmeester")
    assert result.exit_code == 1
    assert path.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nieuw", "zilverlinde", "--soort", "corporatie", "--gln", "8799999000314"), "expected a new name"),
        (("nieuw", "x-y", "--soort", "slager", "--gln", "8799999000314"), "corporatie, aannemer"),
        (("nieuw", "x-y", "--soort", "aannemer", "--gln", "8799999000315"), "check digit"),
        (("nieuw", "Xy", "--soort", "aannemer", "--gln", "8799999000314"), "partner: found 'Xy'"),
        (("sleutel", "vreemd"), "zilverlinde"),
        (("publiceer", "zilverlinde"), "no concept"),
        (("hervat", "vreemd", "--door", "x", "--reden", "y"), "zilverlinde"),
        (("hervat", "zilverlinde", "--door", " ", "--reden", "y"), "empty text"),
    ],
)
def test_a_wrong_question_is_refused_with_what_was_expected(data: Path, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Refused, match=said):
        run(*words)


def test_a_key_is_shown_once_and_only_its_digest_is_kept(data: Path) -> None:
    result = run("sleutel", "tegendraad")
    bearer = result.stdout.strip()
    assert bearer.startswith("kb_")
    assert bearer not in (data / "sleutels.json").read_text()
    assert Credentials.load(data / "sleutels.json").partner_of(bearer, datetime.now(UTC)) == "tegendraad"
    assert not (data / "partner-sleutels").exists()


def test_a_key_can_be_kept_for_sending_from_here(data: Path) -> None:
    bearer = run("sleutel", "tegendraad", "--bewaar").stdout.strip()
    path = data / "partner-sleutels" / "tegendraad"
    assert path.read_text().strip() == bearer
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rotation_keeps_the_old_key_for_the_overlap(data: Path) -> None:
    old = run("sleutel", "tegendraad").stdout.strip()
    result = run("sleutel", "tegendraad", "--overlap-dagen", "3")
    credentials = Credentials.load(data / "sleutels.json")
    now = datetime.now(UTC)
    assert credentials.partner_of(old, now + timedelta(days=2)) == "tegendraad"
    assert credentials.partner_of(old, now + timedelta(days=4)) is None
    assert credentials.partner_of(result.stdout.strip(), now + timedelta(days=400)) == "tegendraad"
    assert "1 older keys" in result.stderr


def test_revoking_ends_all_keys_and_forgets_the_kept_one(data: Path) -> None:
    bearer = run("sleutel", "tegendraad", "--bewaar").stdout.strip()
    assert run("sleutel", "tegendraad", "--intrekken").stdout == ""
    assert Credentials.load(data / "sleutels.json").partner_of(bearer, datetime.now(UTC)) is None
    assert not (data / "partner-sleutels" / "tegendraad").exists()


def test_controle_names_every_mistake_of_all_profiles(data: Path) -> None:
    for partner, old, new_text in (
        ("tegendraad", 'formaten = ["', 'formaten = ["telex", "'),
        ("kobalt-noord", 'mag_sturen = ["', 'mag_sturen = ["onderhoud.mutatie", "'),
        ("zilverlinde", "naam =", "nam ="),
        ("kobalt-noord", "formaten =", 'dialecten = ["komma"]\nformaten ='),
    ):
        path = data / "profielen" / partner / "1.toml"
        path.write_text(path.read_text().replace(old, new_text, 1))
    result = run("controle")
    assert result.exit_code == 1
    assert "tegendraad/1.toml: formaten: found 'telex', expected one of" in result.stdout
    assert "kobalt-noord/1.toml: dialecten: found 'komma', expected one of" in result.stdout
    assert "kobalt-noord/1.toml: mag_sturen: found 'onderhoud.mutatie'" in result.stdout
    assert "zilverlinde/1.toml: naam: found nothing" in result.stdout
    assert "tegendraad" not in run("controle", "zilverlinde").stdout


def test_controle_of_right_profiles_says_so(data: Path) -> None:
    result = run("controle")
    assert (result.exit_code, result.stdout) == (0, "7 profiles: no mistakes\n")
    with pytest.raises(Refused, match="no profile of vreemd"):
        run("controle", "vreemd")


def test_the_list_shows_every_partner_with_its_keys(data: Path) -> None:
    run("sleutel", "tegendraad")
    lines = run("lijst").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["partner", *Registry.load(FOLDER).partners()]
    assert {line.split()[0]: line.split()[-1] for line in lines[1:] if line.split()[-1] != "0"} == {"tegendraad": "1"}


async def test_lifting_is_a_decision_that_ends_in_the_partners_own_partition() -> None:
    profile = Registry.load(FOLDER).versions("tegendraad")[0]
    bus = FakeBus()

    class Sender:
        async def send(self, output: Output) -> Coordinates:
            written = bus.send(output)
            return Coordinates(written.topic, written.partition, written.offset)

    for days, reden in enumerate(("hersteld", "nog eens hersteld")):
        now = NOW + timedelta(days=days)
        await lift(Sender(), profile, door="J. Beheer", reden=reden, now=now)
    Driver(Decider(), bus).run()
    found = bus.records("ruw.aannemer.v1")
    assert [record.key for record in found] == [b"tegendraad"] * 2
    assert [decode(record.envelope().type, record.value or b"") for record in found] == [
        Hervat(partner="tegendraad", door="J. Beheer", reden=reden) for reden in ("hersteld", "nog eens hersteld")
    ]
    assert len({record.envelope().id for record in found}) == 2


def test_every_kind_of_the_catalogue_is_declared_and_no_other() -> None:
    assert tuple(KINDS) == declarations.KINDS
    assert all(kind.name == name for name, kind in KINDS.items())
