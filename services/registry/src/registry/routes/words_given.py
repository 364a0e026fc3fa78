"""A person's word over HTTP: what a desk says of it, and who can read that."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from common.caller import CallerRole
from common.errors import Invalid, InvalidParam
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, Command, Day, FreeText, InTx, Moment, Page, Paging, Router, View, roles, scope
from registry.model.trainer import Trainer
from registry.model.word import Act, How, Word
from registry.queries import words as found
from registry.routes.words import SHOW_TRAINER
from registry.usecases import words as usecases

router = Router(tags=["Trainers"])


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
    """What a desk says where it does for a person what only they can do or have done."""

    on_their_word: WordBody | None = None
    """Needed of a desk; the person does not send it."""


class WordGivenView(View):
    """What a person asked a desk to do for them."""

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


@router.get(
    "/given-words",
    name="find",
    response_model=Page[WordGivenView],
    dependencies=[scope("trainers:read"), roles(CallerRole.TRAINER, CallerRole.DESK, CallerRole.PROGRAMME)],
)
async def find(caller: Caller, tx: InTx, paging: Paging, trainer_id: UUID | None = None) -> Paged[Any]:
    """Find what people asked a desk to do for them: you, those of your region, or all as the programme."""
    page = await found.page(tx, caller, paging, trainer_id=trainer_id)
    await record_processing(tx, caller, SHOW_TRAINER, *dict.fromkeys(one.trainer_id for one in page.items))
    return page


def is_the_person(caller: Caller, trainer: Trainer) -> bool:
    """Whether the caller is the trainer, whatever else they are."""
    return caller.sees(trainers=trainer.id)


async def spoken_for(tx: InTx, caller: Caller, trainer: Trainer, said: OnTheirWord | None, act: Act) -> None:
    """Check that the person asks, or a desk on their word; that is kept.

    Raises:
        Invalid: a desk says nothing of it, or the person says that they told a desk.
    """
    body = said.on_their_word if said else None
    if is_the_person(caller, trainer):
        if body is not None:
            raise Invalid(_param("You are the person yourself: leave this out", "own-word"))
        return
    if body is None:
        raise Invalid(_param("Only the person does this, or a desk on their word: say how, when and what", "missing"))
    await usecases.take(tx, trainer, body.word(), act)


async def may_say(tx: InTx, caller: Caller, trainer: Trainer, said: OnTheirWord) -> None:
    """Keep what a desk says of an application; nobody else says anything there.

    Raises:
        Invalid: the caller is not the desk of the person's region.
    """
    if said.on_their_word is None:
        return
    if is_the_person(caller, trainer) or not caller.sees(regions=trainer.region):
        raise Invalid(_param("A desk says so for a person of its region: leave this out", "own-word"))
    await usecases.take(tx, trainer, said.on_their_word.word(), Act.APPLY)


def _param(reason: str, code: str) -> InvalidParam:
    return InvalidParam("onTheirWord", reason, code)
