"""What several versions of the tables do."""

from alembic import op
from sqlalchemy import text

from simulators.authority.tables.base import TRIGGERS


def make_append_only(*tables: str) -> None:
    """Have the database refuse every UPDATE and DELETE of these tables."""
    for table in tables:
        for statement in TRIGGERS[op.get_bind().dialect.name](table):
            op.execute(statement)


def add_foreign_keys(table: str, **points_to: str) -> None:
    """Have columns of a table point to the `id` of others; indexes, triggers and rows stay as they are.

    SQLite can't add one to a table that is there: the table is made anew, as SQLite's "ALTER TABLE" page says (7).
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        for column, other in points_to.items():
            op.create_foreign_key(None, table, other, [column], ["id"])
        return
    parts = connection.execute(
        text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"), {"table": table}
    ).all()
    (made,) = (sql for kind, sql in parts if kind == "table")
    keys = "".join(f", \n\tFOREIGN KEY({column}) REFERENCES {other} (id)" for column, other in points_to.items())
    columns = made.partition("(")[2].rstrip().removesuffix(")").rstrip()
    connection.exec_driver_sql(f"CREATE TABLE {table}_new ({columns}{keys}\n)")
    connection.exec_driver_sql(f"INSERT INTO {table}_new SELECT * FROM {table}")  # noqa: S608  # our own name
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE {table}_new RENAME TO {table}")
    for kind, sql in parts:
        if kind != "table":
            connection.exec_driver_sql(sql)
