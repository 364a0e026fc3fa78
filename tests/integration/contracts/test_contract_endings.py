"""A contract ends early as its form allows: with whose consent, by notice or at once; and only by its own parties."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from contracts.contract.model.contract import Contract, Status
from events.contracts import (
    ContractDissolved,
    ContractEnded,
    ContractExtensionOffered,
    EndingAgreed,
    EndingDropped,
    EndingProposed,
    NoticeGiven,
)
from events.words import Form
from tests.integration.contracts.contracts_at_work import SECONDMENT, Contracts
from tests.support.asking import BOARD, COMPANY, ENDS_ON, STARTS_ON, vacancy

LATER = STARTS_ON + timedelta(days=60)


def _as(party: str, contract: Contract) -> dict[str, Any]:
    if party == "trainer":
        return {"role": "trainer", "trainer": str(contract.trainer_id)}
    return {"role": party, "org": BOARD if party == "school" else COMPANY}


async def act(office: Contracts, contract: Contract, verb: str, party: str, status: int = 200, **body: Any) -> Any:
    path = f"/contracts/{contract.id}/_{verb}"
    return await office.ask("POST", path, {"party": party, **body}, status=status, **_as(party, contract))


async def dual(office: Contracts) -> Contract:
    return await office.at_work(await office.drafted(vacancy(forms=[Form.DUAL_EMPLOYMENT]), form=Form.DUAL_EMPLOYMENT))


async def test_a_company_neither_ends_nor_suspends_the_employment_contract_of_school_and_trainer(
    office: Contracts,
) -> None:
    contract = await dual(office)
    company = _as("company", contract)
    for verb, body in (
        ("propose-ending", {"lastDay": LATER.isoformat(), "reason": "employer"}),
        ("give-notice", {"reason": "employer"}),
        ("end-for-cause", {"reason": "employer", "stated": True}),
    ):
        problem = await act(office, contract, verb, "company", 403, **body)
        assert problem["type"].endswith("/not-its-agreement")
    await office.ask("POST", f"/contracts/{contract.id}/_suspend", {"reason": "employer"}, status=403, **company)
    shown = await office.ask("GET", f"/contracts/{contract.id}/early-end", **company)
    assert (shown["instrument"], shown["parties"]) == ("school_employment", ["trainer", "school"])
    assert (await office.contract(contract.id)).status is Status.ACTIVE


async def test_an_end_that_all_parties_want_comes_on_its_day_and_may_be_reconsidered_before(office: Contracts) -> None:
    contract = await dual(office)
    path = f"/contracts/{contract.id}"
    ways = (await office.ask("GET", f"{path}/early-end", **_as("trainer", contract)))["possibilities"]
    found = {(each["by"], each["way"]): each for each in ways}
    assert found["trainer", "agreement"]["firstDay"] == (STARTS_ON + timedelta(days=14)).isoformat()
    assert [each["code"] for each in found["trainer", "notice"]["obstacles"]] == ["no_clause"]
    assert found["trainer", "notice"]["obstacles"][0]["textNl"].startswith("Het contract heeft een einddatum")
    early: dict[str, Any] = {"lastDay": (STARTS_ON + timedelta(days=13)).isoformat(), "reason": "qualification"}
    refused = await act(office, contract, "propose-ending", "school", 400, **early)
    assert [(each["name"], each["code"]) for each in refused["invalidParams"]] == [("lastDay", "too-early")]
    on = {**early, "lastDay": LATER.isoformat()}
    seen = await act(office, contract, "propose-ending", "trainer", **on)
    assert (seen["ending"]["left"], seen["ending"]["reason"]) == (["school"], "qualification")
    shown = await office.ask("GET", path, **_as("school", contract))
    assert (shown["ending"]["reason"], shown["status"]) == (None, "active")
    await act(office, contract, "decline-ending", "school")
    assert [each.how for each in await office.told(EndingDropped)] == ["declined"]
    await act(office, contract, "propose-ending", "school", **{**on, "reason": "schedule"})
    agreed = await act(office, contract, "agree-ending", "trainer")
    assert (agreed["ending"]["left"], agreed["status"]) == ([], "active")
    assert (await office.told(EndingAgreed))[0].reconsider_before is not None
    await act(office, contract, "withdraw-ending", "school", 409)
    await act(office, contract, "withdraw-ending", "trainer")
    await act(office, contract, "propose-ending", "school", **{**on, "reason": "schedule"})
    await act(office, contract, "agree-ending", "trainer")
    await office.until(LATER)
    assert (await office.contract(contract.id)).status is Status.ACTIVE
    await office.until(LATER + timedelta(days=1))
    ended = (await office.told(ContractEnded))[0]
    assert (ended.ended_on, ended.early, ended.reason) == (LATER, True, "schedule")


async def test_a_proposal_that_nobody_answers_changes_nothing(office: Contracts) -> None:
    contract = await dual(office)
    await act(office, contract, "propose-ending", "school", lastDay=LATER.isoformat(), reason="schedule")
    proposed = (await office.told(EndingProposed))[0]
    assert [party.value for party in proposed.asked] == ["trainer"]
    await office.pass_time(days=15)
    dropped = (await office.told(EndingDropped))[0]
    assert (dropped.how, dropped.by) == ("unanswered", None)
    await office.until(LATER + timedelta(days=1))
    assert (await office.contract(contract.id)).status is Status.ACTIVE
    await office.until(ENDS_ON + timedelta(days=1))
    assert (await office.contract(contract.id)).status is Status.ENDED


async def test_a_guest_gives_notice_and_the_work_goes_on_until_its_last_day(office: Contracts) -> None:
    contract = await office.at_work()
    await act(office, contract, "propose-ending", "school", lastDay=LATER.isoformat(), reason="other")
    seen = await act(office, contract, "give-notice", "trainer", reason="time")
    last = date.fromisoformat(seen["ending"]["lastDay"])
    assert (last, seen["ending"]["way"], seen["ending"]["left"]) == (date(2027, 3, 1), "notice", [])
    assert [each.ends_on for each in await office.told(NoticeGiven)] == [last]
    path = f"/contracts/{contract.id}/_extend"
    problem = await office.ask("POST", path, {"endsOn": "2027-12-17"}, status=409, **_as("school", contract))
    assert problem["type"].endswith("/ending-open")
    await office.hand_in(contract, STARTS_ON, 60)
    await office.until(last + timedelta(days=1))
    assert (await office.contract(contract.id)).status is Status.ENDED_EARLY
    shown = await office.ask("GET", f"/contracts/{contract.id}/early-end", **_as("school", contract))
    assert (shown["possibilities"], shown["follows"]) == ([], [])


async def test_the_consequences_are_listed_before_it_is_done(office: Contracts) -> None:
    contract = await dual(office)
    await office.hand_in(contract, STARTS_ON, 60)
    shown = await office.ask("GET", f"/contracts/{contract.id}/early-end", **_as("school", contract))
    counts = {each["code"]: each["count"] for each in shown["follows"]}
    assert counts == {"open_hours": 1, "other_agreements": 2, "place": 1, "data": 1}
    assert shown["follows"][0]["textNl"].startswith("Ingediende uren")


async def test_before_its_first_day_it_ends_by_agreement_alone(office: Contracts) -> None:
    contract = await office.signed(await office.drafted())
    for verb, body in (("give-notice", {}), ("end-for-cause", {"stated": True})):
        await act(office, contract, verb, "trainer", 409, reason="time", **body)
    last = STARTS_ON - timedelta(days=3)
    await act(office, contract, "propose-ending", "trainer", lastDay=last.isoformat(), reason="time")
    await act(office, contract, "agree-ending", "school")
    await office.until(last + timedelta(days=1))
    assert [each.reason for each in await office.told(ContractDissolved)] == ["mutual"]


async def test_a_lending_company_and_a_school_end_a_secondment_without_the_trainer(office: Contracts) -> None:
    contract = await office.at_work(await office.drafted(vacancy(**SECONDMENT)))
    await act(office, contract, "propose-ending", "trainer", 403, lastDay=LATER.isoformat(), reason="time")
    await act(office, contract, "propose-ending", "company", lastDay=LATER.isoformat(), reason="employer")
    await act(office, contract, "agree-ending", "trainer", 403)
    await act(office, contract, "agree-ending", "school")
    agreed = (await office.told(EndingAgreed))[0]
    assert agreed.reconsider_before is None
    assert await office.told(ContractExtensionOffered) == []


async def test_a_party_acts_for_itself_and_a_fault_names_its_field(office: Contracts) -> None:
    contract = await office.at_work()
    path = f"/contracts/{contract.id}"
    body = {"party": "school", "lastDay": LATER.isoformat(), "reason": "other"}
    await office.ask("POST", f"{path}/_propose-ending", body, status=403, **_as("trainer", contract))
    await act(office, contract, "agree-ending", "trainer", 409)
    unstated = await act(office, contract, "end-for-cause", "trainer", 400, reason="other", stated=False)
    assert [each["name"] for each in unstated["invalidParams"]] == ["stated"]
    late = await act(office, contract, "give-notice", "trainer", 400, reason="time", lastDay="2027-02-02")
    assert [(each["name"], each["code"]) for each in late["invalidParams"]] == [("lastDay", "too-early")]
