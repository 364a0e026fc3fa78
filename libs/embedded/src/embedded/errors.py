"""Why the embedded database does not run, in a sentence that says what to do."""

from __future__ import annotations


class EmbeddedFailure(Exception):
    """The embedded PostgreSQL cannot be used as asked; the message says why and what to do."""
