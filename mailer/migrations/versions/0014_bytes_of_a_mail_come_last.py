"""The bytes of a mail come last in their row: SQLite writes only those in place.

What stands behind a large value makes SQLite copy it (see ``mailer/inbound/storing``).
PostgreSQL keeps large values apart from the row, wherever their column stands.
"""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STEPS: Final = (
    "ALTER TABLE incoming ADD COLUMN bytes BLOB",
    "UPDATE incoming SET bytes = raw WHERE raw IS NOT NULL",
    "ALTER TABLE incoming DROP COLUMN raw",
    "ALTER TABLE incoming RENAME COLUMN bytes TO raw",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for step in STEPS:
            op.execute(step)
