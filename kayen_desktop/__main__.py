"""The entry point of `python -m kayen_desktop` and of the installed command."""

from __future__ import annotations

import sys

from kayen_desktop.main import run


def main() -> None:
    """Run the application and exit with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
