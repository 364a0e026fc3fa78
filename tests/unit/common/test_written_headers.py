"""Headers that a table keeps as JSON are read by who asks for one, and go on unread to a log that keeps JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from common.log import WrittenHeaders, headers_text

HEADERS = st.dictionaries(st.text(), st.text(), max_size=12)


@given(headers=HEADERS)
def test_headers_read_from_their_json_are_the_headers(headers: dict[str, str]) -> None:
    written = WrittenHeaders(json.dumps(headers))
    assert dict(written) == headers == dict(written.items())
    assert len(written) == len(headers)
    assert [written[name] for name in headers] == list(headers.values())
    assert written.get("no such header") == headers.get("no such header")


@given(headers=HEADERS)
def test_the_json_of_headers_is_the_same_whether_they_were_written_before_or_not(headers: dict[str, str]) -> None:
    text = json.dumps(headers)
    assert headers_text(WrittenHeaders(text)) is text
    assert json.loads(headers_text(headers)) == headers
