"""A proposal: one trainer for one vacancy, blind until every party agreed; the search that makes it and refills."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.proposal import deadlines, handlers, routes, tables
from matching.proposal.model.status import LIFE_CYCLE
from matching.proposal.usecases import learning, retention, trainers

slice_: Final = Slice(
    name="proposal",
    life_cycles={"proposal": LIFE_CYCLE},
    tables=[tables.proposals, tables.asking_outcomes],
    routers=[routes.router],
    handlers=handlers.handlers,
    deadlines=deadlines.deadlines,
    purges=[retention.PURGE, learning.PURGE],
    scrub=trainers.scrub,
)
