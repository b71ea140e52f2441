"""What a format renders it reads back the same; what it cannot express it refuses to render."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.formats import CannotRender, read
from adapters.formats.dico_projectprofiel import FORMAT as PROJECTPROFIEL
from adapters.formats.dico_sales005 import FORMAT as SALES005
from adapters.formats.dico_sales005 import codes as sales005
from adapters.formats.gathering import is_midnight
from adapters.formats.json_v1 import FORMAT as JSON
from adapters.formats.json_v1 import codes as json_v1
from adapters.formats.moments import amsterdam, local
from adapters.formats.personal import is_noun, postcode4
from adapters.formats.vera import FORMAT as VERA
from adapters.formats.vera import codes as vera
from adapters.message import Bericht, OpdrachtInhoud, PlanningInhoud, Soort, StatusInhoud
from topics.blobs import blob_ref
from topics.documents import Moment
from topics.documents.onderhoud import Bijlage, Bovenliggend, Ledo, Locatie, Regel, Slot, Slotsoort, Urgentie

Draw = st.DrawFn
FIRST, LAST = datetime(1971, 1, 1), datetime(2198, 12, 31)
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), include_characters="\t\n\r")
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=1, max_size=longest)


numbers = st.integers(1, 10**13 - 1)
decimals = st.decimals(min_value=-(10**9), max_value=10**9, places=4) | st.sampled_from([Decimal("0"), Decimal("1.50")])
glns = st.text("0123456789", min_size=13, max_size=13)
days = st.dates(FIRST.date(), LAST.date())


@st.composite
def moments(draw: Draw) -> Moment:
    """Days, plain times, and times around both changes of the clock."""
    if draw(st.booleans()):
        return Moment(local(datetime.combine(draw(days), datetime.min.time()))[0], True)
    near = st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
    moved = st.builds(lambda at, minutes: at + timedelta(minutes=minutes), near, st.integers(-180, 180))
    return Moment(amsterdam(draw(moved | st.datetimes(FIRST, LAST, timezones=st.just(UTC)))))


def fields(names: tuple[str, ...], longest: int = 1) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional={name: texts(longest) for name in names})


class Limits(msgspec.Struct):
    """How the two formats differ: lengths, codes, and what only one of them knows."""

    number: int
    codes: Callable[[str], st.SearchStrategy[str]]
    rich: bool
    places: st.SearchStrategy[str | None]


LISTS = {
    "soort": (sales005.OPDRACHTSOORT, json_v1.OPDRACHTSOORT),
    "afspraak": (sales005.AFSPRAAK, json_v1.AFSPRAAK),
    "specificatie": (sales005.SPECIFICATIE, json_v1.SPECIFICATIE),
    "eenheid": (sales005.EENHEID, json_v1.EENHEID),
    "btw": (sales005.BTW, json_v1.BTW),
    "document": (sales005.DOCUMENTSOORT, json_v1.DOCUMENTSOORT),
}
POSTCODES = st.sampled_from(["9981AB", "9981 ab", "1234567", "B-1790"])
XML = Limits(17, lambda which: st.sampled_from(sorted(LISTS[which][0])), False, POSTCODES)
PLAIN = Limits(64, lambda which: st.sampled_from(sorted(LISTS[which][1])), True, POSTCODES | st.none())


def optional(draw: Draw, strategy: st.SearchStrategy[str]) -> str | None:
    return draw(strategy) if draw(st.booleans()) else None


def parties(draw: Draw, who: str, personen: dict[str, str]) -> str:
    own = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "naam": texts(50),
                "naam2": texts(50),
                "straat": texts(80),
                "huisnummer": numbers.map(str),
                "huisletter": texts(1),
                "toevoeging": texts(4),
                "plaats": texts(80),
                "postcode": texts(9),
                "land": st.just("NL"),
            },
        )
    )
    personen |= {f"{who}.{name}": text for name, text in own.items()}
    contact = st.fixed_dictionaries({"naam": texts(35)}, optional={"telefoon": texts(20), "email": texts(254)})
    for number, one in enumerate(draw(st.lists(contact, max_size=5)), 1):
        personen |= {f"{who}.contact.{number}.{name}": text for name, text in one.items()}
    return draw(glns)


def places(draw: Draw, limits: Limits, personen: dict[str, str]) -> Locatie | None:
    if not draw(st.booleans()):
        return None
    own = {"straat": draw(texts(80)), "plaats": draw(texts(80))}
    postcode = draw(limits.places)
    rest = st.fixed_dictionaries(
        {},
        optional={
            "huisnummer": numbers.map(str),
            "huisletter": texts(1),
            "toevoeging": texts(4),
            "naam": texts(35),
            "telefoon": texts(20),
            "telefoon2": texts(20),
            "email": texts(254),
            "email2": texts(254),
        },
    )
    own |= draw(rest) | ({} if postcode is None else {"postcode": postcode})
    if draw(st.booleans()):
        own |= {"breedtegraad": draw(texts(35)), "lengtegraad": draw(texts(35))}
    personen |= {f"locatie.{name}": text for name, text in own.items()}
    return Locatie(
        complex=optional(draw, texts(limits.number)),
        pand=optional(draw, texts(limits.number)),
        eenheid=optional(draw, texts(limits.number)),
        postcode4=None if postcode is None else postcode4(postcode),
        bouwjaar=draw(st.none() | st.integers(1000, 2199)),
    )


def lines(draw: Draw, limits: Limits, position: int, personen: dict[str, str]) -> Regel:
    where = f"regel.{position}"
    free = {"omschrijving": texts(35), "toelichting": texts(70), "tekst": texts(1000)}
    personen |= {f"{where}.{name}": text for name, text in draw(st.fixed_dictionaries({}, optional=free)).items()}
    ledo: Ledo | None = None
    if draw(st.booleans()):
        parts = {
            name: texts(70) | st.sampled_from(["Keuken", "K-12", "wc/toilet"])
            for name in ("locatie", "element", "defect", "oorzaak")
        }
        said = draw(st.fixed_dictionaries({}, optional=parts))
        personen |= {f"{where}.ledo.{name}": text for name, text in said.items() if not is_noun(text)}
        ledo = Ledo(**{name: text for name, text in said.items() if is_noun(text)})
    priced, taxed = draw(st.booleans()), draw(st.booleans())
    if priced and draw(st.booleans()):
        personen[f"{where}.prijsomschrijving"] = draw(texts(35))
    return Regel(
        nummer=draw(numbers),
        aantal=draw(decimals),
        eenheid=draw(limits.codes("eenheid")),
        prijscode=optional(draw, texts(17)),
        ledo=ledo,
        prijs=draw(decimals) if priced else None,
        prijsbasis=draw(decimals) if priced else None,
        prijseenheid=draw(limits.codes("eenheid")) if priced else None,
        btw_code=draw(limits.codes("btw")) if taxed else None,
        btw_percentage=draw(decimals) if taxed else None,
        btw_grondslag=draw(decimals) if taxed else None,
    )


def attachments(
    draw: Draw, limits: Limits, last: int, personen: dict[str, str], blobs: dict[str, bytes]
) -> tuple[Bijlage, ...]:
    """In the order that a standard with attachments per line knows: those of the order first."""
    positions = sorted(draw(st.lists(st.integers(0, last), max_size=3)))
    made = []
    for number, position in enumerate(positions, 1):
        for which, (name, value) in enumerate(draw(st.lists(st.tuples(texts(35), texts(70)), max_size=2)), 1):
            personen |= {
                f"bijlage.{number}.kenmerk.{which}.naam": name,
                f"bijlage.{number}.kenmerk.{which}.waarde": value,
            }
        content = draw(st.binary(max_size=50))
        ref = blob_ref(content) if content else None
        blobs |= {ref: content} if ref else {}
        made.append(
            Bijlage(
                soort=draw(limits.codes("document")),
                bestandssoort=draw(texts(35)),
                naam=draw(texts(512)),
                url=optional(draw, texts(512)),
                blob=ref,
                bytes=len(content) or None,
                regel=position or None,
            )
        )
    return tuple(made)


@st.composite
def orders(draw: Draw, limits: Limits) -> Bericht:
    personen: dict[str, str] = {}
    blobs: dict[str, bytes] = {}
    opdrachtgever = parties(draw, "opdrachtgever", personen)
    aannemer = parties(draw, "aannemer", personen) if draw(st.booleans()) else None
    gelieerd = parties(draw, "gelieerd", personen) if draw(st.booleans()) else None
    if draw(st.booleans()):
        personen["tekst"] = draw(texts(1000))
    locatie = places(draw, limits, personen)
    regels = tuple(lines(draw, limits, position, personen) for position in range(1, draw(st.integers(0, 3)) + 1))
    inhoud = OpdrachtInhoud(
        datum=draw(st.none() | moments()),
        soort=optional(draw, limits.codes("soort")),
        afspraak=optional(draw, limits.codes("afspraak")),
        specificatie=optional(draw, limits.codes("specificatie")),
        urgentie=draw(st.none() | st.sampled_from(Urgentie)) if limits.rich else None,
        contract=optional(draw, texts(limits.number)),
        contractdatum=draw(st.none() | days),
        btw_verlegd=draw(st.none() | st.booleans()),
        gemeld_op=draw(st.none() | moments()) if limits.rich else None,
        gereed_uiterlijk=draw(st.none() | moments()),
        uitvoeren_vanaf=draw(st.none() | moments()),
        uitvoeren_tot=draw(st.none() | moments()),
        locatie=locatie,
        regels=regels,
    )
    return Bericht(
        soort=Soort.OPDRACHT,
        berichtnummer=draw(texts(limits.number)),
        opdrachtnummer=draw(texts(limits.number)),
        opdrachtgever=opdrachtgever,
        inhoud=inhoud,
        aannemer=aannemer,
        gelieerd=gelieerd,
        subnummer=optional(draw, texts(limits.number)),
        verzonden=draw(st.none() | moments() if limits.rich else moments()),
        proef=limits.rich and draw(st.booleans()),
        bijlagen=attachments(draw, limits, len(regels), personen, blobs),
        blobs=blobs,
        personen=personen,
    )


@st.composite
def replies(draw: Draw) -> Bericht:
    """A status or a planning."""
    personen: dict[str, str] = {"tekst": draw(texts(200))} if draw(st.booleans()) else {}
    inhoud: StatusInhoud | PlanningInhoud
    bijlagen: tuple[Bijlage, ...] = ()
    blobs: dict[str, bytes] = {}
    if draw(st.booleans()):
        amount = st.none() | st.decimals(min_value=-(10**6), max_value=10**6, places=2)
        inhoud = StatusInhoud(
            eigen=draw(texts(80)),
            gebeurd=draw(moments()),
            eigen_detail=optional(draw, texts(80)),
            bedrag=draw(amount),
            gereed_gevraagd=draw(st.none() | moments()),
        )
        bijlagen = attachments(draw, PLAIN, 0, personen, blobs)
    else:
        inhoud = PlanningInhoud(
            gebeurd=draw(moments()),
            sloten=tuple(slots(draw, position, personen) for position in range(1, draw(st.integers(1, 3)) + 1)),
        )
    return Bericht(
        soort=Soort.STATUS if isinstance(inhoud, StatusInhoud) else Soort.PLANNING,
        berichtnummer=draw(texts(64)),
        opdrachtnummer=draw(texts(64)),
        opdrachtgever=draw(glns),
        inhoud=inhoud,
        aannemer=optional(draw, glns),
        subnummer=optional(draw, texts(64)),
        verzonden=draw(st.none() | moments()),
        proef=draw(st.booleans()),
        bijlagen=bijlagen,
        blobs=blobs,
        personen=personen,
    )


def slots(draw: Draw, position: int, personen: dict[str, str]) -> Slot:
    begin = draw(st.datetimes(FIRST, LAST - timedelta(days=30), timezones=st.just(UTC)))
    reason = draw(st.none() | texts(300) | st.sampled_from(["BNT", "VBW"]))
    if reason is not None and not is_noun(reason):
        personen[f"slot.{position}.reden"] = reason
    return Slot(
        soort=draw(st.sampled_from(Slotsoort)),
        begin=amsterdam(begin),
        eind=amsterdam(begin + timedelta(minutes=draw(st.integers(1, 10_000)))),
        door=draw(st.none() | st.sampled_from(["aannemer", "huurder", "opdrachtgever"])),
        reden=reason if reason is not None and is_noun(reason) else None,
    )


@st.composite
def profile_replies(draw: Draw) -> Bericht:
    """A status or a planning within what the project profile's own map can hold."""
    personen: dict[str, str] = {"tekst": draw(texts(1000))} if draw(st.booleans()) else {}
    blobs: dict[str, bytes] = {}
    inhoud: StatusInhoud | PlanningInhoud
    bijlagen: tuple[Bijlage, ...] = ()
    gelieerd = None
    opdrachtgever = parties(draw, "opdrachtgever", personen)
    aannemer = parties(draw, "aannemer", personen) if draw(st.booleans()) else None
    if draw(st.booleans()):
        amount = st.none() | st.decimals(min_value=-(10**6), max_value=10**6, places=2)
        inhoud = StatusInhoud(
            eigen=draw(texts(80)), gebeurd=draw(moments()), eigen_detail=optional(draw, texts(80)), bedrag=draw(amount)
        )
        bijlagen = attachments(draw, PLAIN, 0, personen, blobs)
        gelieerd = parties(draw, "gelieerd", personen) if draw(st.booleans()) else None
    else:
        inhoud = PlanningInhoud(
            gebeurd=draw(moments()),
            sloten=tuple(slots(draw, position, personen) for position in range(1, draw(st.integers(1, 3)) + 1)),
        )
    return Bericht(
        soort=Soort.STATUS if isinstance(inhoud, StatusInhoud) else Soort.PLANNING,
        berichtnummer=draw(texts(17)),
        opdrachtnummer=draw(texts(17)),
        opdrachtgever=opdrachtgever,
        inhoud=inhoud,
        aannemer=aannemer,
        gelieerd=gelieerd,
        subnummer=optional(draw, texts(17)),
        verzonden=draw(st.none() | moments()),
        bijlagen=bijlagen,
        personen=personen,
        blobs=blobs,
    )


UNITS, KINDS, METHODS = (
    sorted(vera.MEETEENHEID.values()),
    sorted(vera.ONDERHOUDSOORT.values()),
    ["AFK", "EHP", "REG", "ANS"],
)
SHORT = st.text(CHARACTERS, min_size=1, max_size=64)


@st.composite
def vera_messages(draw: Draw) -> Bericht:
    """An order, a status or an appointment within what VERA can hold."""
    personen: dict[str, str] = {}
    blobs: dict[str, bytes] = {}
    if draw(st.booleans()):
        personen["tekst"] = draw(texts(300))
    inhoud: OpdrachtInhoud | StatusInhoud | PlanningInhoud
    which = draw(st.sampled_from(Soort))
    if which is Soort.STATUS:
        inhoud = StatusInhoud(eigen=draw(SHORT), gebeurd=draw(vera_moments()), eigen_detail=optional(draw, SHORT))
    elif which is Soort.PLANNING:
        begin = amsterdam(draw(st.datetimes(FIRST, LAST - timedelta(days=30), timezones=st.just(UTC))))
        soort = draw(st.sampled_from(sorted(vera.AFSPRAAKSTATUS.values())))
        eind = amsterdam(begin + timedelta(minutes=draw(st.integers(1, 10_000))))
        inhoud = PlanningInhoud(gebeurd=draw(vera_moments()), sloten=(Slot(soort=soort, begin=begin, eind=eind),))
    else:
        which, inhoud = Soort.OPDRACHT, vera_order(draw, personen)
    if which is not Soort.STATUS:
        address = st.fixed_dictionaries(
            {"postcode": POSTCODES}, optional={name: texts(80) for name in ("straat", "huisnummer", "plaats")}
        )
        personen |= {f"locatie.{name}": text for name, text in draw(address).items()}
    if draw(st.booleans()) and which is not Soort.STATUS:
        person = {"naam": draw(texts(80)), "telefoon": "0595-555012", "email": "x@y.example", "email2": "z@y.example"}
        personen |= {f"locatie.{name}": text for name, text in person.items()}
    if isinstance(inhoud, OpdrachtInhoud):
        four = postcode4(personen["locatie.postcode"])
        inhoud = msgspec.structs.replace(
            inhoud, locatie=msgspec.structs.replace(inhoud.locatie or Locatie(), postcode4=four)
        )
    content = draw(st.binary(max_size=30))
    ref = blob_ref(content) if content and draw(st.booleans()) else None
    blobs |= {ref: content} if ref else {}
    photo = Bijlage(
        soort="PHO", bestandssoort="image/jpeg", naam=draw(texts(40)), blob=ref, bytes=len(content) if ref else None
    )
    return Bericht(
        soort=which,
        berichtnummer=draw(SHORT),
        opdrachtnummer=draw(SHORT),
        opdrachtgever=draw(glns),
        inhoud=inhoud,
        aannemer=optional(draw, glns),
        verzonden=draw(st.none() | vera_moments()),
        proef=draw(st.booleans()),
        bijlagen=(photo,) if ref or draw(st.booleans()) else (),
        personen=personen,
        blobs=blobs,
    )


def vera_moments() -> st.SearchStrategy[Moment]:
    return moments().filter(lambda moment: moment.alleen_dag or not is_midnight(moment))


def vera_order(draw: Draw, personen: dict[str, str]) -> OpdrachtInhoud:
    guarantee = draw(st.booleans())
    regels = []
    for position in range(1, draw(st.integers(0, 3)) + 1):
        price = draw(st.booleans())
        for name in ("omschrijving", "toelichting"):
            if draw(st.booleans()):
                personen[f"regel.{position}.{name}"] = draw(texts(70))
        parts = st.fixed_dictionaries({}, optional={name: st.sampled_from(["KRAAN", "Lekt", "K-12"]) for name in ("locatie", "element", "defect", "oorzaak")})  # fmt: skip
        regels.append(
            Regel(
                nummer=position * draw(st.sampled_from([1, 10])),
                aantal=draw(decimals),
                eenheid=draw(st.sampled_from(UNITS)),
                prijscode=draw(SHORT) if price else None,
                prijs=draw(decimals) if price else None,
                prijseenheid=draw(st.sampled_from(UNITS)) if price else None,
                ledo=Ledo(**draw(parts)) if draw(st.booleans()) else None,
            )
        )
    some = any(regel.ledo for regel in regels) and len({regel.nummer for regel in regels}) == len(regels)
    return OpdrachtInhoud(
        datum=draw(vera_moments()),
        soort=optional(draw, st.sampled_from(KINDS)),
        afspraak=None if guarantee else optional(draw, st.sampled_from(METHODS)),
        specificatie="GAR" if guarantee else None,
        urgentie=draw(st.none() | st.sampled_from(Urgentie)),
        contract=optional(draw, SHORT),
        btw_verlegd=draw(st.none() | st.booleans()),
        gemeld_op=draw(vera_moments()) if some else None,
        gereed_uiterlijk=draw(st.none() | vera_moments()),
        uitvoeren_vanaf=draw(st.none() | vera_moments()),
        uitvoeren_tot=draw(st.none() | vera_moments()),
        locatie=Locatie(complex=optional(draw, SHORT), eenheid=optional(draw, SHORT)) if some else Locatie(),
        regels=tuple(regels),
        bovenliggend=draw(st.none() | st.builds(Bovenliggend, glns, SHORT)),
    )


@given(vera_messages())
@QUICK
def test_a_message_is_read_back_the_same_when_rendered_as_vera(bericht: Bericht) -> None:
    raw = VERA.render(bericht)
    gelezen = read(raw)
    assert gelezen.delen[0].bericht == bericht
    assert (gelezen.formaat, gelezen.versie, gelezen.delen[0].dialecten) == ("vera", "4", ())


def has_blanks(bericht: Bericht) -> bool:
    """Whether a text is white space only: an element of that says nothing in the project profile."""
    own = [bericht.berichtnummer, bericht.opdrachtnummer, bericht.subnummer, *bericht.personen.values()]
    if isinstance(bericht.inhoud, StatusInhoud):
        own += [bericht.inhoud.eigen, bericht.inhoud.eigen_detail]
    for bijlage in bericht.bijlagen:
        own += [bijlage.bestandssoort, bijlage.naam, bijlage.url]
    return any(text is not None and not text.strip() for text in own)


@given(profile_replies())
@QUICK
def test_a_reply_is_read_back_the_same_when_rendered_by_the_project_profile(bericht: Bericht) -> None:
    if has_blanks(bericht):
        with pytest.raises(CannotRender):
            PROJECTPROFIEL.render(bericht)
        return
    gelezen = read(PROJECTPROFIEL.render(bericht))
    assert gelezen.delen[0].bericht == bericht
    assert (gelezen.formaat, gelezen.delen[0].dialecten) == ("dico-projectprofiel", ())


@given(orders(XML))
@QUICK
def test_an_order_is_read_back_the_same_when_rendered_as_sales005(bericht: Bericht) -> None:
    gelezen = read(SALES005.render(bericht))
    assert gelezen.delen[0].bericht == bericht
    assert (gelezen.formaat, gelezen.versie) == ("dico", "SALES005")


@given(orders(PLAIN) | replies())
@QUICK
def test_a_message_is_read_back_the_same_when_rendered_as_json(bericht: Bericht) -> None:
    gelezen = read(JSON.render(bericht))
    assert gelezen.delen[0].bericht == bericht
    assert (gelezen.formaat, gelezen.versie) == ("json", "1")


@given(orders(XML))
@settings(QUICK, max_examples=25)
def test_an_order_in_sales005_can_be_passed_on_as_json_and_back(bericht: Bericht) -> None:
    through = read(JSON.render(bericht)).delen[0].bericht
    assert through is not None
    assert read(SALES005.render(through)).delen[0].bericht == bericht


@given(orders(XML))
@settings(QUICK, max_examples=25)
def test_what_is_rendered_is_valid_by_the_official_xsd(official: etree.XMLSchema, bericht: Bericht) -> None:
    assert official.validate(etree.fromstring(SALES005.render(bericht)))


@pytest.fixture(scope="module")
def official(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared / "domain" / "dico" / "Onderhoudsopdracht_SALES005.xsd")))
