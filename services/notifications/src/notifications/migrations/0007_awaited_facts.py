"""A parked key keeps the name of the fact that it waits for."""

from __future__ import annotations

from common.persistence.migrations import plumbing

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    plumbing.upgrade_4()


def downgrade() -> None:
    plumbing.downgrade_4()
