"""An import is a plan first: what it would add and change, told before anything is written."""

from __future__ import annotations

import csv
import io
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.words import SchoolType
from registry.file_import.model.institutions import lists_institutions, parse_institutions
from registry.file_import.model.known import Board, Entry, Known, Location, School
from registry.file_import.model.locations import lists_locations, parse_locations
from registry.file_import.model.plan import ImportPlan, Repeat, plan, plan_institutions, plan_postcodes
from registry.file_import.model.postcodes import lists_postcodes, parse_postcodes
from registry.file_import.model.problems import MAX_PROBLEMS, NothingImported
from registry.file_import.model.table import Parsed
from registry.identifiers import identity
from registry.organisation.model import Level
from registry.reference.model import PostcodeArea

OWN_HEADER = "BEVOEGD GEZAG NUMMER;INSTELLINGSCODE;VESTIGINGSCODE;VESTIGINGSNAAM;POSTCODE;PLAATSNAAM;ONDERWIJSSTRUCTUUR"
GEOCODED_HEADER = (
    "brin,vestigingscode,naam,sector,onderwijsstructuur,straat,huisnummer,postcode,plaats,gemeente,lat,lon"
)


def area(pc4: str, municipality: str = "Ede", region: str = "AM38") -> PostcodeArea:
    return PostcodeArea(
        pc4=pc4,
        place=municipality,
        municipality=municipality,
        province="Gelderland",
        latitude=52.04,
        longitude=5.66,
        region=region,
    )


AREAS = {"6711": area("6711"), "3811": area("3811", "Amersfoort", "AM14")}

LOCATION = Location(
    code="90AA00",
    brin="90AA",
    name="De Boog",
    postcode="6711XX",
    place="Ede",
    municipality="Ede",
    province="Gelderland",
    region="AM38",
    latitude=52.04,
    longitude=5.66,
    school_types=(SchoolType.VO,),
    levels=(Level.HAVO, Level.VWO),
)
SCHOOL = School(brin="90AA", name="De Boog", board="00001", school_types=(SchoolType.VO,))
BOARD = Board(number="00001", name="Bevoegd gezag 00001")


def own(*rows: str) -> bytes:
    return "\r\n".join([OWN_HEADER, *rows, ""]).encode("cp1252")


def geocoded(*rows: str) -> bytes:
    return "\n".join([GEOCODED_HEADER, *rows, ""]).encode()


def after(existing: Known, imported: ImportPlan[Entry]) -> Known:
    """What is known once a plan has been applied."""
    accepted = imported.accepted()
    return Known.of(*existing.entries, *accepted.additions, *(change.after for change in accepted.changes))


ROW = "00001;90AA;90AA00;De Boog;6711 XX;EDE;HAVO/VWO"


def test_a_new_location_brings_its_school_and_board_parents_first() -> None:
    imported = plan(Known(), parse_locations(own(ROW)), AREAS)
    assert imported.additions == (BOARD, SCHOOL, replace(LOCATION, place="EDE"))
    assert imported.counts() == {
        kind: {"added": 1, "changed": 0, "unchanged": 0} for kind in ("board", "school", "location")
    }
    assert [entry.id for entry in imported.additions] == [
        identity("board", "00001"),
        identity("school", "90AA"),
        identity("location", "90AA00"),
    ]


def test_municipality_and_region_come_by_postcode_whatever_the_file_calls_them() -> None:
    row = "90AA,90AA00,De Boog,vo,HAVO,Laan,1,3811XX,Amersfoort,AMERSFOORT CA,52.16,5.39"
    (_, location) = plan(Known(), parse_locations(geocoded(row)), AREAS).additions
    assert isinstance(location, Location)
    assert (location.municipality, location.region, location.latitude) == ("Amersfoort", "AM14", 52.16)


def test_a_second_import_changes_nothing() -> None:
    parsed = parse_locations(own(ROW))
    known = after(Known(), plan(Known(), parsed, AREAS))
    again = plan(known, parsed, AREAS)
    assert (again.additions, again.changes) == ((), ())
    assert again.unchanged == known.entries


def test_a_board_keeps_its_name_since_no_list_of_schools_has_it() -> None:
    named = replace(BOARD, name="Stichting De Boog")
    imported = plan(Known.of(named), parse_locations(own(ROW)), AREAS)
    assert imported.unchanged == (named,)


def test_a_change_names_the_fields_that_differ() -> None:
    known = Known.of(BOARD, SCHOOL, replace(LOCATION, name="Old", region="AM01"))
    (change,) = plan(known, parse_locations(own(ROW)), AREAS).changes
    assert change.fields == ("name", "place", "region")
    assert change.after == replace(LOCATION, place="EDE")


def test_values_that_a_file_does_not_have_stay_as_registered() -> None:
    full = replace(LOCATION, place="EDE", street="Laan", house_number="1", website="x.nl", denomination="Openbaar")
    known = Known.of(BOARD, SCHOOL, replace(full, latitude=52.01, longitude=5.01))
    assert plan(known, parse_locations(own(ROW)), AREAS).changes == ()
    sector_only = "90AA,90AA00,De Boog,vo,,,,6711XX,EDE,,,"
    assert plan(known, parse_locations(geocoded(sector_only)), AREAS).changes == ()


def test_a_location_that_moved_gets_the_point_of_its_new_postcode() -> None:
    known = Known.of(BOARD, SCHOOL, replace(LOCATION, postcode="3811XX", latitude=52.16, longitude=5.39))
    (change,) = plan(known, parse_locations(own(ROW)), AREAS).changes
    assert (change.after.latitude, change.after.longitude) == (52.04, 5.66)  # type: ignore[union-attr]


def test_a_repeat_is_reported_with_what_it_contradicts_and_the_first_line_counts() -> None:
    imported = plan(Known(), parse_locations(own(ROW, ROW.replace("De Boog", "Other"), ROW)), AREAS)
    assert imported.repeats == (
        Repeat(line=3, first_line=2, code="90AA00", differs=("name",)),
        Repeat(line=4, first_line=2, code="90AA00", differs=()),
    )
    assert imported.counts()["location"]["added"] == 1


def test_a_school_that_merged_is_found_under_the_brin_it_has_today() -> None:
    merged = School(brin="90BB", name="Merged", board="00001", school_types=(SchoolType.VO,), aliases=("90AA",))
    imported = plan(Known.of(BOARD, merged), parse_locations(own(ROW)), AREAS)
    assert imported.additions == (replace(LOCATION, place="EDE", brin="90BB"),)
    assert imported.unchanged == (BOARD, merged)


def test_a_location_that_its_school_s_file_leaves_out_is_reported_as_absent() -> None:
    gone, foreign = replace(LOCATION, code="90AA01"), replace(LOCATION, code="90CC00", brin="90CC")
    known = Known.of(BOARD, SCHOOL, LOCATION, gone, foreign)
    assert plan(known, parse_locations(own(ROW)), AREAS).absent == ("90AA01",)


def test_a_bad_line_hides_only_what_it_names_from_what_is_absent() -> None:
    known = Known.of(BOARD, SCHOOL, LOCATION, replace(LOCATION, code="90AA01"), replace(LOCATION, code="90AA02"))
    bad = plan(known, parse_locations(own(ROW, "00001;90AA;90AA01;;6711XX;EDE;HAVO")), AREAS)
    assert (bad.absent, bad.nameless) == (("90AA02",), 0)
    elsewhere = plan(known, parse_locations(own(ROW, "00001;90AA;90AA01;;9999XX;EDE;HAVO")), AREAS)
    assert elsewhere.absent == ("90AA02",)
    nameless = plan(known, parse_locations(own(ROW, "00001;90AA;;De Boog;6711XX;EDE;HAVO", "x")), AREAS)
    assert (nameless.absent, nameless.nameless) == (("90AA01", "90AA02"), 2)


def test_a_school_that_a_file_of_its_type_leaves_out_is_reported_as_absent() -> None:
    gone = replace(SCHOOL, brin="90FF")
    college = School(brin="90GG", name="ROC", school_types=(SchoolType.MBO,))
    went_up = replace(SCHOOL, brin="90BB", aliases=("90HH",))
    known = Known.of(BOARD, SCHOOL, LOCATION, gone, college, went_up)
    merged = "00001;90HH;90HH00;De Pees;6711 XX;EDE;HAVO"
    assert plan(known, parse_locations(own(ROW, merged)), AREAS).absent == ("90FF",)
    institutions = parse_institutions(b"brin,naam\n90II,ROC Een\n")
    assert plan_institutions(known, institutions).absent == ("90GG",)


def test_a_file_without_a_row_that_can_be_used_is_never_accepted() -> None:
    for content in (own(), own("00001;90AA;;De Boog;6711XX;EDE;HAVO")):
        imported = plan(Known(), parse_locations(content), AREAS)
        assert imported.problems[0].code == "no-usable-row"
        with pytest.raises(NothingImported):
            imported.accepted()


def test_decimal_commas_are_read() -> None:
    row = "90AA;90AA00;De Boog;vo;HAVO;Laan;1;3811XX;Amersfoort;Amersfoort;52,16;5,39"
    content = f"sep=;\n{GEOCODED_HEADER.replace(',', ';')}\n{row}\n".encode()
    (_, location) = plan(Known(), parse_locations(content), AREAS).additions
    assert isinstance(location, Location)
    assert (location.latitude, location.longitude) == (52.16, 5.39)


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        ("90AA,90BB00,De Boog,vo,HAVO,,,6711XX,Ede,,,", [("vestigingscode", "location-of-another")]),
        ("90AA,90AA00,De Boog,,,,,6711XX,Ede,,,", [("onderwijsstructuur", "unknown-school-type")]),
        (
            "90AA,90AA00,De Boog,xx,HAVO/LTS,,,6711XX,Ede,,,",
            [("sector", "unknown-value"), ("onderwijsstructuur", "unknown-value")],
        ),
        ("90AA,90AA00,De Boog,vo,HAVO,,,6711XX,Ede,,52.1,", [("lon", "half-a-point")]),
        ("90AA,90AA00,De Boog,vo,HAVO,,,6711XX,Ede,,,5.1", [("lat", "half-a-point")]),
        (
            "90AA,90AA00,De Boog,vo,HAVO,,,6711XX,Ede,,nan,1_0",
            [("lat", "not-a-coordinate"), ("lon", "not-a-coordinate")],
        ),
        (
            "90AA,90AA00,De Boog,vo,HAVO,,,6711XX,Ede,,12.1,-68.2",
            [("lat", "outside-the-netherlands"), ("lon", "outside-the-netherlands")],
        ),
        (
            "9AA,90AA0,,vo,HAVO,,,0711XX,Ede,,,",
            [
                ("brin", "not-a-brin"),
                ("vestigingscode", "not-a-location-code"),
                ("naam", "blank"),
                ("postcode", "not-a-postcode"),
            ],
        ),
        ("90AA,90AA00,De Boog,vo,HAVO,,,9999XX,Ede,,,", [("postcode", "unknown-postcode-area")]),
    ],
)
def test_a_bad_row_is_reported_and_the_others_are_planned(row: str, problems: list[tuple[str, str]]) -> None:
    good = "90CC,90CC00,De Pees,po,BO/SBO,,,6711XX,Ede,,,"
    imported = plan(Known(), parse_locations(geocoded(row, good)), AREAS)
    assert [(problem.line, problem.field, problem.code) for problem in imported.problems] == [
        (2, field, code) for field, code in problems
    ]
    assert [entry.key for entry in imported.accepted().additions] == ["90CC", "90CC00"]
    with pytest.raises(NothingImported, match=f"{len(problems)} problems") as refused:
        imported.accepted(all_or_nothing=True)
    assert refused.value.problems == imported.problems


def test_a_file_that_cannot_be_read_is_never_accepted() -> None:
    imported = plan(Known(), parse_locations(b"what,ever\n"), AREAS)
    with pytest.raises(NothingImported):
        imported.accepted()


def test_a_faultless_file_is_accepted_either_way() -> None:
    imported = plan(Known(), parse_locations(own(ROW)), AREAS)
    assert imported.accepted(all_or_nothing=True) is imported.accepted() is imported


@pytest.mark.parametrize(
    ("structure", "types", "levels"),
    [
        ("(V)SO", (SchoolType.PO, SchoolType.VO), (Level.SO, Level.VSO)),
        ("SO", (SchoolType.PO,), (Level.SO,)),
        ("VSO", (SchoolType.VO,), (Level.VSO,)),
        ("VWO/VBO/PRO", (SchoolType.VO,), (Level.PRO, Level.VMBO_BK, Level.VWO)),
        ("", (SchoolType.PO, SchoolType.VO), ()),
    ],
)
def test_school_types_follow_from_the_structure_or_else_the_sector(
    structure: str, types: tuple[SchoolType, ...], levels: tuple[Level, ...]
) -> None:
    row = f"90AA,90AA00,De Boog,so_vso,{structure},,,6711XX,Ede,,,"
    (school, location) = plan(Known(), parse_locations(geocoded(row)), AREAS).additions
    assert isinstance(location, Location)
    assert isinstance(school, School)
    assert (location.school_types, location.levels) == (types, levels)
    assert school.school_types == types


INSTITUTIONS = b"brin,naam,plaats_toegevoegd_door_onderzoeker\n90AA,ROC De Boog,Ede\n90DD,MBO Delta,\n90DD,Delta,Ede\n"


def test_institutions_have_names_and_types_but_no_locations() -> None:
    imported = plan_institutions(Known.of(BOARD, SCHOOL), parse_institutions(INSTITUTIONS))
    assert imported.additions == (School(brin="90DD", name="MBO Delta", school_types=(SchoolType.MBO,)),)
    (change,) = imported.changes
    assert change.fields == ("name", "place", "school_types")
    assert [repeat.differs for repeat in imported.repeats] == [("name", "place")]


def test_a_list_of_locations_does_not_take_back_what_a_list_of_institutions_said() -> None:
    locations, institutions = parse_locations(own(ROW)), parse_institutions(INSTITUTIONS)
    known = after(Known(), plan(Known(), locations, AREAS))
    known = after(known, plan_institutions(known, institutions))
    assert known.schools["90AA"].name == "ROC De Boog"
    for imported in (plan(known, locations, AREAS), plan_institutions(known, institutions)):
        assert (imported.additions, imported.changes) == ((), ())


def test_an_institution_that_went_up_in_another_renames_nobody() -> None:
    merged = School(brin="90BB", name="Merged", school_types=(SchoolType.MBO,), aliases=("90AA", "90DD"))
    imported = plan_institutions(Known.of(merged), parse_institutions(INSTITUTIONS))
    assert (imported.additions, imported.changes, imported.unchanged) == ((), (), (merged,))


def test_institutions_of_higher_education_say_their_own_type_and_board() -> None:
    content = b"SOORT HO;BEVOEGD GEZAG NUMMER;INSTELLINGSCODE;INSTELLINGSNAAM\nhbo;00001;90EE;Hogeschool X\n"
    (board, school) = plan_institutions(Known(), parse_institutions(content)).additions
    assert board == BOARD
    assert school == School(brin="90EE", name="Hogeschool X", board="00001", school_types=(SchoolType.HBO,))


POSTCODES = b"pc4,plaats,gemeente,provincie,lat,lon,cbs_am_code\n9711,Groningen,Groningen.,Groningen,53.22,6.57,AM01\n"


def test_a_postcode_reference_is_planned_like_any_other_file() -> None:
    parsed = parse_postcodes(POSTCODES)
    imported = plan_postcodes({}, parsed)
    (added,) = imported.additions
    assert (added.key, added.municipality, added.region) == ("9711", "Groningen", "AM01")
    known = {added.pc4: replace(added, place="Elsewhere")}
    assert plan_postcodes(known, parsed).changes[0].fields == ("place",)
    assert plan_postcodes({added.pc4: added}, parsed).unchanged == (added,)


def test_a_file_shows_what_kind_of_list_it_is() -> None:
    kinds = {"locations": own(ROW), "institutions": INSTITUTIONS, "postcodes": POSTCODES}
    assert [name for name, content in kinds.items() if lists_locations(content)] == ["locations"]
    assert [name for name, content in kinds.items() if lists_institutions(content)] == ["institutions"]
    assert [name for name, content in kinds.items() if lists_postcodes(content)] == ["postcodes"]


LISTED = st.lists(
    st.builds(
        lambda brin, number, name, pc4, levels: (
            f"9{brin}",
            f"9{brin}{number:02d}",
            name,
            f"{pc4}XX",
            "/".join(levels),
        ),
        st.sampled_from(["0AA", "0BB", "0CC"]),
        st.integers(0, 3),
        st.text("abc ", min_size=1, max_size=8).filter(str.strip),
        st.sampled_from(["6711", "3811", "9999", "0000"]),
        st.lists(st.sampled_from(["PRO", "VBO", "MAVO", "HAVO", "VWO", "SO", "LTS"]), min_size=1, max_size=3),
    ),
    max_size=12,
)


def _file(rows: list[tuple[str, ...]], separator: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["brin", "vestigingscode", "naam", "postcode", "onderwijsstructuur", "plaats"])
    writer.writerows([*row, "Ede"] for row in rows)
    return out.getvalue().encode()


@given(first=LISTED, second=LISTED, separator=st.sampled_from([";", ","]))
def test_every_line_is_one_outcome_and_repeating_any_import_changes_nothing(
    first: list[tuple[str, ...]], second: list[tuple[str, ...]], separator: str
) -> None:
    known = Known()
    for rows in (first, second):
        parsed: Parsed[object] = parse_locations(_file(rows, separator))  # type: ignore[assignment]
        imported = plan(known, parsed, AREAS)  # type: ignore[arg-type]
        outcomes = sum(imported.counts().get("location", {}).values())
        bad = {problem.line for problem in imported.problems if problem.line}
        assert outcomes + len(imported.repeats) + len(bad) == len(rows)
        if not outcomes:
            with pytest.raises(NothingImported):
                imported.accepted()
            continue
        known = after(known, imported)
        again = plan(known, parsed, AREAS)  # type: ignore[arg-type]
        assert (again.additions, again.changes) == ((), ())
    assert {location.brin for location in known.locations.values()} == set(known.schools)


def test_the_cost_of_a_bad_file_does_not_grow_with_its_problems() -> None:
    bad = own(*("9;9;9;;0711;;LTS" for _ in range(8_000)))
    tracemalloc.start()
    try:
        imported = plan(Known(), parse_locations(bad), AREAS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (imported.problem_count, len(imported.problems)) == (56_001, MAX_PROBLEMS + 1)
    assert peak < 20 * len(bad)
