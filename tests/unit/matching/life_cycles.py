"""The ways of a proposal, a vacancy and a plan through their lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from common.decision import Outcome, Reason, Verdict
from events import Event
from events.words import Party
from matching.plan.model import run as plan
from matching.proposal.model import status as p
from matching.proposal.model.proposal import Proposal
from matching.scenario.model import scenario
from matching.vacancy.model.vacancy import Status, Vacancy
from tests.support.life_cycles import Ways
from tests.unit.matching.plan.run_examples import RESULT
from tests.unit.matching.proposal.proposal_examples import LATER, NOON, proposal
from tests.unit.matching.proposal.proposal_examples import vacancy as a_vacancy
from tests.unit.matching.scenario.scenario_examples import OUTCOME

FINE: Final = Verdict(policy_version=8, reasons=(Reason(rule="CONSENT", outcome=Outcome.PASS),))
CONTRACT: Final = UUID(int=3001)
ENDED: Final = frozenset({p.Status.DECLINED, p.Status.EXPIRED, p.Status.WITHDRAWN, p.Status.LAPSED})


def agreed(made: Proposal) -> Proposal:
    """Everybody has consented."""
    for party in made.asked:
        made, _ = made.consent(party, NOON)
    return made


def in_status(status: p.Status) -> Proposal:
    """A proposal in a state, with everything that such a one has."""
    made = agreed(proposal()) if status in {p.Status.ACCEPTED, p.Status.CONVERTED, p.Status.LAPSED} else proposal()
    return replace(
        made,
        status=status,
        contract_id=CONTRACT if status is p.Status.CONVERTED else None,
        declined_by=Party.SCHOOL if status is p.Status.DECLINED else None,
        ended_at=LATER if status in ENDED else None,
    )


def _keeps_consents_and_ends(before: Proposal, after: Proposal, events: list[Event]) -> None:
    assert events or after == before
    if after.status is p.Status.ACCEPTED:
        assert set(after.consents) == set(after.asked)
    assert set(after.consents) <= set(after.asked)
    assert (after.ended_at is not None) == (after.status in ENDED)
    assert before.status not in ENDED or after == before


PROPOSAL: Final = Ways(
    at=in_status,
    into={
        p.Status.ACCEPTED: [lambda one: (agreed(one) if one.open else one).accept(FINE)],
        p.Status.CONVERTED: [lambda one: one.convert(CONTRACT)],
        p.Status.DECLINED: [lambda one: one.decline(Party.SCHOOL, "schedule", LATER)],
        p.Status.EXPIRED: [lambda one: one.expire(LATER)],
        p.Status.WITHDRAWN: [lambda one: one.withdraw("trainer_left", LATER)],
        p.Status.LAPSED: [lambda one: one.lapse("contract_refused", LATER)],
    },
    others=[
        *(lambda one, party=party: one.consent(party, NOON) for party in Party),
        *(lambda one, party=party: one.decline(party, "other", NOON) for party in Party),
        lambda one: one.remind(),
        lambda one: one.accept(FINE),
    ],
    quiet=[(p.Status.CONVERTED, p.Status.ACCEPTED)],
    holds=_keeps_consents_and_ends,
)


def _vacancy(status: Status) -> Vacancy:
    return replace(a_vacancy(), status=status, waiting_since=NOON if status is Status.WAITING else None)


VACANCY: Final = Ways(
    at=_vacancy,
    into={
        Status.WAITING: [lambda one: one.wait(missing=1, candidates=0, at=NOON)],
        Status.OPEN: [lambda one: one.promote(UUID(int=1)), lambda one: (one.reopen(), [])],
        Status.CLOSED: [lambda one: (one.close(), [])],
        Status.WITHDRAWN: [lambda one: (one.withdraw(), [])],
    },
    unpublished=[
        (Status.CLOSED, Status.OPEN),
        *((before, after) for before in Status for after in (Status.CLOSED, Status.WITHDRAWN)),
    ],
)


def a_plan(status: plan.Status) -> plan.PlanRun:
    """A plan in a state, with everything that such a one has."""
    made = plan.PlanRun.request(UUID(int=1), by="programme", regions=frozenset({"AM01", "AM02"}), at=NOON)
    begun = status is not plan.Status.REQUESTED
    return replace(
        made,
        status=status,
        started_at=NOON if begun else None,
        day=NOON.date() if begun else None,
        policy_version=3 if begun else None,
        ended_at=LATER if status not in plan.OPEN else None,
        reason="failed" if status is plan.Status.FAILED else None,
        result=RESULT if status in plan.WITH_A_PLAN else None,
        waves=int(status is plan.Status.PUBLISHED),
    )


def _has_what_its_state_says(before: plan.PlanRun, after: plan.PlanRun, events: list[Event]) -> None:
    """Nothing half: a result where there is a plan and nowhere else, and an end where it is not open."""
    assert (after.result is not None) == (after.status in plan.WITH_A_PLAN)
    assert (after.ended_at is None) == after.open
    assert (after.waves > 0) == (after.status is plan.Status.PUBLISHED)
    assert (after.reason is not None) == (after.status is plan.Status.FAILED)
    assert len(events) == (after.status is plan.Status.COMPUTED and before.status is plan.Status.RUNNING)


PLAN: Final = Ways(
    at=a_plan,
    into={
        plan.Status.RUNNING: [lambda one: one.start(NOON, NOON.date(), 4)],
        plan.Status.COMPUTED: [lambda one: one.complete(RESULT, LATER)],
        plan.Status.PUBLISHED: [lambda one: one.publish()],
        plan.Status.FAILED: [lambda one: one.fail("solver_ended", LATER)],
        plan.Status.CANCELLED: [lambda one: one.cancel(LATER)],
    },
    once=[plan.Status.COMPUTED, plan.Status.FAILED],
    unpublished=[
        (before, after)
        for before in plan.Status
        for after in plan.Status
        if (before, after) != (plan.Status.RUNNING, plan.Status.COMPUTED)
    ],
    holds=_has_what_its_state_says,
)


def a_scenario(status: scenario.Status) -> scenario.Scenario:
    """A scenario in a state, with everything that such a one has."""
    begun = status is not scenario.Status.REQUESTED
    return scenario.Scenario(
        id=UUID(int=1),
        by="programme",
        region=None,
        regions=(),
        overrides=(),
        sweep=None,
        horizon_months=12,
        bottleneck_report_id=None,
        policy_item=None,
        requested_at=NOON,
        status=status,
        started_at=NOON if begun else None,
        day=NOON.date() if begun else None,
        policy_version=3 if begun else None,
        ended_at=LATER if status not in scenario.OPEN else None,
        reason="failed" if status is scenario.Status.FAILED else None,
        result=OUTCOME if status is scenario.Status.COMPUTED else None,
    )


def _has_its_result(_before: scenario.Scenario, after: scenario.Scenario, events: list[Event]) -> None:
    """Nothing half, and nothing that others read."""
    assert (after.result is not None) == (after.status is scenario.Status.COMPUTED)
    assert (after.ended_at is None) == after.open
    assert (after.reason is not None) == (after.status is scenario.Status.FAILED)
    assert events == []


SCENARIO: Final = Ways(
    at=a_scenario,
    into={
        scenario.Status.RUNNING: [lambda one: one.start(NOON, NOON.date(), 4)],
        scenario.Status.COMPUTED: [lambda one: one.complete(OUTCOME, LATER)],
        scenario.Status.FAILED: [lambda one: one.fail("solver_ended", LATER)],
        scenario.Status.CANCELLED: [lambda one: one.cancel(LATER)],
    },
    once=[scenario.Status.COMPUTED, scenario.Status.FAILED],
    unpublished=[(before, after) for before in scenario.Status for after in scenario.Status],
    holds=_has_its_result,
)
WAYS: Final[Mapping[str, Ways[Any]]] = {"proposal": PROPOSAL, "vacancy": VACANCY, "plan": PLAN, "scenario": SCENARIO}
