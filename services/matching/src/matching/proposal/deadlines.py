"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from matching.proposal.model.new_rules import RuleChange
from matching.proposal.usecases import answers, ending, new_rules, reviewing, search, trainers
from matching.proposal.usecases.new_rules import RULES_CHANGE
from matching.proposal.usecases.proposing import (
    EXPIRE,
    LAPSE,
    MATCH_NEW_TRAINER,
    REMIND,
    REVIEW,
    REVIEW_RULES,
    REVIEW_VACANCY,
    WITHDRAW,
)
from matching.vacancy.usecases import ASK, ESCALATE, RETRY_SEARCH

deadlines: Final = Deadlines()


@deadlines.on(REMIND)
async def remind(proposal_id: UUID, tx: Tx) -> None:
    """Remind the parties that have not answered a proposal."""
    await answers.remind(tx, proposal_id)


@deadlines.on(EXPIRE)
async def expire(proposal_id: UUID, tx: Tx) -> None:
    """End a proposal that was not answered in time."""
    await answers.expire(tx, proposal_id)


@deadlines.on(LAPSE)
async def lapse(proposal_id: UUID, tx: Tx) -> None:
    """Free the place for which no contract was drafted."""
    await ending.release_and_refill(tx, proposal_id, "no_draft_in_time")


@deadlines.on(WITHDRAW)
async def withdraw_held(proposal_id: UUID, tx: Tx) -> None:
    """Withdraw a proposal after its trainer went, or after the last place was taken."""
    await ending.withdraw_held(tx, proposal_id)


@deadlines.on(RETRY_SEARCH)
async def retry_search(vacancy_id: UUID, tx: Tx) -> None:
    """Search again for a vacancy that waits."""
    await search.retry(tx, vacancy_id)


@deadlines.on(RULES_CHANGE)
async def look_by_new_rules(change_id: UUID, tx: Tx) -> None:
    """Look again at what waits and at what is open: from now on other rules decide who fits."""
    await new_rules.look_again(tx, RuleChange.of(change_id))


@deadlines.on(REVIEW)
async def judge_what_a_trainer_is_asked(trainer_id: UUID, tx: Tx) -> None:
    """Withdraw what no longer fits a trainer whose facts have changed."""
    await reviewing.review_trainer(tx, trainer_id, "no_longer_fits")


@deadlines.on(REVIEW_RULES)
async def judge_by_new_rules(trainer_id: UUID, tx: Tx) -> None:
    """Withdraw what no longer fits since rules have changed."""
    await reviewing.review_trainer(tx, trainer_id, "rules_changed")


@deadlines.on(REVIEW_VACANCY)
async def judge_whom_a_vacancy_asks(vacancy_id: UUID, tx: Tx) -> None:
    """Withdraw what no longer fits a vacancy that has changed."""
    await reviewing.review_vacancy(tx, vacancy_id)


@deadlines.on(ASK)
async def ask_after_the_plan(vacancy_id: UUID, tx: Tx) -> None:
    """Search for a vacancy that was left to the plan of the day."""
    await search.ask_after_the_plan(tx, vacancy_id)


@deadlines.on(ESCALATE)
async def escalate(vacancy_id: UUID, tx: Tx) -> None:
    """Ask the desk to help a vacancy that still waits."""
    await search.escalate(tx, vacancy_id)


@deadlines.on(MATCH_NEW_TRAINER)
async def match_new_trainer(trainer_id: UUID, tx: Tx) -> None:
    """Match a new or changed trainer with the vacancies that wait."""
    await trainers.match(tx, trainer_id)
