"""Reads applications and moves them: the one place that changes a state, and writes down who did it and when."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.states import Event, Transition, transition
from simulators.authority.supervision import audit
from simulators.authority.tables.applications import (
    ApplicationState,
    Lane,
    StepUp,
    application_events,
    applications,
)

_BY_ID = select(applications).where(applications.c.id == bindparam("application"))
_BY_NUMBER = select(applications).where(applications.c.number == bindparam("number"))
_OF_PERSON = (
    select(applications).where(applications.c.person_id == bindparam("person")).order_by(applications.c.id.desc())
)
_HISTORY = (
    select(application_events)
    .where(application_events.c.application_id == bindparam("application"))
    .order_by(application_events.c.id)
)
_ENTER_EVENT = insert(application_events)


class NotPossible(Exception):
    """The table of states has no such move for this actor; nothing changed."""

    def __init__(self, application: "Application", event: Event, actor: Actor) -> None:
        super().__init__(f"application {application.number} is {application.state}: no {event} by a {actor.role}")
        self.state = application.state
        self.event = event


@dataclass(frozen=True, slots=True)
class Application:
    """One row of `applications`; amounts in fen."""

    id: int
    number: str
    person_id: int
    agent_id: int | None
    channel: str
    home: str
    place: str
    provider: str | None
    lane: Lane
    purpose: str
    purpose_detail: str
    situation: str | None
    mode: str | None
    asked_fen: int
    approved_fen: int | None
    payee_account_id: int | None
    form_version: int
    state: ApplicationState
    suspended_from: ApplicationState | None
    suspended_for: str | None
    submitted_at: datetime
    review_round: int
    review_due: datetime | None
    escalated_at: datetime | None
    four_eyes: bool
    step_up: StepUp
    complete: bool
    decided_at: datetime | None
    valid_until: date | None
    filing_due: date | None
    home_version: str
    place_version: str

    @property
    def subject(self) -> str:
        """What the audit chain calls it."""
        return f"application:{self.id}"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of an application, as it was written down."""

    at: datetime
    event: Event
    state: ApplicationState
    role: Role
    actor: str
    actor_person_id: int | None
    detail: Mapping[str, str | int | None]


def by_id(connection: Connection, application_id: int) -> Application:
    """Raises LookupError."""
    row = connection.execute(_BY_ID, {"application": application_id}).mappings().first()
    if row is None:
        raise LookupError(f"no application {application_id}")
    return as_application(row)


def by_number(connection: Connection, number: str) -> Application | None:
    """The application with this number."""
    row = connection.execute(_BY_NUMBER, {"number": number}).mappings().first()
    return None if row is None else as_application(row)


def of_person(connection: Connection, person_id: int) -> tuple[Application, ...]:
    """All of a person's applications, the newest first."""
    return tuple(as_application(row) for row in connection.execute(_OF_PERSON, {"person": person_id}).mappings())


def in_states(connection: Connection, states: Iterable[ApplicationState]) -> tuple[Application, ...]:
    """All applications that stand in one of these, the oldest first."""
    found = select(applications).where(applications.c.state.in_(tuple(states))).order_by(applications.c.id)
    return tuple(as_application(row) for row in connection.execute(found).mappings())


def history(connection: Connection, application_id: int) -> tuple[HistoryEntry, ...]:
    """Everything that happened to an application, in its order."""
    rows = connection.execute(_HISTORY, {"application": application_id}).mappings()
    return tuple(
        HistoryEntry(
            at=datetime.fromisoformat(row["at"]),
            event=Event(row["event"]),
            state=ApplicationState(row["state"]),
            role=Role(row["role"]),
            actor=row["actor"],
            actor_person_id=row["actor_person_id"],
            detail=json.loads(row["detail"]),
        )
        for row in rows
    )


def allowed(application: Application, event: Event, actor: Actor) -> Transition:
    """The row of the table for this move. Raises NotPossible."""
    row = transition(application.state, event)
    if row is None or actor.role not in row.roles:
        raise NotPossible(application, event, actor)
    return row


def create(
    connection: Connection,
    number: str,
    actor: Actor,
    at: datetime,
    detail: Mapping[str, str | int | None] | None = None,
    **values: Any,
) -> Application:
    """A new application in state SUBMITTED, with what its columns need; the form is written beside it."""
    row = transition(None, Event.SUBMIT)
    assert row is not None
    assert actor.role in row.roles
    first = {"number": number, "state": row.to, "submitted_at": at.isoformat(), "form_version": 1, "review_round": 1}
    inserted = connection.execute(insert(applications), {**first, **values}).inserted_primary_key
    assert inserted is not None
    note_event(connection, inserted[0], Event.SUBMIT, ApplicationState.SUBMITTED, actor, at, detail)
    return by_id(connection, inserted[0])


def move(
    connection: Connection,
    application: Application,
    event: Event,
    actor: Actor,
    at: datetime,
    detail: Mapping[str, str | int | None] | None = None,
    **changes: Any,
) -> Application:
    """Carry an event out, together with `changes` of columns; the application after it. Raises NotPossible."""
    row = allowed(application, event, actor)
    state = row.to or application.suspended_from
    assert state is not None
    changed: dict[str, Any] = {**changes, "state": state}
    if application.state is not state:
        frozen = state is ApplicationState.SUSPENDED
        changed["suspended_from"] = application.state if frozen else None
        changed["suspended_for"] = (detail or {}).get("cause") if frozen else None
    connection.execute(update(applications).where(applications.c.id == application.id).values(changed))
    note_event(connection, application.id, event, state, actor, at, detail)
    return by_id(connection, application.id)


def note_event(
    connection: Connection,
    application_id: int,
    event: Event,
    state: ApplicationState,
    actor: Actor,
    at: datetime,
    detail: Mapping[str, str | int | None] | None = None,
) -> None:
    """Write an event into the history of the application and into the audit chain."""
    connection.execute(
        _ENTER_EVENT,
        {
            "application_id": application_id,
            "at": at.isoformat(),
            "event": event,
            "state": state,
            "role": actor.role,
            "actor": actor.id,
            "actor_person_id": actor.person_id,
            "detail": json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
        },
    )
    audit.note(connection, at, actor, f"application {event}", f"application:{application_id}", detail)


def as_application(row: RowMapping) -> Application:
    """A row of the table, typed."""
    return Application(
        id=row["id"],
        number=row["number"],
        person_id=row["person_id"],
        agent_id=row["agent_id"],
        channel=row["channel"],
        home=row["home"],
        place=row["place"],
        provider=row["provider"],
        lane=Lane(row["lane"]),
        purpose=row["purpose"],
        purpose_detail=row["purpose_detail"],
        situation=row["situation"],
        mode=row["mode"],
        asked_fen=row["asked_fen"],
        approved_fen=row["approved_fen"],
        payee_account_id=row["payee_account_id"],
        form_version=row["form_version"],
        state=ApplicationState(row["state"]),
        suspended_from=None if row["suspended_from"] is None else ApplicationState(row["suspended_from"]),
        suspended_for=row["suspended_for"],
        submitted_at=datetime.fromisoformat(row["submitted_at"]),
        review_round=row["review_round"],
        review_due=_instant(row["review_due"]),
        escalated_at=_instant(row["escalated_at"]),
        four_eyes=row["four_eyes"],
        step_up=StepUp(row["step_up"]),
        complete=row["complete"],
        decided_at=_instant(row["decided_at"]),
        valid_until=row["valid_until"],
        filing_due=row["filing_due"],
        home_version=row["home_version"],
        place_version=row["place_version"],
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
