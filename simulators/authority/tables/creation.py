"""Makes all tables in a database that has none, by statements that are compiled once for each kind of database."""

from functools import cache

from sqlalchemy import Connection, Executable, create_mock_engine
from sqlalchemy.sql.ddl import ExecutableDDLElement

from simulators.authority.tables.base import metadata


def create_tables(connection: Connection) -> None:
    """The tables with their indexes and triggers, in the caller's transaction."""
    dialect = connection.dialect
    for statement in _statements(f"{dialect.name}+{dialect.driver}"):
        connection.exec_driver_sql(statement)


@cache
def _statements(kind: str) -> tuple[str, ...]:
    said: list[str] = []

    def hear(statement: Executable, *_: object, **__: object) -> None:
        assert isinstance(statement, ExecutableDDLElement)
        said.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(f"{kind}://", hear)
    metadata.create_all(engine, checkfirst=False)
    return tuple(said)
