"""A projection is rebuilt: the log is replayed beside the old tables, both are compared, and the new ones take over."""

from hto.rebuild.comparison import Comparison, TableDifference
from hto.rebuild.rebuild import (
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
