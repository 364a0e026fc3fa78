"""A trainer with what they offer and hold, from the application to the erasure of every personal trace."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from events.registry import ProfileState
from registry.trainer import deadlines, handlers, tables
from registry.trainer.model.qualification import LIFE_CYCLE as QUALIFICATION
from registry.trainer.model.trainer import LIFE_CYCLE as TRAINER
from registry.trainer.routes import qualification, trainer
from registry.trainer.usecases.trainer import PURGE_VOGS, scrub

slice_: Final = Slice(
    name="trainer",
    life_cycles={"trainer": TRAINER, "qualification": QUALIFICATION},
    tables=[tables.trainers, tables.qualifications, tables.erasures],
    routers=[trainer.router, qualification.router],
    handlers=handlers.handlers,
    deadlines=deadlines.deadlines,
    purges=[PURGE_VOGS],
    scrub=scrub,
    states=[ProfileState],
)
