"""People come to the pages: what they wish for, and how often somebody tries."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("confirm_token", sa.Column("name", sa.String(200), nullable=True))
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(200), nullable=True),
        sa.Column("style", sa.String(20), nullable=False),
        sa.Column("wording_version", sa.String(40), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("made_at", UTC_DATE_TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_wish_mailbox_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wish"),
    )
    op.create_table(
        "tally",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("ends_at", UTC_DATE_TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_tally"),
    )
    op.create_index("ix_tally_ends_at", "tally", ["ends_at"])
