"""Policy: what is paused, how much has left, and from where this database may send."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pause",
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("since_at", UTC_DATE_TIME, nullable=False),
        sa.Column("until_at", UTC_DATE_TIME, nullable=True),
        sa.PrimaryKeyConstraint("scope", "name", name="pk_pause"),
    )
    op.create_table(
        "pace_account",
        sa.Column("name", sa.String(length=280), nullable=False),
        sa.Column("spent", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pace_account"),
    )
    op.create_table(
        "sending_place",
        sa.Column("machine", sa.String(length=80), nullable=False),
        sa.Column("store", sa.String(length=500), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("since_at", UTC_DATE_TIME, nullable=False),
        sa.Column("worked_at", UTC_DATE_TIME, nullable=True),
        sa.PrimaryKeyConstraint("machine", "store", name="pk_sending_place"),
    )
