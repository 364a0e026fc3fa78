"""The built-in reference data, and fictional schools, companies and trainers."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.built_in.usecases import Chunk, builtin_chunks, seed_reference

__all__ = ["Chunk", "builtin_chunks", "seed_reference", "slice_"]

slice_: Final = Slice(name="built_in")
