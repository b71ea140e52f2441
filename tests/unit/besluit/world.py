"""The whole bus in memory, with the desk on top: partners send, things fail, people decide."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from adapters.adapter.processor import AdapterProcessor
from adapters.check.report import check, encoded
from adapters.kinds import KINDS
from chain.besluit.processor import LIMIT, Decider
from chain.correlate import Correlator
from chain.ledger.processor import SOORT, Ledger
from chain.ledger.recompute import TOPICS as COUNTED
from chain.ledger.recompute import Recount
from chain.review import desk
from chain.review.carry import Desk, Sent
from chain.review.controle import Report
from topics import documents, ids
from topics.catalogue.declarations import ALL_KETENS, BESLUIT, log_topic, raw_topic
from topics.documents import Account, ce_type, encode
from topics.documents.besluit import Besluit, Besluitsoort, Besluitstand, Koppeling
from topics.documents.keten import Dossier, Klok
from topics.envelope import RAW_TYPE, Envelope
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.claims import resolve
from topics.runtime.driver import Driver, FakeBus, Runs, run_until_quiet
from topics.runtime.step import Output
from topics.view import database, decisions, figures, search
from topics.view.fill import View
from topics.view.original import Original, Place
from topics.view.queries import Queries
from topics.view.rows import TOPICS_READ
from topics.view.search import Letter
from topics.view.status import MessageStatus

CLIENT, CONTRACTOR = "zilverlinde", "tegendraad"
CLIENT_GLN, CONTRACTOR_GLN = "8799999000017", "8799999000215"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANNA, BRAM = "Anna de Vries", "Bram Smit"
LOG = log_topic("onderhoud")


def key(number: str) -> str:
    return f"onderhoud/opdracht/{CLIENT_GLN}/{number}"


def _head(number: str) -> dict[str, object]:
    return {
        "formaat": "ketenbus-json/1",
        "opdrachtgever": CLIENT_GLN,
        "aannemer": CONTRACTOR_GLN,
        "opdrachtnummer": number,
    }


def order(number: str) -> bytes:
    fields = {
        "soort": "opdracht",
        "berichtnummer": f"O-{number}",
        "datum": "2026-03-02T08:00:00+01:00",
        "opdrachtsoort": "REP",
        "contract": "ZL-TD-2026",
        "locatie": {"eenheid": f"VHE-{number}"},
        "regels": [{"nummer": 1, "aantal": 1, "eenheid": "PCE"}],
    }
    return msgspec.json.encode(_head(number) | fields)


def status(number: str, message: str, word: str = "10", at: str = "2026-03-02T08:30:00+01:00") -> bytes:
    """Tegendraad's own words: 10 is ACC, 80 TGE, 90 AGE; 77 means nothing to anybody."""
    return msgspec.json.encode(
        _head(number) | {"soort": "status", "berichtnummer": message, "status": word, "gebeurd": at}
    )


class World:
    """`now` moves on by a second with everything that is sent or decided."""

    def __init__(self, folder: Path, above: Decimal = LIMIT, bus: FakeBus | None = None) -> None:
        self._profiles = folder / "profielen"
        samples.install(self._profiles)
        self.registry = Registry.load(self._profiles)
        self.bus = bus or FakeBus()
        self.now = START
        self.adapters = [AdapterProcessor(kind, self.registry) for kind in KINDS.values()]
        self.decider = Driver(Decider(above), self.bus)
        self.ledger = Driver(Ledger(), self.bus)
        rest: list[Runs] = [Driver(adapter, self.bus) for adapter in self.adapters]
        rest += [Driver(Correlator(keten), self.bus) for keten in ALL_KETENS]
        self._drivers: list[Runs] = [*rest, self.decider, self.ledger]
        url = f"sqlite:///{folder / 'view.db'}"
        self._view = View(database.open_writer(url))
        self._queries = Queries(url)
        self.engine = database.open_reader(url)
        self.desk = Desk(
            engine=self.engine,
            originals=self._originals,
            sender=self,
            blobs=self.bus.blobs,
            now=self._tick,
            registry=self.registry,
            checker=self,
        )
        self._receipts = 0

    def close(self) -> None:
        self._queries.close()
        self.engine.dispose()

    # -- what the desk needs

    async def send(self, output: Output) -> object:
        return self.bus.send(output)

    async def check(self, partner: str, body: bytes, content_type: str) -> Report:
        profile = self.registry.partner(partner, self.now.date())
        assert profile is not None
        report = check(body, profile, self.registry, self.now, content_type=content_type)
        return msgspec.json.decode(encoded(report), type=Report)

    async def _originals(self, places: Sequence[Place]) -> Mapping[Place, Original]:
        found = {}
        for place in places:
            record = self.bus.log(place.topic, place.partition)[place.offset]
            body = resolve(record, self.bus.blobs).value or b""
            found[place] = Original(record, body, hashlib.sha256(body).hexdigest())
        return found

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    # -- what happens

    def adopt(self, partner: str, old: str, new: str) -> None:
        """The partner's profile gets a next version, in force from today on, with `old` replaced by `new`."""
        text = (self._profiles / partner / "1.toml").read_text(encoding="utf-8")
        assert old in text
        first = self.registry.versions(partner)[0]
        text = text.replace(old, new, 1).replace("versie = 1", "versie = 2", 1)
        text = text.replace(f"geldig_vanaf = {first.geldig_vanaf}", f"geldig_vanaf = {self.now.date()}", 1)
        (self._profiles / partner / "2.toml").write_text(text, encoding="utf-8")
        self.registry = Registry.load(self._profiles)
        for adapter in self.adapters:
            adapter.adopt(self.registry)

    def receive(self, partner: str, body: bytes) -> str:
        """Handed over and handled; its receipt."""
        at = self._tick()
        self._receipts += 1
        receipt = ids.receipt_id(at, self._receipts.to_bytes(10, "big"))
        profile = self.registry.partner(partner, at.date())
        assert profile is not None
        envelope = Envelope(
            id=receipt,
            source=partner,
            type=RAW_TYPE,
            time=at,
            recorded_time=at,
            sha256=hashlib.sha256(body).hexdigest(),
            content_type="application/json",
        )
        self.bus.send(Output(raw_topic(profile.kind), partner.encode(), body, envelope.headers()))
        self.run()
        return receipt

    def tick(self, at: datetime) -> None:
        self.now = max(self.now, at)
        envelope = Envelope(
            id=f"klok-onderhoud-{at.isoformat()}", source="clock", type=ce_type(Klok), time=at, recorded_time=at
        )
        for partition in range(self.bus.partitions[LOG]):
            self.bus.send(Output(LOG, b"klok", encode(Klok(tot=at)), envelope.headers(), partition))
        self.run()

    def run(self) -> None:
        """Processors and view have read everything."""
        run_until_quiet(*self._drivers)
        ends = {
            (topic, n): len(self.bus.log(topic, n)) for topic in TOPICS_READ for n in range(self.bus.partitions[topic])
        }
        read = self._view.positions
        self._view.apply([record for at in ends for record in self.bus.log(*at)[read.get(at, 0) :]], ends)

    # -- what people do and see

    def letter(self) -> Letter:
        """The one that is open."""
        [found] = desk.letters(self.desk)
        return found

    async def decide(
        self,
        letter: str,
        soort: Besluitsoort,
        door: str = ANNA,
        reden: str = "nagekeken",
        *,
        koppeling: Koppeling | None = None,
        bericht: bytes | None = None,
    ) -> desk.Outcome:
        sent = await desk.decide(
            self.desk, letter, soort, door=door, reden=reden, koppeling=koppeling, bericht=bericht,
            inhoudstype="application/json",
        )  # fmt: skip
        return self.outcome(sent)

    async def send_besluit(self, besluit: Besluit) -> None:
        """Past the desk."""
        self._receipts += 1
        self.write(besluit, f"voorbij-{self._receipts}")
        self.run()

    def write(self, besluit: Besluit, id: str) -> None:
        """Past the desk, and nothing is handled yet."""
        at = self.now
        envelope = Envelope(id=id, source="review", type=ce_type(Besluit), time=at, recorded_time=at)
        self.bus.send(Output(BESLUIT, besluit.brief.encode(), encode(besluit), envelope.headers()))

    def stand(self, brief: str) -> Besluitstand | None:
        return decisions.stand(self.engine, brief)

    def outcome(self, sent: Sent) -> desk.Outcome:
        self.run()
        found = desk.outcome(self.desk, sent)
        assert found is not None
        return found

    def status(self, receipt: str, partner: str = CONTRACTOR) -> MessageStatus:
        found = self._queries.receipt_status(receipt, partner)
        assert found is not None
        return found

    def dossier(self, number: str) -> Dossier:
        [found] = search.find_dossiers(self.engine, key(number))
        return found

    def events(self, number: str) -> list[str]:
        """Types on the log of one dossier, in order."""
        mine = [record for record in self.bus.records(LOG) if record.key == key(number).encode()]
        return [record.envelope().type.removeprefix("nl.ketenbus.") for record in mine]

    def documents(self, topic: str) -> list[documents.Document]:
        return [documents.decode(one.envelope().type, one.value or b"") for one in self.bus.records(topic)]

    def assert_balanced(self) -> None:
        """Every part is in one place; the ledger, a plain recount from the topics and the view say the same."""
        recount = Recount()
        for topic in COUNTED:
            for record in self.bus.records(topic):
                recount.add(record)
        plain: dict[tuple[str, Account], int] = {}
        for (partner, _), books in recount.rows().items():
            assert books.ongeopend == 0
            assert sum(books.accounts.values()) == books.aangenomen
            for name, count in books.accounts.items():
                assert count > 0, (partner, name, count)
                plain[partner, Account(name)] = plain.get((partner, Account(name)), 0) + count
        facets = self.ledger.facets()
        wrong = {name: count for name, count in facets.items() if name.endswith(SOORT)}
        assert wrong == {}
        assert plain == {at: n for at in plain if (n := facets.get(f"{at[0]}|{at[1].value}", 0))}
        live: dict[tuple[str, Account], int] = {}
        for (partner, _), row in figures.account(self.engine).rows.items():
            for account, count in row.accounts.items():
                if count:
                    live[partner, account] = live.get((partner, account), 0) + count
        assert live == plain
