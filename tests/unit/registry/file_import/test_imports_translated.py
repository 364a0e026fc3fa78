"""What a list makes of organisations: values written by hand survive it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from events.registry import OrganisationChanged
from events.words import SchoolType
from registry.file_import.model.known import Board, Entry, Known, Location, School
from registry.file_import.model.plan import ImportPlan, plan_known
from registry.file_import.model.translator import ImportTranslator
from registry.organisation.model import BOARD, LOCATION, SCHOOL, Organisation
from tests.unit.registry.registry_examples import AREA, FIRM, OTIS

ID = FIRM.id


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
