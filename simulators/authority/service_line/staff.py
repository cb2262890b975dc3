"""Staff accounts: tellers, reviewers, policy makers, supervisors; passwords as scrypt hashes, locked after failures."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from simulators.authority.actors import Actor
from simulators.authority.hsm import SoftHsm
from simulators.authority.service_line.refusal import Fault, NotAuthenticated
from simulators.authority.service_line.rooms import SessionRules
from simulators.authority.supervision.audit import note
from simulators.authority.tables.service_line import StaffRole, staff

SHORTEST_PASSWORD = 10

_SALT = 16
_COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the staff. `region` None: all regions."""

    id: str
    role: StaffRole
    region: str | None
    person_id: int | None


def add_staff(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    member: StaffMember,
    password: str,
) -> None:
    """Open an account. Raises ValueError for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"a password has at least {SHORTEST_PASSWORD} characters")
    salt = hsm.random(_SALT)
    connection.execute(
        insert(staff).values(
            id=member.id,
            role=member.role,
            region=member.region,
            person_id=member.person_id,
            password_salt=salt,
            password_hash=_hashed(password, salt),
        )
    )
    note(connection, at, actor, "staff added", f"staff:{member.id}", {"role": str(member.role)})


def sign_in(connection: Connection, rules: SessionRules, name: str, password: str, at: datetime) -> StaffMember:
    """Whose password that is. Raises NotAuthenticated; the failure is counted then."""
    row = connection.execute(select(staff).where(staff.c.id == name)).mappings().first()
    if row is None:
        _hashed(password, bytes(_SALT))  # takes as long as for a name that exists
        raise NotAuthenticated(Fault.WRONG_CREDENTIALS)
    if row["locked_until"] is not None and at < datetime.fromisoformat(row["locked_until"]):
        raise NotAuthenticated(Fault.LOCKED)
    change = update(staff).where(staff.c.id == name)
    if row["disabled"] or not hmac.compare_digest(_hashed(password, row["password_salt"]), row["password_hash"]):
        failures = row["failures"] + 1
        full = failures >= rules.failures
        until = (at + rules.locked).isoformat() if full else None
        connection.execute(change.values(failures=0 if full else failures, locked_until=until))
        raise NotAuthenticated(Fault.WRONG_CREDENTIALS)
    connection.execute(change.values(failures=0, locked_until=None))
    return StaffMember(row["id"], StaffRole(row["role"]), row["region"], row["person_id"])


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST)
