"""Alembic's entry: the caller hands in an open connection, whose transaction takes the whole way or nothing."""

from alembic import context

from simulators.authority.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
