"""What goes in and out as JSON: moments, clock times and texts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from stdnum.nl import bsn

from common.web import ClockTime, Command, FreeText, Line, Moment, Page, View

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
CLOCK: TypeAdapter[time] = TypeAdapter(ClockTime)
TEXT: TypeAdapter[str] = TypeAdapter(FreeText)
LINE: TypeAdapter[str] = TypeAdapter(Line)


class _Lesson(View):
    starts_at: Moment
    starts_time: ClockTime | None


class _Plan(Command):
    starts_at: Moment
    starts_time: ClockTime | None = None


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-20", "2026-11-20T09:15:00", "2026-11-20 09:15:00Z", "1700000000", "2026-11-20T09:15Z", "now"),
        *("2026-02-30T09:15:00Z", "2026-11-20T25:00:00Z", "0001-01-01T00:00:00+14:00", "2026-11-20T09:15:00,5Z"),
        *("2026-11-20T09:15:00.1234567Z", "2026-11-20T09:15:00+1:00", "٢٠٢٦-11-20T09:15:00Z", ""),
    ],
)
def test_a_text_that_is_no_moment_with_an_offset_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-20T09:15:00Z", datetime(2026, 11, 20, 9, 15, tzinfo=UTC)),
        ("2026-11-20t10:15:00.5+01:00", datetime(2026, 11, 20, 9, 15, 0, 500_000, tzinfo=UTC)),
        ("2026-07-01T00:30:00+02:00", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),
    ],
)
def test_any_offset_is_taken_and_kept_in_utc(text: str, utc: datetime) -> None:
    found = MOMENT.validate_python(text)
    assert found == utc
    assert found.utcoffset() == timedelta()


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=OFFSETS)  # noqa: DTZ001 - bounds are naive


@given(moment=MOMENTS, clock=st.none() | st.times().map(lambda found: found.replace(microsecond=0)))
def test_an_answer_is_in_utc_and_reads_back_the_same(moment: datetime, clock: time | None) -> None:
    text = _Lesson(starts_at=moment, starts_time=clock).model_dump_json()
    assert '"startsAt":"' in text
    assert 'Z"' in text
    again = _Plan.model_validate_json(text)
    assert (again.starts_at, again.starts_time) == (moment, clock)


def test_a_moment_without_offset_or_beyond_the_calendar_is_no_answer() -> None:
    for moment in (datetime(2026, 1, 1), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))):  # noqa: DTZ001
        with pytest.raises(ValidationError):
            _Lesson(starts_at=moment, starts_time=None)


@pytest.mark.parametrize("text", ["08:30", "23:59:59", "00:00"])
def test_a_clock_time_is_taken(text: str) -> None:
    assert CLOCK.validate_json(f'"{text}"') == CLOCK.validate_python(text) == time.fromisoformat(text)


@pytest.mark.parametrize("text", ["24:00", "08:60", "8:30", "08:30Z", "08:30:00+01:00", "0830", "30600", "08:30:00.5"])
def test_a_text_that_is_no_clock_time_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        CLOCK.validate_python(text)


@pytest.mark.parametrize("value", [0, 1.5, True, None, [], {}])
def test_a_number_is_no_time(value: Any) -> None:
    for adapter in (MOMENT, CLOCK):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


def test_a_text_is_trimmed_and_bounded() -> None:
    assert TEXT.validate_python("  a\nb\t ") == "a\nb"
    assert LINE.validate_python(" Ada ") == "Ada"
    for adapter, wrong in ((TEXT, " "), (TEXT, "x" * 4001), (LINE, "x" * 201), (LINE, "a\nb"), (LINE, "a\rb")):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)
    for character in "\x00\x07\x1b\x7f":
        with pytest.raises(ValidationError):
            TEXT.validate_python(f"a{character}b")


@given(
    number=st.integers(10_000_000, 99_999_999),
    separator=st.sampled_from(["", ".", " ", "-"]),
    before=st.sampled_from(["", "nr ", "(", "a"]),
    after=st.sampled_from(["", ".", ")", " en"]),
)
def test_exactly_the_numbers_that_pass_the_check_are_refused(
    number: int, separator: str, before: str, after: str
) -> None:
    for last in range(10):
        digits = f"{number}{last}"
        text = before + separator.join([digits[:4], digits[4:6], digits[6:]]) + after
        if bsn.is_valid(digits):
            with pytest.raises(ValidationError, match="citizen service number"):
                TEXT.validate_python(text)
        else:
            assert TEXT.validate_python(text) == text.strip()


def test_a_command_is_made_in_code_by_its_own_names() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert _Plan(starts_at=noon) == _Plan.model_validate_json('{"startsAt": "2026-01-01T13:00:00+01:00"}')


def test_a_page_is_called_after_what_is_on_it() -> None:
    assert Page[_Lesson].__name__ == "_LessonPage"
