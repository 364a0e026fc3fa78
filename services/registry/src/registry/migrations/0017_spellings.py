"""Trainers who may be one person are found however their name and address are spelled."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0017"
down_revision: Final = "0016"

_SPELLING: Final = (
    r"lower(regexp_replace(normalize(person ->> 'name', NFKD), "
    r"'[\u0300-\u036f\s.,()&+\u00b7\u2010\u2013\u2018\u2019''`-]', '', 'g'))"
)
_MAILBOX: Final = r"lower(regexp_replace(person ->> 'email', '\.(?=.*@)|\+.*(?=@)', '', 'g'))"


def upgrade() -> None:
    op.create_index("trainers_by_mailbox", "trainers", [sa.text(_MAILBOX)], unique=False)
    op.create_index("trainers_by_spelling", "trainers", [sa.text(_SPELLING)], unique=False)
    op.drop_index("trainers_by_name", table_name="trainers")


def downgrade() -> None:
    op.create_index("trainers_by_name", "trainers", [sa.text("lower(person ->> 'name')")], unique=False)
    op.drop_index("trainers_by_spelling", table_name="trainers")
    op.drop_index("trainers_by_mailbox", table_name="trainers")
