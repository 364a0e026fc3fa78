"""The dependency that decides who acts for a trainer: the person, or a desk on their word."""

from __future__ import annotations

from common.errors import Invalid, InvalidParam, Message
from common.web import Caller, InTx
from registry.given_word.model import Act
from registry.given_word.views import OnTheirWord
from registry.trainer.model.trainer import Trainer
from registry.trainer.usecases import given_word


def is_the_person(caller: Caller, trainer: Trainer) -> bool:
    """Whether the caller is the trainer, whatever else they are."""
    return caller.sees(trainers=trainer.id)


async def spoken_for(tx: InTx, caller: Caller, trainer: Trainer, said: OnTheirWord | None, act: Act) -> None:
    """Check that the person asks, or a desk on their word; that is kept.

    Raises:
        Invalid: a desk sends no note, or the person sends one.
    """
    body = said.on_their_word if said else None
    if is_the_person(caller, trainer):
        if body is not None:
            raise Invalid(_param(Message("You are the person yourself: leave this out"), "own-word"))
        return
    if body is None:
        raise Invalid(
            _param(Message("Only the person does this, or a desk on their word: say how, when and what"), "missing")
        )
    await given_word.take(tx, trainer, body.word(), act)


async def may_say(tx: InTx, caller: Caller, trainer: Trainer, said: OnTheirWord) -> None:
    """Keep what a desk says of an application; nobody else says anything there.

    Raises:
        Invalid: the caller is not the desk of the person's region.
    """
    if said.on_their_word is None:
        return
    if is_the_person(caller, trainer) or not caller.sees(regions=trainer.region):
        raise Invalid(_param(Message("A desk says so for a person of its region: leave this out"), "own-word"))
    await given_word.take(tx, trainer, said.on_their_word.word(), Act.APPLY)


def _param(reason: Message, code: str) -> InvalidParam:
    return InvalidParam("onTheirWord", reason, code)
