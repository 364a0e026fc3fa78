"""The tables of the feed, and of whose each event in it is."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.persistence.tables import owner_indexes
from notifications.tables import learned_parties, metadata

feed_parties = learned_parties("feed_parties")

feed = Table(
    "feed",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("event", Text, nullable=False, comment="name, such as contract.signed"),
    Column("subject", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Column("owners", ARRAY(Uuid), nullable=False),
    Column("body", Text, nullable=False, comment="the structured CloudEvent, byte for byte"),
    Column("whole_body", Text, comment="for staff, where the body hides something"),
    Column("party_bodies", JSONB(none_as_null=True), comment="by id, what a party may read more than the body"),
    UniqueConstraint("event_id"),
    Index("feed_by_moment", "recorded_at"),
    Index("feed_by_subject", "subject", "position"),
    Index("feed_by_event", "event", "position"),
)

feed_owners = Table(
    "feed_owners",
    metadata,
    Column("position", ForeignKey(feed.c.position, ondelete="CASCADE"), primary_key=True),
    Column("owner_id", Uuid, primary_key=True),
    *owner_indexes("feed_owners", "owner_id", then=("position",)),
    comment="whose an event is, in the order of the feed",
)
