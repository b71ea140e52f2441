"""`python -m topics.cli`: the same as the console script `ketenbus`."""

from topics.cli import main

main()
