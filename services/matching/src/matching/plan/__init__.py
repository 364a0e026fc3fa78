"""The plan: who could best teach where, over all people and openings at once, with a bound on any better plan."""

from __future__ import annotations

from typing import Final

from common.service import Slice

slice_: Final = Slice(name="plan")
