"""The data folder of `hto run`: closed to other users, and with a record of how its journey went."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from common.runtime.private_files import close, close_all, private_folder, write_private
from embedded import EmbeddedFailure, close_above
from embedded import forget as forget_server

POSTGRES: Final = "postgres"
MAIL: Final = "mail"
ISSUER: Final = "issuer"
_RECORD: Final = "journey.json"
_HELD_BEFORE: Final = "journey-played"
"""The mark of version 0.1: an empty file where the journey had held."""
_OURS: Final = frozenset(
    {POSTGRES, MAIL, ISSUER, _RECORD, _HELD_BEFORE, "running.json", "running.draft", "journey.draft"}
)


def take(data: Path) -> Path:
    """Make the folder, or close what an earlier version left open in it; return where it really is.

    A folder that holds other things than ours is somebody's: only what is ours in it is closed.

    Raises:
        OSError: it cannot be made or read.
    """
    data = data.absolute()
    is_ours = not data.exists() or all(entry.name in _OURS for entry in data.iterdir())
    if not data.exists():
        private_folder(data)
    data = data.resolve()
    if is_ours:
        close_above(data / POSTGRES)
    for entry in data.iterdir():
        if entry.name in _OURS - {MAIL, ISSUER}:
            close(entry)
    for name in (MAIL, ISSUER):
        if (data / name).is_dir():
            close_all(data / name)
    return data


def forget(data: Path) -> None:
    """Stop the server and delete what is ours; a folder that holds other things as well stays, with those.

    Raises:
        EmbeddedFailure: it is still in use.
    """
    forget_server(data / POSTGRES)
    for name in _OURS:
        path = data / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if not any(data.iterdir()):
        data.rmdir()


class State(StrEnum):
    """How far the journey came."""

    PLAYING = "playing"
    """It began, and no end of it was recorded: the process ended in the middle."""
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JourneyRecord:
    """How the journey went that was played on this data folder last."""

    state: State
    at: str
    """Real time."""
    step: str | None = None
    """Which one failed, with its number."""
    why: str | None = None

    @classmethod
    def of(cls, data: Path) -> Self | None:
        """Read it; None where no journey was played here."""
        try:
            found = json.loads((data / _RECORD).read_text(encoding="utf-8"))
            return cls(State(found["state"]), str(found["at"]), found.get("step"), found.get("why"))
        except FileNotFoundError:
            return cls(State.HELD, "") if (data / _HELD_BEFORE).exists() else None
        except (ValueError, KeyError, TypeError):
            return cls(State.PLAYING, "")

    @property
    def story(self) -> str:
        """Say in a sentence how it went, where it did not hold."""
        if self.state is State.FAILED:
            return f"The journey failed here at {self.step}: {self.why}"
        return "The journey was broken off here before its end."


def record(data: Path, state: State, *, step: str | None = None, why: str | None = None) -> None:
    """Write down how the journey goes, whole or not at all."""
    draft = data / "journey.draft"
    at = datetime.now(UTC).isoformat(timespec="seconds")
    write_private(draft, json.dumps(asdict(JourneyRecord(state, at, step, why))).encode())
    draft.replace(data / _RECORD)


def main(arguments: list[str]) -> int:
    """Forget a folder: ``python -m hto.data_folder FOLDER``; return the exit code.

    0 when nothing of ours is left, 1 with a message when it is still in use.
    """
    try:
        forget(Path(arguments[0]))
    except EmbeddedFailure as failure:
        print(failure, file=sys.stderr)  # noqa: T201 - a command speaks to a person
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
