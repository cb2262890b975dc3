"""What the authority does by the clock: THE list of chores, and the one function that does what is due.

Each chore does what is due at an instant, once; late or twice, it comes to the same. It has a transaction of its own,
so that one that fails keeps none of the others from being done. `authority serve` calls `tick` every minute, a bench in
its virtual time.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from simulators.authority.actors import SYSTEM
from simulators.authority.applications import upkeep
from simulators.authority.applications.appeals import escalate_overdue_appeals
from simulators.authority.applications.office import Office
from simulators.authority.done_days import days_to_do
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.dunning import run_dunning
from simulators.authority.ledger.clearing import clear_ended_days
from simulators.authority.ledger.enquiries import open_due
from simulators.authority.ledger.exceptions import collect_exceptions
from simulators.authority.ledger.interest import credit_interest
from simulators.authority.ledger.payouts import release_unpaid_transfers
from simulators.authority.ledger.transfers import TransferRules, retry_transfers
from simulators.authority.policy.activation import follow
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.supervision.cases import escalate_overdue
from simulators.authority.supervision.indicators import raise_alarms


@dataclass(frozen=True, slots=True)
class Works:
    """What chores need besides the books."""

    hsm: SoftHsm
    policies: PolicyBook
    hold_lifetime: timedelta = timedelta(hours=24)
    answer_within: timedelta = timedelta(days=5)
    unpaid_transfer_lifetime: timedelta = timedelta(minutes=15)
    transfers: TransferRules = field(default_factory=TransferRules)


Chore = Callable[[Connection, Works, datetime], object]


def _policies(connection: Connection, works: Works, _at: datetime) -> None:
    follow(connection, works.policies)


def _applications(connection: Connection, works: Works, at: datetime) -> object:
    return upkeep.run(connection, Office(works.hsm, works.policies), at)


def _appeals(connection: Connection, _works: Works, at: datetime) -> object:
    return escalate_overdue_appeals(connection, at, SYSTEM)


def _unpaid(connection: Connection, works: Works, at: datetime) -> object:
    return release_unpaid_transfers(connection, at, works.unpaid_transfer_lifetime)


def _holds(connection: Connection, works: Works, at: datetime) -> object:
    return open_due(connection, at, works.hold_lifetime, works.answer_within)


def _transfers(connection: Connection, works: Works, at: datetime) -> object:
    return retry_transfers(connection, at, works.transfers)


def _settlement(connection: Connection, works: Works, at: datetime) -> object:
    return run_dunning(connection, works.hsm, works.policies, at)


def _clearing(connection: Connection, _works: Works, at: datetime) -> object:
    return clear_ended_days(connection, at)


def _cases(connection: Connection, _works: Works, at: datetime) -> object:
    return escalate_overdue(connection, at)


def _exceptions(connection: Connection, _works: Works, at: datetime) -> object:
    return collect_exceptions(connection, at)


def _interest(connection: Connection, works: Works, at: datetime) -> object:
    days = days_to_do(connection, "interest", at.date(), at)
    return sum(credit_interest(connection, works.policies, day, at) for day in days)


def _alarms(connection: Connection, _works: Works, at: datetime) -> object:
    """Of days that have ended."""
    days = days_to_do(connection, "alarms of the board", at.date() - timedelta(days=1), at)
    return sum(raise_alarms(connection, at, day) for day in days)


CHORES: tuple[tuple[str, Chore], ...] = (
    ("policies that were activated", _policies),
    ("transfers that banks did not credit", _transfers),
    ("transfers that nobody confirmed", _unpaid),
    ("holds whose advice did not come", _holds),
    ("applications", _applications),
    ("appeals", _appeals),
    ("settlement cases", _settlement),
    ("cases of supervision", _cases),
    ("clearing between regions", _clearing),
    ("exceptions of the books", _exceptions),
    ("interest", _interest),
    ("alarms of the board", _alarms),
)
"""In this order: what an earlier one frees, a later one sees. Further chores are added here."""


class ChoresFailed(Exception):
    """Some chores could not be done; the others were. They are tried again at the next tick."""

    def __init__(self, failed: dict[str, Exception]) -> None:
        super().__init__("; ".join(f"{name}: {type(error).__name__}" for name, error in failed.items()))
        self.failed = failed


def tick(transaction: Callable[[], AbstractContextManager[Connection]], works: Works, at: datetime) -> None:
    """Do all that is due. Raises ChoresFailed once every chore has had its turn."""
    failed: dict[str, Exception] = {}
    for name, chore in CHORES:
        try:
            with transaction() as connection:
                chore(connection, works, at)
        except Exception as error:  # whatever it is, the next chore has its turn
            failed[name] = error
    if failed:
        raise ChoresFailed(failed)
