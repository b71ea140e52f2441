"""Invoices on a real broker: each part is asked, answered and released once, whatever fails."""

from decimal import Decimal
from pathlib import Path

from tests.integration.test_correlate_derived import (
    WRITTEN,
    Broken,
    committed,
    correlating,
    handled,
    of,
    places,
    send,
)
from tests.unit.chain.berichten import AANNEMER, TOPIC
from tests.unit.chain.dossiers import sleutel, status
from tests.unit.chain.factuurketen import Post, factuur, factuur_sleutel, factuurstap, opdracht
from topics import documents
from topics.catalogue.declarations import FACTUURBEOORDELING
from topics.catalogue.topic import SINGLE
from topics.deadletters import Letter
from topics.documents import Reden
from topics.documents.factuur import Factuurstap
from topics.documents.keten import Factuurbeoordeling
from topics.kafka import open_admin

FIRST = factuur("F1", 3, Post("FA", "60"), Post("FB", "50", btw="9"))


async def test_invoices_are_judged_once_and_never_above_what_is_payable_whatever_fails(
    bootstrap: str, tmp_path: Path
) -> None:
    async with open_admin(bootstrap) as admin:
        for topic in WRITTEN:
            await admin.create(topic.name, SINGLE.partitions(topic.width), 1, topic.config(SINGLE))
    hook = Broken()
    async with correlating(bootstrap, tmp_path, hook) as worker:
        for batch in (
            [FIRST, opdracht("FA", 0)],
            [status("FA", "TGE", 2), factuur("F2", 4, Post("FA", "70"))],
            [FIRST, factuur("F3", 5, Post("FA", "70"))],
            [opdracht("FB", 1, som="50"), status("FB", "TGE", 2)],
            [factuurstap("F1", Factuurstap.BETAALD, 9), factuurstap("F2", Factuurstap.INGETROKKEN, 9, door=AANNEMER)],
        ):
            await send(bootstrap, batch)
            await handled(bootstrap, worker)
        while hook.left:
            await send(bootstrap, [opdracht(f"FX{len(hook.left)}", 7)])
            await handled(bootstrap, worker)
    found = await committed(bootstrap)
    told = [read.envelope().id for read in of(found, TOPIC) if not read.envelope().part]
    assert len(set(told)) == len(told)
    judged: dict[str, list[Factuurbeoordeling]] = {}
    for read in of(found, FACTUURBEOORDELING):
        document = documents.decode(read.envelope().type, read.value or b"")
        assert isinstance(document, Factuurbeoordeling)
        judged.setdefault(document.dossier, []).append(document)
    for revisions in judged.values():
        assert [one.revisie for one in revisions] == list(range(len(revisions)))
    last = {key: revisions[-1] for key, revisions in judged.items()}
    released: dict[str, Decimal] = {}
    for line in [line for one in last.values() for line in one.regels]:
        released[line.dossier or ""] = released.get(line.dossier or "", Decimal(0)) + line.vrijgegeven
    assert released == {sleutel("FA"): Decimal(100), sleutel("FB"): Decimal(50)}
    assert last[factuur_sleutel("F1")].vrijgegeven == Decimal("127.10")
    assert last[factuur_sleutel("F2")].betwist == 0
    letters = [Letter.read(read.headers) for read in of(found, f"{TOPIC}.dlq")]
    assert [(letter.reden, letter.dossier) for letter in letters] == [(Reden.MOGELIJK_DUBBEL, factuur_sleutel("F3"))]

    async with correlating(bootstrap, tmp_path, hook) as worker:
        await handled(bootstrap, worker)
    assert places(await committed(bootstrap)) == places(found)
