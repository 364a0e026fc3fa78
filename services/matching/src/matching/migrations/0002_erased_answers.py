"""Stored answers are erased with the persons whom they name."""

from __future__ import annotations

from common.persistence.migrations import plumbing

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    plumbing.upgrade_2()


def downgrade() -> None:
    plumbing.downgrade_2()
