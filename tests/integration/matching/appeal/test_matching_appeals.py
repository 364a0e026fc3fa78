"""An appeal over HTTP: by a trainer or a school, decided by a person of the desk, with its evidence kept meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from common.service.retention import forget_all
from events.matching import AppealDecided, AppealLodged, AppealOverdue, AppealWithdrawn, WithdrawReason
from events.registry import ProfileState, TrainerAnonymised, VacancyPosted, VacancyWithdrawn
from matching.appeal import usecases
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.proposal.usecases import retention
from matching.ranking import usecases as rankings
from tests.integration.matching.matching_at_work import GRONINGEN, Matching
from tests.support.asking import BOARD, COMPANY, SCHOOL, profile, vacancy

DESK: Final[dict[str, Any]] = {"role": "desk", "regions": ["AM13"]}
PROGRAMME: Final[dict[str, Any]] = {"role": "programme"}
DECISION: Final = {"decision": "upheld", "motivation": "Het diploma telt mee."}


def as_trainer(trainer_id: object) -> dict[str, Any]:
    return {"role": "trainer", "trainer": str(trainer_id)}


async def get(matching: Matching, path: str, status: int = 200, **token: Any) -> Any:
    response = await matching.client.get(path, headers=matching.headers(**token))
    assert response.status_code == status, response.text
    return response.json()


async def post(matching: Matching, path: str, body: Any = None, status: int = 200, **token: Any) -> Any:
    response = await matching.client.post(path, headers=matching.headers(write=True, **token), json=body)
    assert response.status_code == status, response.text
    return response.json()


async def lodge(matching: Matching, status: int = 201, *, about: dict[str, Any], **token: Any) -> Any:
    body = {**{name: str(id_) for name, id_ in about.items()}, "reason": "facts_wrong", "words": "Ik woon dichtbij."}
    return await post(matching, "/appeals", body, status, **token)


async def rejected(matching: Matching) -> tuple[VacancyPosted, ProfileState]:
    """A vacancy, and a trainer who lives too far away from it."""
    asked, far = vacancy(), profile(latitude=GRONINGEN[0], longitude=GRONINGEN[1], region="AM01")
    await matching.hear(far, asked)
    assert await matching.proposals_for(asked.vacancy_id) == []
    return asked, far


async def declined(matching: Matching) -> tuple[VacancyPosted, Proposal]:
    asked = vacancy()
    await matching.hear(profile(), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    answer = {"party": "school", "reason": "other_choice"}
    await post(matching, f"/proposals/{proposal.id}/_decline", answer, org=SCHOOL)
    return asked, proposal


async def test_a_trainer_who_was_not_proposed_appeals_and_a_person_decides(matching: Matching) -> None:
    asked, far = await rejected(matching)
    me = as_trainer(far.trainer_id)
    appeal = await lodge(matching, about={"vacancyId": asked.vacancy_id}, **me)
    assert (appeal["status"], appeal["trainerId"], appeal["candidateId"]) == ("lodged", str(far.trainer_id), None)
    assert "DISTANCE" in {each["rule"] for each in appeal["findings"] if each["outcome"] == "block"}
    [event] = await matching.told(AppealLodged)
    assert (event.proposal_id, event.reason) == (None, "facts_wrong")
    decided = await post(matching, f"/appeals/{appeal['id']}/_decide", DECISION, **DESK)
    assert (decided["status"], decided["motivation"]) == ("upheld", DECISION["motivation"])
    assert await post(matching, f"/appeals/{appeal['id']}/_decide", DECISION, **DESK) == decided
    other = {**DECISION, "decision": "rejected"}
    assert (await post(matching, f"/appeals/{appeal['id']}/_decide", other, 409, **DESK))["type"].endswith("possible")
    assert (await get(matching, f"/appeals/{appeal['id']}", **me))["motivation"] == DECISION["motivation"]
    assert len(await matching.told(AppealDecided)) == 1
    assert await matching.deadlines_of(UUID(appeal["id"])) == {}


async def test_the_desk_sees_a_candidate_and_not_who_it_is(matching: Matching) -> None:
    """By the candidate's id it finds the explanation, and can propose by hand."""
    asked, far = await rejected(matching)
    await lodge(matching, about={"vacancyId": asked.vacancy_id}, **as_trainer(far.trainer_id))
    [shown] = (await get(matching, "/appeals", **DESK))["items"]
    assert shown["trainerId"] is None
    assert str(far.trainer_id) not in str(shown)
    ranked = (await get(matching, f"/vacancies/{asked.vacancy_id}/ranking", **DESK))["items"]
    assert shown["candidateId"] in [each["candidateId"] for each in ranked]
    [by_programme] = (await get(matching, "/appeals", **PROGRAMME))["items"]
    assert by_programme["candidateId"] not in {None, shown["candidateId"]}


async def test_the_school_of_a_vacancy_sees_no_appeal_of_a_trainer(matching: Matching) -> None:
    asked, far = await rejected(matching)
    appeal = await lodge(matching, about={"vacancyId": asked.vacancy_id}, **as_trainer(far.trainer_id))
    strangers = ({"org": SCHOOL}, {"org": BOARD}, as_trainer(UUID(int=5)), {"role": "desk", "regions": ["AM01"]})
    for token in strangers:
        assert (await get(matching, "/appeals", **token))["items"] == []
        await get(matching, f"/appeals/{appeal['id']}", 404, **token)
        await post(matching, f"/appeals/{appeal['id']}/_withdraw", status=403 if "regions" in token else 404, **token)
    await post(matching, f"/appeals/{appeal['id']}/_decide", DECISION, 403, org=SCHOOL)
    await post(matching, f"/appeals/{appeal['id']}/_decide", DECISION, 404, role="desk", regions=["AM01"])


async def test_both_sides_of_a_proposal_appeal_against_its_end_each_once(matching: Matching) -> None:
    _, proposal = await declined(matching)
    about, me = {"proposalId": proposal.id}, as_trainer(proposal.trainer_id)
    mine = await lodge(matching, about=about, **me)
    theirs = await lodge(matching, about=about, org=SCHOOL)
    assert mine["rankingId"] == theirs["rankingId"] == str(proposal.grounds.ranking_id)
    assert mine["findings"]
    assert (theirs["findings"], theirs["schoolId"], theirs["candidateId"]) == ([], str(SCHOOL), None)
    assert (await lodge(matching, 409, about=about, **me))["type"].endswith("/already-appealed")
    assert (await lodge(matching, 409, about=about, org=SCHOOL))["type"].endswith("/already-appealed")
    assert [each["id"] for each in (await get(matching, "/appeals", org=SCHOOL))["items"]] == [theirs["id"]]


async def test_an_open_or_foreign_or_unnamed_decision_is_not_appealed_against(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    me = as_trainer(proposal.trainer_id)
    of_proposal, of_vacancy = {"proposalId": proposal.id}, {"vacancyId": asked.vacancy_id}
    assert (await lodge(matching, 409, about=of_proposal, **me))["type"].endswith("/nothing-decided")
    assert (await lodge(matching, 409, about=of_vacancy, **me))["type"].endswith("/still-asked")
    for about in ({}, {**of_proposal, **of_vacancy}):
        [fault] = (await lodge(matching, 400, about=about, **me))["invalidParams"]
        assert fault["name"] == "proposalId"
    for about in (of_proposal, of_vacancy):
        await lodge(matching, 404, about=about, org=UUID(int=7))
        await lodge(matching, 404, about=about, **as_trainer(UUID(int=7)))
        await lodge(matching, 403, about=about, **DESK)
        await lodge(matching, 403, about=about, org=COMPANY, role="company")
    await lodge(matching, about=of_vacancy, org=SCHOOL)


@pytest.mark.parametrize("reason", ["trainer_paused", "vacancy_filled"])
async def test_a_proposal_that_its_trainer_reads_as_withdrawn_is_appealed_against(
    matching: Matching, reason: WithdrawReason
) -> None:
    """It is withdrawn some time later, so that its school does not see the moment; the trainer does not wait for it."""
    asked = vacancy()
    await matching.hear(profile(), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    async with matching.database.begin(actor="test") as tx:
        await proposals.hold(tx, proposal, reason)
    me = as_trainer(proposal.trainer_id)
    assert (await get(matching, f"/proposals/{proposal.id}", **me))["status"] == "withdrawn"
    for about in ({"proposalId": proposal.id}, {"vacancyId": asked.vacancy_id}):
        await lodge(matching, about=about, **me)
    school = await lodge(matching, 409, about={"proposalId": proposal.id}, org=SCHOOL)
    assert school["type"].endswith("/nothing-decided")


async def test_a_vacancy_that_looks_for_nobody_is_its_schools_alone(matching: Matching) -> None:
    asked, far = await rejected(matching)
    await matching.hear(VacancyWithdrawn(vacancy_id=asked.vacancy_id, reason="other"))
    await lodge(matching, 404, about={"vacancyId": asked.vacancy_id}, **as_trainer(far.trainer_id))
    await lodge(matching, about={"vacancyId": asked.vacancy_id}, org=SCHOOL)


async def test_an_appeal_comes_in_time(matching: Matching) -> None:
    _, proposal = await declined(matching)
    matching.database.clock.offset += timedelta(days=29)
    late = await lodge(matching, 409, about={"proposalId": proposal.id}, **as_trainer(proposal.trainer_id))
    assert late["type"].endswith("/too-late")
    assert "28 days" in late["detail"]


async def test_the_programme_watches_what_is_not_decided_in_time(matching: Matching) -> None:
    _, proposal = await declined(matching)
    appeal = await lodge(matching, about={"proposalId": proposal.id}, **as_trainer(proposal.trainer_id))
    await matching.pass_time(days=27)
    assert await matching.told(AppealOverdue) == []
    await matching.pass_time(days=2)
    [event] = await matching.told(AppealOverdue)
    assert str(event.appeal_id) == appeal["id"]
    decided = await post(matching, f"/appeals/{appeal['id']}/_decide", DECISION, **PROGRAMME)
    assert (decided["overdue"], decided["status"]) == (True, "upheld")


async def purge(matching: Matching) -> None:
    for each in (rankings.PURGE, retention.PURGE, usecases.PURGE):
        await forget_all(matching.database, each)


async def grounds(matching: Matching, proposal: Proposal) -> dict[str, int]:
    [found] = [each for each in await matching.proposals_for(proposal.vacancy_id) if each.id == proposal.id]
    return found.grounds.factors


async def test_the_evidence_stays_until_the_decision_and_then_goes_with_its_term(matching: Matching) -> None:
    _, proposal = await declined(matching)
    appeals = [
        await lodge(matching, about={"proposalId": proposal.id}, **token)
        for token in (as_trainer(proposal.trainer_id), {"org": SCHOOL})
    ]
    matching.database.clock.offset += timedelta(days=400)
    await purge(matching)
    assert await grounds(matching, proposal)
    assert await matching.count("rankings") >= 1
    await post(matching, f"/appeals/{appeals[0]['id']}/_decide", DECISION, **DESK)
    await purge(matching)
    assert await grounds(matching, proposal), "the school's appeal rests on it as well"
    await post(matching, f"/appeals/{appeals[1]['id']}/_withdraw", org=SCHOOL)
    await purge(matching)
    assert await grounds(matching, proposal) == {}
    assert await matching.count("appeals") == 2
    matching.database.clock.offset += timedelta(days=366)
    await purge(matching)
    assert await matching.count("appeals") == 0


async def test_an_appeal_is_withdrawn_by_the_appellant_only_and_not_after_a_decision(matching: Matching) -> None:
    _, proposal = await declined(matching)
    me = as_trainer(proposal.trainer_id)
    appeal = await lodge(matching, about={"proposalId": proposal.id}, **me)
    path = f"/appeals/{appeal['id']}"
    await post(matching, f"{path}/_withdraw", status=403, **DESK)
    assert (await post(matching, f"{path}/_withdraw", **me))["status"] == "withdrawn"
    assert (await post(matching, f"{path}/_withdraw", **me))["status"] == "withdrawn"
    await post(matching, f"{path}/_decide", DECISION, 409, **DESK)
    assert len(await matching.told(AppealWithdrawn)) == 1


async def test_an_appeal_is_not_decided_by_its_own_appellant(matching: Matching) -> None:
    _, proposal = await declined(matching)
    me = as_trainer(proposal.trainer_id)
    appeal = await lodge(matching, about={"proposalId": proposal.id}, **me)
    own = await post(matching, f"/appeals/{appeal['id']}/_decide", DECISION, 403, **DESK, trainer=me["trainer"])
    assert own["type"].endswith("/own-appeal")


@pytest.mark.parametrize("decided", [False, True])
async def test_an_erased_trainer_leaves_no_word_and_no_open_appeal(matching: Matching, decided: bool) -> None:  # noqa: FBT001
    _, proposal = await declined(matching)
    appeal = await lodge(matching, about={"proposalId": proposal.id}, **as_trainer(proposal.trainer_id))
    if decided:
        await post(matching, f"/appeals/{appeal['id']}/_decide", DECISION, **DESK)
    await matching.hear(TrainerAnonymised(trainer_id=proposal.trainer_id))
    shown = await get(matching, f"/appeals/{appeal['id']}", **PROGRAMME)
    assert shown["status"] == ("upheld" if decided else "withdrawn")
    assert (shown["words"], shown["motivation"], shown["findings"]) == (None, None, [])
    assert await matching.deadlines_of(UUID(appeal["id"])) == {}
