"""Who reads which partition: all of them, evenly, and with as few moves as that allows."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from common.messaging.pglog.assignor import assign_partitions

TOPICS = ("a", "b", "c")
partitions = st.dictionaries(st.integers(1, 20), st.sampled_from(TOPICS))
members = st.dictionaries(st.integers(1, 6), st.frozensets(st.sampled_from(TOPICS)))
holders = st.dictionaries(st.integers(1, 25), st.integers(1, 8))


@given(partitions, members, holders)
def test_every_partition_that_somebody_reads_has_one_member_that_subscribed_to_it(
    partitions: dict[int, str], members: dict[int, frozenset[str]], holders: dict[int, int]
) -> None:
    shares = assign_partitions(partitions, members, holders)
    read = {topic for topics in members.values() for topic in topics}
    assert shares.keys() == {partition for partition, topic in partitions.items() if topic in read}
    assert all(partitions[partition] in members[member] for partition, member in shares.items())


@given(partitions, st.sets(st.integers(1, 6), min_size=1), holders)
def test_members_that_read_the_same_differ_by_one_at_most(
    partitions: dict[int, str], members: set[int], holders: dict[int, int]
) -> None:
    shares = assign_partitions(partitions, dict.fromkeys(members, frozenset(TOPICS)), holders)
    load = Counter(dict.fromkeys(members, 0)) + Counter(shares.values())
    sizes = [load[member] for member in members]
    assert max(sizes) - min(sizes) <= 1


@given(partitions, members, holders)
def test_no_member_has_two_partitions_more_than_another_that_could_relieve_it(
    partitions: dict[int, str], members: dict[int, frozenset[str]], holders: dict[int, int]
) -> None:
    shares = assign_partitions(partitions, members, holders)
    load = Counter(shares.values())
    for partition, member in shares.items():
        for other, topics in members.items():
            if partitions[partition] in topics:
                assert load[member] - load[other] <= 1


@given(partitions, members, holders)
def test_an_agreed_assignment_stays_as_it_is(
    partitions: dict[int, str], members: dict[int, frozenset[str]], holders: dict[int, int]
) -> None:
    shares = assign_partitions(partitions, members, holders)
    assert assign_partitions(partitions, members, shares) == shares


def test_a_member_that_joins_takes_no_more_than_its_share() -> None:
    partitions = dict.fromkeys(range(6), "a")
    before = assign_partitions(partitions, {1: {"a"}, 2: {"a"}}, {})
    after = assign_partitions(partitions, {1: {"a"}, 2: {"a"}, 3: {"a"}}, before)
    assert sum(before[partition] != after[partition] for partition in partitions) == 2
