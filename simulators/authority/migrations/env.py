"""Alembic's entry: the caller hands in an open connection, whose transaction takes the whole way or nothing."""

from alembic import context

from simulators.authority.tables import metadata

if (config := getattr(context, "config", None)) is not None:  # whoever else imports this only looks at it
    context.configure(connection=config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
