"""A file of somebody else is read whole or refused whole; each line of it is a row or a problem."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import InvalidParam, Message, Refused
from common.inputs.refusals import NotADay
from registry.file_import.model import encoding as file_import_encoding
from registry.file_import.model import table
from registry.file_import.model.checks import day, text
from registry.file_import.model.encoding import MAX_BYTES
from registry.file_import.model.problems import MAX_PROBLEMS, BadCell, Problem
from registry.file_import.model.table import Column, Parsed, fits, read

COLUMNS = (
    Column(field="name", names=("naam", "vestigingsnaam"), check=text),
    Column(field="place", names=("plaats",), check=text, required=False),
)


class SameTwice(BadCell):
    """Name and place are the same."""


def pair(*, name: str, place: str | None) -> tuple[str, str | None]:
    return name, place


def same(value: tuple[str, str | None]) -> Iterator[tuple[str, Refused]]:
    if value[0] == value[1]:
        yield "place", SameTwice()


def parse(content: bytes | str) -> Parsed[tuple[str, str | None]]:
    return read(content.encode() if isinstance(content, str) else content, COLUMNS, pair, same)


def values(parsed: Parsed[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    return [row.value for row in parsed.rows]


def codes(problems: Iterable[Problem]) -> list[tuple[int | None, str, str]]:
    return [(problem.line, problem.field, problem.code) for problem in problems]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separator_and_line_end_do_not_matter(separator: str, end: str) -> None:
    parsed = parse(end.join([f"NAAM{separator}Plaats", f"De Boog{separator}Ede", ""]))
    assert values(parsed) == [("De Boog", "Ede")]
    assert parsed.rows[0].line == 2
    assert parsed.summary.separator == separator


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("naam;plaats\nCafé;Sneek".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "naam;plaats\nCafé;Sneek".encode(), "utf-8"),
        ("naam;plaats\nCafé;Sneek".encode("cp1252"), "windows-1252"),
    ],
)
def test_utf_8_and_windows_1252_are_distinguished(content: bytes, encoding: str) -> None:
    parsed = parse(content)
    assert values(parsed) == [("Café", "Sneek")]
    assert parsed.summary.encoding == encoding


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it has no column naam"),
        (b"x,y\n1,2", "it has no column naam"),
        (b"naam,vestigingsnaam\n1,2", "naam, vestigingsnaam say the same thing"),
        ("naam,plaats\nx,y".encode("utf-16"), "not text in UTF-8"),
        (b"naam,\x81plaats\nx,\xff", "not text in UTF-8"),
        (b"x" * 200_000, "it has no column naam"),
        (b"x" * (MAX_BYTES + 1), "larger than 16 MB"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_whole(content: bytes, why: str) -> None:
    parsed = parse(content)
    assert parsed.rows == ()
    assert codes(parsed.problems) == [(None, "", "unreadable")]
    assert why in parsed.problems[0].reason
    assert not fits(content, COLUMNS)


def test_blank_lines_and_unknown_columns_are_passed_over() -> None:
    parsed = parse("\n;;\nnaam;telefoon;plaats\n;;\nDe Boog;1;Ede\n\n")
    assert [(row.line, row.value) for row in parsed.rows] == [(5, ("De Boog", "Ede"))]
    assert parsed.summary.rows == 1
    assert fits(b"naam", COLUMNS)


def test_an_absent_column_and_a_blank_cell_both_say_nothing() -> None:
    assert values(parse("naam\nA")) == values(parse("naam,plaats\nA, ")) == [("A", None)]


def test_all_problems_of_a_line_are_reported_by_the_column_s_own_name_while_the_others_are_read() -> None:
    long, control = "x" * 201, "a\x07b"
    parsed = parse(f"Vestigingsnaam;Plaats\nA;B\n;{long}\n{control};111222333\nC;C\nD;E")
    assert values(parsed) == [("A", "B"), ("D", "E")]
    assert codes(parsed.problems) == [
        (3, "Vestigingsnaam", "blank"),
        (3, "Plaats", "too-long"),
        (4, "Vestigingsnaam", "control-character"),
        (4, "Plaats", "contains-bsn"),
        (5, "Plaats", "same-twice"),
    ]
    assert (parsed.summary.rows, parsed.summary.usable, parsed.summary.unusable) == (5, 2, 3)


def test_a_line_with_too_few_or_too_many_cells_is_a_problem() -> None:
    parsed = parse("naam;plaats\nA\nB;C;D\nE;F")
    assert values(parsed) == [("E", "F")]
    assert codes(parsed.problems) == [(2, "", "wrong-number-of-columns"), (3, "", "wrong-number-of-columns")]


def test_a_row_over_several_lines_is_named_by_its_first() -> None:
    parsed = parse('naam;plaats\n"De\nBoog";Ede\nA;\x07')
    assert [(row.line, row.value) for row in parsed.rows] == [(2, ("De Boog", "Ede"))]
    assert [problem.line for problem in parsed.problems] == [4]


def test_a_quotation_mark_out_of_place_says_which_lines_it_cost() -> None:
    one = parse('naam;plaats\n"A"x;B\nC;D')
    assert values(one) == [("C", "D")]
    assert codes(one.problems) == [(2, "", "unreadable-line")]
    assert one.problems[0].reason.startswith("Line 2 cannot be read")
    rest = parse('naam;plaats\nA;B\n"C;D\nE;F')
    assert values(rest) == [("A", "B")]
    assert rest.problems[0].reason.startswith("Line 3 to 4 cannot be read")
    assert rest.summary.unusable == 1


def test_a_problem_is_an_invalid_parameter_of_the_api() -> None:
    assert Problem(line=3, field="Plaats", code="c", reason=Message("r")).as_param() == InvalidParam(
        "lines[3].Plaats", Message("r"), "c"
    )
    assert Problem(line=3, field="", code="c", reason=Message("r")).as_param().name == "lines[3]"
    assert Problem(line=None, field="", code="c", reason=Message("r")).as_param().name == "file"


CELLS = st.text(st.characters(codec="cp1252", categories=["L", "P", "S", "Zs"]), min_size=1, max_size=12).filter(
    lambda cell: (
        bool(cell.strip())
        and " ".join(cell.split()).isprintable()
        and not file_import_encoding.LOOKS_ENCODED_TWICE.search(cell)
        and not file_import_encoding.OF_ANOTHER_CODE_PAGE.search(cell)
        and "=?" not in cell
    )
)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS).filter(lambda row: row[0].split() != row[1].split())),
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_a_written_table_is_read_back(rows: list[tuple[str, str]], separator: str, encoding: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([("naam", "plaats"), *rows])
    parsed = parse(out.getvalue().encode(encoding))
    assert parsed.problems == ()
    assert values(parsed) == [(" ".join(name.split()), " ".join(place.split())) for name, place in rows]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda tail: f"naam;plaats\n{tail}".encode()))
def test_no_file_is_too_strange_to_be_answered(content: bytes) -> None:
    parsed = parse(content)
    lines = {problem.line for problem in parsed.problems}
    assert parsed.summary.unusable == len(lines - {None})
    assert not lines & {row.line for row in parsed.rows}
    assert parsed.summary.usable == len(parsed.rows)


def test_a_byte_that_no_encoding_has_costs_its_line_only() -> None:
    parsed = parse(b"naam;plaats\nCaf\xe9;Ede\n\x81;\xff\n")
    assert values(parsed) == [("Café", "Ede")]
    assert codes(parsed.problems) == [(3, "", "another-encoding")]


MIXED = ["naam;plaats", "Café De Boog;Ede", "Lyceum Flor\u00e8s;Epe", "Zuid-Één;Ede"]


def test_one_line_in_another_encoding_is_a_problem_and_spoils_no_other_line() -> None:
    lines = [line.encode("cp1252" if "Flor" in line else "utf-8") for line in MIXED]
    parsed = parse(b"\n".join(lines))
    assert values(parsed) == [("Café De Boog", "Ede"), ("Zuid-Één", "Ede")]
    assert codes(parsed.problems) == [(3, "", "another-encoding")]
    assert parsed.summary.encoding == "utf-8"


def test_one_line_in_utf_8_does_not_decide_about_a_file_in_windows_1252() -> None:
    lines = [line.encode("utf-8" if "Flor" in line else "cp1252") for line in MIXED]
    parsed = parse(b"\n".join(lines))
    assert values(parsed) == [("Café De Boog", "Ede"), ("Zuid-Één", "Ede")]
    assert codes(parsed.problems) == [(3, "naam", "encoded-twice")]
    assert parsed.summary.encoding == "windows-1252"


@pytest.mark.parametrize("name", ["Florès", "Één", "Åmål", "\u2018t Anker\u2019", "De Vloot \u2013 Zuid", "€uro", "à"])
def test_text_that_was_encoded_twice_is_refused(name: str) -> None:
    spoilt = "".join(
        bytes([byte]).decode("cp1252") if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte) for byte in name.encode()
    )
    assert [code for *_, code in codes(parse(f"naam\n{spoilt}").problems)] == ["encoded-twice"]
    assert values(parse(f"naam\n{name}")) == [(name, None)]


@pytest.mark.parametrize("name", ["CAFÉ\u2019S", "«CAFÉ»", "Ñandú", "Çelik", "Größe", "ÀÉÎÕÜ", "Łódź", "Ümit § 3"])
def test_letters_that_only_look_unusual_are_taken(name: str) -> None:
    assert values(parse(f"naam\n{name}")) == [(name, None)]


@pytest.mark.parametrize("code_page", ["cp437", "cp850", "mac_roman"])
def test_letters_of_an_older_code_page_are_refused(code_page: str) -> None:
    parsed = parse("naam\nFlor\u00ebs\nB\u00f6hm\nCaf\u00e9\nItali\u00ebn\n".encode(code_page))
    assert "another-code-page" in {code for *_, code in codes(parsed.problems)}
    assert not set(values(parsed)) & {("Flor\u2030s", None), ("B\u201dhm", None), ("Caf\u201a", None)}


def test_text_whose_letters_were_lost_is_refused() -> None:
    assert codes(parse("naam\nFlor\ufffds").problems) == [(2, "naam", "lost-letters")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("hint", ["sep={}\n", "SEP={}\r\n", '"sep={}"\n', "\n\nsep={}\n", "sep={}"])
def test_the_line_by_which_excel_names_the_separator_is_no_header(separator: str, hint: str) -> None:
    first = hint.format(separator)
    parsed = parse(f"{first}{'' if first.endswith(chr(10)) else chr(10)}naam{separator}plaats\nDe Boog{separator}Ede\n")
    assert values(parsed) == [("De Boog", "Ede")]
    assert parsed.rows[0].line == first.count("\n") + 2 + (not first.endswith("\n"))


def test_problems_are_kept_in_words_up_to_a_number_and_all_are_counted() -> None:
    parsed = parse("naam;plaats\n" + "x\n" * 5_000)
    assert (len(parsed.problems), parsed.summary.problems, parsed.summary.unusable) == (MAX_PROBLEMS, 5_000, 5_000)


def test_a_file_with_more_rows_than_any_list_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_ROWS", 3)
    assert len(parse("naam\nA\nB\nC").rows) == 3
    assert codes(parse("naam\nA\nB\nC\nD").problems) == [(None, "", "unreadable")]


def test_an_unusable_row_names_its_organisation_where_its_code_can_be_read() -> None:
    parsed = read(b"naam;plaats\nA;\x07\nB\n;C", COLUMNS, pair, code="name")
    assert parsed.named == {"A"}
    assert parsed.nameless == 2


@pytest.mark.parametrize("cell", ["2026-08-01", "20260801", "01-08-2026"])
def test_a_day_is_read_in_each_of_its_spellings(cell: str) -> None:
    assert day(cell) == date(2026, 8, 1)


@pytest.mark.parametrize("cell", ["", "1 augustus 2026", "01/08/2026", "2026-02-30"])
def test_a_cell_that_is_no_day_is_refused(cell: str) -> None:
    with pytest.raises(NotADay):
        day(cell)
