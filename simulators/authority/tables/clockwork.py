"""For which days the clock's work is done."""

from sqlalchemy import Column, Date, String, Table

from simulators.authority.tables.base import append_only, instant, metadata

done_days = append_only(
    Table(
        "done_days",
        metadata,
        Column("chore", String(32), primary_key=True),  # what is done once for each day
        Column("day", Date, primary_key=True),
        instant(),
    )
)
