"""How a given word is written down by a desk, and what a caller sees."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from common.web import Command, Day, FreeText, Moment, View
from registry.given_word.model import Act, How, Word


class WordBody(Command):
    """That the person asked for this: a desk says so, and the person can read it."""

    how: How
    said_on: Day
    """Since the application, and no later than today."""
    note: FreeText
    """What was said, and how the desk knew who it was."""

    def word(self) -> Word:
        """Return it."""
        return Word(how=self.how, said_on=self.said_on, note=self.note)


class OnTheirWord(Command):
    """The note of a desk that does for a person an act that is theirs alone."""

    on_their_word: WordBody | None = None
    """Needed of a desk; the person does not send it."""


class WordGivenView(View):
    """A given word: a person asked a desk to do for them an act that is theirs alone."""

    id: UUID
    trainer_id: UUID
    act: Act
    how: How
    said_on: date
    note: str | None
    """Null once the person is erased."""
    noted_by: str
    """A pseudonym, as in the audit trail."""
    noted_at: Moment
