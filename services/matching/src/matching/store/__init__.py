"""What matching keeps: vacancies and proposals as aggregates, the trainers it knows, and every ranking it made.

Whoever locks several rows does so in this order, so that two never wait for each other: the trainer's profile,
the vacancy, the proposal. Where a batch breaks it, PostgreSQL stops one of the two, and that one is run again.
"""

from matching.store import blind, editions, rankings, trainers
from matching.store.aggregates import Proposals, Vacancies, proposals, vacancies
from matching.store.tables import metadata

__all__ = [
    "Proposals",
    "Vacancies",
    "blind",
    "editions",
    "metadata",
    "proposals",
    "rankings",
    "trainers",
    "vacancies",
]
