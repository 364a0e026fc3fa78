"""Who takes part: what each kind needs, and what of it others are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from events.registry import OrganisationChanged, OrganisationClosed, OrganisationRegistered
from events.words import CompanySize, LendingStatus, OrganisationKind, Party, SchoolType
from registry.organisation.model import BOARD, COMPANY, DESK, LOCATION, SCHOOL, CannotChangeKind, Organisation
from tests.unit.registry.registry_examples import ELSEWHERE, FIRM, OTIS

ID = FIRM.id


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (BOARD, []),
        (SCHOOL, ["schoolTypes"]),
        (LOCATION, ["schoolId", "postcode", "schoolTypes"]),
        (COMPANY, ["kvk", "postcode", "lendingStatus"]),
        (DESK, ["postcode"]),
    ],
)
def test_each_kind_needs_its_own(kind: OrganisationKind, missing: list[str]) -> None:
    faults = Organisation(id=ID, kind=kind, name="Somebody").faults()
    assert [(fault.name, fault.code) for fault in faults] == [(name, "missing") for name in missing]


def test_a_company_has_no_brin_and_a_school_lends_nobody() -> None:
    assert FIRM.faults() == []
    assert [(f.name, f.code) for f in replace(FIRM, brin="90AC").faults()] == [("brin", "not-for-this-kind")]
    school = Organisation(id=ID, kind=SCHOOL, name="De Tandradjes", school_types=(SchoolType.PO,))
    faults = replace(school, lending_status=LendingStatus.UNKNOWN, education_recognised=True, size=CompanySize.LARGE)
    assert [fault.name for fault in faults.faults()] == ["lendingStatus", "educationRecognised", "size"]


def test_its_name_travels_as_a_contact_and_not_as_a_fact() -> None:
    registered, events = replace(FIRM, latitude=53.2, longitude=6.5, region="AM01").register()
    assert isinstance(events[0], OrganisationRegistered)
    assert (events[0].postcode_area, events[0].region) == ("9712", "AM01")
    assert "Koperdraad" not in events[0].model_dump_json()
    assert OTIS.name not in events[0].model_dump_json()
    state = registered.contact_state()
    assert (state.name, state.contact_name, state.email, state.language) == ("Koperdraad", OTIS.name, OTIS.email, "en")
    assert (state.party, state.company_id, state.school_id) == (Party.COMPANY, ID, None)
    assert registered.case == ID


def test_an_organisation_without_a_contact_is_addressed_through_its_parent() -> None:
    school = Organisation(id=ID, kind=SCHOOL, name="De Tandradjes", board_id=FIRM.id, brin="90AC")
    assert school.contact_state(OTIS).email == OTIS.email
    alone = school.contact_state()
    assert (alone.contact_name, alone.email, alone.language, alone.party) == (None, None, "nl", Party.SCHOOL)
    assert (alone.school_id, alone.board_id, alone.brin) == (ID, FIRM.id, "90AC")
    assert Organisation(id=ID, kind=DESK, name="Loket").contact_state().party is None
    assert Organisation(id=ID, kind=BOARD, name="Bestuur").contact_state().board_id == ID


def test_the_same_again_is_no_change_and_a_kind_never_changes() -> None:
    assert FIRM.change(name="Koperdraad", kind=COMPANY) == (FIRM, [])
    changed, events = FIRM.change(lending_status=LendingStatus.REGISTERED)
    assert isinstance(events[0], OrganisationChanged)
    assert changed.lending_status is LendingStatus.REGISTERED
    with pytest.raises(CannotChangeKind, match="stays a company"):
        FIRM.change(kind=SCHOOL)


def test_it_follows_the_postcode_reference_and_keeps_its_point() -> None:
    settled, _ = replace(FIRM, latitude=53.0, longitude=6.0).relocate(ELSEWHERE)
    assert (settled.municipality, settled.region, settled.latitude) == ("Eindhoven", "AM28", 53.0)
    assert settled.relocate(ELSEWHERE)[1] == []
    assert Organisation(id=ID, kind=BOARD, name="Bestuur").facts()["postcode_area"] is None


def test_an_organisation_that_ends_on_the_same_day_again_does_not_change() -> None:
    closed, events = FIRM.close(date(2027, 1, 1))
    assert events == [OrganisationClosed(organisation_id=ID, closed_on=date(2027, 1, 1), successor_id=None)]
    assert closed.close(date(2027, 1, 1)) == (closed, [])
