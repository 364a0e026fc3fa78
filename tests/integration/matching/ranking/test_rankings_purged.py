"""Rankings and the versions of profiles that they saw go together, when a year is over; what is shown stays."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from common.service.retention import forget_all
from events.registry import ProfileState
from matching.edition import usecases as editions
from matching.ranking import usecases
from matching.ranking.store import rankings
from matching.tables import metadata
from matching.vacancy import tables
from matching.vacancy.model.vacancy import Status
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import profile, vacancy

YEAR = timedelta(days=366)


async def purged(matching: Matching) -> dict[str, int]:
    return {purge.table: await forget_all(matching.database, purge) for purge in (usecases.PURGE, editions.PURGE)}


async def count(matching: Matching, table: str) -> int:
    async with matching.database.begin(actor="test") as tx:
        return int((await tx.execute(select(func.count()).select_from(metadata.tables[table]))).scalar_one())


async def close(matching: Matching) -> None:
    async with matching.database.begin(actor="test") as tx:
        await tx.execute(update(tables.vacancies).values(status=Status.CLOSED))


async def test_rankings_go_after_their_term_and_with_them_what_only_they_saw(matching: Matching) -> None:
    comes, asked = profile(), vacancy()
    await matching.hear(comes, asked)
    await matching.hear(profile(trainer_id=comes.trainer_id, trades=["other"]))
    await close(matching)
    assert await count(matching, "profile_versions") == 3, "as it came, when it was asked, and changed"
    assert await purged(matching) == {"rankings": 0, "profile_versions": 0}
    matching.database.clock.offset += YEAR
    made = await count(matching, "rankings")
    assert await purged(matching) == {"rankings": made, "profile_versions": 2}
    assert made >= 1
    assert [await count(matching, table) for table in ("rankings", "shortlisted", "profile_versions")] == [0, 0, 1]


async def test_a_ranking_within_its_term_repeats_to_the_last_byte_after_a_purge(matching: Matching) -> None:
    """A version's own age does not count: this one is older than the term, and the ranking that saw it is not."""
    comes, asked = profile(), vacancy()
    await matching.new_policy("retention.rankings", days=5)
    await matching.hear(comes)
    matching.database.clock.offset += timedelta(days=6)
    await matching.hear(asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    await purged(matching)
    async with matching.database.begin(actor="test") as tx:
        ranking = proposal.grounds.ranking_id
        assert await rankings.fingerprint_again(tx, ranking) == await rankings.fingerprint_of(tx, ranking)


async def test_the_newest_ranking_of_a_vacancy_that_still_looks_stays(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), asked)
    matching.database.clock.offset += YEAR
    assert (await purged(matching))["rankings"] == 0
    assert (await matching.vacancy(asked.vacancy_id)).ranking_id is not None


async def test_a_trainer_who_left_leaves_no_version_behind_for_ever(matching: Matching) -> None:
    comes = profile()
    await matching.hear(comes)
    await matching.hear_end_of(ProfileState, comes.trainer_id)
    matching.database.clock.offset += YEAR
    assert (await purged(matching))["profile_versions"] == 1
