"""Operations follows what happened in every service, shows what is next, and passes an operator's orders on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from common.envelope import Envelope
from common.messaging.consumer import Received
from common.messaging.log import Record
from common.persistence.transaction import uuid7
from common.service.housekeeping import keep_policy
from events import Event
from events.contracts import AssignmentStarted, ContractSigned, HoursApproved, SignatureGiven
from events.erasure import ErasureConfirmed
from events.flow import EventParked, EventsRedriven
from events.matching import ProposalAccepted, ProposalConsented, ProposalConverted, ProposalMade
from events.notifications import MessageSent
from events.policies import PolicyPublished
from events.registry import (
    BottleneckReported,
    ConsentExpiring,
    QualificationClaimed,
    TrainerAnonymised,
    TrainerApplied,
    TrainerAvailable,
    TrainerLeft,
    VacancyPosted,
)
from events.words import Party
from hto.documents.event_schemas import sample_of
from operations.app import service
from tests.integration.operations.cases_at_work import follow_all
from tests.support.postgres import FreshDatabase
from tests.support.serving import Serving, serving

START = datetime(2026, 9, 1, 9, tzinfo=UTC)


@pytest.fixture
async def operations(fresh_database: FreshDatabase) -> AsyncIterator[Serving]:
    async with serving(service, await fresh_database()) as at_work:
        yield at_work


def made(event: type[Event], **changes: Any) -> Event:
    return event.model_validate({**sample_of(event)}, strict=False).model_copy(update=changes)


def received(event: Event, *, case: UUID | None, source: str, minutes: int = 0) -> Received:
    envelope = Envelope(
        id=uuid7(),
        source=f"urn:nld:oin:1:systeem:hto-{source}",
        type=event.type,
        subject=f"{event.subject_kind()}/{event.key}",
        time=START + timedelta(minutes=minutes),
        key=event.key,
        sequence=1,
        case=str(case) if case else None,
    )
    record = Record(
        topic=f"hto.{source}.events",
        partition=0,
        offset=0,
        key=event.key,
        value=b"",
        headers={},
        timestamp=START + timedelta(minutes=minutes),
    )
    return Received(envelope, event, record)


async def follow(at_work: Serving, *happened: Received) -> None:
    async with at_work.database.begin(actor="test") as tx:
        await follow_all(tx, happened)


def programme(at_work: Serving) -> dict[str, str]:
    return at_work.headers("programme", "cases:read figures:read flow:read", roles=["programme"])


def operator(at_work: Serving) -> dict[str, str]:
    return at_work.headers("operator", "flow:read flow:write clock:read clock:write cases:read", roles=["operator"])


def proposal(vacancy: UUID, trainer: UUID) -> tuple[UUID, list[Received]]:
    proposal_id = uuid7()
    about = {"proposal_id": proposal_id, "vacancy_id": vacancy, "trainer_id": trainer}
    asked = [Party.TRAINER, Party.SCHOOL]
    return proposal_id, [
        received(made(VacancyPosted, vacancy_id=vacancy), case=vacancy, source="registry"),
        received(
            made(ProposalMade, **about, asked=asked, answer_before=START + timedelta(days=14)),
            case=vacancy,
            source="matching",
            minutes=1,
        ),
    ]


async def test_a_case_has_every_step_of_every_service_in_order(operations: Serving) -> None:
    vacancy, trainer = uuid7(), uuid7()
    _, happened = proposal(vacancy, trainer)
    await follow(operations, *happened)
    answer = await operations.get(f"/cases/{vacancy}/steps", programme(operations))
    steps = answer.json()["items"]
    assert [(step["service"], step["event"]) for step in steps] == [
        ("registry", "vacancy.posted"),
        ("matching", "proposal.made"),
    ]
    assert steps[1]["at"] == "2026-09-01T09:01:00Z"


async def test_the_erasure_of_a_person_is_confirmed_although_nothing_of_the_person_is_here(operations: Serving) -> None:
    """Seen red without ``_confirm_erasure``."""
    trainer = uuid7()
    await follow(operations, received(TrainerAnonymised(trainer_id=trainer), case=trainer, source="registry"))
    async with operations.database.begin(actor="test") as tx:
        query = text("SELECT payload FROM outbox WHERE type = :type")
        (payload,) = (await tx.execute(query, {"type": ErasureConfirmed.type})).scalars()
    confirmed = ErasureConfirmed.model_validate_json(payload)
    assert (confirmed.trainer_id, confirmed.service, confirmed.rows) == (trainer, "operations", 0)


async def test_an_event_that_is_delivered_twice_is_one_step(operations: Serving) -> None:
    vacancy, trainer = uuid7(), uuid7()
    _, happened = proposal(vacancy, trainer)
    await follow(operations, *happened)
    await follow(operations, *happened)
    answer = await operations.get(f"/cases/{vacancy}/steps", programme(operations))
    assert len(answer.json()["items"]) == 2


async def test_a_case_shows_the_next_step_its_owner_and_its_clock(operations: Serving) -> None:
    vacancy, trainer = uuid7(), uuid7()
    proposal_id, happened = proposal(vacancy, trainer)
    await follow(operations, *happened)
    about = {"proposal_id": proposal_id, "vacancy_id": vacancy, "trainer_id": trainer}
    consented = made(ProposalConsented, **about, party=Party.TRAINER, left=[Party.SCHOOL])
    await follow(operations, received(consented, case=vacancy, source="matching", minutes=2))
    shown = (await operations.get(f"/cases/{vacancy}", programme(operations))).json()
    assert shown["nextStep"] == {
        "what": "answer_proposal",
        "textNl": "Voorstel beantwoorden",
        "textEn": "Answer the proposal",
        "owners": ["school"],
        "dueAt": "2026-09-15T09:00:00Z",
    }
    assert shown["open"] is True


async def test_an_invited_signature_after_the_last_mandatory_one_leaves_the_next_step(operations: Serving) -> None:
    vacancy, contract = uuid7(), uuid7()
    about = {"contract_id": contract, "vacancy_id": vacancy}
    await follow(
        operations,
        received(made(ContractSigned, **about, starts_on=date(2026, 9, 14)), case=vacancy, source="contracts"),
        received(made(SignatureGiven, **about, party=Party.TRAINER, left=[]), case=vacancy, source="contracts"),
    )
    shown = (await operations.get(f"/cases/{vacancy}", programme(operations))).json()["nextStep"]
    assert (shown["what"], shown["owners"], shown["dueAt"]) == ("start_contract", ["programme"], "2026-09-13T22:00:00Z")


async def test_after_a_trainer_left_only_steps_of_an_operator_are_open(operations: Serving) -> None:
    trainer, other = uuid7(), uuid7()
    for person in (trainer, other):
        await follow(
            operations,
            received(made(TrainerAvailable, trainer_id=person), case=person, source="registry"),
            received(
                made(QualificationClaimed, trainer_id=person, qualification_id=uuid7()), case=person, source="registry"
            ),
        )
    parked = made(EventParked, case_id=str(trainer))
    await follow(
        operations,
        received(parked, case=trainer, source="matching"),
        received(made(ConsentExpiring, trainer_id=trainer), case=trainer, source="registry"),
        received(made(TrainerLeft, trainer_id=trainer), case=trainer, source="registry"),
    )
    shown = (await operations.get(f"/cases/{trainer}", programme(operations))).json()
    assert shown["nextStep"]["what"] == "redrive_event"
    solved = made(EventsRedriven, flow_key=parked.key, left=0)
    await follow(operations, received(solved, case=trainer, source="matching", minutes=1))
    assert (await operations.get(f"/cases/{trainer}", programme(operations))).json()["nextStep"] is None
    assert (await operations.get(f"/cases/{other}", programme(operations))).json()["open"] is True


async def test_a_settled_step_is_no_longer_open(operations: Serving) -> None:
    vacancy, trainer = uuid7(), uuid7()
    proposal_id, happened = proposal(vacancy, trainer)
    about = {"proposal_id": proposal_id, "vacancy_id": vacancy, "trainer_id": trainer}
    happened += [
        received(made(ProposalAccepted, **about), case=vacancy, source="matching", minutes=3),
        received(made(ProposalConverted, **about), case=vacancy, source="matching", minutes=4),
    ]
    await follow(operations, *happened)
    shown = (await operations.get(f"/cases/{vacancy}", programme(operations))).json()
    assert [owed["what"] for owed in shown["owed"]] == ["find_candidate"]


async def test_a_case_is_found_by_any_id_that_an_event_carried(operations: Serving) -> None:
    vacancy, trainer = uuid7(), uuid7()
    proposal_id, happened = proposal(vacancy, trainer)
    applied = made(TrainerApplied, trainer_id=trainer)
    await follow(operations, received(applied, case=trainer, source="registry"), *happened)
    found = (await operations.get(f"/cases?involving={proposal_id}", programme(operations))).json()["items"]
    assert [case["id"] for case in found] == [str(vacancy)]
    own = (await operations.get(f"/cases/{trainer}", programme(operations))).json()
    assert {"id": str(vacancy), "kind": "vacancy"} in own["related"]


async def test_a_school_sees_its_own_cases_and_no_others(operations: Serving) -> None:
    vacancy, trainer = uuid7(), uuid7()
    posted = made(VacancyPosted, vacancy_id=vacancy)
    assert isinstance(posted, VacancyPosted)
    await follow(operations, received(posted, case=vacancy, source="registry"))
    mine = operations.headers("school-hr", "cases:read", roles=["school"], org=[str(posted.school_id)])
    foreign = operations.headers("school-hr", "cases:read", roles=["school"], org=[str(trainer)])
    assert (await operations.get(f"/cases/{vacancy}", mine)).status_code == 200
    assert (await operations.get(f"/cases/{vacancy}", foreign)).status_code == 404


async def _counted(operations: Serving, people: int) -> Any:
    rule = {"baseline": "2025-08-01", "minimumApprovedMinutes": 60, "target": 1000}
    rows = {"programme.extra": rule, "programme.figures": {"suppressBelow": 5}}
    async with operations.database.begin(actor="test") as tx:
        for code, value in rows.items():
            policy = made(
                PolicyPublished,
                code=code,
                value=value,
                set_version=1,
                valid_from=START.date().replace(year=2025, month=8, day=1),
                valid_until=None,
            )
            assert isinstance(policy, PolicyPublished)
            await keep_policy(tx, policy)
    for _ in range(people):
        trainer = uuid7()
        happened: Sequence[Event] = [
            made(TrainerApplied, trainer_id=trainer, was_trainer_before=False),
            *(
                made(AssignmentStarted, trainer_id=trainer, assignment_id=uuid7(), started_on=START.date())
                for _ in range(2)
            ),
            *(made(HoursApproved, trainer_id=trainer, hour_line_id=uuid7(), contact_minutes=90) for _ in range(2)),
        ]
        await follow(operations, *(received(event, case=trainer, source="contracts") for event in happened))
    return (await operations.get("/figures/programme", programme(operations))).json()


async def test_figures_count_a_person_once(operations: Serving) -> None:
    shown = await _counted(operations, 40)
    assert abs(shown["extraTrainers"] - 40) < 5
    assert abs(shown["activeTrainers"] - 40) < 5
    assert abs(shown["approvedHours"] - 120) < 25
    assert shown["byRegion"] == {"AM28": shown["extraTrainers"]}


async def test_figures_of_few_people_say_nothing(operations: Serving) -> None:
    """Seen red: one trainer was counted in the total, and with one region that was the suppressed cell."""
    shown = await _counted(operations, 4)
    assert (shown["extraTrainers"], shown["activeTrainers"], shown["approvedHours"]) == (0, 0, 0)
    assert shown["byRegion"] == {"AM28": None}


async def test_reported_bottlenecks_are_counted_by_item_and_region_once(operations: Serving) -> None:
    cells_of = [("K2.2", "AM28"), ("K2.2", None)] * 20 + [("K1", "AM28")] * 4
    for item, region in cells_of:
        report = uuid7()
        reported = made(BottleneckReported, report_id=report, item=item, region=region)
        await follow(operations, *(received(reported, case=report, source="registry") for _ in range(2)))
    counted = (await _counted(operations, 1))["bottlenecks"]
    assert counted.keys() == {"K2.2"}
    cells = counted["K2.2"]["byRegion"]
    assert counted["K2.2"]["reported"] == sum(cells.values())
    assert cells.keys() == {"AM28", "NL"}
    assert all(abs(count - 20) < 5 for count in cells.values())


async def test_a_parked_event_is_seen_ordered_and_solved(operations: Serving) -> None:
    parked = EventParked(
        flow_key="matching/hto.registry.events/k",
        consumer="matching",
        topic="hto.registry.events",
        parked_key="k",
        partition=0,
        offset=7,
        event_id=str(uuid7()),
        event_type=VacancyPosted.type,
        case_id=None,
        why="failed",
        reason="ZeroDivisionError at matching.usecases:1",
        attempts=3,
        waiting=2,
    )
    await follow(operations, received(parked, case=None, source="matching"))
    row = (await operations.get("/parked-events?state=parked", operator(operations))).json()["items"][0]
    assert (row["service"], row["waiting"], row["why"]) == ("matching", 2, "failed")
    ordered = await operations.post(f"/parked-events/{row['id']}/_redrive", operator(operations))
    assert (ordered.status_code, ordered.json()["state"]) == (202, "ordered")
    redriven = EventsRedriven(
        flow_key=parked.flow_key, consumer="matching", topic=parked.topic, parked_key="k", handled=1, left=0
    )
    await follow(operations, received(redriven, case=None, source="matching"))
    assert (await operations.get("/parked-events?state=solved", operator(operations))).json()["items"][0][
        "waiting"
    ] == 0
    again = await operations.post(f"/parked-events/{row['id']}/_discard", operator(operations), {"reason": "gone"})
    assert again.status_code == 409


async def test_the_clock_moves_for_operators_only(operations: Serving) -> None:
    refused = await operations.post(
        "/clocks/programme/_advance",
        operations.headers("programme", "clock:write", roles=["programme"]),
        {"seconds": 60},
    )
    assert refused.status_code == 403
    moved = await operations.post("/clocks/programme/_advance", operator(operations), {"seconds": 86400})
    assert (moved.status_code, moved.json()["offsetSeconds"]) == (202, 86400)


@pytest.mark.parametrize("by", [1, -1])
async def test_the_clock_stays_within_ten_years(operations: Serving, by: int) -> None:
    """Each of two numbers is within bounds, their sum is not. Seen red without the bound on the sum."""
    farthest = by * 10 * 366 * 86_400
    beyond = {"offsetSeconds": farthest, "seconds": by}
    refused = await operations.post("/clocks/programme/_advance", operator(operations), beyond)
    assert refused.status_code == 400, refused.text
    assert [one["name"] for one in refused.json()["invalidParams"]] == ["seconds"]
    there = await operations.post("/clocks/programme/_advance", operator(operations), {"offsetSeconds": farthest})
    assert there.status_code == 202


async def test_a_contracts_case_is_its_vacancys(operations: Serving) -> None:
    vacancy = uuid7()
    await follow(operations, received(made(ContractSigned, vacancy_id=vacancy), case=vacancy, source="contracts"))
    shown = (await operations.get(f"/cases/{vacancy}", programme(operations))).json()
    assert shown["kind"] == "vacancy"
    assert shown["nextStep"]["what"] == "start_contract"


async def test_a_letter_about_a_case_leaves_its_kind_as_it_is(operations: Serving) -> None:
    vacancy = uuid7()
    signed = received(made(ContractSigned, vacancy_id=vacancy), case=vacancy, source="contracts")
    letters = [received(made(MessageSent), case=vacancy, source="notifications") for _ in range(2)]
    await follow(operations, letters[0], signed)
    await follow(operations, letters[1])
    assert (await operations.get(f"/cases/{vacancy}", programme(operations))).json()["kind"] == "vacancy"


async def test_the_console_shows_a_case_to_whoever_signed_in(operations: Serving) -> None:
    vacancy, trainer = uuid7(), uuid7()
    _, happened = proposal(vacancy, trainer)
    await follow(operations, *happened)
    client = operations.client
    assert (await client.get("/console/")).headers["location"] == "/console/sign-in"
    refused = await client.post(
        "/console/sign-in", content="token=nonsense", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert refused.status_code == 401
    assert not {"/console/sign-out", "/console/figures"} & set(re.findall('(?:action|href)="([^"?]*)', refused.text))
    token = operations.token("operator", "cases:read figures:read flow:read", roles=["operator"])
    await client.post(
        "/console/sign-in", content=f"token={token}", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    page = await client.get("/console/")
    assert page.status_code == 200
    assert {"/console/sign-out", "/console/figures"} <= set(re.findall('(?:action|href)="([^"?]*)', page.text))
    assert "Voorstel beantwoorden" in page.text
    case = await client.get(f"/console/cases/{vacancy}?lang=en")
    assert "proposal.made" in case.text
    assert "Answer the proposal" in case.text
    assert (await client.get("/console/figures")).status_code == 503  # no policies have come in
    assert (await client.get("/console/parked")).status_code == 200
    assert (await client.get(f"/console/cases/{uuid7()}")).status_code == 404


async def test_a_step_has_the_moment_of_its_event_however_late_that_is_followed(operations: Serving) -> None:
    """A redrive is late; the step and the opening of its case are not."""
    vacancy = uuid7()
    operations.database.clock.offset += timedelta(days=3)
    await follow(operations, received(made(VacancyPosted, vacancy_id=vacancy), case=vacancy, source="registry"))
    async with operations.database.begin(actor="test") as tx:
        step = (await tx.execute(text("SELECT at FROM steps"))).scalar_one()
    assert step == START
