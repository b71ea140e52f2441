"""Backup and restore: what cannot be made again is copied to an archive, and all of the bus rebuilt from it."""
