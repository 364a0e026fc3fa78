"""Counter-proposals over HTTP: other terms, judged for the trainer alone, agreed to anew by every party."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from common.persistence.transaction import uuid7
from events.matching import ProposalAccepted, ProposalExpired
from events.registry import VacancyPosted
from matching.profile.model.week import Week
from matching.profile.store import profiles
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.proposal.usecases.proposing import EXPIRE
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import COMPANY, OTHER_BOARD, SCHOOL, profile, vacancy

FRIDAY = {"day": 5, "starts": "09:00", "ends": "11:00"}
THURSDAY = {"day": 4, "starts": "09:00", "ends": "11:00"}
ANOTHER_DAY = {"minutesPerWeek": 120, "roster": [FRIDAY]}
EMPLOYED: dict[str, Any] = {
    "company_id": COMPANY,
    "employer_agreed": True,
    "company_minutes_per_week": 1920,
    "company_days": [1, 3, 4, 5],
}


async def proposed(matching: Matching, *, asked: VacancyPosted | None = None, **trainer: Any) -> Proposal:
    asked = asked or vacancy()
    await matching.hear(profile(**trainer), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    return proposal


async def act(matching: Matching, proposal: Proposal, what: str, body: Any, who: str, status: int = 200) -> Any:
    headers = matching.headers(write=True, **token(proposal, who)) | {"Accept-Language": "nl"}
    answer = await matching.client.post(f"/proposals/{proposal.id}/_{what}", headers=headers, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def look(matching: Matching, proposal: Proposal, who: str) -> Any:
    answer = await matching.client.get(f"/proposals/{proposal.id}", headers=matching.headers(**token(proposal, who)))
    assert answer.status_code == 200, answer.text
    return answer.json()


def token(proposal: Proposal, who: str) -> dict[str, Any]:
    if who == "trainer":
        return {"role": who, "trainer": str(proposal.trainer_id)}
    return {"role": who, "org": {"school": SCHOOL, "company": COMPANY}[who]}


def code(problem: Any) -> str:
    return str(problem["type"]).rpartition("/")[2]


async def test_a_trainer_agrees_with_the_school_on_another_day_and_fewer_hours(matching: Matching) -> None:
    proposal = await proposed(matching)
    countered = await act(matching, proposal, "counter", {"party": "trainer", **ANOTHER_DAY}, "trainer")
    assert (countered["status"], countered["minutesPerWeek"]) == ("proposed", 210)
    seen = (await look(matching, proposal, "school"))["counter"]
    assert (seen["number"], seen["answeredBy"], seen["minutesPerWeek"]) == (1, "school", 120)
    assert seen["roster"] == [{"day": 5, "starts": "09:00:00", "ends": "11:00:00"}]
    assert (seen["asksEmployer"], seen["madeAt"][11:]) == (None, "00:00:00Z")
    agreed = await act(matching, proposal, "accept-counter", {"party": "school", "counterNumber": 1}, "school")
    assert (agreed["status"], agreed["minutesPerWeek"], agreed["terms"]) == ("accepted", 120, 2)
    [event] = await matching.told(ProposalAccepted)
    assert (event.minutes_per_week, [slot.day for slot in event.roster or []]) == (120, [5])
    async with matching.database.begin(actor="test") as tx:
        taken = await profiles.engagement(tx, proposal.id)
    assert taken is not None
    assert (taken.agreed, taken.minutes_per_week, taken.slots) == (True, 120, Week.of([(5, 540, 660)]))


async def test_the_employer_is_asked_about_the_terms_that_were_agreed_and_reads_nothing_before(
    matching: Matching,
) -> None:
    """On Tuesday the lessons are the trainer's own time; on Friday they are the employer's."""
    proposal = await proposed(matching, **EMPLOYED)
    assert proposal.company_id is None
    countered = await act(matching, proposal, "counter", {"party": "trainer", **ANOTHER_DAY}, "trainer")
    assert countered["counter"]["asksEmployer"] is True
    changed = await act(matching, proposal, "accept-counter", {"party": "school", "counterNumber": 1}, "school")
    assert (changed["status"], changed["left"], changed["trainerId"]) == ("proposed", ["company"], None)
    seen = await look(matching, proposal, "company")
    assert (seen["minutesPerWeek"], seen["counter"], seen["trainerId"]) == (120, None, str(proposal.trainer_id))
    parties = {
        envelope["ce_type"].rpartition("proposal.")[2]: envelope["ce_parties"]
        for envelope in await matching.envelopes()
        if ".proposal." in envelope["ce_type"]
    }
    assert "company=" not in parties["countered.v1"] + parties["made.v1"]
    assert f"company={COMPANY}" in parties["terms-changed.v1"]
    consents = f"/proposals/{proposal.id}/consents/company"
    answer = await matching.client.put(consents, headers=matching.headers(**token(proposal, "company")))
    assert (answer.status_code, code(answer.json())) == (409, "other-terms")
    answer = await matching.client.put(f"{consents}?terms=2", headers=matching.headers(**token(proposal, "company")))
    assert answer.json()["status"] == "accepted"


async def test_a_school_learns_nothing_of_the_trainer_by_its_counter_proposals(matching: Matching) -> None:
    """The trainer has agreed to lessons elsewhere on Thursday: the school may ask for these, and the trainer cannot."""
    proposal = await proposed(matching, desired_minutes_per_week=0)
    async with matching.database.begin(actor="test") as tx:
        asked = await profiles.engagement(tx, proposal.id)
        assert asked is not None
        there: dict[str, Any] = {
            "proposal_id": uuid7(),
            "vacancy_id": uuid7(),
            "board_id": OTHER_BOARD,
            "agreed": True,
        }
        await profiles.engage(tx, proposal.trainer_id, replace(asked, **there, slots=Week.of([(4, 540, 660)])))
    on_thursday = {"minutesPerWeek": 120, "roster": [THURSDAY]}
    offered = await act(matching, proposal, "counter", {"party": "school", **on_thursday}, "school")
    assert offered["counter"]["answeredBy"] == "trainer"
    refused = await act(
        matching, proposal, "accept-counter", {"party": "trainer", "counterNumber": 1}, "trainer", status=422
    )
    assert code(refused) == "not-under-these-terms"
    assert refused["detail"].startswith("Onder deze voorwaarden kunt u geen les geven: ")
    await act(matching, proposal, "accept-counter", {"party": "trainer", "counterNumber": 1}, "school", status=403)
    declined = await act(matching, proposal, "decline-counter", {"party": "trainer", "counterNumber": 1}, "trainer")
    assert (declined["status"], declined["counter"], declined["terms"]) == ("proposed", None, 1)
    refused = await act(matching, proposal, "counter", {"party": "trainer", **on_thursday}, "trainer", 422)
    assert code(refused) == "not-under-these-terms"


async def test_a_counter_proposal_prolongs_the_answer_by_policy_and_no_further(matching: Matching) -> None:
    proposal = await proposed(matching)
    await matching.pass_time(days=13)
    await act(matching, proposal, "counter", {"party": "school", "form": "self_employed"}, "school")
    due = (await matching.deadlines_of(proposal.id))[EXPIRE]
    assert timedelta(days=17, hours=23) < due - proposal.made_at < timedelta(days=18, hours=1)
    await act(matching, proposal, "decline-counter", {"party": "trainer", "counterNumber": 1}, "trainer")
    await matching.pass_time(days=4)
    await act(matching, proposal, "counter", {"party": "trainer", "minutesPerWeek": 180}, "trainer")
    due = (await matching.deadlines_of(proposal.id))[EXPIRE]
    assert due - proposal.made_at == timedelta(days=21)
    await matching.pass_time(days=5)
    assert [each.proposal_id for each in await matching.told(ProposalExpired)] == [proposal.id]
    await act(matching, proposal, "accept-counter", {"party": "school", "counterNumber": 2}, "school", status=409)


async def test_a_trainer_who_is_gone_makes_and_accepts_none_and_no_school_learns_it(
    matching: Matching,
) -> None:
    proposal = await proposed(matching)
    async with matching.database.begin(actor="test") as tx:
        await proposals.hold(tx, proposal, "trainer_paused")
    await act(matching, proposal, "counter", {"party": "trainer", **ANOTHER_DAY}, "trainer", 409)
    await act(matching, proposal, "counter", {"party": "school", **ANOTHER_DAY}, "school")
    refused = await act(
        matching, proposal, "accept-counter", {"party": "trainer", "counterNumber": 1}, "trainer", status=409
    )
    assert code(refused) == "not-possible"
