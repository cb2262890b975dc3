"""What supervisors hear of a verdict: a case for every person whose payout was stopped or left a clue."""

from typing import Final

from sqlalchemy import Connection

from simulators.authority.actors import SYSTEM
from simulators.authority.supervision.cases import open_case
from simulators.authority.supervision.orders import Subject
from simulators.authority.supervision.risk.judge import Verdict
from simulators.authority.supervision.risk.picture import Attempt
from simulators.authority.tables.supervision import CaseKind, RiskAction

_KINDS: Final = {RiskAction.DECLINE: CaseKind.RISK_DECLINE, RiskAction.CLUE: CaseKind.RISK_CLUE}


def tell_of_risk(connection: Connection, attempt: Attempt, verdict: Verdict) -> None:
    """Open a case, or add to the one that is open; nothing for a request that passed."""
    kind = _KINDS.get(verdict.action)
    if kind is not None:
        found = ", ".join(f"{finding.kind} {finding.value}" for finding in verdict.findings)
        open_case(connection, SYSTEM, attempt.at, kind, Subject.person(attempt.person_id), attempt.home, found)
