"""The whole bus in one process, in memory: what a capture comes to under given profiles and this release. See README."""
