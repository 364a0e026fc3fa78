"""A projection is rebuilt: the log is replayed beside the old tables, both are compared, and the new ones take over."""

from common.service.rebuild.comparison import Comparison, TableDifference
from common.service.rebuild.rebuild import (
    AlreadyRebuilding,
    CannotReplay,
    Disturbed,
    Rebuild,
    RebuildFailed,
)

__all__ = [
    "AlreadyRebuilding",
    "CannotReplay",
    "Comparison",
    "Disturbed",
    "Rebuild",
    "RebuildFailed",
    "TableDifference",
]
