"""A vacancy: posted by a school, and open until somebody is found."""

from __future__ import annotations

from typing import Final

from events.matching import VacancyWaiting, WaitlistPromoted
from events.registry import (
    VacancyClosed,
    VacancyDrafted,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)
from operations.case.model.open_step import DONE, SYSTEM, After, Kind, Step

VACANCY: Final = Kind("vacancy", named_by="vacancy_id", nl="vacature", en="vacancy")

POST: Final = Step("post_vacancy", nl="Vacature plaatsen", en="Post the vacancy")
FIND: Final = Step("find_candidate", nl="Kandidaat zoeken", en="Find a candidate", waits=True)
HELP: Final = Step("help_waiting_vacancy", nl="Wachtende vacature helpen", en="Help a waiting vacancy")

after: Final = After()
after(VacancyDrafted, then=POST.by("school"))
after(VacancyPosted, VacancyReopened, WaitlistPromoted, then=FIND.by(SYSTEM))
after(VacancyWaiting, then=lambda event: HELP.by("desk") if event.escalated else FIND.by(SYSTEM))
after(VacancyExpired, VacancyFilled, VacancyWithdrawn, VacancyClosed, then=DONE)
