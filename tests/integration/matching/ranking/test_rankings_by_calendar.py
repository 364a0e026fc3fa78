"""An absence counts by the school holidays of the place, and a ranking with one is repeated to the byte."""

from __future__ import annotations

from datetime import date

from events.matching import ProposalMade
from events.registry import VacancyChanged
from events.words import Absence
from matching.ranking.store import rankings
from matching.vacancy.model.vacancy import Status
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import profile, vacancy

SPRING_IN_THE_NORTH = Absence(from_=date(2027, 2, 22), until=date(2027, 2, 26))
"""In the south it is a week with lessons, one of four."""
FEBRUARY = {"starts_on": date(2027, 2, 1), "ends_on": date(2027, 3, 7)}


async def test_a_trainer_away_in_the_holidays_of_the_place_is_asked_there_and_not_elsewhere(matching: Matching) -> None:
    person = profile(absences=[SPRING_IN_THE_NORTH])
    north = vacancy(region="AM06", municipality="Deventer", **FEBRUARY)
    south = vacancy(region="AM07", municipality="Arnhem", **FEBRUARY)
    await matching.hear(person)
    await matching.hear(south)
    assert await matching.told(ProposalMade) == []
    await matching.hear(north)
    assert [each.vacancy_id for each in await matching.told(ProposalMade)] == [north.vacancy_id]
    waiting = await matching.vacancy(south.vacancy_id)
    assert waiting.status is Status.WAITING
    async with matching.database.begin(actor="test") as tx:
        assert waiting.ranking_id is not None
        assert await rankings.fingerprint_again(tx, waiting.ranking_id) == await rankings.fingerprint_of(
            tx, waiting.ranking_id
        )


async def test_a_day_without_lessons_of_the_school_lets_a_trainer_be_asked(matching: Matching) -> None:
    """A change of it begins no new round: nobody has to consent anew to a day off."""
    person, asked = profile(absences=[SPRING_IN_THE_NORTH]), vacancy(region="AM07", **FEBRUARY)
    await matching.hear(person, asked)
    assert await matching.told(ProposalMade) == []
    await matching.hear(VacancyChanged(**{**dict(asked), "days_without_lessons": [date(2027, 2, 23)]}))
    assert [each.trainer_id for each in await matching.told(ProposalMade)] == [person.trainer_id]
    assert (await matching.vacancy(asked.vacancy_id)).round == 1
