"""Numbers of schools, companies and places have one spelling each; a BSN has no place anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, TypeAdapter, ValidationError

from common.errors import Refused
from registry import identifiers

Read = Callable[[str], str]

SPELLINGS: list[tuple[Read, str, str]] = [
    (identifiers.brin, " 01 ab ", "01AB"),
    (identifiers.brin, "01.AB", "01AB"),
    (identifiers.location_code, "01ab-00", "01AB00"),
    (identifiers.rio_provider, "101a234", "101A234"),
    (identifiers.rio_location, "101X234 ", "101X234"),
    (identifiers.board_number, "41234", "41234"),
    (identifiers.kvk, "01234567", "01234567"),
    (identifiers.oin, "00000001823288444000", "00000001823288444000"),
    (identifiers.oin, "00000003123456780000", "00000003123456780000"),
    (identifiers.oin, "00000004194049711000", "00000004194049711000"),
    (identifiers.oin, "0000000700001ab00000", "0000000700001AB00000"),
    (identifiers.crebo, "25078", "25078"),
    (identifiers.postcode, "1234 ab", "1234AB"),
    (identifiers.postcode, "9999ZZ", "9999ZZ"),
    (identifiers.postcode_area, "1234", "1234"),
    (identifiers.labour_market_region, "am01", "AM01"),
]

REFUSALS: list[tuple[Read, str, str]] = [
    (identifiers.brin, "01AB00", "not-a-brin"),
    (identifiers.brin, "0AB1", "not-a-brin"),
    (identifiers.brin, "", "not-a-brin"),
    (identifiers.location_code, "02CD", "not-a-location-code"),
    (identifiers.location_code, "01AB0X", "not-a-location-code"),
    (identifiers.rio_provider, "101X234", "not-a-provider-code"),
    (identifiers.rio_location, "101A234", "not-a-rio-location-code"),
    (identifiers.board_number, "1234", "not-a-board-number"),
    (identifiers.kvk, "1234567", "not-a-kvk-number"),
    (identifiers.kvk, "\N{ARABIC-INDIC DIGIT ONE}2345678", "not-a-kvk-number"),
    (identifiers.oin, "00000005123456789000", "not-an-oin"),
    (identifiers.oin, "00000001823288444001", "not-an-oin"),
    (identifiers.oin, "00000003123456789000", "not-an-oin"),
    (identifiers.oin, "0000000182328844400", "not-an-oin"),
    (identifiers.crebo, "2507", "not-a-crebo"),
    (identifiers.postcode, "0123AB", "not-a-postcode"),
    (identifiers.postcode, "1234SS", "not-a-postcode"),
    (identifiers.postcode_area, "0123", "not-a-postcode-area"),
    (identifiers.labour_market_region, "AM1", "not-a-labour-market-region"),
]

BSN = "111222333"  # the example of the public documentation; it passes the check


@pytest.mark.parametrize(("read", "text", "number"), SPELLINGS)
def test_a_number_has_one_spelling(read: Read, text: str, number: str) -> None:
    assert read(text) == number
    assert read(number) == number


@pytest.mark.parametrize(("read", "text", "code"), REFUSALS)
def test_another_form_is_refused_by_name_and_not_repeated(read: Read, text: str, code: str) -> None:
    with pytest.raises(identifiers.NotAnIdentifier) as refused:
        read(text)
    assert refused.value.code == code
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize(
    "read", sorted({read for read, _, _ in SPELLINGS}, key=lambda read: str(getattr(read, "__name__", read)))
)
@given(text=st.text(max_size=24))
def test_an_accepted_identifier_is_plain_capitals_and_digits(read: Read, text: str) -> None:
    try:
        number = read(text)
    except Refused:
        return
    assert re.fullmatch(r"[0-9A-Z]+", number)
    assert read(number) == number


@given(st.from_regex(r"[0-9]{2}[A-Z]{2}[0-9]{2}", fullmatch=True))
def test_a_location_code_begins_with_a_brin(code: str) -> None:
    assert identifiers.location_code(code).startswith(identifiers.brin(code[:4]))


def test_an_identifier_function_is_a_validator_for_pydantic() -> None:
    adapter = TypeAdapter(Annotated[str, AfterValidator(identifiers.kvk)])
    assert adapter.validate_python(" 12345678") == "12345678"
    with pytest.raises(ValidationError, match="A KvK number is eight digits"):
        adapter.validate_python("x")


def test_the_same_code_has_the_same_id_on_every_machine() -> None:
    assert identifiers.identity("school", "90AA") == UUID("44acb315-95c4-5da7-8888-52780656795b")
    assert identifiers.identity("school", "90AA") != identifiers.identity("board", "90AA")


@pytest.mark.parametrize(
    "text",
    [
        BSN,
        "Mijn nummer is 111222333.",
        "bsn111222333",
        "BSN:1112.22.333",
        "1112 22 333",
        "111 222 333",
        "111-222-333, graag bellen",
        "Jansen;5,111222333,1980",
        "bel +31612345678 111222333",
        "111222333 en 12345678901",
        "\N{FULLWIDTH DIGIT ONE}11222333",
        "111\N{NO-BREAK SPACE}222\N{NO-BREAK SPACE}333",
        "Lokaal 12. 111222333",
    ],
)
def test_a_bsn_in_free_text_is_found(text: str) -> None:
    assert identifiers.contains_bsn(text)
    with pytest.raises(identifiers.ContainsBsn, match="citizen service number") as refused:
        identifiers.without_bsn(text)
    assert BSN not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456789",
        "000000000",
        "1112223330",
        "9111222333",
        "00000001111222333000",
        "0,5 of 52.111222333 graden",
        "1111222333444",
        "06 111 222 333",
        "111 222 333 444",
        "1112.22.333.1",
        "1112.22-333",
        "NL111222333B01",
        "+31 111222333",
        "+31 (0)11 1222333",
        "0192f3c4-0000-7000-8000-abc111222333",
        "tel. 0111222333",
        "KvK 11122233",
    ],
)
def test_another_number_is_no_bsn(text: str) -> None:
    assert not identifiers.contains_bsn(text)
    assert identifiers.without_bsn(text) == text


@given(st.integers(1, 999_999_999), st.text("0123456789", max_size=4), st.text("0123456789", max_size=4))
def test_nine_digits_count_only_when_they_stand_alone(number: int, before: str, after: str) -> None:
    digits = f"{number:09d}"
    passes = (
        sum(weight * int(digit) for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True)) % 11 == 0
    )
    assert identifiers.contains_bsn(f"nr {before}{digits}{after}!") is (passes and not before and not after)
