"""An intake with fakes behind every port, spoken to over ASGI."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from adapters.intake.app import Intake, Ports
from adapters.intake.ports import Caller, Key
from adapters.intake.repeats import may_come_again
from adapters.intake.settings import Settings
from adapters.intake.suspensions import Suspensions
from topics.blobs import FolderBlobs, blob_ref
from topics.documents import Account, ce_type, encode
from topics.documents.keten import Opschorting
from topics.envelope import Envelope
from topics.errors import Unavailable
from topics.kafka import Coordinates
from topics.runtime.step import Output, Record
from topics.view.status import MessageStatus, PartStatus, Receipt, least_finished

START = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
KEY = "kb_corporatie"
OTHER_KEY = "kb_aannemer"
WITHOUT_PROFILE = "kb_zonder"
DESK_KEY = "kb_balie"


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.at).total_seconds())


class Kafka:
    """Keeps what was sent. `away`: raises; `deaf`: keeps it and raises; `held`: waits until set."""

    def __init__(self) -> None:
        self.sent: list[Output] = []
        self.away = False
        self.held: asyncio.Event | None = None
        self.broken: Exception | None = None
        self.deaf = False

    async def send(self, output: Output) -> Coordinates:
        if self.held is not None:
            await self.held.wait()
        else:
            await asyncio.sleep(0)
        if self.broken is not None:
            raise self.broken
        if self.away:
            raise Unavailable("no broker answers")
        self.sent.append(output)
        if self.deaf:
            raise Unavailable("the acknowledgement did not come")
        return Coordinates(output.topic, 1, len(self.sent) - 1)

    def envelopes(self) -> list[Envelope]:
        return [Envelope.read(output.headers) for output in self.sent]


class Blobs:
    def __init__(self, store: FolderBlobs) -> None:
        self._store = store
        self.away = False

    def put(self, content: bytes) -> str:
        if self.away:
            raise Unavailable("object store: no space left")
        return self._store.put(content)

    def get(self, ref: str) -> bytes:
        return self._store.get(ref)


class View:
    """What the real view would answer, from a list of messages. `away`: raises; `held`: waits until set."""

    def __init__(self) -> None:
        self.messages: dict[str, MessageStatus] = {}
        self.away = False
        self.held: asyncio.Event | None = None
        self.questions: list[list[Key]] = []

    def know(self, receipt: str, partner: str, *parts: PartStatus, body: bytes = b"", at: datetime = START) -> None:
        self.messages[receipt] = MessageStatus(
            ontvangst=receipt,
            partner=partner,
            ontvangen=at,
            sha256=hashlib.sha256(body).hexdigest(),
            topic="ruw.corporatie.v1",
            partitie=0,
            positie=7,
            account=least_finished(parts),
            definitief=bool(parts) and all(part.definitief for part in parts),
            delen=parts,
        )

    async def status(self, receipt: str, partner: str) -> MessageStatus | None:
        await self._answering()
        found = self.messages.get(receipt)
        return found if found is not None and found.partner == partner else None

    async def since(self, partner: str, since: datetime, limit: int, after: str) -> list[MessageStatus]:
        await self._answering()
        found = sorted(self.messages.values(), key=lambda message: message.ontvangst)
        return [
            message
            for message in found
            if message.partner == partner
            and message.ontvangen is not None
            and message.ontvangen >= since
            and message.ontvangst > after
        ][:limit]

    async def first(self, keys: Sequence[Key], since: datetime) -> Mapping[Key, Receipt]:
        self.questions.append(list(keys))
        await self._answering()
        found: dict[Key, Receipt] = {}
        for message in sorted(self.messages.values(), key=lambda message: message.ontvangst, reverse=True):
            recent = message.ontvangen is not None and message.ontvangen >= since
            if recent and not may_come_again(message.delen):
                found[(message.partner, message.sha256 or "")] = message
        return {key: found[key] for key in keys if key in found}

    async def _answering(self) -> None:
        if self.held is not None:
            await self.held.wait()
        if self.away:
            raise Unavailable("the view's database cannot answer")


class Partners:
    def __init__(self) -> None:
        self.known = {
            KEY: Caller("zilverlinde", "sleutel:1", "corporatie"),
            OTHER_KEY: Caller("tegendraad", "sleutel:2", "aannemer"),
            WITHOUT_PROFILE: Caller("nieuw", "sleutel:3", None),
            DESK_KEY: Caller("beheer", "sleutel:4", None),
        }

    def caller(self, bearer: str, now: datetime) -> Caller | None:
        return self.known.get(bearer)

    def member(self, partner: str, now: datetime) -> Caller | None:
        return next((one for one in self.known.values() if one.partner == partner and one.kind is not None), None)


class Checks:
    """Tells what it was asked. `away`: raises; `held`: waits until set."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes, str, str]] = []
        self.away = False
        self.held: asyncio.Event | None = None

    async def check(self, partner: str, raw: bytes, content_type: str, name: str) -> bytes:
        self.asked.append((partner, raw, content_type, name))
        if self.held is not None:
            await self.held.wait()
        if self.away:
            raise Unavailable("no answer")
        return b'{"uitkomst": "geldig"}'


class World:
    """The intake and everything around it. `settings`: fields that differ from the defaults."""

    def __init__(self, folder: Path, **settings: float | str) -> None:
        self.clock, self.kafka, self.view, self.partners = Clock(), Kafka(), View(), Partners()
        self.checks = Checks()
        self.blobs = Blobs(FolderBlobs(folder / "blobs"))
        self.suspensions = Suspensions()
        self.suspensions.complete()
        self.intake = Intake(
            Settings.model_validate({"data": folder, **settings}),
            Ports(
                sender=self.kafka,
                blobs=self.blobs,
                partners=self.partners,
                suspended=self.suspensions,
                receipts=self.view,
                clock=self.clock,
                checker=self.checks,
            ),
        )
        transport = httpx.ASGITransport(self.intake, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://intake")

    async def post(
        self, body: bytes, *, key: str | None = KEY, media: str | None = "application/json", encoding: str | None = None
    ) -> httpx.Response:
        headers = {}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if media is not None:
            headers["Content-Type"] = media
        if encoding is not None:
            headers["Content-Encoding"] = encoding
        return await self.client.post("/v1/berichten", content=body, headers=headers)

    async def send(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        """A POST of a partner with a key; names of headers with an underscore for each hyphen."""
        given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        return await self.client.post(path, content=body, headers=given)

    async def get(self, path: str, *, key: str | None = KEY) -> httpx.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return await self.client.get(path, headers=headers)

    def metric(self, name: str, **labels: str) -> float:
        return self.intake.metrics.registry.get_sample_value(name, labels) or 0.0

    def content(self, output: Output) -> bytes:
        """The bytes that a record stands for, wherever they are."""
        reference = Envelope.read(output.headers).dataref
        if not reference:
            return output.value or b""
        content = self.blobs.get(reference)
        if blob_ref(content) != reference:
            raise AssertionError("the blob is not what the record refers to")
        return content


def part(account: Account, deel: str = "1") -> PartStatus:
    return PartStatus(deel=deel, account=account, definitief=account.final, sinds=START + timedelta(seconds=1))


def suspension(partner: str, *, active: bool = True, offset: int = 0) -> Record:
    document = Opschorting(partner=partner, actief=active, sinds=START, oorzaak="50 berichten achtereen in uitval")
    envelope = Envelope(
        id=f"opschorting-{offset}", source=partner, type=ce_type(Opschorting), time=START, recorded_time=START
    )
    return Record("keten.opschorting.v1", 0, offset, 0, partner.encode(), encode(document), envelope.headers())
