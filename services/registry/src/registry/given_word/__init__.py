"""Given words: a person asked a desk to do for them an act that is theirs alone."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.given_word import routes, store, tables

slice_: Final = Slice(
    name="given_word",
    tables=[tables.words_given],
    routers=[routes.router],
    scrub=store.scrub,
)
