"""Staff accounts: tellers, reviewers and so on; passwords as scrypt hashes, locked after failures."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, update

from simulators.authority.actors import Actor
from simulators.authority.hsm import SoftHsm
from simulators.authority.service_line.passwords import forget_failures, new_password, proven
from simulators.authority.service_line.rooms import SessionRules
from simulators.authority.supervision.audit import note
from simulators.authority.tables.service_line import StaffRole, staff

SHORTEST_PASSWORD = 10


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
    connection.execute(
        insert(staff).values(
            id=member.id,
            role=member.role,
            region=member.region,
            person_id=member.person_id,
            **new_password(hsm, password),
        )
    )
    note(connection, at, actor, "staff added", f"staff:{member.id}", {"role": str(member.role)})


def change_staff(
    connection: Connection, actor: Actor, at: datetime, name: str, role: StaffRole, region: str | None
) -> bool:
    """Give somebody another role and region; who has signed on as what they were signs on again. False: no account."""
    changed = update(staff).where(staff.c.id == name, staff.c.disabled.is_(False)).values(role=role, region=region)
    if not connection.execute(changed).rowcount:
        return False
    note(connection, at, actor, "staff changed", f"staff:{name}", {"role": str(role), "region": region or "all"})
    return True


def close_staff(connection: Connection, actor: Actor, at: datetime, name: str) -> bool:
    """Close an account for ever: neither its password nor a sign-on counts any more. False: there is none open."""
    closed = update(staff).where(staff.c.id == name, staff.c.disabled.is_(False)).values(disabled=True)
    if not connection.execute(closed).rowcount:
        return False
    note(connection, at, actor, "staff closed", f"staff:{name}")
    return True


def sign_in(connection: Connection, rules: SessionRules, name: str, password: str, at: datetime) -> StaffMember:
    """Whose password that is. Raises NotAuthenticated; the failure is counted then."""
    row = proven(connection, staff, rules, name, password, at)
    forget_failures(connection, staff, name)
    return StaffMember(row["id"], StaffRole(row["role"]), row["region"], row["person_id"])
