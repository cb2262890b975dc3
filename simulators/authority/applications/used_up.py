"""An application is used up with its last payout, and goes on when a count gives some of it back."""

from datetime import datetime

from sqlalchemy import Connection

from simulators.authority.actors import SYSTEM
from simulators.authority.applications.drawn import is_paid_out
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import by_id, move
from simulators.authority.tables.applications import ApplicationState


def money_moved(connection: Connection, application_id: int, at: datetime) -> None:
    """The ledger has posted a payout of it, or given one back. The caller holds the lock of its person."""
    application = by_id(connection, application_id)
    if application.state not in (ApplicationState.APPROVED, ApplicationState.USED_UP):
        return
    assert application.approved_fen is not None
    is_paid = is_paid_out(connection, application_id, application.approved_fen)
    if is_paid and application.state is ApplicationState.APPROVED:
        move(connection, application, Event.USE_UP, SYSTEM, at)
    elif not is_paid and application.state is ApplicationState.USED_UP:
        move(connection, application, Event.GIVE_BACK, SYSTEM, at)
