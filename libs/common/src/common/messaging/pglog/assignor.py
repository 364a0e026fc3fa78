"""The assignment of partitions to the members of a group. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet


def assign_partitions(
    partitions: Mapping[int, str], members: Mapping[int, AbstractSet[str]], holders: Mapping[int, int]
) -> dict[int, int]:
    """Give every partition one member that subscribed to its topic, as evenly as the subscriptions allow.

    Args:
        partitions: each partition's topic.
        members: each member's topics.
        holders: who has which partition now; it keeps as many of them as evenness allows.

    Returns:
        Each partition's member; a partition whose topic nobody reads is left out.
    """
    able = {
        partition: sorted(member for member, topics in members.items() if topic in topics)
        for partition, topic in partitions.items()
    }
    load = dict.fromkeys(members, 0)
    owner: dict[int, int] = {}
    for partition, member in sorted(holders.items()):
        if member in able.get(partition, ()):
            owner[partition] = member
            load[member] += 1
    free = [partition for partition in sorted(partitions) if partition not in owner and able[partition]]
    for partition in free:
        owner[partition] = member = min(able[partition], key=lambda one: (load[one], one))
        load[member] += 1
    # What nobody holds yet moves first: it costs nothing.
    movable = free + [partition for partition in sorted(owner) if partition not in set(free)]
    moved = True
    while moved:
        moved = False
        for partition in movable:
            giver = owner[partition]
            taker = min(able[partition], key=lambda one: (load[one], one))
            if load[giver] - load[taker] > 1:
                owner[partition] = taker
                load[giver] -= 1
                load[taker] += 1
                moved = True
    return owner
