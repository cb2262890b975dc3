"""A row for any table, made of nothing in particular, together with the rows it points to."""

import re
from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Column, Connection, Date, Integer, LargeBinary, Table, insert, select

NOTHING = frozenset(("pooled_fen", "third_party_fen"))
"""Columns of numbers whose rows are about nothing else: together they may be no more than another."""

NEEDED = frozenset(("releases.draw_id",))
"""Columns that may be empty only where another is not."""

_ONE_OF = re.compile(r"(\w+) IN \('([^']*)'")


def some_row(connection: Connection, table: Table) -> object:
    """The first primary key of a table, which gets a row where it has none."""
    key = next(iter(table.primary_key.columns))
    found = connection.scalar(select(key).limit(1))
    if found is not None:
        return found
    needed = [
        column for column in table.columns if (not column.nullable and not _given(column)) or str(column) in NEEDED
    ]
    values = {column.name: _value(connection, table, column) for column in needed}
    connection.execute(insert(table).values(values))
    return connection.scalar(select(key).limit(1))


def _given(column: Column[object]) -> bool:
    """Does the database or the table fill it?"""
    own_key = column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys
    return own_key or column.default is not None


def _value(connection: Connection, table: Table, column: Column[object]) -> object:
    for foreign in column.foreign_keys:
        return some_row(connection, foreign.column.table)
    for constraint in table.constraints:
        listed = _ONE_OF.match(str(constraint.sqltext)) if isinstance(constraint, CheckConstraint) else None
        if listed is not None and listed[1] == column.name:
            return listed[2]
    match column.type:
        case Boolean():
            return False
        case Date():
            return date(2026, 3, 2)
        case Integer():
            return 0 if column.name in NOTHING else 1
        case LargeBinary():
            return b"x"
    return "x"
