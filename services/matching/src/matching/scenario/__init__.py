"""A scenario: what a change of a rule would bring, without touching any proposal."""

from __future__ import annotations

from typing import Final

from common.service import Slice

slice_: Final = Slice(name="scenario")
