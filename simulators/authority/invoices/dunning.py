"""What follows when invoices don't come: reminder, mark, recovery by the clock; penalties by people only.

    day                                      | state      | effect
    due - reminder_days_before               | REMINDED   | the person is told
    due + 1                                  |            | new draws are refused, if the policy says so
    due + mark_days_after                    | MARKED     | told again
    due + recover_days_after                 | RECOVERING | what is missing is asked back

An extension begins it anew. Nothing here fines anybody: `penalties.py` is for people who have looked at the case.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Date, bindparam, func, select

from protocol.service_line.values import yuan
from simulators.authority.actors import SYSTEM
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.cases import Case, case_subject, change, rules_of, unsettled
from simulators.authority.people.codes import send
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.sections import Settlement
from simulators.authority.supervision.audit import note
from simulators.authority.tables.invoices import (
    CaseState,
    Result,
    invoice_shares,
    settlement_cases,
)
from simulators.authority.tables.ledger import DrawState, draws

_PROVEN = (
    select(func.coalesce(func.sum(invoice_shares.c.fen), 0))
    .where(invoice_shares.c.case_id == settlement_cases.c.id)
    .correlate(settlement_cases)
    .scalar_subquery()
)
_OVERDUE = (
    select(draws.c.id)
    .select_from(draws.outerjoin(settlement_cases, settlement_cases.c.draw_id == draws.c.id))
    .where(
        draws.c.person_id == bindparam("person"),
        draws.c.state == DrawState.CONFIRMED,
        draws.c.business_date < bindparam("before"),
        func.coalesce(settlement_cases.c.state, CaseState.OPEN) != CaseState.SETTLED,
        func.coalesce(settlement_cases.c.due, bindparam("long_ago", type_=Date)) < bindparam("today", type_=Date),
        draws.c.confirmed_fen - draws.c.given_back_fen + func.coalesce(settlement_cases.c.paid_fen, 0)
        > func.coalesce(_PROVEN, 0) + func.coalesce(settlement_cases.c.repaid_fen, 0),
    )
    .limit(1)
)


def recovery_due(connection: Connection, person_id: int, rules: Settlement, today: date) -> bool:
    """Are new draws of a person blocked by a payout whose invoices have not come? One statement, and nothing written.

    `rules` are those of the home policy; they count for payouts whose case nobody has opened yet.
    """
    if not rules.block_while_overdue:
        return False
    dates = {"before": today - timedelta(days=rules.due_days), "today": today, "long_ago": date.min}
    return connection.execute(_OVERDUE, {"person": person_id, **dates}).first() is not None


def run_dunning(connection: Connection, hsm: SoftHsm, policies: PolicyBook, at: datetime) -> int:
    """Take every case to where it should be by the clock; how many moved. Running it twice changes nothing."""
    return sum(
        _advance(connection, hsm, case, rules_of(policies, case), at) for case in unsettled(connection, policies)
    )


def _advance(connection: Connection, hsm: SoftHsm, case: Case, rules: Settlement, at: datetime) -> bool:
    if case.advanced_fen == 0 and case.paid_fen == 0 and not case.is_settled:  # given back after a count
        change(connection, case, state=CaseState.SETTLED, result=Result.NOTHING, settled_at=at.isoformat())
        return True
    wanted = _stage(case, rules, at.date())
    if wanted is None or _ORDER.index(wanted) <= _ORDER.index(case.state):
        return False
    values: dict[str, object] = {"state": wanted}
    if wanted is CaseState.RECOVERING:
        values["recover_fen"] = case.repaid_fen + case.missing_fen
    change(connection, case, **values)
    gaps = {"case": case.number, "due": case.due.isoformat(), "missing_fen": str(case.missing_fen)}
    send(connection, hsm, at, case.person_id, f"settlement_{wanted}", gaps)
    told = {"case": case.number, "day": case.due.isoformat(), "yuan": yuan(case.missing_fen)}
    notify(connection, case.person_id, _TOLD[wanted], case_subject(case), at, told)
    note(connection, at, SYSTEM, f"settlement {wanted}", case_subject(case), {"missing_fen": case.missing_fen})
    return True


_TOLD = {
    CaseState.REMINDED: Notice.SETTLEMENT_REMINDED,
    CaseState.MARKED: Notice.SETTLEMENT_MARKED,
    CaseState.RECOVERING: Notice.SETTLEMENT_RECOVERING,
}
_ORDER = (CaseState.REOPENED, CaseState.OPEN, CaseState.REMINDED, CaseState.MARKED, CaseState.RECOVERING)


def _stage(case: Case, rules: Settlement, today: date) -> CaseState | None:
    """Where a case should be; None for one that is settled or fully proven."""
    if case.is_settled or case.missing_fen == 0:
        return None
    late = (today - case.due).days
    if late >= rules.recover_days_after:
        return CaseState.RECOVERING
    if late >= rules.mark_days_after:
        return CaseState.MARKED
    return CaseState.REMINDED if late >= -rules.reminder_days_before else None
