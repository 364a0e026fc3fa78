"""Files of others: read, compared and taken in, in one transaction or not at all."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from registry.file_import import routes

slice_: Final = Slice(
    name="file_import",
    routers=[routes.router],
)
