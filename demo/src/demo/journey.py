"""The story: each step is one thing that somebody does, and what must be seen to follow from it.

Nobody here calls one service for another: a party asks its own service, and the events do the rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from demo import endings
from demo.stage import Expected, Held, Outcome, Stage, check, expected
from hto.business_time import morning
from hto.client import Refused
from hto.services import NAMES

Step = Callable[[Stage], Awaitable[Outcome]]
"""Its docstring is what the audience reads."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A part of the story."""

    title: str
    steps: tuple[Step, ...]


# -- 1. who takes part ------------------------------------------------------------------------------------------------


async def everything_is_ready(on: Stage) -> Outcome:
    """The five services are ready, each with the same rules."""

    async def ready() -> bool:
        return all([(await on.client.state(name)).get("ready") for name in NAMES])

    await on.until("every service is ready", ready)
    on.found.figures_before = await on.programme.get("/operations/v1/figures/programme")
    return Held(f"policies version {on.found.figures_before['policyVersion']}")


async def time_goes_back(on: Stage) -> Outcome:
    """The clock goes back to the Monday on which it all began."""
    await on.clock.to(on.cast.calendar.after(0))
    return Held("every service follows")


async def the_school_registers(on: Stage) -> Outcome:
    """A school takes part: its board, the institution, the location."""
    cast = on.cast
    await on.portal.put(f"/registry/v1/organisations/{cast.board}", cast.board_body)
    await on.portal.put(f"/registry/v1/organisations/{cast.school}", cast.school_body)
    location = await on.portal.put(f"/registry/v1/organisations/{cast.location}", cast.location_body)
    check(location["region"] == cast.region, f"the postcode led to region {location['region']}, not {cast.region}")
    return expected(cast.location, "organisation.applied")


async def the_school_is_confirmed(on: Stage) -> Outcome:
    """The programme confirms board and school, the desk the location."""
    for one in (on.cast.board, on.cast.school):
        await on.programme.post(f"/registry/v1/organisations/{one}/_confirm")
    await on.desk.post(f"/registry/v1/organisations/{on.cast.location}/_confirm")
    return expected(on.cast.location, "organisation.registered")


async def the_company_registers(on: Stage) -> Outcome:
    """A company takes part."""
    await on.client.acting_as(on.cast.company_signs_up).put(
        f"/registry/v1/organisations/{on.cast.company}", on.cast.company_body
    )
    return expected(on.cast.company, "organisation.applied")


async def the_company_is_confirmed(on: Stage) -> Outcome:
    """The desk checks the company's KvK number and confirms it."""
    await on.desk.post(f"/registry/v1/organisations/{on.cast.company}/_confirm")
    return expected(on.cast.company, "organisation.registered")


async def the_partner_subscribes(on: Stage) -> Outcome:
    """The school's system subscribes to webhooks; its address agrees."""
    on.found.endpoint = await on.partner.post(
        "/notifications/v1/webhook-endpoints", on.cast.subscription(on.receiver.url)
    )
    return Held(f"to {on.receiver.url}")


# -- 2. a trainer -----------------------------------------------------------------------------------------------------


async def a_technician_applies(on: Stage) -> Outcome:
    """A technician of the company applies."""
    await on.trainer.put(f"/registry/v1/trainers/{on.cast.trainer}", on.cast.application)
    return expected(on.cast.trainer, "trainer.applied")


async def the_trainer_confirms(on: Stage) -> Outcome:
    """The trainer confirms the application."""
    await on.trainer.post(f"/registry/v1/trainers/{on.cast.trainer}/_confirm")
    return expected(on.cast.trainer, "trainer.confirmed")


async def the_trainer_consents(on: Stage) -> Outcome:
    """The trainer agrees to be in the talent pool."""
    await on.trainer.put(f"/registry/v1/trainers/{on.cast.trainer}/consent", on.cast.consent)
    return expected(on.cast.trainer, "consent.given")


async def the_trainer_makes_an_offer(on: Stage) -> Outcome:
    """The trainer makes an offer: trades, schools, forms, Fridays, how far."""
    trainer = f"/registry/v1/trainers/{on.cast.trainer}"
    await on.trainer.change(f"{trainer}/profile", on.cast.profile, of=trainer)
    return expected(on.cast.trainer, "trainer.intake-started")


async def the_trainer_claims_a_qualification(on: Stage) -> Outcome:
    """The trainer claims a qualification for mbo, with evidence."""
    path = f"/registry/v1/trainers/{on.cast.trainer}/qualifications/{on.cast.qualification}"
    await on.trainer.put(path, on.cast.claim)
    return expected(on.cast.trainer, "qualification.evidence-submitted")


async def the_desk_verifies_it(on: Stage) -> Outcome:
    """The desk of the region checks the evidence."""
    await on.desk.post(f"/registry/v1/qualifications/{on.cast.qualification}/_review")
    await on.desk.post(f"/registry/v1/qualifications/{on.cast.qualification}/_verify", {"validUntil": None})
    return expected(on.cast.trainer, "qualification.verified")


async def the_desk_sees_the_vog(on: Stage) -> Outcome:
    """The desk sees the certificate of conduct."""
    await on.desk.put(f"/registry/v1/trainers/{on.cast.trainer}/vog", on.cast.vog)
    return expected(on.cast.trainer, "vog.shown")


async def the_company_agrees(on: Stage) -> Outcome:
    """The company agrees."""
    await on.company.post(f"/registry/v1/trainers/{on.cast.trainer}/_employer-agree")
    return expected(on.cast.trainer, "trainer.employer-agreed")


async def the_trainer_is_available(on: Stage) -> Outcome:
    """The trainer is available."""
    await on.trainer.post(f"/registry/v1/trainers/{on.cast.trainer}/_available")
    return expected(on.cast.trainer, "trainer.available")


# -- 3. a vacancy, 4. a proposal --------------------------------------------------------------------------------------


async def the_school_asks(on: Stage) -> Outcome:
    """The school posts a vacancy through its portal."""
    await on.portal.put(f"/registry/v1/vacancies/{on.cast.vacancy}", on.cast.question)
    return expected(on.cast.vacancy, "vacancy.posted")


async def matching_proposes_the_best(on: Stage) -> Outcome:
    """Matching ranks whom it knows and proposes the best."""
    while True:
        proposed = await on.happened(expected(on.cast.vacancy, "proposal.made"))
        own = [one async for one in on.trainer.all("/matching/v1/proposals", vacancyId=on.cast.vacancy)]
        if own:
            on.found.proposal = own[0]["id"]
            asked = ", ".join(own[0]["asked"])
            what = f"rank {proposed['facts']['rank']}; asked at once: {asked}"
            return Held(what, case=str(on.cast.vacancy), event="proposal.made")
        # Somebody of an earlier journey fits as well: the school wants the next one.
        otown = [one async for one in on.school.all("/matching/v1/proposals", vacancyId=on.cast.vacancy)]
        for other in otown:
            if other["status"] == "proposed":
                decline = {"party": "school", "reason": "other_choice"}
                await on.school.post(f"/matching/v1/proposals/{other['id']}/_decline", decline)


async def the_ranking_has_reasons(on: Stage) -> Outcome:
    """The school reads the ranking: who fits, who does not, and why."""
    return await endings.ranking_is_explained(on)


async def it_is_blind(on: Stage) -> Outcome:
    """Check that no party can read who the candidate is before all have agreed."""
    return await endings.proposal_is_blind(on)


async def the_programme_looks_ahead(on: Stage) -> Outcome:
    """The programme requests a plan, and a scenario: eight hours for guests."""
    try:
        plan = await on.programme.post("/matching/v1/plans", {"regions": [on.cast.region]})
    except Refused as refused:
        if refused.code != "already-planned":
            raise
        # Another journey in the same region was first; its plan is as good.
        plan = await anext(
            one async for one in on.programme.all("/matching/v1/plans") if one["regions"] == [on.cast.region]
        )
    scenario = await on.programme.post("/matching/v1/scenarios", endings.EIGHT_HOURS | {"regions": [on.cast.region]})
    on.found.plan, on.found.scenario = plan["id"], scenario["id"]
    return Held("workers compute both, each in a process of its own")


async def two_days_pass(on: Stage) -> Outcome:
    """Two days pass."""
    await on.clock.to(on.cast.calendar.after(2))
    return Held("the parties think about it")


def consents(party: str, name: str) -> Step:
    """Make the step in which a party agrees to the proposal."""

    async def step(on: Stage) -> Outcome:
        await on.party(party).put(f"/matching/v1/proposals/{on.found.proposal}/consents/{party}")
        return expected(on.cast.vacancy, "proposal.consented", party=party)

    step.__doc__ = f"{name} agrees."
    return step


async def all_agreed(on: Stage) -> Outcome:
    """Facts still hold and a place is free: the proposal is accepted."""
    return expected(on.cast.vacancy, "proposal.accepted")


# -- 5. a contract ----------------------------------------------------------------------------------------------------


async def a_contract_is_drafted(on: Stage) -> Outcome:
    """A contract is drawn up in the agreed form: two employments."""
    return expected(on.cast.vacancy, "contract.drafted", form="dual_employment")


async def it_is_offered(on: Stage) -> Outcome:
    """VAT, working time, qualification and VOG are checked: it may be signed."""
    return expected(on.cast.vacancy, "contract.offered")


async def the_parties_read_it(on: Stage) -> Outcome:
    """The parties read it, in Dutch and in English."""
    return await endings.contract_is_readable(on)


async def five_days_pass(on: Stage) -> Outcome:
    """Five days pass."""
    await on.clock.to(on.cast.calendar.after(7))
    return Held("the parties take it home")


def signs(party: str, name: str) -> Step:
    """Make the step in which a party signs the version that it read."""

    async def step(on: Stage) -> Outcome:
        contract = on.found.contract
        body = {"documentHash": contract["signing"]["documentHash"]}
        await on.party(party).put(f"/contracts/v1/contracts/{contract['id']}/signatures/{party}", body)
        return expected(on.cast.vacancy, "contract.signature.given", party=party)

    step.__doc__ = f"{name} signs."
    return step


async def it_binds(on: Stage) -> Outcome:
    """Every mandatory signature is there: the contract binds."""
    return expected(on.cast.vacancy, "contract.signed")


async def the_vacancy_is_filled(on: Stage) -> Outcome:
    """The vacancy is filled."""
    return expected(on.cast.vacancy, "vacancy.filled")


async def the_first_day_comes(on: Stage) -> Outcome:
    """The first day comes, and the contract starts by itself."""
    await on.clock.to(morning(on.cast.calendar.starts_on))
    return expected(on.cast.vacancy, "contract.activated")


async def the_work_begins(on: Stage) -> Outcome:
    """The work at the school begins."""
    await on.happened(expected(on.cast.vacancy, "assignment.started"))
    return await endings.assignment_is_found(on)


def teaches(week: int) -> Step:
    """Make the step in which a day of lessons is handed in."""

    async def step(on: Stage) -> Outcome:
        day = on.cast.calendar.lessons[week]
        await on.clock.to(morning(day, 18))
        line = await on.trainer.post(f"/contracts/v1/assignments/{on.found.assignment}/hours", on.cast.hours(day))
        on.found.hour_lines.append(line["id"])
        return expected(on.cast.vacancy, "hours.submitted", workedOn=day.isoformat())

    step.__doc__ = (
        "The trainer hands in the first lesson." if week == 0 else "A week later the trainer hands in the next."
    )
    return step


def approves(week: int) -> Step:
    """Make the step in which the school approves that day."""

    async def step(on: Stage) -> Outcome:
        await on.school.post(f"/contracts/v1/hours/{on.found.hour_lines[week]}/_approve")
        day = on.cast.calendar.lessons[week]
        return expected(on.cast.vacancy, "hours.approved", workedOn=day.isoformat())

    step.__doc__ = "The school approves the hours."
    return step


async def now_it_is_now(on: Stage) -> Outcome:
    """Time comes to now."""
    await on.clock.set(timedelta())
    return Held("business time is real time again")


# -- 6. letters and webhooks, 7. what operations shows -----------------------------------------------------------------


async def every_party_got_its_letters(on: Stage) -> Outcome:
    """Every party was mailed at every step that concerns it."""
    return await endings.mails_were_sent(on)


async def the_partner_received(on: Stage) -> Outcome:
    """The partner's webhooks came, each signed and without a name."""
    return await endings.webhooks_came(on)


async def the_plan_is_there(on: Stage) -> Outcome:
    """The plan is there, with its proof."""
    return await endings.plan_is_there(on)


async def the_scenario_is_there(on: Stage) -> Outcome:
    """The scenario is there: plans and simulated years under both rules."""
    return await endings.scenario_is_there(on)


async def operations_shows_it_all(on: Stage) -> Outcome:
    """Operations shows the case: every step across all services, in order."""
    return await endings.case_is_complete(on)


async def the_figures_count(on: Stage) -> Outcome:
    """The programme counts: one more trainer, at work, with hours."""
    return await endings.figures_count(on)


STORY: Final = (
    Scene("Some weeks ago", (everything_is_ready, time_goes_back)),
    Scene(
        "A school and a company take part",
        (
            the_school_registers,
            the_school_is_confirmed,
            the_company_registers,
            the_company_is_confirmed,
            the_partner_subscribes,
        ),
    ),
    Scene(
        "A technician becomes a trainer",
        (
            a_technician_applies,
            the_trainer_confirms,
            the_trainer_consents,
            the_trainer_makes_an_offer,
            the_trainer_claims_a_qualification,
            the_desk_verifies_it,
            the_desk_sees_the_vog,
            the_company_agrees,
            the_trainer_is_available,
        ),
    ),
    Scene(
        "A vacancy finds a trainer",
        (
            the_school_asks,
            matching_proposes_the_best,
            the_ranking_has_reasons,
            it_is_blind,
            the_programme_looks_ahead,
            two_days_pass,
            consents("trainer", "The trainer"),
            consents("school", "The school"),
            consents("company", "The company"),
            all_agreed,
        ),
    ),
    Scene(
        "A contract",
        (
            a_contract_is_drafted,
            it_is_offered,
            the_parties_read_it,
            five_days_pass,
            signs("school", "The school"),
            signs("trainer", "The trainer"),
            signs("company", "The company"),
            it_binds,
            the_vacancy_is_filled,
        ),
    ),
    Scene(
        "The first lessons",
        (
            the_first_day_comes,
            the_work_begins,
            *(step for week in range(3) for step in (teaches(week), approves(week))),
            now_it_is_now,
        ),
    ),
    Scene(
        "What is known now",
        (
            every_party_got_its_letters,
            the_partner_received,
            the_plan_is_there,
            the_scenario_is_there,
            operations_shows_it_all,
            the_figures_count,
        ),
    ),
)

__all__ = ["STORY", "Expected", "Scene", "Step"]
