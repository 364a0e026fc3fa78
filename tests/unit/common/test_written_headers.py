"""Headers that a table keeps as JSON are read by who asks for one, and go on unread to a log that keeps JSON."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.messaging.log import LARGEST, Message, sendable
from common.messaging.written_headers import WrittenHeaders, headers_bytes, headers_text

HEADERS = st.dictionaries(st.text(), st.text(), max_size=12)
QUOTED = st.text(st.sampled_from('": \\,{}[]7e'))
"""Of what JSON itself is made: within a string it means nothing."""
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | QUOTED,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text() | QUOTED, some, max_size=3),
)


@given(headers=HEADERS)
def test_headers_read_from_their_json_are_the_headers(headers: dict[str, str]) -> None:
    written = WrittenHeaders(json.dumps(headers))
    assert dict(written) == headers == dict(written.items())
    assert {name: value.decode() for name, value in headers_bytes(written).items()} == headers
    assert headers_bytes(headers) == headers_bytes(written)
    assert len(written) == len(headers)
    assert [written[name] for name in headers] == list(headers.values())
    assert written.get("no such header") == headers.get("no such header")


@given(headers=HEADERS)
def test_the_json_of_headers_is_the_same_whether_they_were_written_before_or_not(headers: dict[str, str]) -> None:
    text = json.dumps(headers)
    assert headers_text(WrittenHeaders(text)) is text
    assert json.loads(headers_text(headers)) == headers


@given(written=ANYTHING | st.dictionaries(QUOTED, QUOTED | st.integers()))
@pytest.mark.parametrize("dumps", [json.dumps, partial(json.dumps, ensure_ascii=False)], ids=["ASCII", "Unicode"])
@pytest.mark.parametrize("taken_by", [headers_text, headers_bytes])
def test_headers_that_are_no_object_of_strings_are_refused_by_either_log(
    taken_by: Any, dumps: Any, written: Any
) -> None:
    """The PostgreSQL log looks at it without reading it."""
    headers = WrittenHeaders(dumps(written))
    if isinstance(written, dict) and all(isinstance(value, str) for value in written.values()):
        assert len(taken_by(headers)) == len(headers.text if taken_by is headers_text else written)
        return
    with pytest.raises(ValueError, match="validation error"):
        taken_by(headers)


def test_no_row_of_a_key_follows_a_refused_one_and_all_others_are_sent() -> None:
    def message(key: str, headers: str = "{}", value: bytes = b"") -> Message:
        return Message(topic="topic", key=key, value=value, headers=WrittenHeaders(headers))

    may, refused = sendable(
        [
            *(message("a"), message("a", "[]"), message("b", value=b"x" * (LARGEST + 1)), message("a"), message("b")),
            *(message("c"), message("a", "{"), message("c", '{"name": "value"}')),
        ],
        headers_bytes,
    )
    assert may == {0: {}, 5: {}, 7: {"name": b"value"}}
    assert [(index, why.reason.split(":")[0]) for index, why in sorted(refused.items())] == [
        *((1, "unreadable"), (2, "TooLarge"), (6, "unreadable"))
    ]
