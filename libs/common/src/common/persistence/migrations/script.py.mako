"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
% if down_revision is None:

from common.persistence.migrations import plumbing
% endif

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
% if down_revision is None:
    plumbing.upgrade_1()
% endif
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
% if down_revision is None:
    plumbing.downgrade_1()
% endif
