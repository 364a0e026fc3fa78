"""From an accepted proposal to a contract that was judged."""

from __future__ import annotations

from dataclasses import replace

from uuid_utils.compat import uuid7

from common.decision import MissingDependency
from common.persistence.transaction import Tx
from common.policy import Policies
from contracts.contract import store as contracts
from contracts.contract.model import week
from contracts.contract.model.contract import Change, Contract
from contracts.contract.model.terms import Declared, Lessons, Terms
from contracts.fact import store as facts
from contracts.fact.model import Person, Vacancy
from contracts.legal_check.model.facts.time import company_week, in_company_time
from contracts.legal_check.usecases import compliance
from events.matching import ProposalAccepted
from events.words import Form, Party


async def draft(tx: Tx, accepted: ProposalAccepted) -> Contract | None:
    """Draw a contract up and judge it; a proposal has one contract, however often it comes, and none if it lapsed.

    Raises:
        MissingDependency: the vacancy, the trainer, the employer or the policies have not arrived yet.
    """
    await contracts.lock_person(tx, accepted.trainer_id)
    if known := await contracts.by_proposal(tx, accepted.proposal_id):
        return known
    if await facts.has_lapsed(tx, accepted.proposal_id):
        return None  # this was known later than that: matching gave the place to others long ago
    # Steady: a withdrawal that comes at the same time either is seen here, or sees the contract.
    vacancy = await facts.vacancies.find(tx, accepted.vacancy_id, steady=True)
    if vacancy is None:
        raise MissingDependency(f"vacancy/{accepted.vacancy_id}")
    policies = (await tx.policies()).at_least(accepted.policy_version)
    if vacancy.withdrawn or await facts.has_left(tx, accepted.trainer_id):
        contract, drafted = _draw_up(tx, accepted, vacancy, None, policies)
        contract, cancelled = contract.cancel("vacancy_withdrawn" if vacancy.withdrawn else "trainer_left")
        return await contracts.contracts.add(tx, contract, [*drafted, *cancelled])
    person = await facts.people.find(tx, accepted.trainer_id)
    if person is None:
        raise MissingDependency(f"profile/{accepted.trainer_id}")
    contract = await contracts.contracts.add(tx, *_draw_up(tx, accepted, vacancy, person, policies))
    return await compliance.submit(tx, contract)


def _draw_up(tx: Tx, accepted: ProposalAccepted, vacancy: Vacancy, person: Person | None, policies: Policies) -> Change:
    contract, events = Contract.draft(
        id=uuid7(),
        proposal_id=accepted.proposal_id,
        vacancy_id=accepted.vacancy_id,
        trainer_id=accepted.trainer_id,
        board_id=accepted.board_id,
        school_id=accepted.school_id,
        location_id=accepted.location_id,
        company_id=accepted.company_id,
        region=vacancy.region,
        form=accepted.form,
        lessons=Lessons(
            role=vacancy.role,
            school_type=vacancy.school_type,
            subject=vacancy.subject,
            upper_years=vacancy.upper_years,
            structural=vacancy.structural,
            statutory_lessons=vacancy.statutory_lessons,
            group_size=vacancy.group_size,
            language=vacancy.language,
        ),
        terms=_terms(accepted, vacancy, person, policies),
        drafted_at=tx.now,
    )
    return contract, events


def _terms(accepted: ProposalAccepted, vacancy: Vacancy, person: Person | None, policies: Policies) -> Terms:
    # Hours that trainer and school agreed on in a counter-proposal suit both, whatever the trainer offers in general.
    roster, agreed_on = vacancy.roster if accepted.roster is None else tuple(accepted.roster), accepted.roster
    if roster is not None and person is not None:
        # An employer that was not asked has none of its hours taken, as far as the school asks enough others.
        unasked = () if accepted.company_id is not None else company_week(person, accepted.starts_on, policies)
        roster = week.agreed(roster, agreed_on or person.availability, accepted.minutes_per_week, avoided=unasked)
    if roster is not None and week.minutes(roster) < accepted.minutes_per_week:
        roster = None  # the school asks for other hours by now: they are still to be agreed on
    terms = Terms(
        starts_on=accepted.starts_on,
        ends_on=accepted.ends_on,
        minutes_per_week=accepted.minutes_per_week,
        preparation_minutes_per_week=vacancy.preparation_minutes_per_week,
        roster=roster,
        supervisor_id=vacancy.supervisor_id,
        fee=vacancy.fee,
        payroll_tax_credit=Party.COMPANY if accepted.form is Form.DUAL_EMPLOYMENT else None,
    )
    guest = accepted.form is Form.GUEST and accepted.company_id is not None
    at_work = guest and person is not None and in_company_time(terms, person, policies)
    return replace(terms, declared=Declared(in_company_time=at_work))
