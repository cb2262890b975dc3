"""What the service line is given: database, security module, policies, clock, and its own rules."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulators.authority.applications.office import Office
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.supervision.cases import is_flagged
from simulators.authority.supervision.risk.rules import RiskBook, our_risk_rules


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a sign-on lasts, and how long it may be idle; when an account is locked, and for how long."""

    terminal: timedelta = timedelta(hours=24)
    staff: timedelta = timedelta(hours=8)
    person: timedelta = timedelta(minutes=30)
    idle_staff: timedelta = timedelta(minutes=15)
    idle_person: timedelta = timedelta(minutes=10)
    failures: int = 5
    locked: timedelta = timedelta(minutes=15)
    visit: timedelta = timedelta(minutes=15)  # how long a PIN that was proved right at a terminal stands for the person


@dataclass(frozen=True, slots=True)
class Rooms:
    """The authority behind the line. `now` must know its zone."""

    database: Database
    hsm: SoftHsm
    policies: PolicyBook
    now: Callable[[], datetime]
    sessions: SessionRules = field(default_factory=SessionRules)
    risk: RiskBook = field(default_factory=our_risk_rules)

    @property
    def office(self) -> Office:
        """What the room of applications needs."""
        return Office(self.hsm, self.policies, is_flagged)
