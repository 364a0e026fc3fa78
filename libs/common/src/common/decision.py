"""A decision: a verdict with its reasons. Pure, so that every model may use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Measure = str | int | Decimal | bool | None
"""A measured value or a limit; minutes, cents, months or kilometres as the rule's unit says."""


class Outcome(StrEnum):
    """How one rule ended; the worst one of a verdict decides."""

    PASS = "pass"  # noqa: S105 - an outcome, not a secret
    WARN = "warn"
    REVIEW = "review"
    """Only a person may decide this one."""
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule, how it ended and what it measured against which limit."""

    rule: str
    outcome: Outcome
    measured: Measure = None
    limit: Measure = None
    unit: str = ""
    period: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision that can be explained and repeated: its reasons and the policy version behind them."""

    policy_version: int
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing blocks; a warning or a review does not."""
        return all(reason.outcome is not Outcome.BLOCK for reason in self.reasons)

    @property
    def needs_review(self) -> bool:
        """Whether a person must look before the case goes on."""
        return any(reason.outcome is Outcome.REVIEW for reason in self.reasons)

    @classmethod
    def all_of(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """Join verdicts: every reason is kept, the newest policy version stands for all."""
        parts = tuple(verdicts)
        return cls(
            policy_version=max((part.policy_version for part in parts), default=0),
            reasons=tuple(reason for part in parts for reason in part.reasons),
        )


class MissingDependency(Exception):
    """The fact {fact} has not arrived yet."""

    def __init__(self, fact: str) -> None:
        """Name the fact so that an operator can see what the case waits for, for example ``trainer/0192…``."""
        super().__init__(f"The fact {fact} has not arrived yet.")
        self.fact = fact


class NotCovered(MissingDependency):
    """No value of {code} is known for {day}: the rows of this rule begin later, or end earlier.

    A later publication may bring one, so an event waits for it as for any other fact; a caller who asks now reads
    that asking again does not help.
    """

    def __init__(self, code: str, day: date) -> None:
        """Name the rule and the day."""
        super().__init__(f"policy/{code}@{day.isoformat()}")
        self.code, self.day = code, day
