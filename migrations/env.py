"""How Alembic reaches the database: through the application, online only, for SQLite and PostgreSQL alike."""

from alembic import context
from flask import current_app

from comcep.commands.migrating import one_transaction

database = current_app.extensions["migrate"].db

with one_transaction(database.engine) as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        transactional_ddl=True,
        **current_app.extensions["migrate"].configure_args,
    )
    context.run_migrations()
