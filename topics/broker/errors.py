"""Why the embedded broker could not start or stopped, one tree.

    BrokerError
    ├── MemoryTooSmall        the heap does not fit in what the machine (or its container) has left, or is too small
    ├── DiskFull              too little room for the data folder or the cache
    ├── PortTaken             another process listens on the port
    ├── RegistryUnreachable   the jars are not cached and could not be fetched
    ├── ChecksumMismatch      a fetched jar is not the locked one: nothing of it was kept
    ├── CacheCorrupt          a cached jar is missing or changed
    ├── JreMissing            no Java runtime, or one that cannot run Kafka
    ├── FolderForeign         the data folder holds something else, another cluster's data, or a newer Kafka's
    ├── FolderNotWritable     the data folder cannot be made or written
    ├── FolderInUse           a broker already runs on the data folder
    ├── PropertyRefused       an override of a setting that only this package may set
    ├── NotReady              the broker lives but did not answer in time
    └── BrokerStopped         it is not running: never started, or it ended for a reason not named above

Every message says what was found, what was expected and what to do.
"""

from topics.errors import KetenbusError


class BrokerError(KetenbusError):
    code = "broker"


class MemoryTooSmall(BrokerError):
    code = "broker-geheugen-te-klein"


class DiskFull(BrokerError):
    code = "broker-schijf-vol"


class PortTaken(BrokerError):
    code = "broker-poort-bezet"


class RegistryUnreachable(BrokerError):
    code = "broker-register-onbereikbaar"


class ChecksumMismatch(BrokerError):
    code = "broker-controlesom-wijkt-af"


class CacheCorrupt(BrokerError):
    code = "broker-cache-beschadigd"


class JreMissing(BrokerError):
    code = "broker-jre-ontbreekt"


class FolderForeign(BrokerError):
    code = "broker-map-vreemd"


class FolderNotWritable(BrokerError):
    code = "broker-map-niet-schrijfbaar"


class FolderInUse(BrokerError):
    code = "broker-map-in-gebruik"


class PropertyRefused(BrokerError):
    code = "broker-instelling-geweigerd"


class NotReady(BrokerError):
    code = "broker-niet-gereed"


class BrokerStopped(BrokerError):
    code = "broker-gestopt"
