"""One-time codes to a person's phone, and what else is sent there; a table is the simulated phone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, update

from simulators.authority.actors import Actor
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.numbers import cleaned
from simulators.authority.people.refusal import Key, Problem, Refused
from simulators.authority.supervision.audit import note
from simulators.authority.tables.people import one_time_codes, persons, sent_messages

LIFETIME = timedelta(minutes=5)
TRIES = 3


@dataclass(frozen=True, slots=True)
class SentMessage:
    """What a phone received: the key of its text, and what fills the gaps."""

    at: datetime
    kind: str
    gaps: Mapping[str, str] = field(repr=False)


def send_code(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    person_id: int,
    purpose: str,
    phone: str | None = None,
) -> None:
    """Send a fresh code; it ends earlier ones for the same purpose. Raises Refused when the register has no phone.

    With `phone` that must be the registered number.
    """
    registered = phone_of(connection, hsm, person_id)
    if registered is None:
        raise Refused([Problem("phone", Key.NO_PHONE)])
    if phone is not None and cleaned(phone).removeprefix("+86") != registered:
        raise Refused([Problem("phone", Key.PHONE_WRONG)])
    code = hsm.random_digits(6)
    connection.execute(
        insert(one_time_codes).values(
            person_id=person_id,
            purpose=purpose,
            code_index=_code_index(hsm, person_id, purpose, code),
            sent_at=at.isoformat(),
            expires_at=(at + LIFETIME).isoformat(),
        )
    )
    send(connection, hsm, at, person_id, "code", {"code": code, "purpose": purpose})
    note(connection, at, actor, "code sent", f"person:{person_id}", {"purpose": purpose})


def code_problem(
    connection: Connection, hsm: SoftHsm, person_id: int, purpose: str, code: str, at: datetime
) -> Problem | None:
    """What is wrong with a code; a right one is used up. Wrong tries are counted, so let the transaction end well."""
    row = _latest(connection, person_id, purpose)
    if row is None or row["used_at"] is not None or at > datetime.fromisoformat(row["expires_at"]):
        return Problem("code", Key.CODE_EXPIRED)
    if row["wrong_tries"] >= TRIES:
        return Problem("code", Key.CODE_TOO_MANY_TRIES)
    change = update(one_time_codes).where(one_time_codes.c.id == row["id"])
    if row["code_index"] != _code_index(hsm, person_id, purpose, code):
        connection.execute(change.values(wrong_tries=row["wrong_tries"] + 1))
        return Problem("code", Key.CODE_WRONG)
    connection.execute(change.values(used_at=at.isoformat()))
    return None


def phone_of(connection: Connection, hsm: SoftHsm, person_id: int) -> str | None:
    """The registered phone."""
    sealed = connection.scalar(select(persons.c.phone_sealed).where(persons.c.id == person_id))
    return None if sealed is None else hsm.unseal(sealed)


def send(
    connection: Connection, hsm: SoftHsm, at: datetime, person_id: int, kind: str, gaps: Mapping[str, str]
) -> None:
    """Send a text to a person's phone; nothing happens without one."""
    if phone_of(connection, hsm, person_id) is None:
        return
    sealed = hsm.seal(json.dumps(dict(gaps), ensure_ascii=False))
    row = {"person_id": person_id, "at": at.isoformat(), "kind": kind, "sealed": sealed}
    connection.execute(insert(sent_messages), row)


def received(connection: Connection, hsm: SoftHsm, person_id: int) -> tuple[SentMessage, ...]:
    """What the person's phone shows, oldest first: for simulators and tests, no channel may offer it."""
    rows = connection.execute(
        select(sent_messages).where(sent_messages.c.person_id == person_id).order_by(sent_messages.c.id)
    ).mappings()
    return tuple(
        SentMessage(datetime.fromisoformat(row["at"]), row["kind"], json.loads(hsm.unseal(row["sealed"])))
        for row in rows
    )


def _latest(connection: Connection, person_id: int, purpose: str) -> RowMapping | None:
    query = select(one_time_codes).where(one_time_codes.c.person_id == person_id, one_time_codes.c.purpose == purpose)
    return connection.execute(query.order_by(one_time_codes.c.id.desc()).limit(1)).mappings().first()


def _code_index(hsm: SoftHsm, person_id: int, purpose: str, code: str) -> str:
    return hsm.index(f"code/{person_id}/{purpose}/{code}")
