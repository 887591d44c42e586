"""Mail comes back: what came in, what was answered, who was asked to confirm."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)
STATE: Final = sa.String(20)

FROZEN_LETTER: Final = (
    "origin VARCHAR(20) NOT NULL DEFAULT 'edition'",
    "in_reply_to VARCHAR(998)",
    "thread TEXT NOT NULL DEFAULT ''",
    (
        "reply_to_id INTEGER CONSTRAINT fk_frozen_letter_reply_to_id "
        "REFERENCES mailbox (id)"
    ),
    "attachment {blob}",
)
"""Added by hand: Alembic would copy the whole table on SQLite, and every delivery
points to it."""

BLOB: Final = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def upgrade() -> None:
    blob = BLOB[op.get_bind().dialect.name]
    for column in FROZEN_LETTER:
        op.execute(f"ALTER TABLE frozen_letter ADD COLUMN {column.format(blob=blob)}")
    op.add_column("subscription", sa.Column("resume_on", sa.Date(), nullable=True))
    _what_comes_in()
    _what_comes_of_it()
    op.create_table(
        "confirm_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("purpose", STATE, nullable=False),
        sa.Column("topic", STATE, nullable=True),
        sa.Column("former_mailbox_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("wording_version", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.Column("expires_at", UTC_DATE_TIME, nullable=False),
        sa.Column("used_at", UTC_DATE_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["former_mailbox_id"],
            ["mailbox.id"],
            name="fk_confirm_token_former_mailbox_id",
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_confirm_token_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_confirm_token"),
        sa.UniqueConstraint("digest", name="uq_confirm_token_digest"),
    )
    op.create_index("ix_confirm_token_mailbox_id", "confirm_token", ["mailbox_id"])
    op.create_index("ix_confirm_token_expires_at", "confirm_token", ["expires_at"])


def _what_comes_in() -> None:
    op.create_table(
        "incoming",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("received_at", UTC_DATE_TIME, nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("effect", sa.String(length=40), nullable=True),
        sa.Column("effected_at", UTC_DATE_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_incoming_delivery_id"
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_incoming_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incoming"),
        sa.UniqueConstraint("digest", name="uq_incoming_digest"),
    )
    op.create_index("ix_incoming_mailbox_id", "incoming", ["mailbox_id"])
    op.create_index("ix_incoming_received_at", "incoming", ["received_at"])
    op.create_table(
        "incoming_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("incoming_id", sa.Integer(), nullable=True),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", UTC_DATE_TIME, nullable=False),
        sa.Column("filed_at", UTC_DATE_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["incoming_id"], ["incoming.id"], name="fk_incoming_place_incoming_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incoming_place"),
        sa.UniqueConstraint("source", "name", name="uq_incoming_place_source_name"),
    )
    op.create_index("ix_incoming_place_incoming_id", "incoming_place", ["incoming_id"])
    op.create_table(
        "watched_folder",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("since_at", UTC_DATE_TIME, nullable=True),
        sa.Column("read_at", UTC_DATE_TIME, nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_watched_folder"),
    )


def _what_comes_of_it() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("incoming_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UTC_DATE_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["incoming_id"], ["incoming.id"], name="fk_answer_incoming_id"
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_answer_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
    )
    op.create_index("ix_answer_mailbox_id_kind", "answer", ["mailbox_id", "kind"])
    op.create_index("ix_answer_answered_at", "answer", ["answered_at"])
    op.create_table(
        "failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("failed_at", UTC_DATE_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_failure_delivery_id"
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_failure_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_failure"),
        sa.UniqueConstraint("delivery_id", name="uq_failure_delivery_id"),
    )
    op.create_index("ix_failure_mailbox_id", "failure", ["mailbox_id"])
