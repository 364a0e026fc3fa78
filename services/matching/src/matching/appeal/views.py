"""Appeals as they are shown: under a candidate id to those who help, with the words of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from common.caller import Caller
from common.web import Moment, View
from events.matching import AppealReason
from matching.appeal.model import Appeal, Status
from matching.ranking.model.blindness import Pseudonyms
from matching.ranking.views import ReasonView, Viewpoint, reason_view, viewpoint_of_support


class AppealView(View):
    """An appeal to a person: against how a proposal ended, or against not being proposed."""

    id: UUID
    version: int
    status: Status
    lodged_at: Moment
    decide_before: date
    """The last day on which the desk decides."""
    overdue: bool
    vacancy_id: UUID
    proposal_id: UUID | None
    """Null where it is about a vacancy."""
    region: str | None
    """Whose desk decides; the programme where it is null."""
    school_id: UUID | None
    """The school that appeals; null where a trainer does."""
    trainer_id: UUID | None
    """For the trainer who appeals."""
    candidate_id: UUID | None
    """For the desk and the programme: the trainer who appeals, as in this vacancy's ranking."""
    reason: AppealReason
    words: str | None
    """Of the appellant; null where there are none, or the trainer was erased."""
    ranking_id: UUID | None
    """The evidence; it is stored until the decision."""
    policy_version: int
    """Of the rules under which matching decided."""
    findings: list[ReasonView]
    """Of a trainer's appeal: how each rule was found."""
    motivation: str | None
    """Why it was decided so."""
    ended_on: date | None


def appeal_view(appeal: Appeal, caller: Caller, pseudonyms: Pseudonyms, rounds: Mapping[UUID, int]) -> AppealView:
    """Show an appeal to the appellant, the desk or the programme; ``rounds`` are those of the vacancies now."""
    own = caller.sees(
        trainers=appeal.trainer_id, boards=appeal.board_id, schools=appeal.school_id, locations=appeal.location_id
    )
    return AppealView(
        id=appeal.id,
        version=appeal.version,
        status=appeal.status,
        lodged_at=appeal.lodged_at,
        decide_before=appeal.decide_before,
        overdue=appeal.overdue,
        vacancy_id=appeal.vacancy_id,
        proposal_id=appeal.proposal_id,
        region=appeal.region,
        school_id=appeal.school_id,
        trainer_id=appeal.trainer_id if own else None,
        candidate_id=None
        if own
        else _candidate(appeal, viewpoint_of_support(caller, appeal.region, pseudonyms), rounds),
        reason=appeal.reason,
        words=appeal.words,
        ranking_id=appeal.ranking_id,
        policy_version=appeal.policy_version,
        findings=[reason_view(each) for each in appeal.findings],
        motivation=appeal.motivation,
        ended_on=appeal.ended_on,
    )


def _candidate(appeal: Appeal, viewpoint: Viewpoint, rounds: Mapping[UUID, int]) -> UUID | None:
    if appeal.trainer_id is None:
        return None
    round_ = rounds.get(appeal.vacancy_id, appeal.round)
    return viewpoint.pseudonyms.of(appeal.vacancy_id, round_, viewpoint.viewer, appeal.trainer_id)
