"""A trainer's profile as registry publishes it, its versions, and the pool of candidates in memory."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.profile import tables

slice_: Final = Slice(name="profile", tables=[tables.profiles, tables.profile_versions, tables.commitments])
