"""A person is erased: what operations keeps beside its read models, which have ids and codes only."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from operations.erasure import handlers

slice_: Final = Slice(name="erasure", handlers=handlers.handlers)
