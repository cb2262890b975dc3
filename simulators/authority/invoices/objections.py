"""A recovery as something to appeal against, whether a reviewer settled the case so or its time limit did."""

from datetime import datetime, time, timedelta

from sqlalchemy import Connection, select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.appeals import Subject
from simulators.authority.business_time import SHANGHAI
from simulators.authority.invoices.cases import Case, rules_of
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.tables.invoices import CaseState, Result, settlement_cases
from simulators.authority.tables.service_line import staff

KIND = "settlement_case"
"""As in the audit chain."""


def appealable(connection: Connection, policies: PolicyBook, case: Case) -> Subject:
    """Who asked the money back, and when. Raises LookupError where nothing is asked back."""
    settled = (
        select(settlement_cases.c.settled_by, settlement_cases.c.settled_at, staff.c.person_id)
        .select_from(settlement_cases.outerjoin(staff, staff.c.id == settlement_cases.c.settled_by))
        .where(settlement_cases.c.id == case.id)
    )
    who, at, person_id = connection.execute(settled).one()
    if case.result is Result.RECOVER and who is not None:
        decider = Actor(Role.REVIEWER, who, None, person_id)
        return Subject(KIND, case.id, case.person_id, (decider,), datetime.fromisoformat(at))
    if case.state is not CaseState.RECOVERING:
        raise LookupError(f"case {case.number} asks nothing back")
    day = case.due + timedelta(days=rules_of(policies, case).recover_days_after)
    return Subject(KIND, case.id, case.person_id, (), datetime.combine(day, time(), SHANGHAI))
