"""Everything the registry can be asked to do, by aggregate."""

from __future__ import annotations

from registry.usecases.builtin import Chunk, builtin_chunks
from registry.usecases.reference import seed_reference

__all__ = ["Chunk", "builtin_chunks", "seed_reference"]
