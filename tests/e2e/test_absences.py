"""A trainer who is away on too many days with lessons: not asked, with the reason, until the absence is over."""

from __future__ import annotations

from datetime import timedelta

from common.persistence.transaction import uuid7
from tests.e2e.system import TRAINER, System, at_the_beginning, through


async def test_a_trainer_who_is_away_is_asked_once_the_absence_is_gone(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER)
    trainer, vacancy = f"/registry/v1/trainers/{on.cast.trainer}", uuid7()
    first = on.cast.calendar.today + timedelta(weeks=4)
    away = {"from": str(first), "until": str(first + timedelta(weeks=6))}
    await on.trainer.change(f"{trainer}/profile", on.cast.profile | {"absences": [away]}, of=trainer)
    assert (await on.trainer.get(trainer))["profile"]["absences"] == [away]
    asked = on.cast.question | {"startsOn": first, "endsOn": first + timedelta(weeks=12)}
    await on.portal.put(f"/registry/v1/vacancies/{vacancy}", asked)

    async def is_judged() -> bool:
        waiting = on.desk.all("/matching/v1/waiting-vacancies")
        return str(vacancy) in [one["vacancyId"] async for one in waiting]

    await on.until("the vacancy waits", is_judged)
    assessed = await on.trainer.get(f"/matching/v1/vacancies/{vacancy}/assessment")
    rules = {reason["rule"]: reason for reason in assessed["reasons"]}
    assert (rules["ABSENCES"]["outcome"], rules["ROSTER_OVERLAP"]["outcome"]) == ("block", "pass")
    assert "be-there" in {hint["change"] for hint in assessed["hints"]}
    seen = [str([one async for one in on.school.all(f"/matching/v1/vacancies/{vacancy}/ranking")])]
    seen.append(str(await on.school.get(f"/matching/v1/vacancies/{vacancy}/outlook")))
    assert not any(away[day] in text for text in seen for day in away), "a school reads no day of an absence"

    await on.trainer.change(f"{trainer}/profile", on.cast.profile, of=trainer)

    async def is_asked() -> bool:
        return bool([one async for one in on.trainer.all("/matching/v1/proposals", vacancyId=vacancy)])

    await on.until("the trainer is asked", is_asked)
