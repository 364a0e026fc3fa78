"""Contracts, assignments and hours over HTTP: who may do what, and how it is refused."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.persistence.transaction import uuid7
from contracts.contract.model.contract import Contract
from events.contracts import ContractCancelled, ContractSigned
from events.registry import ContactState
from events.words import Fee, FeeKind, Form, LendingStatus, Party, SchoolType, TeachingRole
from rules import words
from tests.integration.contracts.contracts_at_work import SECONDMENT, Contracts, accepted, company, profile
from tests.support.asking import BOARD, COMPANY, LOCATION, OTHER_BOARD, SCHOOL, STARTS_ON, SUPERVISOR, vacancy


def _as(party: str, contract: Contract) -> dict[str, Any]:
    """The token of somebody who acts for a party."""
    if party == "trainer":
        return {"role": "trainer", "trainer": str(contract.trainer_id)}
    return {"role": party, "org": BOARD if party == "school" else COMPANY}


ENDS: dict[str, dict[str, Any]] = {
    "propose-ending": {"lastDay": "2027-05-31", "reason": "other"},
    "give-notice": {"reason": "other"},
    "end-for-cause": {"reason": "other", "stated": True},
}
TERMS = {
    "startsOn": "2027-02-01",
    "endsOn": "2027-07-09",
    "minutesPerWeek": 180,
    "preparationMinutesPerWeek": 30,
    "roster": [{"day": 2, "startsTime": "08:30", "endsTime": "11:30"}],
    "supervisorId": str(SUPERVISOR),
    "fee": {"kind": "none", "cents": 0},
}


async def test_parties_sign_the_document_that_they_have_read(office: Contracts) -> None:
    contract = await office.drafted()
    path = f"/contracts/{contract.id}"
    shown = await office.ask("GET", path, **_as("school", contract))
    assert shown["status"] == "signing"
    assert shown["terms"]["roster"] == [{"day": 2, "startsTime": "08:30:00", "endsTime": "12:00:00"}]
    assert shown["signing"]["left"] == ["trainer", "school"]
    assert {cost["form"] for cost in shown["decision"]["costs"]} == set(Form)
    document = await office.ask("GET", f"{path}/document?lang=nl", **_as("trainer", contract))
    assert document["documentHash"] == shown["signing"]["documentHash"]
    assert "GASTOVEREENKOMST" in document["text"]
    assert "Aagje Veerring" in document["text"]
    assert [(each["code"], each["mandatory"]) for each in document["agreements"]] == [
        ("guest_agreement", ["trainer", "school"])
    ]
    english = await office.ask("GET", f"{path}/document?lang=en&documentVersion=1", **_as("trainer", contract))
    assert "GUEST AGREEMENT" in english["text"]
    assert "Technische School Noord" in english["text"]
    body = {"documentHash": document["documentHash"]}
    for party in ("trainer", "school", "school"):
        signed = await office.ask("PUT", f"{path}/signatures/{party}", body, **_as(party, contract))
    assert signed["status"] == "signed"
    assert len(await office.told(ContractSigned)) == 1
    await office.ask("GET", f"{path}/document?documentVersion=2", status=404, **_as("school", contract))


async def test_a_school_without_a_name_of_its_own_is_called_by_its_board(office: Contracts) -> None:
    contract = await office.drafted()
    await office.hear_end_of(ContactState, SCHOOL)
    board = ContactState(
        party_id=BOARD, party=Party.SCHOOL, name="Bestuur Noord", contact_name=None, email=None, language="nl"
    )
    await office.hear(board)
    document = await office.ask("GET", f"/contracts/{contract.id}/document", **_as("school", contract))
    assert "Bestuur Noord, hierna: de school" in document["text"]


async def test_signing_another_document_is_refused(office: Contracts) -> None:
    contract = await office.drafted()
    path = f"/contracts/{contract.id}/signatures"
    problem = await office.ask(
        "PUT", f"{path}/school", {"documentHash": "0" * 64}, status=409, **_as("school", contract)
    )
    assert problem["type"].endswith("/another-document")
    assert contract.signing is not None
    body = {"documentHash": contract.signing.hash}
    problem = await office.ask("PUT", f"{path}/company", body, status=409, **_as("company", contract))
    assert problem["type"].endswith("/not-a-signatory")
    await office.ask("PUT", f"{path}/school", body, status=403, **_as("trainer", contract))
    await office.ask("PUT", f"{path}/school", {"documentHash": "x"}, status=400, **_as("school", contract))


@pytest.mark.parametrize(
    "who",
    [
        {"role": "school", "org": OTHER_BOARD},
        {"role": "company", "org": SCHOOL},
        {"role": "trainer", "trainer": str(UUID(int=1))},
        {"role": "desk", "regions": ["AM01"]},
        {"role": "operator"},
    ],
)
async def test_a_stranger_finds_nothing(office: Contracts, who: dict[str, Any]) -> None:
    contract = await office.at_work()
    line = await office.hand_in(contract, STARTS_ON, 60)
    assignment = await office.assignment(contract.id)
    for path in (
        f"/contracts/{contract.id}",
        f"/contracts/{contract.id}/document",
        f"/contracts/{contract.id}/decisions",
        f"/assignments/{assignment.id}",
        f"/hours/{line.id}",
    ):
        await office.ask("GET", path, status=404, **who)
    for path in ("/contracts", "/assignments", "/hours"):
        assert (await office.ask("GET", path, **who))["items"] == []
    parties = {"school", "company", "trainer"}
    approves, ends = (404 if who["role"] in roles else 403 for roles in ({"school"}, parties))
    await office.ask("POST", f"/hours/{line.id}/_approve", status=approves, **who)
    for verb in ("propose-ending", "agree-ending", "decline-ending", "withdraw-ending", "give-notice", "end-for-cause"):
        body = {"party": "school"} | ENDS.get(verb, {})
        await office.ask("POST", f"/contracts/{contract.id}/_{verb}", body, status=ends, **who)


async def test_a_declaration_of_the_board_goes_for_the_next_contract(office: Contracts) -> None:
    """L6: without the standing the extension begins anew with each contract."""
    first = await office.drafted()
    path = f"/contracts/{first.id}/standing"
    nothing = await office.ask("GET", path, **_as("trainer", first))
    assert (nothing["grounds"], nothing["caoDeviation"], nothing["aboveCapUntil"]) == ([], False, None)
    body = {
        "grounds": [{"ground": "DEVIATION", "startedOn": "2024-01-01", "effortStatements": ["2025-12-01"]}],
        "boardDecisions": ["board_deviation"],
    }
    declared = await office.ask("PUT", path, body, **_as("school", first))
    assert declared["grounds"] == body["grounds"]
    assert await office.ask("PUT", path, body, **_as("school", first)) == declared
    assert await office.ask("GET", path, **_as("trainer", first)) == declared

    wanted = {
        "school_type": SchoolType.MBO,
        "role": TeachingRole.TEACHER,
        "starts_on": date(2028, 2, 1),
        "ends_on": None,
    }
    second = await office.drafted(vacancy(**wanted), profile(trainer_id=first.trainer_id))
    assert second.decision is not None
    assert second.decision.ground is None, "four years end on 31 December 2027"
    since_2025 = {"ground": "DEVIATION", "startedOn": "2025-01-01", "effortStatements": ["2025-12-01"]}
    earlier = {**body, "grounds": [since_2025]}
    await office.ask("PUT", path, earlier, **_as("school", first))
    third = await office.drafted(vacancy(**wanted), profile(trainer_id=first.trainer_id))
    assert third.decision is not None
    assert third.decision.ground == "DEVIATION"

    for who in (_as("trainer", first), _as("company", first)):
        await office.ask("PUT", path, body, status=403, **who)
    await office.ask("GET", path, status=403, **_as("company", first))
    for method, given in (("GET", None), ("PUT", body)):
        await office.ask(method, path, given, status=404, role="school", org=OTHER_BOARD)
    unknown = {"grounds": [{"ground": "FRIENDSHIP", "startedOn": "2026-01-01"}]}
    problem = await office.ask("PUT", path, unknown, status=400, **_as("school", first))
    assert [param["name"] for param in problem["invalidParams"]] == ["grounds.0.ground"]


async def test_where_else_a_trainer_works_is_shown_to_no_other_school_and_no_company(office: Contracts) -> None:
    """Seen red: school and company read the ids, days and employers of a trainer's other contracts."""
    offered = profile()
    first, second = await office.drafted(vacancy(), offered), await office.drafted(vacancy(), offered)
    path = f"/contracts/{second.id}/decisions"
    for party in ("school", "company"):
        shown = await office.ask("GET", path, **_as(party, second))
        assert str(first.id) not in json.dumps(shown), party
        facts = {check["name"]: check["facts"] for check in shown["items"][0]["checks"]}
        assert [facts[name] for name in ("working_time", "qualification", "vog")] == [None] * 3
        assert facts["vat"] is not None
        assert all(check["findings"] for check in shown["items"][0]["checks"])
    for who in (_as("trainer", second), {"role": "desk", "regions": ["AM13"]}, {"role": "programme"}):
        shown = await office.ask("GET", path, **who)
        assert str(first.id) in json.dumps(shown)


async def test_why_it_stands_still_is_read_by_the_other_side_only_where_it_is_not_the_persons_own(
    office: Contracts,
) -> None:
    """Seen red: `absence` stood in the contract for school and company, while cases, feed and letters kept it."""
    contract = await office.at_work()
    path = f"/contracts/{contract.id}"
    seen = {"role": "desk", "regions": ["AM13"]}, {"role": "programme"}, _as("trainer", contract)
    sides = _as("school", contract), _as("company", contract)
    for reason, for_the_sides in (("absence", None), ("schedule", "schedule")):
        await office.ask("POST", f"{path}/_suspend", {"reason": reason}, **_as("school", contract))
        for who, expected in [(one, reason) for one in seen] + [(one, for_the_sides) for one in sides]:
            assert (await office.ask("GET", path, **who))["reason"] == expected
            listed = (await office.ask("GET", f"/contracts?vacancyId={contract.vacancy_id}", **who))["items"]
            assert [one["reason"] for one in listed] == [expected]
        await office.ask("POST", f"{path}/_resume", **_as("school", contract))


async def test_everybody_concerned_finds_it(office: Contracts) -> None:
    contract = await office.at_work()
    for who in (
        {"role": "school", "org": LOCATION},
        {"role": "portal", "org": COMPANY},
        _as("trainer", contract),
        {"role": "desk", "regions": ["AM13"]},
        {"role": "programme"},
    ):
        query = f"status=active&vacancyId={contract.vacancy_id}&trainerId={contract.trainer_id}"
        found = await office.ask("GET", f"/contracts?{query}", **who)
        assert [item["id"] for item in found["items"]] == [str(contract.id)]
        found = await office.ask("GET", f"/assignments?contractId={contract.id}", **who)
        assert [item["status"] for item in found["items"]] == ["active"]
        await office.ask("GET", f"/assignments/{found['items'][0]['id']}", **who)


async def test_every_reading_of_a_person_is_on_record(office: Contracts) -> None:
    contract = await office.drafted()
    await office.ask("GET", f"/contracts/{contract.id}", **_as("school", contract))
    await office.ask("GET", "/contracts", **_as("school", contract))
    rows = await office.rows("SELECT data_subject_id, actor FROM processing_log")
    assert [tuple(row) for row in rows] == [(str(contract.trainer_id), "portal")] * 2


async def test_terms_are_changed_with_the_version_that_was_read(office: Contracts) -> None:
    contract = await office.drafted()
    path = f"/contracts/{contract.id}/terms"
    school = _as("school", contract)
    await office.ask("PUT", path, TERMS, status=428, **school)
    await office.ask("PUT", path, TERMS, status=412, headers={"If-Match": '"1"'}, **school)
    await office.ask("PUT", path, TERMS, status=403, headers={"If-Match": "*"}, **_as("trainer", contract))
    match = {"If-Match": f'"{contract.version}"'}
    changed = await office.ask("PUT", path, TERMS, headers=match, **school)
    assert (changed["status"], changed["documents"]) == ("signing", 2)
    assert changed["terms"]["minutesPerWeek"] == 180
    wrong = {**TERMS, "endsOn": "2027-01-01", "fee": {"kind": "none", "cents": 5}, "payrollTaxCredit": "company"}
    problem = await office.ask("PUT", path, wrong, status=400, headers={"If-Match": "*"}, **school)
    assert {param["name"] for param in problem["invalidParams"]} == {"endsOn", "fee.cents", "payrollTaxCredit"}
    slip = {**TERMS, "fee": {"kind": "salary", "cents": 3000}}
    problem = await office.ask("PUT", path, slip, status=400, headers={"If-Match": "*"}, **school)
    assert [(one["name"], one["code"]) for one in problem["invalidParams"]] == [("fee.cents", "out-of-band")]
    slip = {**TERMS, "fee": {"kind": "salary", "cents": 60_000, "per": "hour"}}
    problem = await office.ask("PUT", path, slip, status=400, headers={"If-Match": "*"}, **school)
    assert [(one["name"], one["code"]) for one in problem["invalidParams"]] == [("fee.per", "unit")]
    salary = {**TERMS, "fee": {"kind": "salary", "cents": 60_000, "per": "month"}}
    changed = await office.ask("PUT", path, salary, headers={"If-Match": "*"}, **school)
    assert changed["terms"]["fee"]["per"] == "month"


async def test_missing_items_are_named_by_party_before_anything_is_offered(office: Contracts) -> None:
    salary = Fee(kind=FeeKind.SALARY, cents=70_000)
    contract = await office.drafted(vacancy(forms=[Form.DUAL_EMPLOYMENT], fee=salary))
    path, company = f"/contracts/{contract.id}", _as("company", contract)
    shown = await office.ask("GET", f"{path}/completeness", **company)
    missing = {(one["party"], one["field"]) for one in shown["items"] if not one["filled"]}
    assert missing == {
        ("school", "salaryScale"),
        ("school", "salaryStep"),
        ("school", "workingTimeFactor"),
        ("company", "companyMinutesPerWeek"),
    }
    later = {
        **TERMS,
        "startsOn": "2027-08-30",
        "endsOn": "2027-12-17",
        "fee": {"kind": "salary", "cents": 70_000},
        "payrollTaxCredit": "company",
        "salaryScale": "LB",
    }
    any_version = {"If-Match": "*"}
    problem = await office.ask("PUT", f"{path}/terms", later, status=400, headers=any_version, **company)
    assert {(one["name"], one["code"]) for one in problem["invalidParams"]} == {
        (field, "missing") for _, field in missing - {("school", "salaryScale")}
    }
    whole = {**later, "salaryStep": "4", "workingTimeFactor": "0.1125", "companyMinutesPerWeek": 1650}
    changed = await office.ask("PUT", f"{path}/terms", whole, headers=any_version, **company)
    assert (changed["terms"]["salaryScale"], changed["terms"]["workingTimeFactor"]) == ("LB", "0.1125")
    assert (await office.ask("GET", f"{path}/completeness", **company))["complete"]


async def test_a_review_takes_a_reviewer_and_a_note(office: Contracts) -> None:
    held = []
    for _ in range(3):
        asked, offered = vacancy(**SECONDMENT), profile()
        proposal = accepted(asked, offered)
        await office.hear(asked, offered, company(lending_status=LendingStatus.UNKNOWN), proposal)
        held.append(await office.contract_of(proposal))
    note = {"note": "The company showed its admission."}
    desk: dict[str, Any] = {"role": "desk", "regions": ["AM13"]}
    await office.ask("POST", f"/contracts/{held[0].id}/_approve-review", note, status=403, **_as("school", held[0]))
    await office.ask("POST", f"/contracts/{held[0].id}/_approve-review", {"note": " "}, status=400, **desk)
    outcomes = [
        (await office.ask("POST", f"/contracts/{contract.id}/_{verb}-review", note, **desk))["status"]
        for contract, verb in zip(held, ("approve", "reject", "return"), strict=True)
    ]
    assert outcomes == ["signing", "refused", "draft"]
    again = await office.ask("POST", f"/contracts/{held[0].id}/_approve-review", note, status=409, **desk)
    assert again["type"].endswith("/nothing-to-review")
    decisions = await office.ask("GET", f"/contracts/{held[0].id}/decisions", **desk)
    assert [(item["about"], item["ruling"]) for item in decisions["items"]] == [("terms", "held"), ("review", "passed")]
    facts = next(check["facts"] for check in decisions["items"][0]["checks"] if check["name"] == "vat")
    assert facts["invoicedBy"] == "employer"


async def test_a_party_may_refuse_and_an_employer_may_cancel(office: Contracts) -> None:
    first, second = await office.drafted(), await office.drafted()
    refused = await office.ask("POST", f"/contracts/{first.id}/_refuse", **_as("trainer", first))
    await office.ask("POST", f"/contracts/{second.id}/_cancel", status=403, **_as("trainer", second))
    cancelled = await office.ask("POST", f"/contracts/{second.id}/_cancel", **_as("school", second))
    assert (refused["status"], cancelled["status"]) == ("cancelled", "cancelled")
    assert [event.reason for event in await office.told(ContractCancelled)] == ["party_refused", "other"]
    problem = await office.ask(
        "POST", f"/contracts/{first.id}/_suspend", {"reason": "other"}, status=409, **_as("school", first)
    )
    assert problem["detail"] == "A contract that is cancelled cannot become suspended."
    assert problem["facts"] == {"status": "cancelled", "wanted": "suspended"}


async def test_employers_run_the_work(office: Contracts) -> None:
    contract = await office.at_work()
    school, path = _as("school", contract), f"/contracts/{contract.id}"
    extended = await office.ask("POST", f"{path}/_extend", {"endsOn": "2027-12-17"}, **school)
    assert extended["extension"]["signing"]["documentVersion"] == 2
    await office.ask("POST", f"{path}/_extend", {"endsOn": "2027-03-01"}, status=409, **school)
    assert (await office.ask("POST", f"{path}/_suspend", {"reason": "school"}, **school))["status"] == "suspended"
    assert (await office.ask("POST", f"{path}/_resume", **school))["status"] == "active"
    stated = {"party": "school", "reason": "schedule", "stated": True}
    ended = await office.ask("POST", f"{path}/_end-for-cause", stated, **school)
    assert (ended["status"], ended["endedOn"], ended["reason"]) == ("ended_early", STARTS_ON.isoformat(), "schedule")
    office.rewind()
    second = await office.signed(await office.drafted())
    dissolve, missing = f"/contracts/{second.id}/_dissolve", {"reason": "vog_not_shown"}
    problem = await office.ask("POST", dissolve, missing, status=409, **school)
    assert problem["type"].endswith("/nothing-missing")
    await office.until(STARTS_ON)
    await office.ask("POST", dissolve, missing, status=403, **_as("company", second))
    assert (await office.ask("POST", dissolve, missing, **school))["status"] == "dissolved"


async def test_hours_over_http(office: Contracts) -> None:
    contract = await office.at_work()
    await office.until(STARTS_ON + timedelta(days=10))
    assignment = await office.assignment(contract.id)
    trainer, school = _as("trainer", contract), _as("school", contract)
    worked = {"workedOn": "2027-02-02", "contactMinutes": 120, "preparationMinutes": 30, "groupSize": 24}
    line = await office.ask("POST", f"/assignments/{assignment.id}/hours", worked, status=201, **trainer)
    assert line["status"] == "submitted"
    await office.ask("POST", f"/hours/{line['id']}/_approve", status=403, **trainer)
    rejected = await office.ask("POST", f"/hours/{line['id']}/_reject", {"reason": "wrong_minutes"}, **school)
    corrected = {**worked, "contactMinutes": 100}
    match = {"If-Match": f'"{rejected["version"]}"'}
    await office.ask("PUT", f"/hours/{line['id']}", corrected, headers=match, **trainer)
    approved = await office.ask("POST", f"/hours/{line['id']}/_approve", **school)
    assert (approved["status"], approved["contactMinutes"]) == ("approved", 100)
    back = await office.ask("POST", f"/hours/{line['id']}/_reverse", status=201, **school)
    assert (back["contactMinutes"], back["reverses"]) == (-100, line["id"])
    problem = await office.ask("POST", f"/hours/{back['id']}/_reverse", status=409, **school)
    assert problem["type"].endswith("/not-reversible")
    own = uuid7()
    for _ in range(2):
        put = await office.ask("PUT", f"/assignments/{assignment.id}/hours/{own}", worked, **trainer)
        assert put["id"] == str(own)
    found = await office.ask("GET", f"/hours?assignmentId={assignment.id}&status=submitted", **trainer)
    assert [item["id"] for item in found["items"]] == [str(own)]
    assert (await office.ask("GET", f"/hours/{own}", **school))["groupSize"] == 24
    future = {**worked, "workedOn": "2027-03-01"}
    problem = await office.ask("POST", f"/assignments/{assignment.id}/hours", future, status=422, **trainer)
    assert problem["type"].endswith("/not-worked-yet")
    nothing = {"workedOn": "2027-02-02", "contactMinutes": 0}
    problem = await office.ask("POST", f"/assignments/{assignment.id}/hours", nothing, status=422, **trainer)
    assert problem["type"].endswith("/not-a-day")


@pytest.mark.parametrize(
    "other",
    [
        {"workedOn": "2027-02-03"},
        {"contactMinutes": 121},
        {"preparationMinutes": 0},
        {"travelMinutes": 10},
        {"groupSize": None},
    ],
)
async def test_hours_under_a_known_id_are_the_same_or_refused(office: Contracts, other: dict[str, Any]) -> None:
    contract = await office.at_work()
    await office.until(STARTS_ON + timedelta(days=10))
    path = f"/assignments/{(await office.assignment(contract.id)).id}/hours/{uuid7()}"
    worked = {"workedOn": "2027-02-02", "contactMinutes": 120, "preparationMinutes": 30, "groupSize": 24}
    first = await office.ask("PUT", path, worked, **_as("trainer", contract))
    assert await office.ask("PUT", path, worked, **_as("school", contract)) == first
    problem = await office.ask("PUT", path, {**worked, **other}, status=409, **_as("trainer", contract))
    assert problem["type"].endswith("/handed-in-otherwise")
    assert [line.contact_minutes for line in await office.lines()] == [120]


async def test_an_id_of_another_assignments_hours_is_not_found(office: Contracts) -> None:
    theirs = await office.at_work()
    line = await office.hand_in(theirs, STARTS_ON, 60)
    office.rewind()
    mine = await office.at_work()
    path = f"/assignments/{(await office.assignment(mine.id)).id}/hours/{line.id}"
    worked = {"workedOn": STARTS_ON.isoformat(), "contactMinutes": 60}
    for party in ("trainer", "school"):  # the school has both assignments: also then it is another line
        problem = await office.ask("PUT", path, worked, status=404, **_as(party, mine))
        assert str(theirs.trainer_id) not in json.dumps(problem)
    assert [each.id for each in await office.lines()] == [line.id]


async def test_the_programme_alone_lifts_a_cap(office: Contracts) -> None:
    body = {
        "trainerId": str(uuid7()),
        "boardId": str(BOARD),
        "reason": "Pilot of eight hours",
        "owner": "Programme office",
        "startsOn": "2027-02-01",
        "endsOn": "2027-07-31",
    }
    given = await office.ask("POST", "/overrides", body, status=201, role="programme")
    assert given["owner"] == "Programme office"
    await office.ask("POST", "/overrides", body, status=403, role="school", org=BOARD)
    backwards = {**body, "endsOn": "2027-01-31"}
    problem = await office.ask("POST", "/overrides", backwards, status=422, role="programme")
    assert problem["type"].endswith("/override-incomplete")


async def test_vat_is_calculated_for_every_form(office: Contracts) -> None:
    body = {"form": "secondment", "startsOn": "2027-02-01", "lines": 40, "lineCents": 33333}
    answer = await office.ask("POST", "/calculations/vat", body, role="school")
    assert (answer["vat"]["row"], answer["vat"]["netCents"], answer["vat"]["vatCents"]) == ("V5", 1_333_320, 40 * 7000)
    assert {cost["form"]: cost["row"] for cost in answer["costs"]} == {
        "self_employed": "V10",
        "dual_employment": "V1",
        "secondment": "V5",
        "guest": "V10",
    }
    alone = {**body, "form": "guest", "lineCents": 0, "lines": 1, "employed": False}
    answer = await office.ask("POST", "/calculations/vat", alone, role="school")
    assert (answer["vat"]["row"], {cost["form"] for cost in answer["costs"]}) == ("V2", {"self_employed", "guest"})
    await office.ask("POST", "/calculations/vat", {**body, "startsOn": "2027-02-30"}, status=400, role="school")
    problem = await office.ask(
        "POST", "/calculations/vat", {**body, "startsOn": "2000-01-01"}, status=422, role="school"
    )
    assert problem["type"].endswith("/no-rule-for-that-day")
    assert problem["facts"] == {"rule": "vat.V1", "day": "2000-01-01"}


async def test_working_time_is_calculated_for_a_planned_roster(office: Contracts) -> None:
    body = {
        "form": "dual_employment",
        "startsOn": "2027-02-01",
        "endsOn": "2027-07-09",
        "roster": [{"day": 6, "startsTime": "09:00", "endsTime": "18:00"}],
        "companyMinutesPerWeek": 2700,
        "companyDays": [1, 2, 3, 4, 5],
    }
    answer = await office.ask("POST", "/calculations/working-time", body, role="school")
    assert not answer["ok"]
    [blocks] = [each for each in answer["findings"] if each["outcome"] == "block"]
    assert blocks["rule"] == "R4"
    worked, most = (words.duration(int(blocks[name]), "en") for name in ("measured", "limit"))
    measures = f"(it is {worked}, the limit is {most})"
    assert blocks["textEn"] == f"too many working hours on average over sixteen weeks {measures}"
    assert {each["textNl"].split(" (")[0] for each in answer["findings"] if each["rule"] == "R6"} == {
        "genoeg wekelijkse rust"
    }
    seconded = {**body, "form": "secondment", "companyMinutesPerWeek": 1800, "companyDays": [1, 2, 3, 4]}
    assert (await office.ask("POST", "/calculations/working-time", seconded, role="school"))["ok"]
    backwards = {**body, "endsOn": "2027-01-01"}
    problem = await office.ask("POST", "/calculations/working-time", backwards, status=400, role="school")
    assert problem["invalidParams"][0]["name"] == "endsOn"
    free = {**body, "companyMinutesPerWeek": 0, "companyDays": []}
    assert (await office.ask("POST", "/calculations/working-time", free, role="school"))["ok"]
