"""The law is asked about a person and a place, without a write."""

from __future__ import annotations

from uuid import UUID

from common.caller import Caller
from common.errors import Invalid, InvalidParam, Message, NotFound
from common.persistence.transaction import Tx
from registry.eligibility.model import Work, facts_of
from registry.organisation import queries as organisation_queries
from registry.organisation.model import BOARD
from registry.trainer import store
from registry.trainer.model.trainer import Trainer
from registry.trainer.store import trainers
from registry.vacancy import queries as vacancy_queries
from rules.qualification import Eligibility, Way, assess, ways


async def visible(tx: Tx, caller: Caller, trainer_id: UUID) -> Trainer:
    """Return a trainer: to the person, the desk of the region, and a school at which a contract with them runs.

    Raises:
        NotFound: there is none that this caller may see.
    """
    found = await trainers.find(tx, trainer_id)
    if found is None or not (
        caller.sees(trainers=found.id, regions=found.region)
        or await vacancy_queries.teaches_at_mine(tx, caller, trainer_id)
    ):
        raise NotFound(what="trainer", id=trainer_id)
    return found


async def eligibility(
    tx: Tx, caller: Caller, trainer: Trainer, place_id: UUID, work: Work
) -> tuple[Eligibility, tuple[Way, ...]]:
    """Return whether the trainer may do this work there, and every ground as a way to it.

    Raises:
        NotFound: there is no such board, school or location.
        Invalid: it is no place of education, or not of this type.
    """
    place = await organisation_queries.one(tx, caller, place_id)
    if place.kind not in organisation_queries.OPEN_DATA:
        raise Invalid(InvalidParam("organisationId", Message("this is no board, school or location"), "kind"))
    if place.school_types and work.school_type not in place.school_types:
        raise Invalid(InvalidParam("schoolType", Message("this place has no such education"), "not-offered"))
    board_id = place.id if place.kind is BOARD else place.board_id or place.id
    known = await store.qualifications_of(tx, trainer.id)
    facts, policies = facts_of(work, board_id, trainer.profile, known), await tx.policies()
    return assess(facts, policies), ways(facts, policies)
