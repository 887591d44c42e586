"""Alembic's entry: run the steps on the connection that the caller opened."""

from __future__ import annotations

from alembic import context

import mailer.archive.models
import mailer.backup.models
import mailer.coordination.models
import mailer.editions.models
import mailer.inbound.history
import mailer.inbound.models
import mailer.network.models
import mailer.outbox.conduct
import mailer.outbox.models
import mailer.watching.models
import mailer.web.models  # noqa: F401 - each import fills Base.metadata
import subscribers.models  # noqa: F401 - each import fills Base.metadata
from subscribers.database import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    compare_type=True,
)
# The caller owns the transaction; Alembic must not commit it.
context.run_migrations()
