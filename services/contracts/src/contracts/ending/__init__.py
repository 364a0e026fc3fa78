"""An end before the last day: by agreement, by notice, or at once for cause."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.ending import deadlines, routes

slice_: Final = Slice(name="ending", routers=[routes.router], deadlines=deadlines.deadlines)
