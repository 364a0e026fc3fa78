"""The golden counts: what the real files of DUO and others come to."""

from __future__ import annotations

import csv
import io

import pytest

from events.words import SchoolType
from registry.file_import.model.institutions import parse_institutions
from registry.file_import.model.known import Known
from registry.file_import.model.locations import parse_locations
from registry.file_import.model.plan import plan, plan_institutions, plan_postcodes
from registry.file_import.model.postcodes import parse_postcodes
from tests.support.data import real_file

pytestmark = pytest.mark.data

SCHOOLS, MBO, POSTCODES = (
    "scholen_vo_vso_20241122.csv",
    "mbo_instellingen_brin_cedanl.csv",
    "pc4_referentie_afgeleid.csv",
)


def test_the_real_locations_are_all_placed_and_a_second_import_changes_nothing() -> None:
    parsed = parse_locations(real_file(SCHOOLS))
    areas = {area.pc4: area for area in plan_postcodes({}, parse_postcodes(real_file(POSTCODES))).additions}
    first = plan(Known(), parsed, areas)
    assert (parsed.summary.rows, parsed.summary.usable) == (2267, 2267)
    assert (parsed.summary.encoding, parsed.summary.separator) == ("utf-8", ",")
    assert first.counts() == {
        "school": {"added": 900, "changed": 0, "unchanged": 0},
        "location": {"added": 2241, "changed": 0, "unchanged": 0},
    }
    assert (len(first.repeats), first.problems) == (26, ())

    known = Known.of(*first.additions)
    second = plan(known, parsed, areas)
    assert (second.additions, second.changes, len(second.unchanged), second.absent) == ((), (), 900 + 2241, ())


def test_178_rows_name_a_municipality_that_the_list_of_regions_lacks_yet_all_are_placed() -> None:
    def names(file: str, column: str) -> list[str]:
        return [row[column].casefold() for row in csv.DictReader(io.StringIO(real_file(file).decode("utf-8-sig")))]

    listed = set(names("gemeente_arbeidsmarktregio_afgeleid_2026.csv", "gemeente_geonames"))
    assert sum(name not in listed for name in names(SCHOOLS, "gemeente")) == 178
    areas = {row.value.pc4: row.value for row in parse_postcodes(real_file(POSTCODES)).rows}
    assert len({areas[row.value.postcode[:4]].region for row in parse_locations(real_file(SCHOOLS)).rows}) == 35


def test_the_real_postcode_reference_has_no_bad_row() -> None:
    imported = plan_postcodes({}, parse_postcodes(real_file(POSTCODES)))
    assert (len(imported.additions), imported.repeats, imported.problems) == (4747, (), ())


def test_the_real_mbo_list_is_an_import_of_institutions() -> None:
    parsed = parse_institutions(real_file(MBO))
    imported = plan_institutions(Known(), parsed)
    assert imported.counts() == {"school": {"added": 57, "changed": 0, "unchanged": 0}}
    assert {types for row in parsed.rows for types in row.value.school_types} == {SchoolType.MBO}
