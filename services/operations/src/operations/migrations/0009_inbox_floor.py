"""The inbox is purged, down to a floor."""

from __future__ import annotations

from common.persistence.migrations import plumbing

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    plumbing.upgrade_6()


def downgrade() -> None:
    plumbing.downgrade_6()
