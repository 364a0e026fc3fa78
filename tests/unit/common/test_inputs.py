"""What may come in: names, lines, notes, mail addresses, days and moments."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from email.headerregistry import Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common import inputs
from common.inputs import Unfit, days, refusals

ANYTHING = st.text(st.characters(codec=None), max_size=300)
PLACED = st.sampled_from("\n\r\v\f\x00\x1b\x7f\x85\u2028\u2029\u202e\u2066\u200b\u200d\u00ad\ufeff\u3164\ufe0f\ud800")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Ó Súilleabháin",
            "Strauß",
            "İbrahim Çelik",
            "van 't Hoff",
            "Nguyễn Thị Minh",
            "O",
            "Ka\u02bbahumanu",
            "d\u2019Arc",
        ),
        *("محمد علي", "王小明", "Ἀλέξανδρος", "Владимир", "דוד", "राम", "Anne-Marie", "J.R.R. Tolkien", "Ö", "Æ"),
        *("Jan (Johannes) de Vries", "Müller-Lüdenscheidt, Dr.", "Willem II", "mr.dr. A. de Wit", "N'Diaye", "P&O"),
    ],
)
def test_a_name_that_people_have_is_taken_as_it_is(name: str) -> None:
    assert inputs.name(name) == unicodedata.normalize("NFC", name)
    assert inputs.name(unicodedata.normalize("NFD", name)) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((blank, "empty") for blank in ("", " ", "\u00a0\u2003", "\n")),
        *(
            (f"Jan{sign}Bcc: x@y.z", "one-line")
            for sign in ("\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029")
        ),
        *((f"Jan{sign}", "control-character") for sign in ("\x00", "\x1b", "\x7f", "\x9b")),
        *((f"J\u0061{sign}n", "invisible-character") for sign in ("\u202e", "\u2066", "\u200b", "\u200d", "\u00ad")),
        *(
            (f"J{sign}n", "invisible-character")
            for sign in ("\ufeff", "\u3164", "\u115f", "\u2800", "\ufe0f", "\ue000")
        ),
        ("=?utf-8?q?x=0d=0aBcc:_v@y.z?=", "encoded-word"),
        ("=?utf-8?b?eA0KQmNjOiB2QHkueg==?=", "encoded-word"),
        ("Jan =?us-ascii", "encoded-word"),
        ("Lees https://y.example", "link-in-text"),
        ("Lees WWW.y.example", "link-in-text"),
        ("jan@y.example", "link-in-text"),
        ("12", "no-letter"),
        ("-", "no-letter"),
        ("<b>Jan</b>", "not-in-names"),
        ("Jan/Piet", "not-in-names"),
        ("Jan 😀", "not-in-names"),
        ("x" * 101, "too-long"),
        ("Z" + "\u0335" * 5, "too-many-marks"),
    ],
)
def test_a_name_that_nobody_has_is_refused_with_its_reason(name: str, code: str) -> None:
    with pytest.raises(Unfit) as refused:
        inputs.name(name)
    assert refused.value.code == code
    assert name.strip() not in str(refused.value) or len(name.strip()) < 2


@given(text=st.lists(st.text(max_size=20) | PLACED, max_size=6).map("".join) | ANYTHING)
@example("a\r")
def test_an_accepted_name_stays_on_one_line_and_is_accepted_again(text: str) -> None:
    for read in (inputs.name, inputs.title, inputs.line):
        try:
            taken = read(text)
        except Unfit:
            continue
        assert taken == read(taken) == unicodedata.normalize("NFC", taken).strip()
        assert len(taken.splitlines()) == 1
        assert "=?" not in taken
        assert not {unicodedata.category(character) for character in taken} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        taken.encode()


@given(text=ANYTHING)
def test_a_note_has_lines_and_nothing_hidden(text: str) -> None:
    try:
        taken = inputs.note(text)
    except Unfit:
        return
    assert taken == inputs.note(taken)
    assert not set(taken) & set("\r\x00\x1b\u202e\u2066\u2028")
    taken.encode()


def test_a_note_keeps_lines_tabs_and_emoji_and_bounds_its_length() -> None:
    assert inputs.note(" a\r\nb\tc\rd 👩‍🔧 ❤️ ") == "a\nb\tc\nd 👩‍🔧 ❤️"
    with pytest.raises(refusals.TooLong):
        inputs.note("x" * 4001)
    with pytest.raises(refusals.ControlCharacter):
        inputs.note("a\u2028b")


def test_a_place_may_be_a_number_and_an_address_may_have_any_sign_but_no_link() -> None:
    assert inputs.title("Koper & Draad B.V. (i.o.)/Noord") == "Koper & Draad B.V. (i.o.)/Noord"
    assert inputs.title("112") == "112"
    for wrong in ("https://x.example", "\u2013"):
        with pytest.raises(Unfit):
            inputs.title(wrong)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("jan@b.example", "jan@b.example"),
        (" Jan.Smit+hto@B.Example ", "Jan.Smit+hto@b.example"),
        ("jan@bücher.example", "jan@xn--bcher-kva.example"),
        ("jan@BÜCHER.example", "jan@xn--bcher-kva.example"),
        ("jan@xn--bcher-kva.example", "jan@xn--bcher-kva.example"),
        ("jan@例え。テスト", "jan@xn--r8jz45g.xn--zckzah"),
        ("o'brien@b.example", "o'brien@b.example"),
        (f"{'x' * 64}@b.example", f"{'x' * 64}@b.example"),
        ("a@r3---sn.b.example", "a@r3---sn.b.example"),
    ],
)
def test_a_mail_address_is_kept_as_it_is_mailed(written: str, kept: str) -> None:
    assert inputs.mail_address(written) == kept
    assert inputs.is_mail_address(kept)
    assert Address(addr_spec=kept).addr_spec == kept


@pytest.mark.parametrize(
    ("address", "code"),
    [
        *((wrong, "local-part") for wrong in ("jan..smit@b.example", ".a@b.example", "a.@b.example", "@b.example")),
        *((wrong, "local-part") for wrong in ('"a b"@b.example', "a b@b.example", "jän@b.example", "a@b@c.example")),
        *(
            (wrong, "local-part")
            for wrong in ("=?utf-8?q?x?=@b.example", "a@b.example, c@d.example", "a\r\n@b.example")
        ),
        *(
            (wrong, "not-a-domain")
            for wrong in ("a@b", "a@", "a@b.", "a@.b", "a@b..example", "a@b.example.", "a@-b.nl")
        ),
        *((wrong, "not-a-domain") for wrong in ("a@b-.nl", "a@[127.0.0.1]", "a@127.0.0.1", "a@b_c.nl", "a@b c.nl")),
        *((wrong, "not-a-domain") for wrong in ("a@xn--ab-.nl", "a@☃.example", f"a@{'x' * 64}.nl", "a@b\r\nBcc: c.nl")),
        ("jan", "not-a-mail-address"),
        (f"{'x' * 65}@b.example", "local-part-too-long"),
        (f"{'x' * 64}@{'.'.join(['y' * 60] * 3)}.exam.ple", "too-long"),
        (f"a@{'.'.join(['y' * 60] * 5)}.nl", "not-a-domain"),
        (f"a@{'.'.join(['ü' * 40] * 6)}.nl", "not-a-domain"),
    ],
)
def test_an_address_that_cannot_be_mailed_is_refused_in_words(address: str, code: str) -> None:
    with pytest.raises(Unfit) as refused:
        inputs.mail_address(address)
    assert refused.value.code == code
    assert not inputs.is_mail_address(address)


LOCAL = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,70}", fullmatch=True)
DOMAIN = st.from_regex(r"[a-z0-9.ü-]{1,40}\.example", fullmatch=True)


@given(text=st.tuples(LOCAL, DOMAIN).map("@".join) | ANYTHING.map(lambda text: f"{text}@b.example"))
def test_every_address_that_is_taken_fits_a_header_unchanged(text: str) -> None:
    try:
        taken = inputs.mail_address(text)
    except Unfit:
        return
    assert taken.isascii()
    assert inputs.mail_address(taken) == taken
    assert Address(addr_spec=taken).addr_spec == taken


TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-1-1", "20261120", "2026-02-30", "0", "2026-11-20T00:00:00Z", "٢٠٢٦-11-20"]
)
def test_a_text_that_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(refusals.NotADay):
        inputs.day(text)


@pytest.mark.parametrize("bounds", [inputs.CALENDAR, inputs.PLANNED, inputs.CERTIFIED, inputs.VOG_ISSUED])
def test_a_day_lies_between_bounds_both_included(bounds: inputs.Bounds) -> None:
    first, last = bounds.earliest, bounds.until(TODAY)
    assert inputs.day(first.isoformat(), bounds, today=TODAY) == first
    assert inputs.day(last.isoformat(), bounds, today=TODAY) == last
    for outside in (first - timedelta(days=1), last + timedelta(days=1), date.min, date.max):
        with pytest.raises(refusals.OutOfBounds, match=bounds.why):
            inputs.day(outside.isoformat(), bounds, today=TODAY)


def test_bounds_hold_without_a_business_day_and_near_the_calendars_end() -> None:
    assert inputs.PLANNED.until(None) == inputs.CALENDAR.latest
    assert inputs.PLANNED.until(date(9999, 12, 31)) == inputs.CALENDAR.latest


@given(moment=st.datetimes(timezones=st.timezones() | st.just(UTC)))
@example(datetime.min.replace(tzinfo=UTC))
@example(datetime.max.replace(tzinfo=UTC))
def test_a_moment_is_in_the_calendar_or_refused(moment: datetime) -> None:
    text = moment.isoformat()
    try:
        taken = inputs.moment(text)
    except Unfit:
        return
    assert taken == datetime.fromisoformat(text)
    assert days.FIRST_MOMENT <= taken <= days.LAST_MOMENT


def test_a_moment_outside_of_the_calendar_is_refused_with_its_bounds() -> None:
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:59:59Z"):
        with pytest.raises(refusals.BeyondTheCalendar, match="1900"):
            inputs.moment(text)
    for text in ("2026-11-26", "2026-02-30T00:00:00Z", "2026-11-26T00:00:00+99:00"):
        with pytest.raises(inputs.NotAMoment):
            inputs.moment(text)
