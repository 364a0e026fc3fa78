"""Tables: whom to reach, who takes part in what, what is owed by mail and by webhook, and the feed of events."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.tables import Plumbing

metadata = MetaData()
plumbing = Plumbing.in_(metadata)

contacts = Table(
    "contacts",
    metadata,
    Column("party_id", Uuid, primary_key=True),
    Column("party", Text),
    Column("name", Text, comment="personal for a trainer; null once erased"),
    Column("contact_name", Text, comment="personal"),
    Column("email", Text, comment="personal"),
    Column("language", Text, nullable=False),
    Column("erased", Boolean, nullable=False, server_default="false"),
)
former_addresses = Table(
    "former_addresses",
    metadata,
    Column("message_id", Uuid, primary_key=True, comment="the letter that goes there"),
    Column("address", Text, nullable=False, comment="personal"),
    Column("language", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Index("former_addresses_once", text("lower(address)"), "changed_at", unique=True),
)
desks = Table(
    "desks",
    metadata,
    Column("desk_id", Uuid, primary_key=True),
    Column("region", Text),
    Index("desks_by_region", "region"),
)
parties = Table(
    "parties",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of a vacancy, a proposal or a contract"),
    Column("vacancy_id", Uuid, nullable=False),
    Column("board_id", Uuid, nullable=False),
    Column("school_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("company_id", Uuid),
    Column("trainer_id", Uuid),
    Column("region", Text),
)
messages = Table(
    "messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("recipient_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("event_source", Text, nullable=False),
    Column("because_of", Uuid, nullable=False),
    Column("about", Uuid, nullable=False),
    Column("case_id", Text),
    Column("facts", JSONB, nullable=False),
    Column("parties", JSONB, nullable=False, server_default="{}", comment="ids: the recipient, at every level"),
    Column("status", Text, nullable=False),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("smtp_code", Integer),
    UniqueConstraint("event_source", "because_of", "recipient_id", "template"),
    Index("messages_of_recipient", "recipient_id", "planned_at"),
    Index("messages_by_moment", "planned_at", "id"),
    Index("messages_planned_about", "about", postgresql_where=text("status = 'planned'")),
)
outgoing = Table(
    "outgoing",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leased_until", DateTime(timezone=True), comment="real time"),
    Column("lease", Uuid),
    Column("deaths", Integer, nullable=False, server_default="0", comment="of workers that held it"),
    Column("parked", Boolean, nullable=False, server_default="false", comment="waits for an operator"),
    Column("reason", Text),
    Index("outgoing_due", "due_at", "message_id", postgresql_where=text("NOT parked AND leased_until IS NULL")),
    Index("outgoing_leased", "leased_until", postgresql_where=text("NOT parked AND leased_until IS NOT NULL")),
    Index("outgoing_suspect", "message_id", postgresql_where=text("deaths > 0")),
)
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
    Index("feed_by_owner", "owners", postgresql_using="gin"),
    Index("feed_by_moment", "recorded_at"),
)
endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("event_types", JSONB, nullable=False),
    Column("secret", Text, nullable=False),
    Column("old_secrets", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("disabled_because", Text),
    Index("endpoints_of_owner", "owner_id"),
)
health = Table(
    "endpoint_health",
    metadata,
    Column("endpoint_id", Uuid, primary_key=True),
    Column("failing_since", DateTime(timezone=True), comment="business time"),
    Column("throttled_until", DateTime(timezone=True), comment="business time"),
    Column("probe_at", DateTime(timezone=True), comment="business time; its gate is closed until a probe is taken"),
    Column("probes", Integer, nullable=False, server_default="0", comment="that failed in a row"),
    Column("ask_at", DateTime(timezone=True), comment="business time of the next question whether it wants webhooks"),
    Column("asked", Integer, nullable=False, server_default="0"),
    Column("leased_until", DateTime(timezone=True), comment="real time"),
    Column("reason", Text),
    Index("endpoint_health_to_ask", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
)
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False, comment="in the feed"),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False, comment="pending, delivered or kept"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Column("leased_until", DateTime(timezone=True), comment="real time"),
    Column("lease", Uuid),
    Column("deaths", Integer, nullable=False, server_default="0", comment="of workers that held it"),
    Column(
        "behind", Boolean, nullable=False, server_default="false", comment="an earlier one of its subject is pending"
    ),
    Column("answer", Integer, comment="HTTP status of the latest attempt"),
    Column("reason", Text),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("delivered_at", DateTime(timezone=True)),
    UniqueConstraint("endpoint_id", "event_id"),
    Index("deliveries_in_order", "endpoint_id", "subject", "position", postgresql_where=text("status = 'pending'")),
    Index(
        "deliveries_due",
        "endpoint_id",
        "due_at",
        "position",
        postgresql_where=text("status = 'pending' AND NOT behind"),
    ),
    Index("deliveries_suspect", "id", postgresql_where=text("deaths > 0")),
    Index("deliveries_by_moment", "planned_at", "id"),
    Index("deliveries_of_endpoint", "endpoint_id", "planned_at", "id"),
)
