"""A contract's whole life: from an accepted proposal to the last lesson, and every way in which it ends before."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from common.clock import business_day
from common.decision import MissingDependency
from contracts.assignment import usecases as assignment_usecases
from contracts.assignment.model import assignment
from contracts.contract import usecases
from contracts.contract.model.contract import EmployerNotAsked, Status
from contracts.contract.model.decision import Ruling
from contracts.legal_check.usecases import compliance
from events.contracts import (
    ActivationHeld,
    AssignmentStarted,
    ContractCancelled,
    ContractDissolved,
    ContractEnded,
    ContractExpired,
    ContractExtended,
    ContractExtensionExpired,
    ContractExtensionOffered,
    ContractExtensionRefused,
    ContractHeldForReview,
    ContractOffered,
    ContractRefused,
    ContractReturned,
    ContractSigned,
    SignatureGiven,
)
from events.registry import ProfileState, TrainerAnonymised, TrainerLeft, VacancyWithdrawn
from events.words import Fee, FeeKind, Form, LendingStatus, Party, SchoolType, Slot, TeachingRole
from tests.integration.contracts.contracts_at_work import SECONDMENT, Contracts, accepted, company, profile
from tests.support.asking import COMPANY, ENDS_ON, STARTS_ON, SUPERVISOR, WHOLE_YEAR, vacancy

HOURLY = Fee(kind=FeeKind.HOURLY, cents=6000)
SALARY = Fee(kind=FeeKind.SALARY, cents=70000)


async def test_a_guest_contract_goes_from_proposal_to_the_last_lesson(office: Contracts) -> None:
    contract = await office.signed(await office.drafted())
    assert await office.deadlines_of(contract.id) == {
        "contract.starts": datetime(2027, 1, 31, 23, tzinfo=UTC),
        "contract.ends": datetime(2027, 7, 9, 22, tzinfo=UTC),
    }
    contract = await office.at_work(contract)
    assert (contract.status, contract.active_from) == (Status.ACTIVE, STARTS_ON)
    assert (await office.assignment(contract.id)).status is assignment.ACTIVE
    await office.until(ENDS_ON + timedelta(days=1))
    contract = await office.contract(contract.id)
    assert (contract.status, contract.ended_on) == (Status.ENDED, ENDS_ON)
    assert (await office.assignment(contract.id)).status is assignment.COMPLETED
    assert await office.names() == [
        "ContractDrafted",
        "ContractSubmitted",
        "ContractOffered",
        "SignatureGiven",
        "SignatureGiven",
        "ContractSigned",
        "ContractActivated",
        "AssignmentStarted",
        "ContractEnded",
        "AssignmentEnded",
    ]
    assert await office.deadlines_of(contract.id) == {}


@pytest.mark.parametrize(
    ("asked", "form", "mandatory", "invited", "row", "vat_cents"),
    [
        ({"forms": [Form.GUEST]}, Form.GUEST, [Party.TRAINER, Party.SCHOOL], [], "V2", 0),
        (
            {"forms": [Form.DUAL_EMPLOYMENT], "fee": SALARY},
            Form.DUAL_EMPLOYMENT,
            [Party.TRAINER, Party.SCHOOL, Party.COMPANY],
            [],
            "V1",
            0,
        ),
        # 23 weeks of 4.5 hours at € 55: € 247.50 a line, and 21 % of that is € 51.98 (half up).
        (SECONDMENT, Form.SECONDMENT, [Party.SCHOOL, Party.COMPANY], [Party.TRAINER], "V5", 23 * 5198),
    ],
)
async def test_each_form_has_its_own_signatories_and_vat(
    office: Contracts,
    asked: dict[str, object],
    form: Form,
    mandatory: list[Party],
    invited: list[Party],
    row: str,
    vat_cents: int,
) -> None:
    contract = await office.drafted(vacancy(**asked))
    offered = (await office.told(ContractOffered))[0]
    assert (contract.form, offered.mandatory, offered.invited) == (form, mandatory, invited)
    assert (offered.vat_row, offered.vat_cents_per_year) == (row, vat_cents)
    assert contract.decision is not None
    assert {cost.form for cost in contract.decision.costs} == set(Form)


async def test_a_self_employed_contract_is_looked_at_by_a_person_first(office: Contracts) -> None:
    asked = vacancy(forms=[Form.SELF_EMPLOYED], fee=HOURLY)
    contract = await office.drafted(asked, profile(company_id=None, company_minutes_per_week=0, company_days=[]))
    assert (contract.status, contract.signing) == (Status.REVIEW, None)
    held = (await office.told(ContractHeldForReview))[0]
    assert [finding.rule for finding in held.findings if finding.outcome == "review"] == [
        "SELF_EMPLOYMENT.embedded",
        "SELF_EMPLOYMENT",
    ]
    async with office.database.begin(actor="test") as tx:
        await compliance.approve(tx, contract.id, "Works for three other schools.")
    contract = await office.contract(contract.id)
    assert (contract.status, contract.signing and contract.signing.mandatory) == (
        Status.SIGNING,
        (Party.TRAINER, Party.SCHOOL),
    )
    assert (await office.told(ContractOffered))[0].vat_row == "V7"
    notes = await office.rows("SELECT about, ruling, note FROM decisions ORDER BY id")
    assert [tuple(row) for row in notes] == [
        ("terms", "held", None),
        ("review", "passed", "Works for three other schools."),
    ]


async def test_a_review_may_refuse_or_return_it(office: Contracts) -> None:
    unknown = company(lending_status=LendingStatus.UNKNOWN)
    contracts = []
    for _ in range(2):
        asked, offered = vacancy(**SECONDMENT), profile()
        proposal = accepted(asked, offered)
        await office.hear(asked, offered, unknown, proposal)
        contracts.append(await office.contract_of(proposal))
    assert [contract.status for contract in contracts] == [Status.REVIEW, Status.REVIEW]
    async with office.database.begin(actor="test") as tx:
        await compliance.reject(tx, contracts[0].id, "No lender.")
        await compliance.send_back(tx, contracts[1].id, "Ask the company first.")
    assert (await office.contract(contracts[0].id)).status is Status.REFUSED
    assert (await office.contract(contracts[1].id)).status is Status.DRAFT
    assert len(await office.told(ContractRefused)) == len(await office.told(ContractReturned)) == 1


async def test_a_contract_above_the_guest_cap_is_refused_with_its_reasons(office: Contracts) -> None:
    offered = profile(company_id=None, company_minutes_per_week=0, company_days=[])
    first = await office.drafted(vacancy(**WHOLE_YEAR), offered)
    second = await office.drafted(vacancy(**WHOLE_YEAR), offered)
    assert (first.status, second.status) == (Status.SIGNING, Status.REFUSED)
    refused = (await office.told(ContractRefused))[0]
    week, year = [finding for finding in refused.findings if finding.rule == "GUEST_CAP"]
    assert (week.outcome, week.measured, week.limit, week.unit) == ("warn", "420", "360", "minutes/week")
    assert (year.outcome, year.measured, year.limit, year.unit) == ("block", "16800", "14400", "minutes/school year")
    assert (await office.told(ContractRefused))[0].proposal_id == second.proposal_id
    row = (await office.rows("SELECT ruling, checks FROM decisions WHERE contract_id = :id", id=second.id))[0]
    assert row.ruling == "refused"
    assert {check["name"] for check in row.checks} >= {"vat", "qualification", "working_time", "vog", "form"}


async def test_hours_beside_a_full_job_that_are_too_many_are_refused(office: Contracts) -> None:
    asked = vacancy(forms=[Form.DUAL_EMPLOYMENT], fee=SALARY)
    contract = await office.drafted(asked, profile(company_minutes_per_week=2700, company_days=[1, 2, 3, 4, 5]))
    assert contract.status is Status.REFUSED
    blocked = {
        finding.rule for finding in (await office.told(ContractRefused))[0].findings if finding.outcome == "block"
    }
    assert blocked == {"R4"}


async def test_a_fault_that_parties_can_mend_returns_the_contract_until_it_is_mended(office: Contracts) -> None:
    asked = vacancy(role=TeachingRole.PRACTICE_TRAINER, school_type=SchoolType.MBO, supervisor_id=None)
    contract = await office.drafted(asked)
    assert contract.status is Status.DRAFT
    returned = (await office.told(ContractReturned))[0]
    assert [finding.rule for finding in returned.findings if finding.outcome == "block"] == ["SUPERVISOR"]
    async with office.database.begin(actor="test") as tx:
        await compliance.amend(tx, contract.id, replace(contract.terms, supervisor_id=SUPERVISOR))
    contract = await office.contract(contract.id)
    assert (contract.status, contract.documents) == (Status.SIGNING, 1)


async def test_changed_terms_void_what_was_signed(office: Contracts) -> None:
    contract = await office.drafted()
    assert contract.signing is not None
    async with office.database.begin(actor="test") as tx:
        await usecases.sign(tx, contract.id, Party.SCHOOL, contract.signing.hash)
    async with office.database.begin(actor="test") as tx:
        await compliance.amend(tx, contract.id, replace(contract.terms, minutes_per_week=180))
    changed = await office.contract(contract.id)
    assert changed.signing is not None
    assert (changed.status, changed.signing.version, changed.signing.given) == (Status.SIGNING, 2, ())
    assert changed.signing.hash != contract.signing.hash
    async with office.database.begin(actor="test") as tx:  # nothing new: nothing happens
        assert await compliance.amend(tx, contract.id, changed.terms) == changed
    assert [tuple(row) for row in await office.rows("SELECT version, hash FROM documents ORDER BY version")] == [
        (1, contract.signing.hash),
        (2, changed.signing.hash),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations([Party.TRAINER, Party.SCHOOL, Party.COMPANY])))
async def test_signatures_come_in_any_order_and_the_last_one_binds(office: Contracts, order: tuple[Party, ...]) -> None:
    contract = await office.drafted(vacancy(forms=[Form.DUAL_EMPLOYMENT], fee=SALARY))
    assert contract.signing is not None
    for number, party in enumerate(order, 1):
        for _ in range(2):  # said twice, it counts once
            async with office.database.begin(actor="test") as tx:
                await usecases.sign(tx, contract.id, party, contract.signing.hash)
        assert len(await office.told(ContractSigned)) == (number == 3)
    assert len(await office.told(SignatureGiven)) == 3


async def test_a_contract_that_is_not_signed_in_time_expires(office: Contracts) -> None:
    contract = await office.drafted()
    assert contract.signing is not None
    async with office.database.begin(actor="test") as tx:
        await usecases.sign(tx, contract.id, Party.SCHOOL, contract.signing.hash)
    await office.pass_time(days=29)
    assert (await office.contract(contract.id)).status is Status.SIGNING
    await office.pass_time(days=2)
    assert (await office.contract(contract.id)).status is Status.EXPIRED
    assert [event.left for event in await office.told(ContractExpired)] == [[Party.TRAINER]]


async def test_a_deadline_that_comes_after_the_last_signature_does_nothing(office: Contracts) -> None:
    contract = await office.signed(await office.drafted())
    async with office.database.begin(actor="test") as tx:
        await usecases.expire(tx, contract.id)
        await usecases.give_up_extension(tx, contract.id)
        await assignment_usecases.reach_end_date(tx, contract.id)
        await assignment_usecases.start(tx, contract.id)
    assert await office.contract(contract.id) == contract


async def test_no_contract_starts_without_a_certificate_and_it_does_once_it_is_shown(office: Contracts) -> None:
    contract = await office.signed(await office.drafted())
    await office.until(STARTS_ON)
    held = await office.contract(contract.id)
    assert (held.status, [finding.rule for finding in held.held]) == (Status.SIGNED, ["VOG_MISSING"])
    await office.until(STARTS_ON + timedelta(days=3))
    assert len(await office.told(ActivationHeld)) == 1  # told once, however often it is looked at
    shown_on = STARTS_ON + timedelta(days=3)
    await office.show_vog(contract, STARTS_ON, shown_on)
    begun = await office.contract(contract.id)
    assert (begun.status, begun.active_from, begun.held) == (Status.ACTIVE, shown_on, ())
    assert [event.started_on for event in await office.told(AssignmentStarted)] == [shown_on]
    assert "contract.starts" not in await office.deadlines_of(contract.id)


async def test_no_date_of_a_certificate_is_published_or_stored_with_missing_facts(office: Contracts) -> None:
    """Seen red without ``_undated``: the date stood on a topic that is kept for ever."""
    contract = await office.signed(await office.drafted())
    await office.show_vog(contract, date(2025, 3, 4), date(2025, 3, 5))
    await office.until(STARTS_ON)
    held = await office.contract(contract.id)
    assert [(finding.rule, finding.measured) for finding in held.held] == [("VOG_AGE", None)]
    assert (await office.told(ActivationHeld))[0].findings == list(held.held)

    async def telling() -> list[str]:
        """The tables that hold the date; of the outbox, its payloads in words."""
        found = []
        for name in office.database.metadata.tables:
            row = "convert_from(payload, 'UTF8')" if name == "outbox" else "t::text"
            if await office.rows(f"SELECT 1 FROM \"{name}\" t WHERE {row} LIKE '%2025-03-0%'"):
                found.append(name)
        return sorted(found)

    assert await telling() == ["decisions", "vogs"]
    await office.hear(TrainerAnonymised(trainer_id=contract.trainer_id))
    assert await telling() == []
    assert (await office.contract(contract.id)).held == ()


async def test_a_contract_whose_certificate_never_comes_is_dissolved_on_its_last_day(office: Contracts) -> None:
    contract = await office.signed(await office.drafted())
    await office.until(ENDS_ON + timedelta(days=2))
    assert (await office.contract(contract.id)).status is Status.DISSOLVED
    assert [event.reason for event in await office.told(ContractDissolved)] == ["vog_not_shown"]
    await office.show_vog(contract, ENDS_ON)
    assert (await office.contract(contract.id)).status is Status.DISSOLVED


async def test_a_worker_that_slept_through_start_and_end_does_both_as_of_their_days(office: Contracts) -> None:
    contract = await office.signed(await office.drafted())
    await office.show_vog(contract, date(2026, 12, 1), date(2026, 12, 10))
    await office.until(date(2027, 12, 1))
    ended = await office.contract(contract.id)
    assert (ended.status, ended.active_from, ended.ended_on) == (Status.ENDED, STARTS_ON, ENDS_ON)


@pytest.mark.parametrize("stage", ["signing", "signed", "active"])
async def test_a_withdrawn_vacancy_ends_what_has_not_begun(office: Contracts, stage: str) -> None:
    contract = await office.drafted()
    if stage == "signed":
        contract = await office.signed(contract)
    if stage == "active":
        contract = await office.at_work(contract)
    await office.hear(VacancyWithdrawn(vacancy_id=contract.vacancy_id, reason="budget"))
    status = (await office.contract(contract.id)).status
    assert status is {"signing": Status.CANCELLED, "signed": Status.DISSOLVED, "active": Status.ACTIVE}[stage]
    reasons: list[str] = [event.reason for event in await office.told(ContractCancelled)]
    reasons += [event.reason for event in await office.told(ContractDissolved)]
    assert reasons == ([] if stage == "active" else ["vacancy_withdrawn"])


@pytest.mark.parametrize("stage", ["signing", "signed", "active", "suspended"])
async def test_everything_of_a_trainer_who_leaves_ends(office: Contracts, stage: str) -> None:
    contract = await office.drafted()
    if stage == "signed":
        contract = await office.signed(contract)
    if stage in {"active", "suspended"}:
        contract = await office.at_work(contract)
    if stage == "suspended":
        async with office.database.begin(actor="test") as tx:
            await assignment_usecases.suspend(tx, contract.id, "absence")
    await office.hear(TrainerLeft(trainer_id=contract.trainer_id, reason="own_wish"))
    status = (await office.contract(contract.id)).status
    assert status is {"signing": Status.CANCELLED, "signed": Status.DISSOLVED}.get(stage, Status.ENDED_EARLY)
    reasons: list[str] = [event.reason for event in await office.told(ContractCancelled)]
    reasons += [event.reason for event in await office.told(ContractDissolved)]
    reasons += [event.reason for event in await office.told(ContractEnded)]
    assert reasons == ["trainer_left"]
    if stage in {"active", "suspended"}:
        assert (await office.assignment(contract.id)).status is assignment.ENDED_EARLY


async def test_a_contract_ends_on_the_day_that_its_trainer_left_however_late_that_is_handled(office: Contracts) -> None:
    """Seen red: redriven three days later, its end and the retention that is counted from it moved by three days."""
    contract = await office.at_work(await office.drafted())
    day = business_day(office.database.clock.now())
    await office.hear_days_later(TrainerLeft(trainer_id=contract.trainer_id, reason="own_wish"), days=3)
    ended = await office.contract(contract.id)
    assert (ended.status, ended.ended_on) == (Status.ENDED_EARLY, day)
    assert [event.ended_on for event in await office.told(ContractEnded)] == [day]
    outbox = office.database.metadata.tables["outbox"]
    async with office.database.begin(actor="test") as tx:
        headers = (await tx.execute(select(outbox.c.headers).where(outbox.c.type == ContractEnded.type))).scalar_one()
    assert business_day(datetime.fromisoformat(headers["ce_time"])) == day


@pytest.mark.parametrize("why", ["trainer_left", "vacancy_withdrawn"])
async def test_a_proposal_that_was_overtaken_is_drafted_and_cancelled(office: Contracts, why: str) -> None:
    """Its topic came later than the other one's: matching hears that nothing comes of it."""
    asked, offered = vacancy(), profile()
    proposal = accepted(asked, offered)
    over = (
        TrainerLeft(trainer_id=offered.trainer_id, reason="own_wish")
        if why == "trainer_left"
        else VacancyWithdrawn(vacancy_id=asked.vacancy_id, reason="budget")
    )
    await office.hear(asked, over, proposal)
    assert (await office.contract_of(proposal)).status is Status.CANCELLED
    assert [event.reason for event in await office.told(ContractCancelled)] == [why]
    assert await office.names() == ["ContractDrafted", "ContractCancelled"]


async def test_work_stops_for_a_while_and_goes_on(office: Contracts) -> None:
    contract = await office.at_work()
    for _ in range(2):
        async with office.database.begin(actor="test") as tx:
            await assignment_usecases.suspend(tx, contract.id, "absence")
    assert (await office.assignment(contract.id)).status is assignment.INTERRUPTED
    for _ in range(2):
        async with office.database.begin(actor="test") as tx:
            await assignment_usecases.resume(tx, contract.id)
    assert (await office.assignment(contract.id)).status is assignment.ACTIVE
    assert (await office.names())[-4:] == [
        "ContractSuspended",
        "AssignmentInterrupted",
        "ContractResumed",
        "AssignmentResumed",
    ]


async def test_a_contract_is_extended_when_everybody_signs_the_later_end(office: Contracts) -> None:
    contract = await office.at_work()
    later = date(2027, 12, 17)
    async with office.database.begin(actor="test") as tx:
        await compliance.extend(tx, contract.id, later)
    offered = (await office.told(ContractExtensionOffered))[0]
    assert (offered.ends_on, offered.document_version) == (later, 2)
    for party in offered.mandatory:
        async with office.database.begin(actor="test") as tx:
            await usecases.sign(tx, contract.id, party, offered.document_hash)
    extended = await office.contract(contract.id)
    assert (extended.status, extended.terms.ends_on, extended.extension) == (Status.ACTIVE, later, None)
    assert extended.signing is not None
    assert (extended.signing.hash, extended.signing.left) == (offered.document_hash, ())
    assert len(await office.told(ContractExtended)) == 1
    await office.until(ENDS_ON + timedelta(days=1))
    assert (await office.contract(contract.id)).status is Status.ACTIVE
    await office.until(later + timedelta(days=1))
    assert (await office.contract(contract.id)).status is Status.ENDED


async def test_an_extension_that_is_not_signed_in_time_changes_nothing(office: Contracts) -> None:
    contract = await office.at_work()
    async with office.database.begin(actor="test") as tx:
        await compliance.extend(tx, contract.id, date(2027, 12, 17))
    await office.pass_time(days=31)
    after = await office.contract(contract.id)
    assert (after.status, after.terms, after.signing, after.extension) == (
        Status.ACTIVE,
        contract.terms,
        contract.signing,
        None,
    )
    assert len(await office.told(ContractExtensionExpired)) == 1


async def test_an_extension_that_the_law_forbids_is_refused_and_one_in_doubt_is_held(office: Contracts) -> None:
    offered = profile()
    contract = await office.at_work(await office.drafted(vacancy(**SECONDMENT), offered))
    await office.hear(
        profile(
            trainer_id=offered.trainer_id,
            availability=offered.availability,
            company_minutes_per_week=3000,
            company_days=[1, 2, 3, 4, 5],
        )
    )
    async with office.database.begin(actor="test") as tx:
        await compliance.extend(tx, contract.id, date(2027, 12, 17))
    after = await office.contract(contract.id)
    assert (after.status, after.extension, after.decision) == (Status.ACTIVE, None, contract.decision)
    refused = (await office.told(ContractExtensionRefused))[0]
    assert "block" in {finding.outcome for finding in refused.findings}
    await office.hear(offered, company(lending_status=LendingStatus.UNKNOWN))
    async with office.database.begin(actor="test") as tx:
        await compliance.extend(tx, contract.id, date(2027, 12, 17))
    held = await office.contract(contract.id)
    assert held.extension is not None
    assert (held.extension.decision.ruling, held.extension.signing) == (Ruling.HELD, None)
    async with office.database.begin(actor="test") as tx:
        await compliance.approve(tx, contract.id, "The admission was seen.")
    approved = await office.contract(contract.id)
    assert approved.extension is not None
    assert approved.extension.signing is not None
    assert approved.extension.signing.version == 2


async def test_a_proposal_has_one_contract_however_often_its_event_comes(office: Contracts) -> None:
    asked, offered = vacancy(), profile()
    proposal = accepted(asked, offered)
    await office.hear(asked, offered, company(), proposal)
    await office.hear(proposal)
    assert await office.count("contracts") == 1


async def test_a_contract_waits_for_facts_of_other_topics(office: Contracts) -> None:
    asked, offered = vacancy(), profile()
    proposal = accepted(asked, offered)
    waited_for = []
    await office.receive(proposal)
    for fact in (asked, offered, company()):
        waited_for += await office.parked()
        await office.receive(fact)
        await office.dispatch.redrive("hto.matching.events", str(proposal.proposal_id))
    assert waited_for == [
        f"The fact vacancy/{asked.vacancy_id} has not arrived yet.",
        f"The fact profile/{offered.trainer_id} has not arrived yet.",
        f"The fact organisation/{COMPANY} has not arrived yet.",
    ]
    assert await office.parked() == []
    assert (await office.contract_of(proposal)).status is Status.SIGNING


async def test_a_contract_waits_for_the_policies_that_its_proposal_was_made_under(office: Contracts) -> None:
    asked, offered = vacancy(), profile()
    await office.hear(asked, offered, company())
    await office.receive(accepted(asked, offered, policy_version=2))
    assert await office.parked() == ["The fact policies/2 has not arrived yet."]


async def test_a_guest_in_company_time_needs_the_company_too(office: Contracts) -> None:
    asked = vacancy()
    contract = await office.drafted(asked, profile(company_minutes_per_week=2400, company_days=[1, 2, 3, 4, 5]))
    assert contract.terms.declared.in_company_time
    assert contract.signing is not None
    assert contract.signing.mandatory == tuple(Party)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ({"roster": None}, {}),
        ({}, {"company_days": [], "company_minutes_per_week": 0}),
        ({}, {"company_days": [2], "company_minutes_per_week": 2000}),
        ({}, {"company_days": [1, 3]}),
    ],
)
async def test_time_outside_all_declared_hours_is_no_company_time(
    office: Contracts, asked: dict[str, object], offered: dict[str, object]
) -> None:
    contract = await office.drafted(vacancy(**asked), profile(**{"company_minutes_per_week": 960, **offered}))
    assert not contract.terms.declared.in_company_time


async def test_an_employer_that_was_not_asked_has_none_of_its_hours_taken(office: Contracts) -> None:
    """Before, the earliest hours that suit both were agreed on, which lay in the employer's."""
    at_work = Slot(day=2, starts=time(9), ends=time(12))
    evening = Slot(day=2, starts=time(18), ends=time(21, 30))
    asked = vacancy(roster=[at_work, evening])
    offered = profile(availability=[at_work, evening], company_minutes_per_week=480, company_days=[2])
    proposal = accepted(asked, offered, company_id=None)
    await office.hear(asked, offered, proposal)
    contract = await office.contract_of(proposal)
    assert (contract.company_id, contract.terms.roster) == (None, (evening,))
    assert contract.status is Status.SIGNING
    assert contract.signing is not None
    assert contract.signing.mandatory == (Party.TRAINER, Party.SCHOOL)
    declared = replace(contract.terms.declared, in_company_time=True)
    for terms in (replace(contract.terms, roster=(at_work,)), replace(contract.terms, declared=declared)):
        async with office.database.begin(actor="test") as tx:
            with pytest.raises(EmployerNotAsked):
                await compliance.amend(tx, contract.id, terms)


async def test_hours_that_the_school_no_longer_asks_like_that_are_still_to_be_agreed_on(office: Contracts) -> None:
    asked, offered = vacancy(minutes_per_week=210), profile()
    proposal = accepted(asked, offered, minutes_per_week=300)
    await office.hear(asked, offered, company(), proposal)
    assert (await office.contract_of(proposal)).terms.roster is None


async def test_work_without_an_end_goes_on_until_somebody_ends_it(office: Contracts) -> None:
    contract = await office.at_work(await office.drafted(vacancy(ends_on=None)))
    assert await office.deadlines_of(contract.id) == {}
    await office.pass_time(days=700)
    async with office.database.begin(actor="test") as tx:
        await assignment_usecases.leave(tx, contract.id, "time")
    for _ in range(2):  # once over, it stays so
        async with office.database.begin(actor="test") as tx:
            await assignment_usecases.end(tx, contract.id, ENDS_ON, "term")
            await assignment_usecases.reach_end_date(tx, contract.id)
    assert (await office.contract(contract.id)).status is Status.ENDED_EARLY


async def test_a_certificate_that_comes_after_the_last_day_starts_nothing(office: Contracts) -> None:
    contract = await office.signed(await office.drafted())
    office.database.clock.offset += timedelta(days=260)
    late = ENDS_ON + timedelta(days=3)
    await office.show_vog(contract, late)
    assert (await office.contract(contract.id)).status is Status.SIGNED
    await office.settle()
    assert (await office.contract(contract.id)).status is Status.DISSOLVED
    async with office.database.begin(actor="test") as tx:
        await assignment_usecases.reach_end_date(tx, contract.id)


async def test_no_contract_is_judged_without_the_persons_profile(office: Contracts) -> None:
    contract = await office.drafted()
    await office.hear_end_of(ProfileState, contract.trainer_id)
    with pytest.raises(MissingDependency, match="profile/"):
        async with office.database.begin(actor="test") as tx:
            await compliance.amend(tx, contract.id, replace(contract.terms, minutes_per_week=180))
