"""A reader gets from a request to its effect in few files and lines."""

from __future__ import annotations

import pytest

from tests.architecture.walks import WALKS, Code, Walk, read


@pytest.fixture(scope="module")
def code() -> Code:
    return read()


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_a_walk_is_short(code: Code, walk: Walk) -> None:
    files, lines = code.measure(code.walk(walk.legs))
    assert files <= walk.files
    assert lines <= walk.lines


def test_a_way_that_is_not_there_is_found_out(code: Code) -> None:
    with pytest.raises(LookupError, match="no way leads"):
        code.walk([("matching.ranking.model.ranking:rank", "contracts.contract.routes:sign_contract")])
