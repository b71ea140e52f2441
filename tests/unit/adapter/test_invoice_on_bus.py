"""Invoices in the plain JSON form through the whole adapter: what is on which topic, and that accounts are on none."""

from pathlib import Path

from adapters.adapter.flood import Toestand
from adapters.adapter.processor import AdapterProcessor
from adapters.formats import read
from adapters.kinds import AANNEMER
from tests.unit.adapter.bus import LOG, RECEIPT, Bus
from tests.unit.adapter.messages import KOBALT, raw
from topics.documents import Account, Reden
from topics.documents.factuur import Factuur
from topics.documents.keten import Persoon, Uitval
from topics.profile.registry import Registry
from topics.runtime.driver import Driver

GOLDEN = Path(__file__).parents[2] / "contract" / "golden" / "json_v1"
SUPPLIER = "onderhoud/factuur/NL879999007B01"


def sent(registry: Registry, name: str) -> Bus:
    bus = Bus()
    driver: Driver[Toestand] = Driver(AdapterProcessor(AANNEMER, registry, read), bus)
    bus.send(raw("aannemer", "kobalt-noord", (GOLDEN / name).read_bytes()))
    driver.run()
    return bus


def test_an_invoice_leaves_an_event_on_its_dossier_and_its_accounts_apart(registry: Registry) -> None:
    bus = sent(registry, "factuur-volledig.json")
    ((envelope, document, record),) = bus.seen(LOG)
    assert isinstance(document, Factuur)
    assert record.key.decode() == envelope.subject == f"{SUPPLIER}/2026-0117"
    assert document.iban_bekend
    assert document.g_iban_bekend
    assert [line.opdrachtnummer for line in document.regels] == ["OPD-26-00815", "OPD-26-00816", *["OPD-26-00815"] * 2]
    ((_, person, kept),) = bus.seen("keten.persoon.v1")
    assert isinstance(person, Persoon)
    assert kept.key.decode() == document.persoon == f"{SUPPLIER}/2026-0117#{RECEIPT}"
    assert person.velden["iban"] == "NL51KTNB0990000001"
    assert person.velden["regel.1.omschrijving"] == "Kraan vervangen bij Veenstra"
    assert person.velden["bijlage.1.naam"] == "kraan.jpg"
    for text in (b"KTNB", b"Veenstra", b"Jan", b"latten", b"kraan.jpg"):
        assert text not in (record.value or b"")


def test_an_invoice_that_contradicts_itself_is_a_letter_and_its_dossier_is_onvolledig(registry: Registry) -> None:
    bus = sent(registry, "fout-factuur-bedragen.json")
    ((_, fact, record),) = bus.seen(LOG)
    ((letter, _),) = bus.letters("aannemer")
    assert fact == Uitval(brief=letter.id, reden=Reden.ONGELDIG, afzender=KOBALT)
    assert record.key.decode() == letter.dossier == "onderhoud/factuur/NL879999007B02/2026-0301"
    assert bus.postings()[-1].naar is Account.UITVAL
    assert "te-betalen-som" in {finding.code for finding in letter.bevindingen}
    for topic in (LOG, "keten.spoor.v1"):
        for found in bus.records(topic):
            assert b"KTNB" not in (found.value or b""), "an account that cannot exist is somebody's all the same"
    assert not bus.records("keten.persoon.v1")


def test_several_invoices_in_one_message_are_each_on_their_own_dossier(registry: Registry) -> None:
    bus = sent(registry, "factuur-afkoop-en-credit.json")
    periodic, credit = bus.seen(LOG)[0], bus.seen("proef-onderhoud.gebeurtenis.v1")[0]
    assert periodic[2].key.decode() == f"{SUPPLIER}/2026-0201", "it names the KvK number only"
    assert credit[2].key.decode() == f"proef-{SUPPLIER}/2026-0202"
    assert isinstance(credit[1], Factuur)
    assert (credit[1].te_betalen < 0, credit[1].verwijst_naar) == (True, "2026-0117")
