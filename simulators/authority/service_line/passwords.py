"""Passwords of accounts: scrypt hashes, and a lock for a while after too many failures."""

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, select, update

from simulators.authority.hsm import SoftHsm
from simulators.authority.service_line.refusal import Fault, NotAuthenticated
from simulators.authority.service_line.rooms import SessionRules

_SALT = 16
_COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def new_password(hsm: SoftHsm, password: str) -> dict[str, bytes]:
    """The columns of a new password."""
    salt = hsm.random(_SALT)
    return {"password_salt": salt, "password_hash": _hashed(password, salt)}


def proven(
    connection: Connection, accounts: Table, rules: SessionRules, name: str, password: str, at: datetime
) -> RowMapping:
    """The account of this name and password. Raises NotAuthenticated; the failure is counted then."""
    row = connection.execute(select(accounts).where(accounts.c.id == name)).mappings().first()
    if row is None:
        _hashed(password, bytes(_SALT))  # takes as long as for a name that exists
        raise NotAuthenticated(Fault.WRONG_CREDENTIALS)
    if row["locked_until"] is not None and at < datetime.fromisoformat(row["locked_until"]):
        raise NotAuthenticated(Fault.LOCKED)
    if row["disabled"] or not hmac.compare_digest(_hashed(password, row["password_salt"]), row["password_hash"]):
        count_failure(connection, accounts, rules, row, at)
        raise NotAuthenticated(Fault.WRONG_CREDENTIALS)
    return row


def count_failure(connection: Connection, accounts: Table, rules: SessionRules, row: RowMapping, at: datetime) -> None:
    """One more; the last one locks."""
    failures = row["failures"] + 1
    full = failures >= rules.failures
    until = (at + rules.locked).isoformat() if full else None
    changed = update(accounts).where(accounts.c.id == row["id"])
    connection.execute(changed.values(failures=0 if full else failures, locked_until=until))


def forget_failures(connection: Connection, accounts: Table, name: str) -> None:
    """Somebody has signed on."""
    connection.execute(update(accounts).where(accounts.c.id == name).values(failures=0, locked_until=None))


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST)
