"""The sites where work can be: what registry published of schools and their locations."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.site import handlers, tables

slice_: Final = Slice(name="site", tables=[tables.sites], handlers=handlers.handlers)
