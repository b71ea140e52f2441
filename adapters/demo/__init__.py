"""`ketenbus run` and `ketenbus demo`: the whole bus on one machine, with an inbox of made-up samples."""
