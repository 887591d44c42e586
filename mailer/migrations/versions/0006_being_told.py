"""The program watches itself: the pulse of each loop."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)
STATE: Final = sa.String(20)


def upgrade() -> None:
    op.create_table(
        "pulse",
        sa.Column("name", STATE, nullable=False),
        sa.Column("begun_at", UTC_DATE_TIME, nullable=False),
        sa.Column("done_at", UTC_DATE_TIME, nullable=True),
        sa.Column("failing_since", UTC_DATE_TIME, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("cause", STATE, nullable=True),
        sa.Column("is_lasting", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pulse"),
    )
