"""The process that runs the adapters of all kinds."""
