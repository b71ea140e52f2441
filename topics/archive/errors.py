"""What can be wrong with an archive.

KetenbusError
├── ArchiveGap        archief-gat: the topic has forgotten records that the archive does not have yet
├── ArchiveTaken      archief-bezet: another archiver writes here
├── ArchiveForeign    archief-vreemd: this is no archive, or of another cluster, or of before a restore
├── ArchiveDamaged    archief-beschadigd: a file is missing, or is not what was written
└── Unavailable
    └── Rebuilding    herstel-gaande: a restored bus has not handled yet what was restored
"""

from topics.errors import KetenbusError, Unavailable


class ArchiveGap(KetenbusError):
    code = "archief-gat"


class ArchiveTaken(KetenbusError):
    code = "archief-bezet"


class ArchiveForeign(KetenbusError):
    code = "archief-vreemd"


class ArchiveDamaged(KetenbusError):
    code = "archief-beschadigd"


class Rebuilding(Unavailable):
    code = "herstel-gaande"
