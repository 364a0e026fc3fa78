"""How a number is rounded before it is published, so that it points at nobody: policy ``programme.figures``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """How a number is published: not at all when it is small, and otherwise near the truth.

    Each cell has an offset of its own, secret and the same for ever. Whoever watches a cell change by one person at a
    time sees when it passes a step and never learns which number the step stands for.
    """

    suppress_below: int
    """The smallest number that may be published; where a cell begins to be is up to one step higher."""
    step: int
    """Between two numbers that are published; a published one differs from the truth by less."""
    secret: bytes

    @classmethod
    def of(cls, rule: Mapping[str, Any], secret: bytes, *, hours: bool = False) -> Rounding:
        """Read the policy ``programme.figures``; people are rounded to the least that may be published, or more."""
        smallest: int = rule["suppressBelow"]
        people = max(smallest, rule.get("roundTo", smallest))
        step = max(people, rule.get("hoursRoundTo", people * people)) if hours else people
        return cls(suppress_below=step if hours else smallest, step=step, secret=secret)

    def published(self, cell: str, number: int) -> int | None:
        """Return the number that is published of a cell; None where it is too small, or nothing."""
        above = number - self.offset(cell)
        return None if above < self.suppress_below else (above + self.step - 1) // self.step * self.step

    def offset(self, cell: str) -> int:
        """Return by how much less a cell is counted before it is rounded up; never published."""
        return int.from_bytes(sha256(self.secret + cell.encode()).digest()[:8]) % self.step
