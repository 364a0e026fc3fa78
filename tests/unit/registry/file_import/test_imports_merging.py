"""Lists that close schools and merge them: in any order of their lines, whole rows only, and once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import permutations
from uuid import UUID

import pytest

from common.persistence.transaction import uuid7
from events.words import SchoolType
from registry.file_import.model.institutions import parse_institutions
from registry.file_import.model.known import Entry
from registry.file_import.model.locations import parse_locations
from registry.file_import.model.plan import ImportPlan, plan_institutions
from registry.file_import.model.translator import ImportTranslator
from registry.identifiers import identity
from registry.organisation.model import LOCATION, SCHOOL, Organisation

HEADER = "BRIN;NAAM;OPHEFFINGSDATUM;OPVOLGER"
CHAIN = ("90AA;A;2026-08-01;90BB", "90BB;B;2027-08-01;90CC", "90CC;C;;")


def taken(
    lines: Iterable[str], known: Iterable[Organisation] = ()
) -> tuple[dict[UUID, Organisation], ImportPlan[Entry]]:
    """Take a list in; return what is known afterwards, and the plan."""
    parsed = parse_institutions("\n".join([HEADER, *lines]).encode())
    before = list(known)
    listed = ImportTranslator(before)
    planned = plan_institutions(listed.known(), parsed)
    outcome = listed.outcome(planned)
    changed = [organisation for organisation, _ in [*outcome.added, *outcome.changed]]
    return {organisation.id: organisation for organisation in [*before, *changed]}, planned


def school(brin: str) -> Organisation:
    return Organisation(id=identity("school", brin), kind=SCHOOL, name=brin, brin=brin)


@pytest.mark.parametrize("known", [(), ("90BB",), ("90AA", "90BB", "90CC")], ids=len)
@pytest.mark.parametrize("lines", list(permutations(CHAIN)))
def test_a_chain_of_mergers_is_taken_in_whatever_the_order_of_its_lines(
    lines: tuple[str, ...], known: tuple[str, ...]
) -> None:
    found, planned = taken(lines, [school(brin) for brin in known])
    assert planned.problems == ()
    schools = {organisation.brin: organisation for organisation in found.values()}
    assert schools["90AA"].successor_id == schools["90BB"].id
    assert schools["90BB"].successor_id == schools["90CC"].id
    assert schools["90CC"].aliases == ("90AA", "90BB")

    again, planned = taken(lines, found.values())
    assert (again, planned.additions, planned.changes) == (found, (), ())


@pytest.mark.parametrize(
    "lines",
    [
        ["90AA;A;2026-08-01;90ZZ"],
        ["90AA;A;2026-08-01;90BB", "90BB;B;2026-08-01;90AA"],
        ["90AA;A;2026-08-01;90BB", "90BB;B;2026-08-01;"],
        ["90AA;A;2026-08-01;90BB", "90BB;B;2027-08-01;90ZZ"],
    ],
    ids=["unknown", "each other", "ends as early", "of which the successor is unknown"],
)
def test_a_school_whose_successor_cannot_be_one_is_a_problem_and_stays_as_it_is(lines: list[str]) -> None:
    before = school("90AA")
    found, planned = taken(lines, [before])
    assert found[before.id] == before
    codes = {(problem.line, problem.code) for problem in planned.problems}
    assert (2, "unknown-successor") in codes
    assert "90AA" not in planned.absent


def test_a_merged_location_does_not_change_its_schools_type_at_the_next_import() -> None:
    lines = ["90AA;A;2026-08-01;90CC;hbo", "90CC;C;;;mbo"]
    content = "\n".join([f"{HEADER};SECTOR", *lines]).encode()
    listed = ImportTranslator([])
    first = listed.outcome(plan_institutions(listed.known(), parse_institutions(content)))
    listed = ImportTranslator([organisation for organisation, _ in first.added])
    assert plan_institutions(listed.known(), parse_institutions(content)).changes == ()


def test_a_list_leaves_a_successor_alone_of_which_it_says_nothing() -> None:
    into = replace(school("90CC"), school_types=(SchoolType.MBO,))
    gone = replace(into, id=identity("school", "90AA"), name="90AA", brin="90AA", closed_on=date(2026, 8, 1))
    gone = replace(gone, successor_id=into.id)
    place = Organisation(id=uuid7(), kind=LOCATION, name="P", location_code="90CC00", school_id=into.id)
    moved = replace(place, id=uuid7(), location_code="90CC01", closed_on=date(2026, 8, 1), successor_id=place.id)
    listed = ImportTranslator([into, gone, place, moved])
    planned = plan_institutions(listed.known(), parse_institutions(f"{HEADER}\n90CC;90CC;;\n90AA;90AA;;".encode()))
    entries = (*planned.unchanged, *(entry for entry in listed.known().entries if entry.kind == "location"))
    outcome = listed.outcome(replace(planned, unchanged=entries))
    assert len(entries) == 4
    assert (outcome.added, outcome.changed) == ([], [])


UNFIT = {
    "=?utf-8?q?x=0d=0aBcc:_v@y.z?=": "encoded-word",
    "a\u0335\u0335\u0335\u0335\u0335": "too-many-marks",
    "\u3164": "invisible-character",
    "a\u202eb": "invisible-character",
    "De\u00adel": "invisible-character",
    "a\x1bb": "control-character",
    "https://phishing.example": "link-in-text",
    "x" * 201: "too-long",
    "-": "no-letter",
}


@pytest.mark.parametrize(("text", "code"), UNFIT.items(), ids=UNFIT.values())
def test_a_name_in_a_file_follows_the_grammar_of_one_that_is_entered(text: str, code: str) -> None:
    institutions = parse_institutions(f"{HEADER}\n90AA;{text};;".encode())
    locations = parse_locations(f"brin;vestigingscode;naam;postcode;plaats\n90AA;90AA00;{text};6711 XX;{text}".encode())
    assert [problem.code for problem in institutions.problems] == [code]
    assert [problem.code for problem in locations.problems[:2]] == [code, code]


def test_a_name_in_a_file_is_kept_in_one_spelling() -> None:
    parsed = parse_institutions(f'{HEADER}\n90AA;" De \u00a0Ree\u0308n\r\nOost";;'.encode())
    assert [row.value.name for row in parsed.rows] == ["De Re\u00ebn Oost"]
