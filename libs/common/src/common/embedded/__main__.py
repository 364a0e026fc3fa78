"""``python -m common.embedded forget FOLDER``: stop the server of a data folder and delete the data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from common.embedded import EmbeddedFailure, forget


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 0 when nothing of the folder is left, 1 with a message when it is still in use."""
    parser = argparse.ArgumentParser(prog="python -m common.embedded", description=__doc__)
    parser.add_argument("command", choices=["forget"])
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args(arguments)
    try:
        forget(asked.folder)
    except EmbeddedFailure as failure:
        print(failure, file=sys.stderr)  # noqa: T201 - a command speaks to a person
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
