"""The capture file: records of a bus with keys, headers and times, in one portable file.

gzip of JSON lines in UTF-8, so that `zcat FILE | head -1 | jq` tells what a file is; chain/replay/README.md describes it.

    1     {"is": "capture", "version": 1, …}     the header
    2…    {"is": "blob", …}                      a body of the object store, before the first record that refers to it
          {"is": "record", …}                    a record; in order of time, and of each partition in its own order
    last  {"is": "end", "records": n, "blobs": n, "sha256": of all bytes before this line}

    CaptureError                     (DocumentError)
    ├── NotACapture                  geen-capture: something else
    ├── NewerCapture                 capture-nieuwer: written by a newer release
    ├── CaptureCut                   capture-afgekapt: the end is missing
    └── CaptureDamaged               capture-beschadigd: the content is not what was written
"""

from topics.capture.lines import (
    VERSION,
    CaptureCut,
    CaptureDamaged,
    CapturedTopic,
    CaptureError,
    Counted,
    Header,
    NewerCapture,
    NotACapture,
    catalogue_version,
)
from topics.capture.reading import Capture, open_capture, verify
from topics.capture.writing import CaptureWriter, write_capture

__all__ = [
    "VERSION",
    "Capture",
    "CaptureCut",
    "CaptureDamaged",
    "CaptureError",
    "CaptureWriter",
    "CapturedTopic",
    "Counted",
    "Header",
    "NewerCapture",
    "NotACapture",
    "catalogue_version",
    "open_capture",
    "verify",
    "write_capture",
]
