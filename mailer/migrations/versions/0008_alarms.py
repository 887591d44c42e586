"""People are told in time: every alarm that was ever raised."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)

LASTS: Final = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("since_at", UTC_DATE_TIME, nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("told_at", UTC_DATE_TIME, nullable=True),
        sa.Column("told_by", sa.String(20), nullable=False),
        sa.Column("hooked_at", UTC_DATE_TIME, nullable=True),
        sa.Column("ended_at", UTC_DATE_TIME, nullable=True),
        sa.Column("cleared_at", UTC_DATE_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index("ix_alarm_ended_at", "alarm", ["ended_at"])
    op.create_index(
        "uq_alarm_kind_subject",
        "alarm",
        ["kind", "subject"],
        unique=True,
        sqlite_where=LASTS,
        postgresql_where=LASTS,
    )
