"""A run's process is told from a later one with its number."""

from __future__ import annotations

from common.persistence.migrations import plumbing

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    plumbing.upgrade_7()


def downgrade() -> None:
    plumbing.downgrade_7()
