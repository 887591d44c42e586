"""The first schema: people, meetings, editions and the ledger."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)
STATE: Final = sa.String(20)

APPEND_ONLY: Final = {
    "sqlite": [
        """
        CREATE TRIGGER consent_record_is_append_only BEFORE UPDATE ON consent_record
        BEGIN SELECT RAISE(ABORT, 'consent_record is append-only'); END
        """,
    ],
    "postgresql": [
        """
        CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
        """,
        """
        CREATE TRIGGER consent_record_is_append_only BEFORE UPDATE ON consent_record
        FOR EACH ROW EXECUTE FUNCTION refuse_update()
        """,
    ],
}
"""Proof is written once; only retention may delete it, whole rows at a time."""


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("canonical", sa.String(length=254), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("style", STATE, nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.Column("erased_at", UTC_DATE_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox"),
        sa.UniqueConstraint("canonical", name="uq_mailbox_canonical"),
    )
    op.create_index("ix_mailbox_fingerprint", "mailbox", ["fingerprint"])
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("series", sa.String(length=60), nullable=False),
        sa.Column("ruled_on", sa.Date(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_at", UTC_DATE_TIME, nullable=False),
        sa.Column("ends_at", UTC_DATE_TIME, nullable=False),
        sa.Column("venue", sa.String(length=60), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("announced_at", UTC_DATE_TIME, nullable=True),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.Column("changed_at", UTC_DATE_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
        sa.UniqueConstraint("series", "ruled_on", name="uq_meeting_series_ruled_on"),
        sa.UniqueConstraint("uid", name="uq_meeting_uid"),
    )
    op.create_index("ix_meeting_starts_at", "meeting", ["starts_at"])
    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("field_of_work", sa.String(length=200), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partner"),
        sa.UniqueConstraint("organisation", name="uq_partner_organisation"),
    )
    op.create_table(
        "suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reason", STATE, nullable=False),
        sa.Column("since_at", UTC_DATE_TIME, nullable=False),
        sa.Column("lifted_at", UTC_DATE_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_suppression"),
    )
    op.create_index("ix_suppression_fingerprint", "suppression", ["fingerprint"])
    op.create_table(
        "consent_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("topic", STATE, nullable=False),
        sa.Column("act", STATE, nullable=False),
        sa.Column("channel", STATE, nullable=False),
        sa.Column("wording_version", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=998), nullable=True),
        sa.Column("happened_at", UTC_DATE_TIME, nullable=False),
        sa.Column("recorded_at", UTC_DATE_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_consent_record_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent_record"),
    )
    op.create_index("ix_consent_record_mailbox_id", "consent_record", ["mailbox_id"])
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", STATE, nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("state", STATE, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("easy_words", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.Column("approved_at", UTC_DATE_TIME, nullable=True),
        sa.Column("issued_at", UTC_DATE_TIME, nullable=True),
        sa.Column("closed_at", UTC_DATE_TIME, nullable=True),
        sa.Column("withdrawn_at", UTC_DATE_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_edition_meeting_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
    )
    op.create_index(
        "uq_edition_kind_meeting",
        "edition",
        ["kind", "meeting_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "frozen_letter",
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("style", STATE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("calendar", sa.LargeBinary(), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("dated_at", UTC_DATE_TIME, nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("meeting_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_frozen_letter_meeting_id"
        ),
        sa.PrimaryKeyConstraint("occasion", "style", name="pk_frozen_letter"),
    )
    op.create_table(
        "partner_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("role", sa.String(length=200), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("since_at", UTC_DATE_TIME, nullable=False),
        sa.Column("left_at", UTC_DATE_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_partner_contact_mailbox_id"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name="fk_partner_contact_partner_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_partner_contact"),
        sa.UniqueConstraint(
            "partner_id",
            "mailbox_id",
            "name",
            name="uq_partner_contact_partner_id_mailbox_id_name",
        ),
    )
    op.create_index("ix_partner_contact_mailbox_id", "partner_contact", ["mailbox_id"])
    op.create_index("ix_partner_contact_partner_id", "partner_contact", ["partner_id"])
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_subscriber_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
        sa.UniqueConstraint("mailbox_id", name="uq_subscriber_mailbox_id"),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("topic", STATE, nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("changed_at", UTC_DATE_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_subscription_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint(
            "mailbox_id", "topic", name="uq_subscription_mailbox_id_topic"
        ),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("topic", STATE, nullable=True),
        sa.Column("style", STATE, nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("lease_until", UTC_DATE_TIME, nullable=True),
        sa.Column("next_try_at", UTC_DATE_TIME, nullable=True),
        sa.Column("expires_at", UTC_DATE_TIME, nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("reply_text", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.Column("changed_at", UTC_DATE_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_delivery_mailbox_id"
        ),
        sa.ForeignKeyConstraint(
            ["occasion", "style"],
            ["frozen_letter.occasion", "frozen_letter.style"],
            name="fk_delivery_occasion_style",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("message_id", name="uq_delivery_message_id"),
        sa.UniqueConstraint(
            "occasion", "mailbox_id", name="uq_delivery_occasion_mailbox_id"
        ),
    )
    op.create_index("ix_delivery_mailbox_id", "delivery", ["mailbox_id"])
    op.create_index(
        "ix_delivery_state_next_try_at", "delivery", ["state", "next_try_at"]
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("started_at", UTC_DATE_TIME, nullable=False),
        sa.Column("finished_at", UTC_DATE_TIME, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("reply_text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_attempt_delivery_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.UniqueConstraint(
            "delivery_id", "number", name="uq_attempt_delivery_id_number"
        ),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
