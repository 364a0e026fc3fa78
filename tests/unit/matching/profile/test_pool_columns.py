"""The columns of a pool follow its profiles: what is put, replaced and moved is there under the right row."""

from __future__ import annotations

from uuid import UUID

from matching.profile.model.columns import Number, weekday_bits
from matching.profile.model.pool import Pool
from matching.profile.model.profile import CompanyHours
from rules.forms import TeachingRole
from tests.unit.matching.ranking.ranking_examples import AMERSFOORT, COMPANY, GRONINGEN, trainer

HOURS = CompanyHours(minutes_per_week=960, weekdays=frozenset({1, 3}))
AT_WORK = {"company_id": COMPANY, "company_hours": HOURS, "company_place": AMERSFOORT}


def test_wanted_roles_are_found_and_none_named_is_empty() -> None:
    pool = Pool([trainer(1, roles=frozenset({TeachingRole.TEACHER, TeachingRole.SUPPORT})), trainer(2)])
    roles = pool.columns.roles
    assert roles.with_any([TeachingRole.TEACHER], 2).tolist() == [True, False]
    assert roles.with_any([TeachingRole.INSTRUCTOR], 2).tolist() == [False, False]
    assert roles.empty(2).tolist() == [False, True]


def test_roles_and_the_place_of_the_company_move_with_the_last_row() -> None:
    away = {**AT_WORK, "company_place": GRONINGEN}
    pool = Pool([trainer(1, **AT_WORK), trainer(2, roles=frozenset({TeachingRole.TEACHER}), **away)])
    pool.remove(UUID(int=1))
    columns = pool.columns
    assert tuple(columns.company_points[:, 0]) == GRONINGEN.point
    assert columns.numbers[Number.COMPANY_DAYS, 0] == weekday_bits({1, 3}) == 0b101
    assert columns.roles.with_any([TeachingRole.TEACHER], 1).tolist() == [True]


def test_days_at_a_company_whose_place_is_not_known_are_no_days_to_leave_from() -> None:
    pool = Pool([trainer(1, **AT_WORK), trainer(2, **{**AT_WORK, "company_place": None}), trainer(3)])
    pool.put(trainer(3, **{**AT_WORK, "company_hours": None}))
    assert pool.columns.numbers[Number.COMPANY_DAYS, :3].tolist() == [0b101, 0, 0]
    assert tuple(pool.columns.company_points[:, 1]) == (0, 0, 0)


def test_a_pool_that_grows_keeps_roles_and_places() -> None:
    pool = Pool(trainer(number, roles=frozenset({TeachingRole.TEACHER}), **AT_WORK) for number in range(1, 200))
    assert pool.columns.roles.with_any([TeachingRole.TEACHER], 199).all()
    assert {tuple(column) for column in pool.columns.company_points[:, :199].T} == {AMERSFOORT.point}
