"""Answers that were given, so that what writes is done once for each message id of a caller.

The claim is made before the work and in its transaction: a second request with the same id waits for the first, then
hears its answer. An answer says what a person was told, so it is stored sealed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from simulators.authority.hsm import SoftHsm
from simulators.authority.tables.service_line import service_answers


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it went over the wire: HTTP status and JSON object."""

    status: int
    content: Mapping[str, object]


class Duplicate(Exception):
    """The message id was used for something else."""


def earlier(connection: Connection, hsm: SoftHsm, caller: str, msgid: str, request_index: str) -> Given | None:
    """The answer that this very request was given. Raises Duplicate when the id was used for another one."""
    found = select(service_answers).where(service_answers.c.caller == caller, service_answers.c.msgid == msgid)
    row = connection.execute(found).mappings().first()
    if row is None:
        return None
    if row["request_index"] != request_index:
        raise Duplicate
    return Given(row["status"], json.loads(hsm.unseal(row["answer_sealed"])))


def claim(connection: Connection, caller: str, msgid: str, infno: str, request_index: str, at: datetime) -> int | None:
    """Take a message id before the work; None when somebody has it already."""
    taken = insert(service_answers).values(
        caller=caller, msgid=msgid, infno=infno, at=at.isoformat(), request_index=request_index
    )
    try:
        with connection.begin_nested():
            inserted = connection.execute(taken).inserted_primary_key
    except IntegrityError:
        return None
    assert inserted is not None
    return int(inserted[0])


def give_up(connection: Connection, claimed: int) -> None:
    """Nothing was done under this claim: whoever asks again is a first one."""
    connection.execute(delete(service_answers).where(service_answers.c.id == claimed))


def keep(connection: Connection, hsm: SoftHsm, claimed: int, given: Given) -> None:
    """Store the answer under its claim."""
    sealed = hsm.seal(json.dumps(given.content, ensure_ascii=False))
    kept = update(service_answers).where(service_answers.c.id == claimed)
    connection.execute(kept.values(status=given.status, answer_sealed=sealed))
