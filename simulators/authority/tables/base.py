"""The authority's tables: one metadata, and what all tables have in common.

What tells money or proves a decision is append-only: triggers refuse UPDATE and DELETE, and a mistake is mended by a
further row. Amounts are integer fen. Times are ISO 8601 with offset, business dates are dates of the home region's
day. Names and numbers of persons and cards are stored sealed or as keyed indexes (`hsm.py`), never in clear.
"""

from enum import StrEnum

from sqlalchemy import DDL, CheckConstraint, MetaData, Table, event

metadata = MetaData()


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Only the values of an enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})")


APPEND_ONLY: list[Table] = []
"""Nothing in these is ever changed."""


def append_only(table: Table) -> Table:
    """Have the database refuse every UPDATE and DELETE of a table."""
    APPEND_ONLY.append(table)
    for verb in ("UPDATE", "DELETE"):
        name = f"{table.name}_no_{verb.lower()}"
        sqlite = (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
        )
        event.listen(table, "after_create", DDL(sqlite).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
    return table
