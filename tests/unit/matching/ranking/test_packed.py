"""Numbers of versions are stored as few bytes and come back as they were."""

from __future__ import annotations

import random
import struct
import zlib

from hypothesis import given
from hypothesis import strategies as st

from matching.ranking.model.packed import pack, pack_bits, unpack, unpack_bits
from matching.ranking.model.screening import HardRule


@given(st.sets(st.integers(min_value=0, max_value=2**63 - 1)))
def test_a_set_comes_back_as_it_was_in_order(numbers: set[int]) -> None:
    assert unpack(pack(numbers)) == sorted(numbers)


def test_a_pool_of_ten_thousand_takes_few_bytes() -> None:
    """Of as many numbers as bigints and smallints in arrays: 100,000 bytes."""
    assert len(pack(range(1, 10_001))) < 100, "nobody changed since the first day"
    changed = random.Random(7).sample(range(100_000), 10_000)
    assert len(pack(changed)) < 9_000, "everybody changed some ten times"


@given(st.lists(st.integers(min_value=0, max_value=2**32 - 1)))
def test_bits_come_back_in_their_order(rules: list[int]) -> None:
    assert unpack_bits(pack_bits(rules)) == rules


@given(st.lists(st.integers(min_value=0, max_value=2**16 - 1)))
def test_bits_stored_before_there_were_more_than_16_rules_come_back(rules: list[int]) -> None:
    assert unpack_bits(zlib.compress(struct.pack(f"<{len(rules)}H", *rules))) == rules


def test_every_rule_can_be_stored() -> None:
    assert unpack_bits(pack_bits(HardRule)) == [int(rule) for rule in HardRule]
