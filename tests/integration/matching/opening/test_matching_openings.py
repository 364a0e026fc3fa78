"""A trainer reads the openings near what they offer: what keeps them apart, what would help, and the odds."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from common.persistence.transaction import uuid7
from events.registry import ProfileState
from events.words import SchoolType, TeachingRole
from matching.profile.model.distance import Place
from matching.vacancy.model.reach import Box
from matching.vacancy.store import nearest
from matching.vacancy.tables import vacancies
from tests.integration.matching.matching_at_work import GRONINGEN, Matching
from tests.integration.matching.test_matching_api import DESK, as_trainer, get
from tests.support.asking import SCHOOL, UTRECHT, profile, vacancy
from tests.support.filled import filling
from tests.support.query_plans import rows_touched

ROWS: Final = 10_000
SUBJECTS: Final = 16


async def read(matching: Matching, trainer: ProfileState, query: str = "") -> dict[str, Any]:
    """A page of a trainer's openings."""
    found: dict[str, Any] = await get(matching, f"/openings{query}", **as_trainer(trainer.trainer_id))
    return found


async def crowd(matching: Matching, others: int) -> ProfileState:
    """A trainer whom no vacancy asks as long as there are no hours; and others who fit."""
    me = profile(availability=[])
    await matching.hear(me, *(profile() for _ in range(others)))
    return me


async def test_openings_that_fit_come_first_with_the_odds_and_then_the_nearest(matching: Matching) -> None:
    me = await crowd(matching, 8)
    fits = vacancy(roster=None, minutes_per_week=210)
    english = vacancy(language="en", board_id=uuid7())
    far = vacancy(latitude=GRONINGEN[0], longitude=GRONINGEN[1])
    other = vacancy(subject="roofing")
    strange = vacancy(language="en", school_type=SchoolType.PO, role=TeachingRole.TEACHER, upper_years=True)
    await matching.hear(fits, english, far, other, strange)
    me = profile(trainer_id=me.trainer_id)
    await matching.hear(me)
    first, second = (await read(matching, me))["items"]
    assert [first["vacancyId"], second["vacancyId"]] == [str(fits.vacancy_id), str(english.vacancy_id)]
    assert (first["fits"], first["apart"], first["ways"], first["turn"]) == (True, [], [], "free")
    assert (first["subject"], first["places"], first["askedMinutesPerWeek"]) == ("electrical", 1, 210)
    assert first["factors"][0]["textNl"] == "het vak past helemaal (30 van 30 punten)"
    odds = first["odds"]
    assert (odds["others"], odds["askedAtOnce"]) == (5, 1)
    assert (odds["lowestPercent"], odds["highestPercent"]) == (10, 17)
    assert odds["textNl"].startswith(
        "Er passen minstens 5 anderen. Eerst wordt 1 persoon gevraagd. "
        "De kans dat u daarbij bent, schatten wij op 10 tot 17 procent."
    )
    assert (second["fits"], [each["rule"] for each in second["apart"]]) == (False, ["LANGUAGE"])
    assert second["ways"][0]["changes"][0]["textNl"] == "De hto'er geeft ook les in het Engels."
    assert (second["odds"]["others"], second["odds"]["lowestPercent"]) == (None, None)
    assert second["odds"]["textNl"] == (
        "Er passen minder dan 5 anderen. U wordt nu niet gevraagd, omdat u nog niet past."
    )


async def test_one_who_comes_or_goes_changes_no_odds_on_that_day(matching: Matching) -> None:
    me = await crowd(matching, 4)
    await matching.hear(vacancy(roster=None))
    me = profile(trainer_id=me.trainer_id)
    await matching.hear(me)

    async def others() -> int | None:
        [item] = (await read(matching, me))["items"]
        count: int | None = item["odds"]["others"]
        return count

    assert await others() is None
    await matching.hear(profile())
    await matching.settle()
    assert await others() is None
    await matching.pass_time(days=1)
    assert await others() is None
    await matching.hear(profile(), profile())
    await matching.pass_time(days=1)
    assert await others() == 5
    await matching.hear(profile(trainer_id=me.trainer_id, languages=["en"]))
    await matching.pass_time(days=8)
    assert await others() == 5


async def test_the_own_question_is_said_and_no_chance_of_another_one(matching: Matching) -> None:
    asked, beside = vacancy(), vacancy(minutes_per_week=60)
    me = profile(desired_minutes_per_week=1200)
    await matching.hear(me, asked, beside)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    assert proposal.trainer_id == me.trainer_id
    turns = {each["vacancyId"]: each for each in (await read(matching, me))["items"]}
    assert turns[str(asked.vacancy_id)]["turn"] == "asked"
    assert turns[str(asked.vacancy_id)]["odds"]["textNl"].endswith("U bent hiervoor nu gevraagd.")
    assert turns[str(beside.vacancy_id)]["turn"] == "elsewhere"
    assert turns[str(beside.vacancy_id)]["odds"]["lowestPercent"] is None


async def test_openings_are_read_in_pages_of_ten_by_trainers_alone(matching: Matching) -> None:
    me = profile(languages=["en"])
    await matching.hear(me, *(vacancy() for _ in range(12)))
    page = await read(matching, me)
    rest = await read(matching, me, f"?cursor={page['nextCursor']}")
    assert (len(page["items"]), len(rest["items"]), rest["nextCursor"]) == (10, 2, None)
    assert len({each["vacancyId"] for each in (*page["items"], *rest["items"])}) == 12
    assert (await read(matching, profile()))["items"] == []
    await get(matching, "/openings", 403, org=SCHOOL)
    await get(matching, "/openings", 403, **DESK)


async def test_a_page_does_not_read_all_vacancies_of_the_country(matching: Matching) -> None:
    facts = (
        f"jsonb_build_object('subject', 's' || (i % {SUBJECTS}), 'latitude', 50.8 + (i % 97) * 0.027,"
        " 'longitude', 3.5 + (i % 89) * 0.04)"
    )
    async with matching.database.engine.begin() as connection:
        await connection.execute(text(filling(vacancies, {"facts": facts, "status": "'waiting'"}, rows=ROWS)))
        await connection.execute(text("ANALYZE vacancies"))
    place = Place.at(*UTRECHT)
    query = nearest(place, Box.around(place, 60), ["s1", "s2", "s3"], at_most=150)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    plain = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    touched = await rows_touched(matching.database, text(plain), {})
    assert 100 < touched < ROWS // 10
