"""Given words in their table."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import insert, update

from common.persistence.transaction import Tx
from registry.given_word.model import WordGiven
from registry.given_word.tables import words_given as table


async def add(tx: Tx, word: WordGiven) -> None:
    """Keep a word."""
    await tx.execute(insert(table), asdict(word))


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Forget what a person said; that, when and how they did stays. Return of how many words."""
    said = (table.c.trainer_id == trainer_id) & table.c.note.is_not(None)
    return int((await tx.execute(update(table).where(said).values(note=None))).rowcount)
