"""The errors of Ketenbus, one tree.

    KetenbusError                    code, and a message that names what was found, what was expected, what to do
    ├── ConfigurationError           a setting, profile or declaration that a person wrote is wrong; nothing was started
    │   └── CatalogueDrift           the broker's topics differ from the catalogue
    ├── DocumentError                bytes that travel are not what their type says
    │   ├── InvalidEnvelope          a header is missing or malformed
    │   ├── UndecodableDocument      known type, but the body does not decode
    │   └── UnknownDocument          unknown type or newer version: stops the task, is never a dead letter
    ├── Unavailable                  something outside is away (broker, object store, database): back off, keep the order
    ├── PositionMismatch             changelog, group offset and log contradict each other: the task stops for a person
    ├── StateCorrupt                 a changelog record cannot be read by this release
    └── Refused                      a caller asked for what cannot be done (message on the command line, HTTP problem)

Rooms with errors of their own (the broker, the intake) derive them from these and keep `code` stable: monitoring,
partners and runbooks quote it.
"""


class KetenbusError(Exception):
    """Root of the tree. `code` is stable, lower case with hyphens; the message is for people."""

    code: str = "ketenbus"


class ConfigurationError(KetenbusError):
    code = "configuratie"


class CatalogueDrift(ConfigurationError):
    code = "catalogus-wijkt-af"


class DocumentError(KetenbusError):
    code = "document"


class InvalidEnvelope(DocumentError):
    code = "envelop-ongeldig"


class UndecodableDocument(DocumentError):
    code = "document-onleesbaar"


class UnknownDocument(DocumentError):
    code = "document-onbekend"


class Unavailable(KetenbusError):
    code = "niet-beschikbaar"


class PositionMismatch(KetenbusError):
    code = "positie-klopt-niet"


class StateCorrupt(KetenbusError):
    code = "toestand-onleesbaar"


class Refused(KetenbusError):
    code = "geweigerd"
