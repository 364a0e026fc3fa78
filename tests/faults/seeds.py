"""Which processes a seed kills, and when: by the step of the journey, so that it replays on a machine of any speed."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from typing import Final

from hto.services import NAMES

LOGS: Final = ("postgresql", "kafka")
SEEDS: Final = 50
_PROCESSES: Final = {
    "api": tuple(f"api {name}" for name in NAMES),
    "worker": tuple(f"worker {name}" for name in NAMES),
    "database": ("database",),
    "broker": ("broker",),
}
_LATER: Final = 0.3


@dataclass(frozen=True, slots=True, order=True)
class Kill:
    """One process, so many seconds after a step of the journey began."""

    step: int
    after: float
    victim: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """What one seed does to the cluster of its log."""

    seed: int
    log: str
    kills: tuple[Kill, ...]

    @property
    def replay(self) -> str:
        """The command that does it once more."""
        return f"make faults SEED={self.seed}"

    def __str__(self) -> str:
        told = ", ".join(f"{kill.victim} in step {kill.step + 1} after {kill.after:.2f} s" for kill in self.kills)
        return f"seed {self.seed} on the {self.log} log kills {told}"


def schedule(seed: int, *, steps: int) -> Schedule:
    """Make the schedule of a seed: one kind of process after the other, and up to two more of whichever.

    Never one more broker: all seeds wait for that, and learn nothing meanwhile.
    """
    chance = random.Random(seed)
    log = LOGS[seed % len(LOGS)]
    kinds = [kind for kind in _PROCESSES if kind != "broker" or log == "kafka"]
    chosen = [
        kinds[seed // len(LOGS) % len(kinds)],
        *chance.choices([kind for kind in kinds if kind != "broker"], k=chance.randint(0, 2)),
    ]
    kills = (
        Kill(chance.randrange(steps), round(chance.uniform(0, _LATER), 3), chance.choice(_PROCESSES[kind]))
        for kind in chosen
    )
    return Schedule(seed, log, tuple(sorted(kills)))


def wanted() -> list[int]:
    """Return the seeds to run: HTO_FAULT_SEED names one (or several, with commas), HTO_FAULT_SEEDS says how many."""
    if named := os.environ.get("HTO_FAULT_SEED"):
        return [int(one) for one in named.split(",")]
    return list(range(int(os.environ.get("HTO_FAULT_SEEDS") or SEEDS)))
