"""A message with its attachments as multipart/form-data (RFC 7578): what every HTTP library and form sends.

The form is taken apart only to put it together again in one form for all (`adapters.bundle`); nothing here looks at
what the parts mean.
"""

import asyncio
import hashlib
from email.message import Message
from typing import Final

from adapters import bundle
from adapters.intake.body import FORM_TYPE, MESSAGE_TYPES, Body, Budget, content_type
from adapters.intake.problem import EMPTY, FILE_TOO_LARGE, FORM, WRONG_TYPE, Problem

_MORE: Final = 2
"""How often a form's bytes are there once more while it is taken apart: its parts, and the bundle."""


def is_form(media: str) -> bool:
    return media[: len(FORM_TYPE)].lower() == FORM_TYPE


async def taken_apart(body: Body, media: str, budget: Budget) -> tuple[Body, str]:
    """(the bundle of the form, its content type); the form's bytes are given back to the budget.

    Raises Problem 400, 413, 415 or 503 with nothing left in the budget.
    """
    size = len(body.content)
    try:
        budget.take(_MORE * size)
    except Problem:
        budget.give(size)
        raise
    try:
        made, type_ = await asyncio.to_thread(_bundled, body.content, media)
    finally:
        budget.give((1 + _MORE) * size)
    budget.take(len(made.content))
    return made, type_


def _bundled(content: bytes, media: str) -> tuple[Body, str]:
    head = Message()
    head["Content-Type"] = media
    boundary = head.get_boundary()
    if not boundary or len(boundary) > 70 or not boundary.isascii():
        raise Problem(FORM, "Content-Type is multipart/form-data zonder geldige boundary; verwacht er een.")
    try:
        form = bundle.gathered(bundle.split(content, boundary.encode("ascii")))
    except bundle.BadBundle as error:
        raise Problem(FORM, f"Bericht met bijlagen: {error}; er is niets aangenomen.") from error
    type_ = content_type(form.media.encode("latin-1"))
    if is_form(type_):
        raise Problem(
            WRONG_TYPE,
            f"Content-Type van deel '{bundle.MESSAGE}' is '{FORM_TYPE}'; verwacht {', '.join(MESSAGE_TYPES)}.",
            extra={"aanvaard": list(MESSAGE_TYPES)},
        )
    if not form.message:
        raise Problem(EMPTY, f"Deel '{bundle.MESSAGE}' heeft 0 bytes; verwacht de bytes van een bericht.")
    for number, (_, file) in enumerate(form.files, 1):
        if len(file) > bundle.LARGEST_FILE:
            raise Problem(
                FILE_TOO_LARGE,
                f"Bijlage {number} telt {len(file)} bytes; verwacht ten hoogste {bundle.LARGEST_FILE} bytes.",
                extra={"grens": bundle.LARGEST_FILE},
            )
    whole, type_ = bundle.pack(form.message, type_, form.files)
    return Body(whole, hashlib.sha256(whole).hexdigest()), type_
