"""The year: editions of every kind, and what people know about a meeting."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UTC_DATE_TIME: Final = sa.DateTime(timezone=True)
COUNTS: Final = sa.text("state NOT IN ('withdrawn', 'lapsed')")


def upgrade() -> None:
    op.drop_index("uq_edition_kind_meeting", table_name="edition")
    # Column by column: Alembic would copy the whole table on SQLite.
    op.add_column(
        "edition",
        sa.Column("about", sa.String(120), nullable=False, server_default=""),
    )
    for name, kind in (
        ("sequence", sa.Integer()),
        ("since", sa.Integer()),
        ("series", sa.String(60)),
        ("day", sa.Date()),
        ("due_at", UTC_DATE_TIME),
        ("lapsed_at", UTC_DATE_TIME),
    ):
        op.add_column("edition", sa.Column(name, kind, nullable=True))
    op.add_column(
        "subscription",
        sa.Column("reminds", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    _say_what_they_are_about()
    op.create_index(
        "uq_edition_kind_about",
        "edition",
        ["kind", "about"],
        unique=True,
        sqlite_where=COUNTS,
        postgresql_where=COUNTS,
    )
    op.create_table(
        "meeting_version",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("starts_at", UTC_DATE_TIME, nullable=False),
        sa.Column("ends_at", UTC_DATE_TIME, nullable=False),
        sa.Column("venue", sa.String(60), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_meeting_version_meeting_id"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "sequence", name="pk_meeting_version"),
    )
    # What older letters said is known only where the meeting has not changed since.
    op.execute(
        "INSERT INTO meeting_version"
        " (meeting_id, sequence, starts_at, ends_at, venue, state)"
        " SELECT id, sequence, starts_at, ends_at, venue, state FROM meeting"
        " WHERE announced_at IS NOT NULL"
    )


def _say_what_they_are_about() -> None:
    op.execute(
        "UPDATE edition SET sequence = (SELECT max(frozen_letter.meeting_sequence)"
        " FROM frozen_letter WHERE frozen_letter.occasion = 'edition/' || edition.id)"
    )
    op.execute(
        "UPDATE edition SET about = CASE WHEN sequence IS NULL"
        " THEN 'meeting/' || meeting_id"
        " ELSE 'meeting/' || meeting_id || '@' || sequence END"
        " WHERE meeting_id IS NOT NULL"
    )
