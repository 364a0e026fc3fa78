"""A contract: from a draft through the checks and signatures to work, and to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from contracts.model.contract.agreeing import Agreeing
from contracts.model.contract.standing import Told
from contracts.model.contract.working import Working


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract(Agreeing, Working):
    """One trainer's work at one school, as agreed by everyone whom its form binds."""


Change: TypeAlias = tuple[Contract, Told]
"""What a transition returns: the new state and what to tell."""
