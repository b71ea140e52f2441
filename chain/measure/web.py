"""Key figures over HTTP, for people and programs: `/kpi`, as they were last published."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from topics import documents
from topics.documents.keten import Kpi

_FILTERS: Final = ("keten", "maat", "opdrachtgever", "aannemer", "soort", "urgentie", "periode")
_JSON: Final = "application/json"


def pages(found: Callable[[Mapping[str, str]], Iterable[Kpi]]) -> tuple[Route, ...]:
    """`found`: those of which every named field is as given.

    `/kpi`: a list of documents; `?maat=acceptatie&periode=90d` and the like leave out the others. A worker that does
    not add up has an empty list. Another parameter is refused, with 400."""

    async def kpi(request: Request) -> Response:
        wanted = dict(request.query_params)
        if unknown := sorted(wanted.keys() - set(_FILTERS)):
            why = {"fout": f"found {', '.join(unknown)}, expected some of {', '.join(_FILTERS)}"}
            return Response(msgspec.json.encode(why), 400, media_type=_JSON)
        chosen = sorted(
            found(wanted),
            key=lambda one: (one.keten, one.maat or "", one.periode, one.opdrachtgever or "", one.aannemer or ""),
        )
        return Response(b"[" + b",".join(documents.encode(one) for one in chosen) + b"]", media_type=_JSON)

    return (Route("/kpi", kpi),)
