"""What several versions of the tables do."""

from collections.abc import Callable, Sequence

from alembic import op
from sqlalchemy import text

from simulators.authority.tables.base import TRIGGERS


def make_append_only(*tables: str) -> None:
    """Have the database refuse every UPDATE and DELETE of these tables."""
    for table in tables:
        for statement in TRIGGERS[op.get_bind().dialect.name](table):
            op.execute(statement)


def add_foreign_keys(table: str, **points_to: str) -> None:
    """Have columns of a table point to the `id` of others; indexes, triggers and rows stay as they are."""
    if op.get_bind().dialect.name != "sqlite":
        for column, other in points_to.items():
            op.create_foreign_key(None, table, other, [column], ["id"])
        return
    keys = "".join(f", \n\tFOREIGN KEY({column}) REFERENCES {other} (id)" for column, other in points_to.items())
    _make_anew(table, lambda columns: columns + keys)


def allow_values(table: str, column: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Have a column that is one of some values (`one_of`) be one of others; indexes, triggers and rows stay."""
    old, new = (f"{column} IN ({', '.join(map(repr, values))})" for values in (before, after))
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(f"{table}_{column}_check", table)
        op.create_check_constraint(f"{table}_{column}_check", table, new)
        return

    def changed(columns: str) -> str:
        assert old in columns
        return columns.replace(old, new)

    _make_anew(table, changed)


def _make_anew(table: str, change: Callable[[str], str]) -> None:
    """SQLite can't change what a table demands: it is made anew, as SQLite's "ALTER TABLE" page says (7)."""
    connection = op.get_bind()
    parts = connection.execute(
        text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"), {"table": table}
    ).all()
    (made,) = (sql for kind, sql in parts if kind == "table")
    columns = change(made.partition("(")[2].rstrip().removesuffix(")").rstrip())
    connection.exec_driver_sql(f"CREATE TABLE {table}_new ({columns}\n)")
    connection.exec_driver_sql(f"INSERT INTO {table}_new SELECT * FROM {table}")  # noqa: S608  # our own name
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE {table}_new RENAME TO {table}")
    for kind, sql in parts:
        if kind != "table":
            connection.exec_driver_sql(sql)
