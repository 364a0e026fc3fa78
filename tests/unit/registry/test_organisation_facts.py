"""Who takes part: what each kind needs, and what of it others are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from events.registry import OrganisationChanged, OrganisationClosed, OrganisationRegistered
from events.words import LendingStatus, OrganisationKind, Party, SchoolType
from registry.file_import.model.known import Board, Entry, Known, Location, School
from registry.file_import.model.plan import ImportPlan, plan_known
from registry.file_import.model.translator import ImportTranslator
from registry.organisation.model import BOARD, COMPANY, DESK, LOCATION, SCHOOL, CannotChangeKind, Contact, Organisation
from tests.unit.registry.registry_examples import AREA, ELSEWHERE

ID = UUID("0192f3c4-0000-7000-8000-0000000000aa")
OTIS = Contact(name="Otis Zaagblad", email="otis@koperdraad.example", language="en")
FIRM = Organisation(
    id=ID,
    kind=COMPANY,
    name="Koperdraad",
    kvk="00000100",
    postcode="9712XX",
    lending_status=LendingStatus.UNKNOWN,
    contact=OTIS,
)


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
    faults = replace(school, lending_status=LendingStatus.UNKNOWN, education_recognised=True).faults()
    assert [fault.name for fault in faults] == ["lendingStatus", "educationRecognised"]


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


# -- what a list makes of them ----------------------------------------------------------------------------------------

ROTTERDAM = Board(number="00005", name="Bestuur Vijf")
GEARS = School(brin="90AC", name="De Tandradjes", board="00005", place="Groningen", school_types=(SchoolType.PO,))


def location(**changes: Any) -> Location:
    same = {
        name: getattr(AREA, name) for name in ("place", "municipality", "province", "region", "latitude", "longitude")
    }
    listed = Location(
        code="90AC00", brin="90AC", name="Hoofdgebouw", postcode="9712XX", school_types=(SchoolType.PO,), **same
    )
    return replace(listed, **changes)


def loaded(*entries: Entry) -> list[Organisation]:
    outcome = ImportTranslator([]).outcome(plan_known(Known(), Known.of(*entries)))
    return [organisation for organisation, _ in outcome.added]


def planned(listed: ImportTranslator, *entries: Entry) -> ImportPlan[Entry]:
    return plan_known(listed.known(), Known.of(*entries))


def test_a_list_s_entries_come_back_as_they_went_in() -> None:
    entries = (ROTTERDAM, GEARS, location())
    organisations = loaded(*entries)
    board, school, place = organisations
    assert [one.kind for one in organisations] == [BOARD, SCHOOL, LOCATION]
    assert (school.board_id, place.school_id, place.board_id) == (board.id, school.id, board.id)
    assert ImportTranslator(organisations).known() == Known.of(*entries)
    assert planned(ImportTranslator(organisations), *entries).changes == ()


def test_a_location_follows_its_school_to_another_board_though_its_own_line_is_the_same() -> None:
    organisations = loaded(ROTTERDAM, GEARS, location())
    other = Board(number="00006", name="Bestuur Zes")
    listed = ImportTranslator(organisations)
    outcome = listed.outcome(planned(listed, ROTTERDAM, other, replace(GEARS, board="00006"), location()))
    assert [one.board_number for one, _ in outcome.added] == ["00006"]
    assert [one.kind for one, _ in outcome.changed] == [SCHOOL, LOCATION]
    assert {one.board_id for one, _ in outcome.changed} == {other.id}


def test_a_value_written_by_hand_survives_a_list() -> None:
    board, school, place = loaded(ROTTERDAM, GEARS, location())
    by_hand = replace(school, contact=OTIS, kvk="00000100")
    unnumbered = replace(board, board_number=None)
    listed = ImportTranslator([unnumbered, by_hand, place])
    outcome = listed.outcome(planned(listed, replace(GEARS, board=None, name="De Tandwielen"), location()))
    (renamed, events), *others = outcome.changed
    assert others == []
    assert isinstance(events[0], OrganisationChanged)
    assert (renamed.name, renamed.contact, renamed.kvk, renamed.board_id) == (
        "De Tandwielen",
        OTIS,
        "00000100",
        board.id,
    )
    assert listed.contact_of(place) == OTIS
    assert listed.contact_of(unnumbered) is None


def test_an_organisation_without_a_code_is_on_no_list() -> None:
    nameless = Organisation(id=ID, kind=SCHOOL, name="Zonder BRIN")
    below = Organisation(id=UUID(int=7), kind=LOCATION, name="Gebouw", location_code="90ZZ00", school_id=ID)
    assert ImportTranslator([nameless, below, FIRM]).known() == Known()
    orphan = replace(below, school_id=None)
    assert ImportTranslator([orphan]).known() == Known()


def test_a_contact_written_since_the_list_was_read_is_used() -> None:
    _, school, place = loaded(ROTTERDAM, GEARS, location())
    listed = ImportTranslator([school, place])
    listed.know([replace(school, contact=OTIS)])
    assert listed.contact_of(place) == OTIS


def test_an_organisation_that_ends_on_the_same_day_again_does_not_change() -> None:
    closed, events = FIRM.close(date(2027, 1, 1))
    assert events == [OrganisationClosed(organisation_id=ID, closed_on=date(2027, 1, 1), successor_id=None)]
    assert closed.close(date(2027, 1, 1)) == (closed, [])
