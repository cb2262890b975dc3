"""What several versions of the tables do."""

from alembic import op

from simulators.authority.tables.base import TRIGGERS


def make_append_only(*tables: str) -> None:
    """Have the database refuse every UPDATE and DELETE of these tables."""
    for table in tables:
        for statement in TRIGGERS[op.get_bind().dialect.name](table):
            op.execute(statement)
