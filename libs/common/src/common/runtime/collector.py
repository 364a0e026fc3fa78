"""The garbage collector leaves alone what stays as long as its process."""

from __future__ import annotations

import gc


def leave_alone_what_is_there() -> None:
    """Have no later collection look at what there is now: modules, classes, schemas, routes.

    None of it ever goes, and each full collection walked through all of it: a fifth of the relay's work on Kafka. To be
    called once, when a process is at work; what of it becomes garbage later is never freed, so not by a test that
    starts a service in its own process.
    """
    gc.collect()
    gc.freeze()
