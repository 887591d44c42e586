"""What was issued is kept in an archive, in each style and without anybody's data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_entry",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_archive_entry_edition_id"
        ),
        sa.PrimaryKeyConstraint("edition_id", name="pk_archive_entry"),
        sa.UniqueConstraint("code", name="uq_archive_entry_code"),
    )
    op.create_table(
        "archive_copy",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("style", sa.String(20), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("calendar", sa.LargeBinary(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["archive_entry.edition_id"],
            name="fk_archive_copy_edition_id",
        ),
        sa.PrimaryKeyConstraint("edition_id", "style", name="pk_archive_copy"),
    )
