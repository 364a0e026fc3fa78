"""A life cycle as a Mermaid diagram, drawn from the table that the code itself goes by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

S = TypeVar("S", bound=str)


def mermaid(states: Mapping[S, Collection[S]]) -> str:
    """Return a state diagram of a ``NEXT`` table: its first state is the beginning, one without a next is an end.

    States and arrows come in the table's own order, so that the text only changes when the table does.
    """
    order = list(states)
    arrows = [f"[*] --> {order[0]}"]
    for state, following in states.items():
        arrows += [f"{state} --> {after}" for after in order if after in following] or [f"{state} --> [*]"]
    return "\n".join(["stateDiagram-v2", *(f"    {arrow}" for arrow in arrows)])
