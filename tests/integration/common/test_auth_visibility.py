"""The one rule that says which rows are whose, as a query's condition and on loaded rows: they must agree."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text, Uuid, create_engine, insert, select

from common.caller import Authority, Caller, CallerRole, ForeignOwner, InsufficientScope, WrongRole
from common.persistence.visibility import visible

IDS = [UUID(int=number) for number in range(1, 5)]
REGIONS = ["01", "02"]
KINDS = ("boards", "schools", "locations", "companies", "trainers", "regions")
ROWS = Table(
    "rows",
    MetaData(),
    Column("number", Uuid),
    *(Column(kind, Text if kind == "regions" else Uuid) for kind in KINDS),
)
COLUMNS = {kind: ROWS.c[kind] for kind in KINDS}


def _caller(*roles: CallerRole, **claims: Any) -> Caller:
    return Caller(client="c", subject="c", roles=frozenset(roles), **claims)


def _org(*ids: UUID) -> frozenset[UUID]:
    return frozenset(ids)


BOARD, SCHOOL, OTHER, MINE = IDS
OWNERS: dict[str, Any] = {
    "boards": BOARD,
    "schools": SCHOOL,
    "locations": OTHER,
    "companies": MINE,
    "trainers": MINE,
    "regions": "01",
}


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (_caller(), False),
        (_caller(organisations=_org(*IDS)), False),
        (_caller(CallerRole.SCHOOL, organisations=_org(SCHOOL)), True),
        (_caller(CallerRole.SCHOOL, organisations=_org(BOARD)), True),
        (_caller(CallerRole.SCHOOL, organisations=_org(OTHER)), True),
        (_caller(CallerRole.SCHOOL, organisations=_org(MINE)), False),
        (_caller(CallerRole.COMPANY, organisations=_org(MINE)), True),
        (_caller(CallerRole.COMPANY, organisations=_org(SCHOOL)), False),
        (_caller(CallerRole.PORTAL, organisations=_org(SCHOOL)), True),
        (_caller(CallerRole.PARTNER, organisations=_org(MINE)), True),
        (_caller(CallerRole.TRAINER, trainer=MINE), True),
        (_caller(CallerRole.TRAINER, trainer=SCHOOL), False),
        (_caller(CallerRole.TRAINER), False),
        (_caller(CallerRole.SCHOOL, trainer=MINE), False),
        (_caller(CallerRole.DESK, regions=frozenset({"01"})), True),
        (_caller(CallerRole.DESK, regions=frozenset({"02"})), False),
        (_caller(CallerRole.DESK), False),
        (_caller(CallerRole.SCHOOL, regions=frozenset({"01"})), False),
        (_caller(CallerRole.PROGRAMME), True),
        (_caller(CallerRole.OPERATOR), False),
    ],
)
def test_each_role_sees_its_own_rows(caller: Caller, *, sees: bool) -> None:
    assert caller.sees(all_for={CallerRole.PROGRAMME}, **OWNERS) is sees


def test_programme_staff_see_only_what_a_service_gives_them() -> None:
    assert not _caller(CallerRole.PROGRAMME).sees(**OWNERS)


def test_a_row_without_an_owner_is_nobodys() -> None:
    school = _caller(CallerRole.SCHOOL, organisations=_org(SCHOOL))
    assert not school.sees(schools=None)
    assert not school.sees()


def test_an_owner_of_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="schols"):
        _caller(CallerRole.SCHOOL).sees(schols=SCHOOL)


CALLERS = st.builds(
    Caller,
    client=st.just("c"),
    subject=st.just("c"),
    roles=st.frozensets(st.sampled_from(CallerRole), max_size=3),
    organisations=st.frozensets(st.sampled_from(IDS), max_size=2),
    trainer=st.none() | st.sampled_from(IDS),
    regions=st.frozensets(st.sampled_from(REGIONS)),
)
OWNED = st.fixed_dictionaries(
    {kind: st.none() | st.sampled_from(REGIONS if kind == "regions" else IDS) for kind in KINDS}
)


@given(caller=CALLERS, owners=st.lists(OWNED, min_size=1, max_size=8), named=st.sets(st.sampled_from(KINDS)))
def test_the_query_finds_exactly_the_rows_that_the_caller_sees(
    caller: Caller, owners: list[dict[str, Any]], named: set[str]
) -> None:
    staff = {CallerRole.PROGRAMME}
    engine = create_engine("sqlite://")
    rows = [{"number": UUID(int=number), **row} for number, row in enumerate(owners)]
    with engine.begin() as connection:
        ROWS.create(connection)
        connection.execute(insert(ROWS), rows)
        condition = visible(caller, all_for=staff, **{kind: COLUMNS[kind] for kind in named})
        found = {row.number for row in connection.execute(select(ROWS.c.number).where(condition))}
    engine.dispose()
    seen = {row["number"] for row in rows if caller.sees(all_for=staff, **{kind: row[kind] for kind in named})}
    assert found == seen


def test_a_new_row_names_an_owner_that_the_caller_acts_for() -> None:
    school = _caller(CallerRole.SCHOOL, organisations=_org(BOARD))
    school.must_act_for(schools=SCHOOL, boards=BOARD)
    with pytest.raises(ForeignOwner, match="does not act for"):
        school.must_act_for(schools=SCHOOL)
    _caller(CallerRole.DESK).must_act_for(all_for={CallerRole.DESK}, schools=SCHOOL)


def test_a_capacity_or_a_scope_that_is_lacking_is_named() -> None:
    caller = _caller(CallerRole.SCHOOL, scopes=frozenset({"a:read"}))
    caller.must_be(CallerRole.DESK, CallerRole.SCHOOL)
    caller.must_have("a:read")
    with pytest.raises(WrongRole, match="desk, programme"):
        caller.must_be(CallerRole.DESK, CallerRole.PROGRAMME)
    with pytest.raises(InsufficientScope, match="a:write"):
        caller.must_have("a:write")


def test_an_authority_takes_the_scope_and_one_of_the_roles() -> None:
    may_write = Authority("a:write", frozenset({CallerRole.DESK, CallerRole.SCHOOL}))
    desk = _caller(CallerRole.DESK, scopes=frozenset({"a:write"}))
    assert may_write.check(desk) == desk
    for caller, refusal in (
        (_caller(CallerRole.DESK, scopes=frozenset({"a:read"})), InsufficientScope),
        (_caller(scopes=frozenset({"a:write"})), WrongRole),
        (_caller(CallerRole.PROGRAMME, scopes=frozenset({"a:write"})), WrongRole),
    ):
        with pytest.raises(refusal):
            may_write.check(caller)
    without_role = _caller(scopes=frozenset({"a:read"}))
    assert Authority("a:read").check(without_role) == without_role


def test_a_role_that_the_authority_does_not_name_gives_no_rows() -> None:
    both = _caller(CallerRole.COMPANY, CallerRole.SCHOOL, organisations=_org(SCHOOL), scopes=frozenset({"a:write"}))
    assert both.sees(schools=SCHOOL)
    assert not Authority("a:write", frozenset({CallerRole.COMPANY})).check(both).sees(schools=SCHOOL)


def test_the_actor_is_a_pseudonym() -> None:
    assert _caller().actor == "c"
    assert Caller(client="portal", subject="u1").actor == "portal/u1"


def test_each_role_is_one_of_the_agreed_words() -> None:
    pairs = itertools.combinations(CallerRole, 2)
    assert all(one != other for one, other in pairs)
    assert {role.value for role in CallerRole} == {
        *("school", "company", "trainer", "desk", "programme", "operator", "portal", "partner")
    }
