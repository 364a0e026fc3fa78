"""A deadline is leased to one worker, and the claim of it costs the same however many wait."""

from __future__ import annotations

from common.persistence.migrations import plumbing

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    plumbing.upgrade_3()


def downgrade() -> None:
    plumbing.downgrade_3()
