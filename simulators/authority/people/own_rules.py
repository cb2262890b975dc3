"""What a person decides for himself: lower limits, a lock, alerts. It holds in every channel at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from simulators.authority.actors import Actor
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.powers import Act, may_not
from simulators.authority.people.refusal import Key, Problem, Refused, refuse_if
from simulators.authority.supervision.audit import note
from simulators.authority.tables.people import persons

_AMOUNTS = ("own_single_fen", "own_day_fen", "low_balance_fen")


@dataclass(frozen=True, slots=True)
class OwnRules:
    """What holds; an amount of None is not set. `low_balance_fen`: tell me when the balance falls below."""

    own_single_fen: int | None = None
    own_day_fen: int | None = None
    locked: bool = False
    alerts: bool = False
    low_balance_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a person asks for: None stays as it is, an amount of 0 takes the limit away."""

    own_single_fen: int | None = None
    own_day_fen: int | None = None
    locked: bool | None = None
    alerts: bool | None = None
    low_balance_fen: int | None = None


def own_rules(connection: Connection, person_id: int) -> OwnRules:
    """What holds now. Raises Refused for nobody."""
    columns = (persons.c.own_single_fen, persons.c.own_day_fen, persons.c.locked, persons.c.alerts)
    row = connection.execute(select(*columns, persons.c.low_balance_fen).where(persons.c.id == person_id)).first()
    if row is None:
        raise Refused([Problem("person", Key.NO_SUCH_PERSON)])
    return OwnRules(*row)


def change_own_rules(
    connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, person_id: int, changes: Changes
) -> OwnRules:
    """Change what is named; what holds now. Raises Refused."""
    before = own_rules(connection, person_id)
    act = Act.UNLOCK if changes.locked is False and before.locked else Act.OWN_RULES
    asked = {name: value for name in _AMOUNTS if (value := getattr(changes, name)) is not None}
    refuse_if(
        (
            *may_not(connection, hsm, actor, person_id, act, at.date()),
            *(Problem(name, Key.AMOUNT_NEGATIVE) for name, fen in asked.items() if fen < 0),
        )
    )
    values: dict[str, int | bool | None] = {name: fen or None for name, fen in asked.items()}
    for name in ("locked", "alerts"):
        if (wanted := getattr(changes, name)) is not None:
            values[name] = wanted
    if values:
        connection.execute(update(persons).where(persons.c.id == person_id).values(values))
        note(connection, at, actor, "own rules", f"person:{person_id}", {n: _plain(v) for n, v in values.items()})
    return own_rules(connection, person_id)


def _plain(value: int | bool | None) -> int | None:
    return None if value is None else int(value)
