"""Where a case goes another way: each branch through the public APIs, on both event logs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from demo import journey
from demo.stage import Failed, Stage, expected
from hto.client import Refused
from tests.e2e.system import (
    ACCEPTED,
    OFFERED,
    PROPOSED,
    SIGNED,
    TAUGHT,
    TRAINER,
    System,
    at_the_beginning,
    days_pass,
    see,
    settled,
    through,
)

RESTRICTED = ("hto.registry.contacts", "hto.registry.profiles")


async def agree_with_the_log(everything: System, on: Stage) -> None:
    """What operations shows of a case is what stands on the log, event for event, and nothing is parked."""
    case = str(on.cast.vacancy)

    async def agrees() -> bool:
        # First the case, then the log: what comes in between is seen the next time.
        shown = {step["eventId"] for step in await settled(on)}
        records = await everything.records()
        return shown == {one.headers["ce_id"] for one in records if one.headers.get("ce_correlationid") == case}

    await on.until("operations shows what stands on the log, event for event", agrees)
    parked = [one async for one in on.operator.all("/operations/v1/parked-events", state="parked")]
    assert parked == []


async def proposals_of(on: Stage) -> list[dict[str, Any]]:
    return [one async for one in on.school.all("/matching/v1/proposals", vacancyId=on.cast.vacancy)]


async def own_proposals(trainer: Stage, on: Stage) -> list[dict[str, Any]]:
    """What a trainer sees of a vacancy."""
    return [one async for one in trainer.trainer.all("/matching/v1/proposals", vacancyId=on.cast.vacancy)]


async def test_declined_by_the_company_the_next_candidate_is_proposed(everything: System) -> None:
    on = everything.stage()
    other = everything.with_another_trainer(on)
    await at_the_beginning(on)
    await through(on, *TRAINER)
    await through(other, *TRAINER)
    await through(on, journey.the_school_asks)
    await see(on, expected(on.cast.vacancy, "proposal.made"))
    first = (await proposals_of(on))[0]
    await on.company.post(f"/matching/v1/proposals/{first['id']}/_decline", {"party": "company", "reason": "employer"})
    await see(on, expected(on.cast.vacancy, "proposal.declined", party="company", reason="employer"))
    await see(on, expected(on.cast.vacancy, "proposal.made"))
    by_status = {one["status"]: one for one in await proposals_of(on)}
    assert set(by_status) == {"declined", "proposed"}
    assert by_status["proposed"]["id"] != first["id"]
    await agree_with_the_log(everything, on)


async def test_trainer_and_school_agree_on_other_terms_and_the_contract_is_drafted_from_them(
    everything: System,
) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER, *PROPOSED)
    path = f"/matching/v1/proposals/{on.found.proposal}"
    await on.company.put(f"{path}/consents/company")
    slot = {"day": 5, "starts": "13:00", "ends": "15:00"}
    await on.trainer.post(f"{path}/_counter", {"party": "trainer", "minutesPerWeek": 120, "roster": [slot]})
    await see(on, expected(on.cast.vacancy, "proposal.countered", party="trainer", left=["school"]))
    step = (await on.school.get(f"/operations/v1/cases/{on.cast.vacancy}"))["nextStep"]
    assert (step["what"], step["owners"]) == ("answer_counter", ["school"])
    await on.school.post(f"{path}/_accept-counter", {"party": "school", "counterNumber": 1})
    await see(on, expected(on.cast.vacancy, "proposal.terms-changed", left=["company"]))
    with pytest.raises(Refused, match="goes by terms 2"):
        await on.company.put(f"{path}/consents/company")
    await on.company.put(f"{path}/consents/company?terms=2")
    await through(on, journey.all_agreed)
    await see(on, expected(on.cast.vacancy, "contract.drafted", form="dual_employment"))
    await see(on, expected(on.cast.vacancy, "contract.offered"))
    [contract] = [one async for one in on.school.all("/contracts/v1/contracts", vacancyId=on.cast.vacancy)]
    assert contract["terms"]["minutesPerWeek"] == 120
    assert [(each["day"], each["startsTime"]) for each in contract["terms"]["roster"]] == [(5, "13:00:00")]
    steps = on.company.all(f"/operations/v1/cases/{on.cast.vacancy}/steps")
    assert not [step async for step in steps if "counter" in step["event"]]

    async def has_the_letter() -> bool:
        letters = on.programme.all("/notifications/v1/messages", template="proposal-countered", status="sent")
        return [one["recipientId"] async for one in letters] != []

    await on.until("the school has a letter about the counter-proposal", has_the_letter)
    await agree_with_the_log(everything, on)


async def test_two_acceptances_of_the_last_place_have_one_winner_and_the_other_gets_a_letter(
    everything: System,
) -> None:
    on = everything.stage()
    other = everything.with_another_trainer(on)
    await at_the_beginning(on)
    await through(on, *TRAINER)
    await through(other, *TRAINER)
    await through(on, journey.the_school_asks)
    await see(on, expected(on.cast.vacancy, "proposal.made"))
    ranking = f"/matching/v1/vacancies/{on.cast.vacancy}/ranking"
    # The school does not see who is who: it adds candidates until both of this test are among them.
    for candidate in [one["candidateId"] async for one in on.school.all(ranking)]:
        asked = {one["candidateId"] for one in await proposals_of(on)}
        if candidate not in asked and not (await own_proposals(on, on) and await own_proposals(other, on)):
            await on.school.post(f"/matching/v1/vacancies/{on.cast.vacancy}/proposals", {"candidateId": candidate})
    [first], [second] = await own_proposals(on, on), await own_proposals(other, on)
    for proposal, stage in ((first, on), (second, other)):
        path = f"/matching/v1/proposals/{proposal['id']}/consents"
        await stage.trainer.put(f"{path}/trainer")
        await on.school.put(f"{path}/school")
    answers = await asyncio.gather(
        *(on.company.put(f"/matching/v1/proposals/{one['id']}/consents/company") for one in (first, second)),
        return_exceptions=True,
    )
    refused = [each for each in answers if isinstance(each, BaseException)]
    assert all(isinstance(each, Refused) and each.status == HTTPStatus.CONFLICT for each in refused)
    assert len(refused) <= 1
    await see(on, expected(on.cast.vacancy, "proposal.accepted"))

    async def statuses() -> list[str]:
        return sorted([(await own_proposals(stage, on))[0]["status"] for stage in (on, other)])

    async def both_are_settled() -> bool:
        return "proposed" not in await statuses()

    await on.until("both proposals are settled", both_are_settled)
    events = [step["event"] for step in await settled(on)]
    assert events.count("proposal.accepted") == 1
    assert events.count("contract.drafted") == 1
    # Whoever consents while the other takes the place lapses; whoever is a moment later is withdrawn already.
    lost = [
        step for step in await on.steps(on.cast.vacancy) if step["event"] in {"proposal.lapsed", "proposal.withdrawn"}
    ]
    reasons = {"proposal.lapsed": "last_place_gone", "proposal.withdrawn": "vacancy_filled"}
    assert lost
    assert all(step["facts"]["reason"] == reasons[step["event"]] for step in lost)

    async def told_by_mail() -> bool:
        messages = on.programme.all("/notifications/v1/messages", becauseOf=lost[0]["eventId"], status="sent")
        return len([one async for one in messages]) >= 2

    await on.until("the parties of the proposal that lost are mailed", told_by_mail)
    await agree_with_the_log(everything, on)


async def test_a_vacancy_above_the_guest_cap_asks_no_trainer_who_has_agreed_at_that_board(everything: System) -> None:
    """Before, its proposal was accepted and revealed, and contracts refused it."""
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER)
    # Whenever the year begins, both together are above the cap in one of the two school years, and neither is alone.
    thursday, friday = ({"day": day, "starts": "09:00", "ends": "15:00"} for day in (4, 5))
    guest: dict[str, Any] = {"role": "guest_lecturer", "forms": ["guest"], "fee": {"kind": "none", "cents": 0}}
    guest |= {"minutesPerWeek": 360, "roster": [friday]}
    profile = {**on.cast.profile, "forms": ["guest"], "desiredMinutesPerWeek": 720}
    profile["availability"] = [thursday, friday]
    profile |= {"companyMinutesPerWeek": 1440, "companyDays": [1, 2, 3]}
    trainer = f"/registry/v1/trainers/{on.cast.trainer}"
    await on.trainer.change(f"{trainer}/profile", profile, of=trainer)
    await on.portal.put(f"/registry/v1/vacancies/{on.cast.vacancy}", {**on.cast.question, **guest})
    await see(on, expected(on.cast.vacancy, "vacancy.posted"))
    await through(on, journey.matching_proposes_the_best, *ACCEPTED[:2], journey.all_agreed)
    await see(on, expected(on.cast.vacancy, "contract.offered"))

    again = everything.stage(replace(on.cast, vacancy=everything.stage().cast.vacancy))
    other = {**on.cast.question, **guest, "roster": [thursday]}
    await on.portal.put(f"/registry/v1/vacancies/{again.cast.vacancy}", other)
    await see(again, expected(again.cast.vacancy, "vacancy.waiting"))
    assert await proposals_of(again) == []
    await agree_with_the_log(everything, again)


async def test_a_signature_window_that_passes_ends_the_contract_and_frees_the_place(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER, *PROPOSED, *ACCEPTED, *OFFERED, journey.signs("school", "The school"))
    await days_pass(on, 31)
    await see(on, expected(on.cast.vacancy, "contract.expired"))
    await see(on, expected(on.cast.vacancy, "proposal.lapsed", reason="contract_expired"))
    contracts = [one async for one in on.school.all("/contracts/v1/contracts", vacancyId=on.cast.vacancy)]
    assert [one["status"] for one in contracts] == ["expired"]
    await agree_with_the_log(everything, on)


async def test_a_vacancy_that_is_withdrawn_takes_its_open_proposals_with_it(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER, *PROPOSED)
    await on.school.post(f"/registry/v1/vacancies/{on.cast.vacancy}/_withdraw", {"reason": "budget"})
    await see(on, expected(on.cast.vacancy, "vacancy.withdrawn"))
    await see(on, expected(on.cast.vacancy, "proposal.withdrawn", reason="vacancy_withdrawn"))
    assert [one["status"] for one in await proposals_of(on)] == ["withdrawn"]
    await agree_with_the_log(everything, on)


async def test_a_trainer_who_leaves_while_a_contract_is_signed_ends_it(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER, *PROPOSED, *ACCEPTED, *OFFERED, journey.signs("school", "The school"))
    await on.trainer.post(f"/registry/v1/trainers/{on.cast.trainer}/_leave", {"reason": "own_wish"})
    await see(on, expected(on.cast.vacancy, "contract.cancelled", reason="trainer_left"))
    await see(on, expected(on.cast.vacancy, "proposal.lapsed", reason="contract_cancelled"))
    await agree_with_the_log(everything, on)


async def test_an_erased_person_is_gone_everywhere_and_no_figure_changes(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER, *PROPOSED, *ACCEPTED, *OFFERED, *SIGNED, *TAUGHT)
    figures = await on.programme.get("/operations/v1/figures/programme")
    trainer = f"/registry/v1/trainers/{on.cast.trainer}"
    await on.trainer.post(f"{trainer}/_leave", {"reason": "own_wish"})
    await on.trainer.post(f"{trainer}/_erase")

    async def confirmed() -> bool:
        seen = await on.trainer.get(f"{trainer}/erasure")
        waits_for.clear()
        waits_for.extend(one["service"] for one in seen["services"] if one["confirmedAt"] is None)
        return bool(seen["complete"])

    waits_for: list[str] = []
    try:
        await on.until("every service has confirmed", confirmed)
    except Failed as error:
        pytest.fail(f"{error}; waits for {waits_for}")
    after = await on.programme.get("/operations/v1/figures/programme")
    assert {name: after[name] for name in ("extraTrainers", "approvedHours")} == {
        name: figures[name] for name in ("extraTrainers", "approvedHours")
    }
    for table, rows in (await everything.everything_written()).items():
        for personal in on.cast.personal[1:]:
            assert personal not in rows, f"{table} still has something of the person"
    # Kafka compacts within a bound that the conformance suite tests; here, nothing newer than the tombstone may be.
    newest = {
        record.topic: record.value
        for record in sorted(await everything.records(), key=lambda record: record.offset)
        if record.key == str(on.cast.trainer) and record.topic in RESTRICTED
    }
    assert newest == dict.fromkeys(RESTRICTED)
