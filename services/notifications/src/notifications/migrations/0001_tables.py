"""The tables of notifications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from common.persistence.migrations import plumbing

revision = "0001"
down_revision = None


def upgrade() -> None:
    plumbing.upgrade_1()
    op.create_table(
        "contacts",
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True, comment="personal for a trainer; null once erased"),
        sa.Column("contact_name", sa.Text(), nullable=True, comment="personal"),
        sa.Column("email", sa.Text(), nullable=True, comment="personal"),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("erased", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("party_id"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="in the feed"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, comment="pending, delivered or kept"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True, comment="real time"),
        sa.Column("answer", sa.Integer(), nullable=True, comment="HTTP status of the latest attempt"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint_id", "event_id"),
    )
    op.create_index("deliveries_by_moment", "deliveries", ["planned_at", "id"], unique=False)
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["endpoint_id", "position"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "deliveries_in_order",
        "deliveries",
        ["endpoint_id", "subject", "position"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "desks",
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("desk_id"),
    )
    op.create_index("desks_by_region", "desks", ["region"], unique=False)
    op.create_table(
        "endpoint_health",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True, comment="business time"),
        sa.Column("throttled_until", sa.DateTime(timezone=True), nullable=True, comment="business time"),
        sa.Column(
            "ask_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="business time of the next question whether it wants webhooks",
        ),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True, comment="real time"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("endpoint_id"),
    )
    op.create_index(
        "endpoint_health_to_ask",
        "endpoint_health",
        ["ask_at"],
        unique=False,
        postgresql_where=sa.text("ask_at IS NOT NULL"),
    )
    op.create_table(
        "endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secrets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("endpoints_of_owner", "endpoints", ["owner_id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False, comment="name, such as contract.signed"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.Column("owners", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the structured CloudEvent, byte for byte"),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("feed_by_moment", "feed", ["recorded_at"], unique=False)
    op.create_index("feed_by_owner", "feed", ["owners"], unique=False, postgresql_using="gin")
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("event_source", sa.Text(), nullable=False),
        sa.Column("because_of", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("smtp_code", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_source", "because_of", "recipient_id", "template"),
    )
    op.create_index("messages_by_moment", "messages", ["planned_at", "id"], unique=False)
    op.create_index("messages_of_recipient", "messages", ["recipient_id", "planned_at"], unique=False)
    op.create_index(
        "messages_planned_about", "messages", ["about"], unique=False, postgresql_where=sa.text("status = 'planned'")
    )
    op.create_table(
        "outgoing",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True, comment="real time"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("outgoing_due", "outgoing", ["due_at"], unique=False)
    op.create_table(
        "parties",
        sa.Column("id", sa.Uuid(), nullable=False, comment="of a vacancy, a proposal or a contract"),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("trainer_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("parties")
    op.drop_table("outgoing")
    op.drop_table("messages")
    op.drop_table("feed")
    op.drop_table("endpoints")
    op.drop_table("endpoint_health")
    op.drop_table("desks")
    op.drop_table("deliveries")
    op.drop_table("contacts")
    plumbing.downgrade_1()
