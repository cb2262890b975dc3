"""The authority's tables: one metadata, and what all tables have in common.

What tells money or proves a decision is append-only: triggers refuse UPDATE and DELETE, and a mistake is mended by a
further row. Amounts are integer fen. Times are ISO 8601 with offset, business dates are dates of the home region's
day. Names and numbers of persons and cards are stored sealed or as keyed indexes (`hsm.py`), never in clear.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    MetaData,
    String,
    Table,
    cast,
    event,
    func,
)

metadata = MetaData()


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Only the values of an enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})")


def instant(name: str = "at", *, nullable: bool = False) -> Column[str]:
    """When something was or is due: ISO 8601 with offset."""
    return Column(name, String(32), nullable=nullable)


def by_actor() -> tuple[Column[str], Column[str]]:
    """Who did it: role and id of an `Actor`."""
    return Column("role", String(16), nullable=False), Column("actor", String(64), nullable=False)


def total(amounts: ColumnElement[int]) -> ColumnElement[int]:
    """The sum of amounts, 0 of none. PostgreSQL adds whole numbers up to a decimal, which this makes whole again."""
    return cast(func.coalesce(func.sum(amounts), 0), BigInteger)


APPEND_ONLY: list[Table] = []
"""Nothing in these is ever changed."""


def append_only(table: Table) -> Table:
    """Have the database refuse every UPDATE and DELETE of a table."""
    APPEND_ONLY.append(table)
    for dialect, make in TRIGGERS.items():
        for statement in make(table.name):
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
    return table


def _sqlite(table: str) -> Iterator[str]:
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _postgresql(table: str) -> Iterator[str]:
    yield (
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
        )


TRIGGERS: Mapping[str, Callable[[str], Iterator[str]]] = {"sqlite": _sqlite, "postgresql": _postgresql}
"""The statements that make a table append-only, by dialect."""
