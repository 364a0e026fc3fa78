"""A trainer who was not proposed appeals: the desk's next step until a person decides, with letters to both."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from demo.stage import Stage, expected
from tests.e2e.own_routes import OwnRoutes
from tests.e2e.system import TRAINER, System, at_the_beginning, see, through


async def appeal(on: Stage) -> str:
    """A trainer who does not fit a vacancy of another subject appeals; the appeal's id."""
    vacancy, first_day = uuid7(), on.cast.calendar.today + timedelta(weeks=4)
    dates = {"startsOn": first_day, "endsOn": first_day + timedelta(weeks=20)}
    await on.portal.put(f"/registry/v1/vacancies/{vacancy}", {**on.cast.question, "subject": "ict", **dates})

    async def waits() -> bool:
        waiting = on.desk.all("/matching/v1/waiting-vacancies")
        return str(vacancy) in [one["vacancyId"] async for one in waiting]

    await on.until("the vacancy has no candidate", waits)
    body = {"vacancyId": str(vacancy), "reason": "facts_wrong", "words": "Ik gaf eerder les in dit vak."}
    return str((await on.trainer.post("/matching/v1/appeals", body))["id"])


ROUTES: Final = OwnRoutes(
    service="matching",
    under="/appeals",
    for_everybody=frozenset({CallerRole.PROGRAMME}),
    not_of_a_school={"appeal_id": appeal},
)


async def test_an_appeal_is_the_desks_next_step_until_the_appellant_has_an_answer(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER)
    appeal_id = await appeal(on)
    await see(on, expected(appeal_id, "appeal.lodged"))
    case = f"/operations/v1/cases/{appeal_id}"
    shown = await on.desk.get(case)
    assert shown["kind"] == "appeal"
    assert (shown["nextStep"]["what"], shown["nextStep"]["owners"]) == ("decide_appeal", ["desk"])
    steps = [one async for one in on.desk.all(f"{case}/steps") if one["event"].startswith("appeal.")]
    assert len(steps) == 1
    assert str(on.cast.trainer) not in str([steps, await on.desk.get(f"/matching/v1/appeals/{appeal_id}")])
    decision = {"decision": "rejected", "motivation": "Het vak hoort niet bij uw opleiding."}
    await on.desk.post(f"/matching/v1/appeals/{appeal_id}/_decide", decision)
    await see(on, expected(appeal_id, "appeal.decided"))
    assert (await on.trainer.get(case))["nextStep"] is None

    async def has_both_letters() -> bool:
        letters = on.programme.all("/notifications/v1/messages", recipientId=str(on.cast.trainer), status="sent")
        sent = {letter["template"] async for letter in letters if letter["template"].startswith("appeal")}
        return sent == {"appeal-lodged", "appeal-decided"}

    await on.until("the trainer has both letters", has_both_letters)
