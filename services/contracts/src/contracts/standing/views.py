"""The standing as it is shown, and as a board gives it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.web import Command, Day, View
from contracts.standing.model import BoardDecision, GroundDeclared, Standing

PerMille = Annotated[int, Field(ge=0, le=1000)]


class GroundView(View):
    """Since when a person works at the board on a ground."""

    ground: str
    started_on: Day
    effort_statements: tuple[Day, ...]
    """The day of each extension's written statement of effort."""


class StandingView(View):
    """Declarations of a board about a person for the law."""

    trainer_id: UUID
    board_id: UUID
    grounds: tuple[GroundView, ...]
    board_decisions: tuple[BoardDecision, ...]
    lower_years_per_mille: int
    school_underqualified_per_mille: int
    cao_deviation: bool
    above_cap_until: Day | None


class GroundGiven(Command):
    """Since when a person works at the board on a ground, also before these contracts."""

    ground: Annotated[str, Field(min_length=1, max_length=60, pattern="^[A-Z][A-Z0-9_]*$")]
    started_on: Day
    effort_statements: Annotated[tuple[Day, ...], Field(max_length=5)] = ()
    """The day of the written statement of effort with which the board let it last longer, one for each extension."""


class StandingGiven(Command):
    """All that the board declares of the person; what is left out is not so."""

    grounds: Annotated[tuple[GroundGiven, ...], Field(max_length=20)] = ()
    board_decisions: Annotated[tuple[BoardDecision, ...], Field(max_length=3)] = ()
    """Proofs that the board gives itself, in writing: that it deviates, that the person can instruct, is suitable."""
    lower_years_per_mille: PerMille = 0
    """The part of the person's lessons that is given in lower years."""
    school_underqualified_per_mille: PerMille = 0
    """The part of the school's lessons in upper years that is given underqualified, these included."""
    cao_deviation: bool = False
    """The collective agreement deviates from the four weeks' mean of the law on working time."""
    above_cap_until: Day | None = None
    """The last day to which the board extended the two years in which a guest above the cap must qualify."""

    def standing(self, trainer_id: UUID, board_id: UUID) -> Standing:
        """Return it as a standing of this person at this board."""
        return Standing(
            trainer_id=trainer_id,
            board_id=board_id,
            grounds=tuple(GroundDeclared(**dict(each)) for each in self.grounds),
            board_decisions=tuple(sorted(set(self.board_decisions))),
            lower_years_per_mille=self.lower_years_per_mille,
            school_underqualified_per_mille=self.school_underqualified_per_mille,
            cao_deviation=self.cao_deviation,
            above_cap_until=self.above_cap_until,
        )
