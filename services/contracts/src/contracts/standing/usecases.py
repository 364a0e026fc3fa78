"""A board declares facts that the law asks for."""

from __future__ import annotations

from common.persistence.transaction import Tx
from contracts.contract.store import lock_person
from contracts.standing import store
from contracts.standing.model import Standing


async def declare(tx: Tx, standing: Standing) -> Standing:
    """Keep what a board declares of a person, while no contract of that person is judged.

    Raises:
        Invalid: an unknown ground, one that is named twice, or statements out of order.
    """
    policies = await tx.policies()
    grounds = {row.value["ground"] for row in policies.of_kind("qualification.ground.", tx.today)}
    await lock_person(tx, standing.trainer_id)
    return await store.declare(tx, standing.checked(grounds))
