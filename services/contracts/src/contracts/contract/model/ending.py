"""An end before the last day: proposed and agreed to, or by notice; the work goes on until then. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from common.errors import Conflict, Forbidden
from events.contracts import EndingReason
from events.words import Party
from rules.ending import Way


class NothingMissing(Conflict):
    """The start of this contract lacks nothing: only its parties together can end it before it begins."""


class NotItsAgreement(Forbidden):
    """The {party} is no party to the agreement under which the lessons are given."""


class EndingOpen(Conflict):
    """An earlier end of this contract is proposed or certain already: {ends_on}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """An earlier end, proposed or decided; it is certain once nobody's answer is left."""

    way: Way
    by: Party
    last_day: date
    reason: EndingReason | None
    """None where the reader may not know it."""
    left: tuple[Party, ...] = ()
    """Whose answer it waits for."""
    answer_before: datetime | None = None
    """Until when; None where nobody is asked."""
    reflects: Party | None = None
    """Who may take back a consent."""
    reconsider_before: datetime | None = None
    """Until when; None before everybody agreed, and where nobody may."""

    @property
    def certain(self) -> bool:
        """Whether it ends then, unless a consent is taken back."""
        return not self.left
