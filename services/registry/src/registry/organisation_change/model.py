"""A school or location goes on under another parent: one side proposes it, and it is made once all have agreed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from common.errors import Conflict, Refused
from common.lifecycle import LifeCycle
from events import Event
from events.registry import OrganisationMoveAgreed, OrganisationMoveAsked, OrganisationMoveEnded


class MoveStatus(StrEnum):
    """How far a move is; only a made one has changed anything."""

    PROPOSED = "proposed"
    MADE = "made"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


PROPOSED, MADE, REFUSED, WITHDRAWN, EXPIRED = MoveStatus


class Side(StrEnum):
    """Which parent is asked."""

    PRESENT = "present"
    WANTED = "wanted"


class CannotMove(Refused):
    """Only a confirmed school or location that goes on can move, to a confirmed parent that goes on."""


class MovesAlready(Conflict):
    """There is an open proposal for this organisation; withdraw it first."""


class MovesTooOften(Conflict):
    """This organisation has asked {most} times in the last {days} days; ask again later."""


class MoveIsOver(Conflict):
    """This move is {status} already."""


LIFE_CYCLE: Final = LifeCycle(MoveIsOver, {PROPOSED: {MADE, REFUSED, WITHDRAWN, EXPIRED}})


class MoveIsOutdated(Conflict):
    """The organisation, or a parent that agreed, has another parent by now than it had then; propose it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One proposal, with who was asked and who agreed."""

    id: UUID
    version: int = 0
    status: MoveStatus = PROPOSED
    organisation_id: UUID
    present_id: UUID | None
    """None where it is below nothing yet."""
    wanted_id: UUID
    agreed: tuple[Side, ...] = ()
    boards: Mapping[Side, UUID | None] = field(default_factory=dict)
    """To which board each parent that agreed belonged at that moment: a next board has not been asked."""
    proposed_by: str
    """A pseudonym, as in the audit trail."""
    proposed_at: datetime
    desk_from: datetime
    """From then on the desk or the programme may answer for the present parent."""
    answer_before: datetime
    ended_at: datetime | None = None

    @property
    def case(self) -> UUID:
        """It belongs to the case of the organisation."""
        return self.organisation_id

    @property
    def parties(self) -> None:
        """Each event names the one side that it is addressed to."""
        return

    @property
    def asked(self) -> dict[Side, UUID]:
        """The parents that have to agree."""
        present = {} if self.present_id is None else {Side.PRESENT: self.present_id}
        return {**present, Side.WANTED: self.wanted_id}

    @property
    def open_sides(self) -> tuple[Side, ...]:
        """Those that have not agreed yet; none once it is over."""
        return tuple(side for side in self.asked if side not in self.agreed) if self.status is PROPOSED else ()

    def propose(self, already: Collection[Side]) -> tuple[Move, list[Event]]:
        """Ask the sides for which the proposer does not act; made at once where that is nobody."""
        proposed = replace(self, agreed=tuple(side for side in self.asked if side in already))
        asking: list[Event] = [
            OrganisationMoveAsked(**_fields(self, self.asked[side]), side=side.value, answer_before=self.answer_before)
            for side in proposed.open_sides
        ]
        return (proposed, asking) if asking else _ended(proposed, MADE, self.proposed_at)

    def agree(self, sides: Collection[Side], at: datetime) -> tuple[Move, list[Event]]:
        """Agree for some sides; it is made with the last one. Whoever has agreed changes nothing.

        Raises:
            MoveIsOver: it ended otherwise.
        """
        if self.status is MADE:
            return self, []
        _check_open(self)
        new = [side for side in self.open_sides if side in sides]
        agreed = replace(self, agreed=(*self.agreed, *new))
        events: list[Event] = [
            OrganisationMoveAgreed(**_fields(self, self.organisation_id), side=side.value) for side in new
        ]
        if agreed.open_sides:
            return agreed, events
        made, ending = _ended(agreed, MADE, at)
        return made, [*events, *ending]

    def under(self, boards: Mapping[Side, UUID | None]) -> Move:
        """Note to which boards those belong that have agreed; what was noted before stays."""
        return replace(self, boards={side: self.boards.get(side, boards[side]) for side in self.agreed})

    def is_agreed_under(self, boards: Mapping[Side, UUID | None]) -> bool:
        """Whether the parents that agreed belong where they did; of an agreement of before that is not known."""
        return all(boards[side] == board for side, board in self.boards.items())

    def refuse(self, at: datetime) -> tuple[Move, list[Event]]:
        """Say no: one side is enough.

        Raises:
            MoveIsOver: it ended otherwise.
        """
        return _ended(self, REFUSED, at)

    def withdraw(self, at: datetime) -> tuple[Move, list[Event]]:
        """Take it back.

        Raises:
            MoveIsOver: it ended otherwise.
        """
        return _ended(self, WITHDRAWN, at)

    def expire(self, at: datetime) -> tuple[Move, list[Event]]:
        """Let it fall away where somebody did not answer in time."""
        return _ended(self, EXPIRED, at) if self.status is PROPOSED else (self, [])


def _ended(move: Move, status: MoveStatus, at: datetime) -> tuple[Move, list[Event]]:
    if move.status is status:
        return move, []
    _check_open(move)
    everybody = (move.organisation_id, *move.asked.values())
    ended = [OrganisationMoveEnded(**_fields(move, recipient), outcome=status.value) for recipient in everybody]  # type: ignore[arg-type]
    return LIFE_CYCLE.become(move, status, *ended, ended_at=at)


def _check_open(move: Move) -> None:
    if move.status is not PROPOSED:
        raise MoveIsOver(status=move.status.value)


def _fields(move: Move, recipient_id: UUID) -> dict[str, Any]:
    return {
        "move_id": move.id,
        "moved_id": move.organisation_id,
        "parent_id": move.wanted_id,
        "recipient_id": recipient_id,
    }
