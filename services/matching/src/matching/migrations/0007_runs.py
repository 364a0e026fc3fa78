"""A consumer that died finds what it had begun."""

from __future__ import annotations

from common.persistence.migrations import plumbing

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    plumbing.upgrade_5()


def downgrade() -> None:
    plumbing.downgrade_5()
