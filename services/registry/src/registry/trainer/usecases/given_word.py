"""A desk does for a person what is the person's to do: on their word, which is kept."""

from __future__ import annotations

from common.clock import business_day
from common.persistence.transaction import Tx, uuid7
from registry.given_word import store as given_word_store
from registry.given_word.model import Act, Word, WordGiven
from registry.trainer.model.trainer import ANONYMISED, Trainer
from registry.trainer.store import trainers


async def take(tx: Tx, trainer: Trainer, word: Word, act: Act) -> None:
    """Keep a word; whatever this transaction then does refers to it in the audit trail.

    Of somebody who is erased nothing is kept any more: what is then done again changes nothing.

    Raises:
        SaidAtAnotherTime: nobody can have said so on that day.
    """
    word.check(business_day(trainer.applied_at), tx.today)
    # Locked: an erasure at this very moment forgets the words that it sees.
    present = await trainers.find(tx, trainer.id, lock=True)
    if present is not None and present.status is ANONYMISED:
        return
    given = WordGiven.of(word, act, id_=uuid7(), trainer_id=trainer.id, region=trainer.region, by=tx.actor, at=tx.now)
    await given_word_store.add(tx, given)
    tx.because = f"on their word, {given.id}"
