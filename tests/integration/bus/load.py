"""A load for the whole bus: orders, statuses and invoices in the plain JSON form, sent until each has a receipt."""

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import httpx
import msgspec

from adapters.demo.bus import Bus

CLIENT: Final = "zilverlinde"
CONTRACTOR: Final = "tegendraad"
CLIENT_GLN: Final = "8799999000017"
CONTRACTOR_GLN: Final = "8799999000215"
SUPPLIER: Final = "NL879999019B01"
PRICE: Final = Decimal("40.00")
ORDERED: Final = 2
VAT: Final = Decimal("0.21")
WORDS: Final = ("10", "80", "90")
"""Tegendraad's own words for ACC, TGE and AGE."""


class Message(msgspec.Struct, frozen=True):
    """What one partner sends; `nummer` tells messages apart in a failure."""

    partner: str
    nummer: str
    body: bytes


def order_key(number: int, prefix: str) -> str:
    return f"onderhoud/opdracht/{CLIENT_GLN}/{prefix}{number}"


def count(orders: int) -> int:
    """How many messages `messages` gives."""
    return 5 * orders + orders // 4


def payable() -> Decimal:
    """Of one order, in euro including VAT."""
    return ORDERED * PRICE * (1 + VAT)


def messages(orders: int, prefix: str, *, invoices: bool = True) -> Iterator[Message]:
    """For each order the opdracht, three statuses and (with `invoices`) an invoice, and for every fourth a second invoice of half of it
    once more; the second of every three orders comes after all that.

    Five orders share a unit and seven a vacancy, so that their dossiers tell each other.
    """
    for number in range(orders):
        head = {
            "formaat": "ketenbus-json/1",
            "opdrachtgever": CLIENT_GLN,
            "aannemer": CONTRACTOR_GLN,
            "opdrachtnummer": f"{prefix}{number}",
        }
        order = {
            **head,
            "soort": "opdracht",
            "berichtnummer": f"O-{prefix}{number}",
            "datum": "2026-03-02T08:00:00+01:00",
            "opdrachtsoort": "REP",
            "contract": "ZL-TD-2026",
            "tekst": "Kraan lekt, bewoner thuis na vieren",
            "locatie": {"eenheid": f"VHE-{prefix}{number // 5}"},
            "mutatie": f"M-{prefix}{number // 7}",
            "afspraak": "EHP",
            "regels": [
                {
                    **{"nummer": 1, "aantal": ORDERED, "eenheid": "PCE", "prijscode": "KRN", "prijs": str(PRICE)},
                    "ledo": {"element": "kraan"},
                }
            ],
        }
        own = [Message(CLIENT, str(order["berichtnummer"]), msgspec.json.encode(order))]
        for step, word in enumerate(WORDS):
            status = {
                **head,
                "soort": "status",
                "berichtnummer": f"S-{prefix}{number}-{step}",
                "status": word,
                "gebeurd": f"2026-03-0{3 + step}T10:00:00+01:00",
            }
            own.append(Message(CONTRACTOR, str(status["berichtnummer"]), msgspec.json.encode(status)))
        if invoices:
            own += [_invoice(head, f"{prefix}{number}", ORDERED)]
        if invoices and number % 4 == 3:
            own += [_invoice(head, f"{prefix}{number}-2", ORDERED // 2)]
        yield from reversed(own) if number % 3 == 1 else own


def _invoice(head: Mapping[str, str], number: str, quantity: int) -> Message:
    net = quantity * PRICE
    invoice = {
        **head,
        "soort": "factuur",
        "berichtnummer": f"F-{number}",
        "btw_nummer": SUPPLIER,
        "factuurnummer": f"F-{number}",
        "factuurdatum": "2026-03-06",
        "iban": "NL94KTNB0990000003",
        "regels": [
            {
                **{"nummer": "1", "aantal": quantity, "eenheid": "PCE", "prijscode": "KRN", "prijs": str(PRICE)},
                **{"bedrag": str(net), "btw_categorie": "S", "btw_percentage": 21},
            }
        ],
        "btw": [
            {"categorie": "S", "percentage": 21, "grondslag": str(net), "bedrag": str((net * VAT).quantize(PRICE))}
        ],
        "netto": str(net),
        "te_betalen": str((net * (1 + VAT)).quantize(PRICE)),
    }
    return Message(CONTRACTOR, f"F-{number}", msgspec.json.encode(invoice))


async def send_all(
    bus: Bus, load: Iterator[Message], receipts: dict[str, str] | None = None, width: int = 8
) -> dict[str, str]:
    """Receipt per message number, also put into `receipts` as they come.

    Goes on through every outage, as an ERP does: the same bytes again.
    """
    receipts = {} if receipts is None else receipts
    limits = httpx.Limits(max_connections=width)
    async with httpx.AsyncClient(base_url=bus.url, timeout=15, limits=limits) as client:
        shared = iter(load)

        async def work() -> None:
            for message in shared:
                receipts[message.nummer] = await _receipt(client, bus.keys, message)

        await asyncio.gather(*(work() for _ in range(width)))
    return receipts


async def _receipt(client: httpx.AsyncClient, keys: Mapping[str, str], message: Message) -> str:
    headers = {"Authorization": f"Bearer {keys[message.partner]}", "Content-Type": "application/json"}
    for attempt in itertools.count():
        try:
            answer = await client.post("/v1/berichten", content=message.body, headers=headers)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code in {200, 202}:
            return str(answer.json()["id"])
        if answer is not None and answer.status_code not in {429, 503}:
            raise AssertionError(f"{message.nummer}: {answer.status_code} {answer.text}")
        await asyncio.sleep(min(0.1 * 2**attempt, 2))
    raise AssertionError("unreachable")
