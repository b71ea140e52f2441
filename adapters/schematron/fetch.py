"""`python -m adapters.schematron.fetch`: fills the cache with the rule books, and prints where they lie."""

import sys

from adapters.schematron.artifact import jar_path
from topics.errors import Unavailable


def main() -> int:
    try:
        print(jar_path())
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
