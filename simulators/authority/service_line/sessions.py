"""Sign-ons: who has one, of what kind, and until when. The number is a secret; the table has its keyed index only.

A sign-on is good for as long as its account is what it was: closed, or in another role or region, it counts for no
further message. Terminals have no account but their channel, which the desk looks at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from protocol.service_line.envelope import OperatorType
from protocol.service_line.service import Caller
from simulators.authority.hsm import CHECK_ALPHABET, SoftHsm
from simulators.authority.service_line.refusal import Fault, NotAuthenticated
from simulators.authority.service_line.rooms import SessionRules
from simulators.authority.tables.service_line import person_logins, sessions, staff

TOUCHED = timedelta(minutes=1)
"""How exactly idleness is measured: not every request writes."""

SIZE = 30

OPERATORS = {
    Caller.TERMINAL: OperatorType.TERMINAL,
    Caller.PERSON: OperatorType.MOBILE,
    Caller.TELLER: OperatorType.CLERK,
    Caller.REVIEWER: OperatorType.CLERK,
    Caller.POLICY_MAKER: OperatorType.CLERK,
    Caller.SUPERVISOR: OperatorType.CLERK,
    Caller.AUDITOR: OperatorType.CLERK,
}
"""`opter_type` by the role of a sign-on."""

_FIND = (
    select(
        sessions,
        staff.c.role.label("staff_role"),
        staff.c.region.label("staff_region"),
        staff.c.disabled.label("staff_disabled"),
        person_logins.c.person_id.label("login_person_id"),
        person_logins.c.disabled.label("login_disabled"),
    )
    .select_from(
        sessions.outerjoin(staff, staff.c.id == sessions.c.opter).outerjoin(
            person_logins, person_logins.c.id == sessions.c.opter
        )
    )
    .where(sessions.c.sign_no_index == bindparam("sign_no_index"))
)
_CHANGE = update(sessions).where(sessions.c.id == bindparam("session"))


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-on that counts."""

    id: int
    caller: Caller
    opter: str
    channel: str
    region: str | None
    person_id: int | None


def open_session(
    connection: Connection,
    hsm: SoftHsm,
    rules: SessionRules,
    at: datetime,
    caller: Caller,
    opter: str,
    channel: str,
    region: str | None,
    person_id: int | None = None,
) -> tuple[str, datetime]:
    """Begin a session; its number, and until when it lasts."""
    sign_no = "".join(CHECK_ALPHABET[byte % len(CHECK_ALPHABET)] for byte in hsm.random(SIZE))
    expires = at + _lifetime(rules, caller)
    connection.execute(
        insert(sessions).values(
            sign_no_index=hsm.index(sign_no),
            caller=caller,
            opter=opter,
            channel=channel,
            region=region,
            person_id=person_id,
            opened_at=at.isoformat(),
            used_at=at.isoformat(),
            expires_at=expires.isoformat(),
        )
    )
    return sign_no, expires


def find_session(connection: Connection, hsm: SoftHsm, rules: SessionRules, sign_no: str, at: datetime) -> Session:
    """The session of this number, which has been used now. Raises NotAuthenticated."""
    row = connection.execute(_FIND, {"sign_no_index": hsm.index(sign_no)}).mappings().first()
    if row is None:
        raise NotAuthenticated(Fault.NOT_SIGNED_ON)
    caller, used = Caller(row["caller"]), datetime.fromisoformat(row["used_at"])
    idle = _idle(rules, caller)
    over = row["ended_at"] is not None or at >= datetime.fromisoformat(row["expires_at"])
    if over or not _account_stands(row, caller) or (idle is not None and at - used >= idle):
        raise NotAuthenticated(Fault.SESSION_OVER)
    if idle is not None and at - used >= TOUCHED:
        connection.execute(_CHANGE, {"session": row["id"], "used_at": at.isoformat()})
    return Session(row["id"], caller, row["opter"], row["channel"], row["region"], row["person_id"])


def end_session(connection: Connection, session: int, at: datetime) -> None:
    """Sign off."""
    connection.execute(_CHANGE, {"session": session, "ended_at": at.isoformat()})


def _account_stands(row: RowMapping, caller: Caller) -> bool:
    """Is the account still open, and what it was when it signed on?"""
    match caller:
        case Caller.TERMINAL:
            return True
        case Caller.PERSON:
            return row["login_disabled"] is False and row["login_person_id"] == row["person_id"]
        case _:
            same = (row["staff_role"], row["staff_region"]) == (row["caller"], row["region"])
            return row["staff_disabled"] is False and same


def _lifetime(rules: SessionRules, caller: Caller) -> timedelta:
    match caller:
        case Caller.TERMINAL:
            return rules.terminal
        case Caller.PERSON:
            return rules.person
        case _:
            return rules.staff


def _idle(rules: SessionRules, caller: Caller) -> timedelta | None:
    match caller:
        case Caller.TERMINAL:
            return None
        case Caller.PERSON:
            return rules.idle_person
        case _:
            return rules.idle_staff
