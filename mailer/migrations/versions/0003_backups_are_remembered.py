"""Backups are remembered, so that somebody notices when there are none."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "backup",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("made_at", UTC_DATE_TIME, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("octets", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_backup"),
    )
