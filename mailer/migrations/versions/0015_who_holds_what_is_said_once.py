"""Who works on deliveries, and until when, is said once for all that he has in hand.

And no index follows a delivery while a worker has it: three times a letter, that was
half of what PostgreSQL had to do. An update that touches no index may stay on its page
("heap-only"), so the pages of this table are filled by half.

Source: PostgreSQL documentation, "Heap-Only Tuples (HOT)".
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WAITING: Final = (
    "CASE WHEN state IN ('queued', 'deferred', 'held', 'uncertain') THEN state END"
)

FILLED_PERCENT: Final = 50
"""Of a page, before its rows are touched: each row has room for one version more."""


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("worker", sa.String(80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_lease")),
    )
    op.execute(
        "INSERT INTO lease SELECT worker, max(lease_until) FROM delivery"
        " WHERE state IN ('claimed', 'transmitting') GROUP BY worker"
    )
    op.drop_index("ix_delivery_state_next_try_at_id", "delivery")
    op.drop_column("delivery", "lease_until")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # SQLite adds no stored column to a table; both keep it up to date.
    kept = "VIRTUAL" if is_sqlite else "STORED"
    op.execute(
        "ALTER TABLE delivery ADD COLUMN waiting VARCHAR(20)"
        f" GENERATED ALWAYS AS ({WAITING}) {kept}"
    )
    where = sa.text("waiting IS NOT NULL")
    op.create_index(
        "ix_delivery_waiting_next_try_at_id",
        "delivery",
        ["waiting", "next_try_at", "id"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_index(op.f("ix_delivery_worker"), "delivery", ["worker"])
    if not is_sqlite:
        op.execute(f"ALTER TABLE delivery SET (fillfactor = {FILLED_PERCENT})")
