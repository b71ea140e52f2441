"""A partner's folder and everything around it, with fakes where the HTTP intake's tests have them."""

from datetime import datetime
from pathlib import Path

from adapters.folder.delivery import Delivery, Offsets
from adapters.folder.look import Looks
from adapters.folder.mailbox import Mailbox
from adapters.intake.acceptance import Acceptance
from adapters.intake.body import Budget
from adapters.intake.ports import Caller
from adapters.intake.repeats import FirstReceipts, Recent
from adapters.intake.settings import Settings
from adapters.intake.suspensions import Suspensions
from tests.unit.intake.fakes import Blobs, Clock, Kafka, View
from topics.blobs import FolderBlobs
from topics.envelope import Envelope
from topics.runtime.step import Output
from topics.view.status import Receipt

PARTNER = "zilverlinde"


class Members:
    def __init__(self) -> None:
        self.known = {PARTNER: Caller(PARTNER, "map", "corporatie")}

    def member(self, partner: str, now: datetime) -> Caller | None:
        return self.known.get(partner)


class KafkaLog:
    """Looks into what the fake broker was sent."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka

    async def ends(self, topic: str) -> Offsets:
        return {1: len(self._kafka.sent)}

    async def written(self, topic: str, since: Offsets, partner: str, sha256: str) -> Receipt | None:
        for offset, output in enumerate(self._kafka.sent):
            envelope = Envelope.read(output.headers)
            if output.key == partner.encode() and envelope.sha256 == sha256 and offset >= since.get(1, 0):
                return Receipt(
                    ontvangst=envelope.id, partner=partner, sha256=sha256, topic=topic, partitie=1, positie=offset,
                    ontvangen=envelope.recorded_time,
                )  # fmt: skip
        return None


class Figures:
    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def counted(self, kind: str, outcome: str) -> None:
        self.outcomes.append(outcome)


class World:
    """`another` gives a second process on the same folder and broker, with a memory of its own."""

    def __init__(self, folder: Path, *, limit: int = 1_000_000, shared: "World | None" = None) -> None:
        self.folder = folder / PARTNER
        self.folder.mkdir(exist_ok=True)
        self.clock, self.view = Clock(), View()
        self.kafka: Kafka = shared.kafka if shared is not None else Kafka()
        self.blobs = Blobs(FolderBlobs(folder / "blobs"))
        self.suspensions, self.members, self.figures = Suspensions(), Members(), Figures()
        self.suspensions.complete()
        settings = Settings()
        self.budget = Budget(settings.memory)
        self.acceptance = Acceptance(
            sender=self.kafka,
            blobs=self.blobs,
            receipts=self.view,
            first=FirstReceipts(self.view, self.clock, settings.repeat_window, settings.lookup),
            recent=Recent(100, settings.repeat_window),
            budget=self.budget,
            clock=self.clock,
            seconds=0.5,
            channel="map",
        )
        self.mailbox = Mailbox(self.folder, limit)
        self.looks = Looks(self.folder)
        self.delivery = Delivery(
            self.mailbox,
            self.looks,
            self.acceptance,
            partner=PARTNER,
            members=self.members,
            suspended=self.suspensions,
            written=KafkaLog(self.kafka),
            budget=self.budget,
            clock=self.clock,
            figures=self.figures,
        )

    def another(self) -> "World":
        return World(self.folder.parent, shared=self)

    def put(self, name: str, content: bytes = b"{}", **attachments: bytes) -> Path:
        path = self.folder / name
        for file, data in attachments.items():
            beside = self.folder / f"{name}.bijlagen"
            beside.mkdir(exist_ok=True)
            (beside / file.replace("_", ".")).write_bytes(data)
        path.write_bytes(content)
        return path

    async def rounds(self, number: int = 2) -> None:
        for _ in range(number):
            await self.delivery.round()

    def sent(self) -> list[bytes]:
        return [self.content(output) for output in self.kafka.sent]

    def content(self, output: Output) -> bytes:
        reference = Envelope.read(output.headers).dataref
        return self.blobs.get(reference) if reference else output.value or b""

    def there(self) -> set[str]:
        """Names of files in the folder itself, ours left out."""
        return {path.name for path in self.folder.iterdir() if path.is_file() and not path.name.startswith(".")}

    def below(self, name: str) -> list[Path]:
        return sorted(path for path in (self.folder / name).rglob("*") if path.is_file())
