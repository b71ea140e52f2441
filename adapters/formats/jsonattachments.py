"""Attachments of a message in the plain JSON form: their content decoded, their characteristics apart."""

from collections.abc import Sequence

from adapters.formats.attachments import Attachments
from adapters.formats.findings import fout, waarschuwing
from adapters.formats.jsonhead import Bijlage as Model
from topics.blobs import blob_ref
from topics.documents import Bevinding
from topics.documents.onderhoud import Bijlage


class Attached:
    """The attachments of one message at pointer `at`; gathers findings, personal data and content in what it is given."""

    def __init__(
        self, at: str, files: Attachments, findings: list[Bevinding], personen: dict[str, str], source: str
    ) -> None:
        self._at, self._files, self._source = at, files, source
        self._findings, self._personen = findings, personen
        self.blobs: dict[str, bytes] = {}

    def of(self, bijlagen: Sequence[Model], last: int | None = None) -> tuple[Bijlage, ...]:
        """`last`: how many lines there are that an attachment may belong to; None where it belongs to none."""
        made: list[Bijlage] = []
        for number, bijlage in enumerate(bijlagen, 1):
            if last is not None and bijlage.regel is not None and bijlage.regel > last:
                tekst = f"Veld regel: gevonden {bijlage.regel}, verwacht de plaats van een van de {last} regels."
                pad = f"{self._at}/bijlagen/{number - 1}/regel"
                self._findings.append(fout("regel-onbekend", pad, tekst, self._source, waarde=str(bijlage.regel)))
            for which, kenmerk in enumerate(bijlage.kenmerken, 1):
                self._personen[f"bijlage.{number}.kenmerk.{which}.naam"] = kenmerk.naam
                self._personen[f"bijlage.{number}.kenmerk.{which}.waarde"] = kenmerk.waarde
            made.append(self._one(number, bijlage))
        return tuple(made)

    def _one(self, number: int, bijlage: Model) -> Bijlage:
        data = bijlage.data
        content = self._files.beside(bijlage.naam) if data is None else self._inside(number, data)
        ref = blob_ref(content) if content else None
        if content and ref:
            self.blobs[ref] = content
        return Bijlage(
            soort=bijlage.soort,
            bestandssoort=bijlage.bestandssoort,
            naam=bijlage.naam,
            url=bijlage.url,
            blob=ref,
            bytes=len(content) if content else None,
            regel=bijlage.regel,
        )

    def _inside(self, number: int, data: str) -> bytes | None:
        content = self._files.inside(data)
        if content is None:
            tekst = f"Veld data: gevonden {len(data)} tekens, verwacht base64: een veelvoud van 4."
            pad = f"{self._at}/bijlagen/{number - 1}/data"
            self._findings.append(waarschuwing("bijlage-geen-base64", pad, tekst))
        return content
