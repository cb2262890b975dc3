"""Approved applications for people of a bench, who were at the counter before the scenario begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications.numbers import NumberKind, next_number
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import Application, create, move
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.applications import Lane, StepUp
from simulators.authority.tables.people import persons


@dataclass(frozen=True, slots=True)
class Granted:
    """What an application says that somebody has in hand already. `mode` None: cash and transfer."""

    place: str
    approved_fen: int
    purpose: str = "TREATMENT_AWAY"
    purpose_detail: str = "INPATIENT"
    situation: str | None = None
    provider: str | None = None
    mode: str | None = None
    payee_account_id: int | None = None
    lane: Lane = Lane.STANDARD
    valid_days: int = 90
    home_version: str = "seed"
    place_version: str = "seed"


def grant(connection: Connection, person_id: int, granted: Granted, at: datetime) -> Application:
    """Give a person an approved application, as if rules alone had decided it."""
    home = pooling_region(connection.execute(select(persons.c.region).where(persons.c.id == person_id)).scalar_one())
    made = create(
        connection,
        next_number(connection, NumberKind.APPLICATION, home, at.date()),
        Actor(Role.PERSON, f"person:{person_id}", home, person_id),
        at,
        {"seed": "yes"},
        person_id=person_id,
        channel="COUNTER",
        home=home,
        place=pooling_region(granted.place),
        provider=granted.provider,
        lane=granted.lane,
        purpose=granted.purpose,
        purpose_detail=granted.purpose_detail,
        situation=granted.situation,
        mode=granted.mode,
        asked_fen=granted.approved_fen,
        payee_account_id=granted.payee_account_id,
        four_eyes=False,
        step_up=StepUp.NONE,
        complete=True,
        home_version=granted.home_version,
        place_version=granted.place_version,
    )
    return move(
        connection,
        made,
        Event.APPROVE,
        SYSTEM,
        at,
        {"approved_fen": granted.approved_fen},
        approved_fen=granted.approved_fen,
        decided_at=at.isoformat(),
        valid_until=at.date() + timedelta(days=granted.valid_days),
    )
