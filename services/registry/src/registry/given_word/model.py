"""A given word: a person asked a desk to do for them an act that is theirs alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from common.errors import Refused


class How(StrEnum):
    """By which way the desk got the person's word."""

    PHONE = "phone"
    VISIT = "visit"
    VIDEO = "video"
    MAIL = "mail"
    LETTER = "letter"


class Act(StrEnum):
    """The act that a desk did on a person's word."""

    APPLY = "apply"
    CONFIRM = "confirm"
    CORRECT = "correct"
    DESCRIBE = "describe"
    GIVE_CONSENT = "give-consent"
    WITHDRAW_CONSENT = "withdraw-consent"
    BECOME_AVAILABLE = "become-available"
    PAUSE = "pause"
    LEAVE = "leave"
    ERASE = "erase"


class SaidAtAnotherTime(Refused):
    """The day on which the person said so lies between the application, {applied_on}, and today, {today}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The desk's note of a person's word."""

    how: How
    said_on: date
    note: str

    def check(self, applied_on: date, today: date) -> None:
        """Check the day.

        Raises:
            SaidAtAnotherTime: nobody can have said so on that day.
        """
        if not applied_on <= self.said_on <= today:
            raise SaidAtAnotherTime(applied_on=applied_on.isoformat(), today=today.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class WordGiven:
    """A word as it is kept, with who acted on it; the note is None once the person is erased."""

    id: UUID
    trainer_id: UUID
    region: str
    """Of the person at that moment."""
    act: Act
    how: How
    said_on: date
    note: str | None
    noted_by: str
    """A pseudonym, as in the audit trail."""
    noted_at: datetime

    @classmethod
    def of(cls, word: Word, act: Act, *, id_: UUID, trainer_id: UUID, region: str, by: str, at: datetime) -> WordGiven:
        """Take note of it."""
        return cls(
            id=id_,
            trainer_id=trainer_id,
            region=region,
            act=act,
            how=word.how,
            said_on=word.said_on,
            note=word.note,
            noted_by=by,
            noted_at=at,
        )
