"""Claims need no sorting: the index of what waits has its order, too."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_delivery_state_next_try_at", "delivery")
    op.create_index(
        "ix_delivery_state_next_try_at_id", "delivery", ["state", "next_try_at", "id"]
    )
