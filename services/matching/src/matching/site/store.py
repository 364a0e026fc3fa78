"""Sites."""

from __future__ import annotations

from typing import Final

from common.persistence.replica import Replica
from matching.site.model import Site
from matching.site.tables import sites as table

sites: Final = Replica(Site, table)
