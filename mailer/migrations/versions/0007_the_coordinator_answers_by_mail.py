"""The coordinator answers by mail: drafts, releases, deputies, questions."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)

EDITION: Final = (
    "draft_version INTEGER NOT NULL DEFAULT 0",
    "draft_digest VARCHAR(64) NOT NULL DEFAULT ''",
)
"""Added by hand: Alembic would copy the whole table on SQLite."""


def upgrade() -> None:
    for column in EDITION:
        op.execute(f"ALTER TABLE edition ADD COLUMN {column}")
    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("since_at", UTC_DATE_TIME, nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("ended_at", UTC_DATE_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_deputy_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deputy"),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("released_at", UTC_DATE_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_release_edition_id"
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_release_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_release"),
        sa.UniqueConstraint(
            "edition_id",
            "draft_version",
            "mailbox_id",
            name="uq_release_edition_id_draft_version_mailbox_id",
        ),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.Column("done_at", UTC_DATE_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_proposal_mailbox_id"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_proposal_edition_id"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_proposal_meeting_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
