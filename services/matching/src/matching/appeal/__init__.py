"""An appeal to a person: a trainer or a school asks the desk to look at what matching decided."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.appeal import deadlines, model, routes, store, usecases

slice_: Final = Slice(
    name="appeal",
    life_cycles={"appeal": model.LIFE_CYCLE},
    tables=[store.appeals],
    routers=[routes.router],
    deadlines=deadlines.deadlines,
    purges=[usecases.PURGE],
    scrub=usecases.scrub,
)
