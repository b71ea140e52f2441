"""Photos have another code in each version of a standard; on the log a photo is `PHO`, DICO's own code since 2021.

Older versions have no code for a photo: their users take the one of a product image or of "other". Which, is an
assumption to be confirmed per partner.
"""

from typing import Final

import msgspec

PHOTO: Final = "PHO"


class PhotoCodes(msgspec.Struct, frozen=True):
    """received: codes that mean a photo when the file is an image. sent: the code that a photo gets."""

    received: tuple[str, ...]
    sent: str


PHOTO_CODES: Final = {
    "SALES005": PhotoCodes(received=("PHI", "OTA"), sent="PHI"),
}
"""By version; one that is not here has `PHO` itself."""

IMAGES: Final = frozenset({"jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "heif"})
"""File types of images, as a name extension or the end of a media type."""


def canonical(version: str, code: str, file_type: str) -> str:
    """`code` as it goes to the log: PHO for a photo, any other as it is."""
    codes = PHOTO_CODES.get(version)
    if codes is None or code not in codes.received:
        return code
    return PHOTO if is_image(file_type) else code


def is_image(file_type: str) -> bool:
    """Whether a file type, as an extension or a media type, is that of an image."""
    return file_type.strip().lower().removeprefix("image/").lstrip(".") in IMAGES


def of_version(version: str, code: str) -> str:
    """The code of a canonical attachment in this version."""
    codes = PHOTO_CODES.get(version)
    return codes.sent if codes is not None and code == PHOTO else code
