"""The language of a problem follows ``Accept-Language``, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.web.language import DEFAULT, LANGUAGES, preferred

WEIGHTS = st.integers(0, 1000).map(lambda thousandths: f"{thousandths / 1000:.3f}")
RANGES = st.sampled_from(["nl", "en", "nl-NL", "en-GB", "NL", "fr", "de-CH", "*"])


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("nl", "nl"),
        ("en", "en"),
        ("nl-NL", "nl"),
        ("nl-BE, nl;q=0.9", "nl"),
        ("NL", "nl"),
        ("en-GB", "en"),
        ("nl, en", "nl"),
        ("en, nl", "en"),
        ("en;q=0.8, nl", "nl"),
        ("nl;q=0.5,en;q=0.4", "nl"),
        ("nl;q=0.4,en;q=0.5", "en"),
        ("fr, nl;q=0.2", "nl"),
        ("fr", "en"),
        ("*", "en"),
        ("*, en;q=0", "nl"),
        ("*;q=0.5, en;q=0.3", "nl"),
        ("*;q=0.3, en;q=0.5", "en"),
        ("nl;q=0", "en"),
        ("nl;q=0, en;q=0", "en"),
        ("*;q=0", "en"),
        ("nl ; q=0.3 , en;Q=0.2", "nl"),
        ("nl;q=1.000", "nl"),
        ("nl;q=1.5", "en"),
        ("nl;q=high", "en"),
        ("nl;level=1", "en"),
        ("nederlands-en-nog-veel-meer", "en"),
        ("nlx", "en"),
        (";;;,,=q", "en"),
        ("\x00nl", "en"),
        ("nl," + "x," * 100_000, "nl"),
    ],
)
def test_the_language_is_the_one_that_weighs_most(header: str | None, language: str) -> None:
    assert preferred(header) == language


@given(st.text())
def test_any_header_at_all_gets_one_of_the_languages(header: str) -> None:
    assert preferred(header) in LANGUAGES


@given(st.text(alphabet="nledq=;,*-0.1 \t"))
def test_a_part_that_cannot_be_read_counts_for_nothing(header: str) -> None:
    assert preferred(f"{header}, !") == preferred(header)


@given(st.lists(st.tuples(RANGES, WEIGHTS), max_size=8))
def test_no_language_that_weighs_less_is_chosen(ranges: list[tuple[str, str]]) -> None:
    header = ", ".join(f"{name};q={weight}" for name, weight in ranges)
    weights: dict[str, float] = {}
    for name, weight in ranges:
        language = name.lower().partition("-")[0]
        weights[language] = max(float(weight), weights.get(language, 0.0))
    others = weights.get("*", 0.0)
    found = preferred(header)
    assert all(weights.get(found, others) >= weights.get(one, others) for one in LANGUAGES)
    if all(weights.get(one, others) == 0 for one in LANGUAGES):
        assert found == DEFAULT
