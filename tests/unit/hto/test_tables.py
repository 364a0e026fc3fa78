"""Tables as plain lines."""

from __future__ import annotations

import pytest

from hto.tables import show_table


def test_columns_are_as_wide_as_their_widest_cell(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("id", "what"), [("1", "a long text that nobody cuts off"), ("22", "")])
    assert capsys.readouterr().out.splitlines() == [
        "id  what",
        "1   a long text that nobody cuts off",
        "22",
    ]
