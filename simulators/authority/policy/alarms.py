"""Tells supervision what makes the rules uncertain."""

from datetime import datetime

from sqlalchemy import Connection, select

from simulators.authority.policy.working_days import WorkingDays
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.supervision import incidents

PROVISIONAL = "calendar provisional"


def alarm_where_provisional(connection: Connection, calendar: WorkingDays, at: datetime) -> None:
    """Once in a year that has no table of working days: hours and deadlines rest on weekdays and known feasts."""
    if not calendar.is_provisional(at.year):
        return
    text = f"no table of working days for {at.year}: add it to working_days.toml"
    told = select(incidents.c.id).where(incidents.c.kind == PROVISIONAL, incidents.c.text == text).limit(1)
    if connection.scalar(told) is None:
        note_incident(connection, at, PROVISIONAL, text)
