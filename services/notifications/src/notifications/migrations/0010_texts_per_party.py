"""A text of the feed per party: what says something of a side is read by that side, also in what is there already."""

# Rows of before do not say on which side an owner is: of those a school or a company reads what every side may.

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

_BATCH = 1000
_NOT_FOR_ALL = {
    "proposal.made": ("score", "rank"),
    "proposal.declined": ("party", "reason"),
    "contract.activation-held": ("findings",),
    "hours.rejected": ("reason",),
    "trainer.left": ("reason",),
}
_SEARCHING = (
    *("proposal.made", "proposal.consented", "proposal.reminded", "proposal.declined", "proposal.expired"),
    *("proposal.withdrawn", "proposal.lapsed", "proposal.accepted", "proposal.converted"),
    *("vacancy.ranked", "vacancy.waiting", "waitlist.promoted", "vacancy.place-taken", "vacancy.place-freed"),
)
_CAUSE = ("causationid", "traceparent")
"""One trainer who comes or leaves is the cause of events at several vacancies."""
_OF_THE_PERSON = ("trainer_left", "trainer_paused", "vog_not_shown", "no_longer_eligible", "absence", "qualification")
_FEED = sa.table(
    "feed",
    sa.column("position", sa.BigInteger()),
    sa.column("event", sa.Text()),
    sa.column("body", sa.Text()),
    sa.column("whole_body", sa.Text()),
    sa.column("party_bodies", postgresql.JSONB()),
    sa.column("trainer_id", sa.Uuid()),
)


def upgrade() -> None:
    comment = "for staff, where the body hides something"
    op.alter_column("feed", "own_body", new_column_name="whole_body", comment=comment)
    comment = "by id, what a party may read more than the body"
    op.add_column("feed", sa.Column("party_bodies", postgresql.JSONB(astext_type=sa.Text()), comment=comment))
    for row in _rows():
        _convert(row)
    op.drop_column("feed", "trainer_id")


def downgrade() -> None:
    op.add_column("feed", sa.Column("trainer_id", sa.Uuid(), comment="to whom the whole is shown"))
    op.execute("UPDATE feed SET trainer_id = (whole_body::jsonb #>> '{data,trainerId}')::uuid")
    op.drop_column("feed", "party_bodies")
    comment = "the whole of it, where the body hides something: for the trainer and for staff"
    op.alter_column("feed", "whole_body", new_column_name="own_body", comment=comment)


def _rows() -> Iterator[Any]:
    """Yield what may hold something of one side, in batches: a feed is long."""
    asked = sa.or_(
        _FEED.c.whole_body.is_not(None),
        _FEED.c.event.in_([*_NOT_FOR_ALL, *_SEARCHING]),
        _FEED.c.body.contains('"reason"'),
    )
    last = -1
    while True:
        query = sa.select(_FEED).where(asked, _FEED.c.position > last).order_by(_FEED.c.position).limit(_BATCH)
        rows = op.get_bind().execute(query).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1].position


def _convert(row: Any) -> None:
    whole, body = row.whole_body or row.body, json.loads(row.body)
    causeless = {name: value for name, value in body.items() if row.event not in _SEARCHING or name not in _CAUSE}
    shown = _text({**causeless, "data": _cut(row.event, body["data"], trainer=False)})
    mine = json.loads(whole)
    trainer = mine["data"].get("trainerId")
    own = _text({**mine, "data": _cut(row.event, mine["data"], trainer=True)})
    hides = row.whole_body is not None or json.loads(shown) != body
    values = {
        "body": shown if json.loads(shown) != body else row.body,
        "whole_body": whole if hides else None,
        "party_bodies": {trainer: own} if hides and trainer else None,
    }
    op.get_bind().execute(sa.update(_FEED).where(_FEED.c.position == row.position).values(values))


def _cut(event: str, data: dict[str, Any], *, trainer: bool) -> dict[str, Any]:
    hidden = set(_NOT_FOR_ALL.get(event, ()))
    if trainer:
        mine = event != "proposal.declined" or data.get("party") == "trainer"
        hidden = {"rank"} if event == "proposal.made" else set() if mine else hidden
    elif data.get("reason") in _OF_THE_PERSON:
        hidden.add("reason")
    return {name: None if name in hidden else value for name, value in data.items()}


def _text(attributes: dict[str, Any]) -> str:
    return json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
