"""A partner's side of the intake: hand over a message, ask what became of it."""

from typing import Final, TypeVar

import httpx
import msgspec

from adapters import bundle
from topics.errors import KetenbusError, Unavailable

PATH: Final = "/v1/berichten"
SECONDS: Final = 30.0


class Plaats(msgspec.Struct, frozen=True):
    topic: str
    partitie: int
    offset: int


class Ontvangst(msgspec.Struct, frozen=True):
    """The receipt of a message. `herhaling`: these bytes were received before, and this is that first receipt."""

    id: str
    adres: str
    sha256: str | None = None
    ontvangen: str | None = None
    plaats: Plaats | None = None
    herhaling: bool = False


class Regel(msgspec.Struct, frozen=True):
    """A finding on a part, as the intake shows it."""

    code: str
    pad: str
    ernst: str
    tekst: str


class Deel(msgspec.Struct, frozen=True):
    deel: str
    status: str
    definitief: bool = False
    dossier: str | None = None
    reden: str | None = None
    bevindingen: tuple[Regel, ...] = ()


class Stand(msgspec.Struct, frozen=True):
    """What became of a message: `status` is that of its least finished part; no part: not opened yet."""

    id: str
    status: str
    definitief: bool
    delen: tuple[Deel, ...] = ()


class IntakeRefused(KetenbusError):
    """The intake answered with a problem (RFC 9457)."""

    code = "intake-weigert"

    def __init__(self, status: int, code: str, title: str, detail: str, retry_after: str | None) -> None:
        later = f" (try again after {retry_after} s)" if retry_after else ""
        super().__init__(f"{status} {code}: {title}. {detail}{later}")
        self.status = status


class Intake:
    """The intake at `url`, as the partner whose key is `bearer`. Every call raises IntakeRefused or Unavailable."""

    def __init__(self, url: str, bearer: str, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {bearer}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=SECONDS, transport=transport)

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def send(self, content: bytes, declared: str | None = None) -> Ontvangst:
        """`declared`: the content type to say, in place of what the bytes look like."""
        answer = self._ask("POST", PATH, content, {"Content-Type": declared or content_type(content)})
        return _decoded(answer, Ontvangst)

    def status(self, receipt: str) -> Stand:
        return _decoded(self._ask("GET", f"{PATH}/{receipt}"), Stand)

    def _ask(
        self, method: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"intake {self._client.base_url}: {error or type(error).__name__}; is it running there?"
            ) from error
        if answer.is_success:
            return answer
        raise _problem(answer)


Answer = TypeVar("Answer", Ontvangst, Stand)


def content_type(content: bytes) -> str:
    """What the bytes look like; the intake and the formats do not rely on it."""
    if content.startswith(bundle.MARK):
        return bundle.content_type(content)
    begin = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begin == b"<":
        return "application/xml"
    return "application/json" if begin in (b"{", b"[") else "application/octet-stream"


def _decoded(answer: httpx.Response, cls: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(answer.content, type=cls)
    except msgspec.MsgspecError as error:
        raise IntakeRefused(answer.status_code, "antwoord", "unexpected answer", str(error), None) from error


def _problem(answer: httpx.Response) -> IntakeRefused:
    try:
        fields = msgspec.json.decode(answer.content, type=dict[str, object])
    except msgspec.MsgspecError:
        fields = {"title": answer.reason_phrase, "detail": answer.text[:200]}
    return IntakeRefused(
        answer.status_code,
        str(fields.get("code", "")),
        str(fields.get("title", "")),
        str(fields.get("detail", "")),
        answer.headers.get("retry-after"),
    )
