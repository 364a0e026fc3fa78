"""A queue in a table: rows that are due are worked on by any number of workers, each row by one of them at a time.

A claim is a lease. It takes as many rows as can start at this moment, and a row's attempt is counted as it starts, in
a transaction that commits before the work. Whatever one row does, the others go on: what it raises is its own failure,
what it takes too long over is cut off, and a row that ended its workers several times runs alone and is parked.
"""

from common.persistence.lease.held import Claim, LeaseLost, NotEnded, WorkerDied
from common.persistence.lease.parked import publish_discarded, publish_parked, publish_redriven
from common.persistence.lease.queue import LeasedQueue
from common.persistence.lease.rows import SUSPECT, Lease, LeasedRows

__all__ = [
    "SUSPECT",
    "Claim",
    "Lease",
    "LeaseLost",
    "LeasedQueue",
    "LeasedRows",
    "NotEnded",
    "WorkerDied",
    "publish_discarded",
    "publish_parked",
    "publish_redriven",
]
