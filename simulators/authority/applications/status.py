"""Where an application is, as its person sees it: expected date, what is missing, what was found, what happened."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from simulators.authority.actors import Role
from simulators.authority.applications.bank import account_by_id
from simulators.authority.applications.documents import missing_kinds
from simulators.authority.applications.drawn import drawn_fen
from simulators.authority.applications.form_versions import form_of
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.required import required_now
from simulators.authority.applications.states import OPEN, Event
from simulators.authority.applications.store import Application, HistoryEntry, history, of_person
from simulators.authority.tables.applications import ApplicationState as S

_FINDING = frozenset({Event.RETURN, Event.REJECT})


@dataclass(frozen=True, slots=True)
class Step:
    """One event; who it was is told as a role only."""

    at: datetime
    event: Event
    state: S
    by: Role


@dataclass(frozen=True, slots=True)
class Status:
    """An application with all that its person may know. `remaining_fen` has holds deducted."""

    application: Application
    payee_account: str | None  # masked
    remaining_fen: int | None
    missing: tuple[str, ...]
    findings: tuple[Problem, ...]
    history: tuple[Step, ...]

    @property
    def expected(self) -> datetime | None:
        """By when it will be decided, where it is the authority's turn."""
        return self.application.review_due


def status_of(connection: Connection, office: Office, application: Application, at: datetime) -> Status:
    """One application."""
    entries = history(connection, application.id)
    remaining = None
    if application.approved_fen is not None:
        left = application.approved_fen - drawn_fen(connection, application.id)
        remaining = max(0, left) if application.state is S.APPROVED else 0
    account = application.payee_account_id
    return Status(
        application=application,
        payee_account=None if account is None else account_by_id(connection, office.hsm, account).masked_number,
        remaining_fen=remaining,
        missing=_missing(connection, office, application, at),
        findings=_findings(application, entries),
        history=tuple(Step(entry.at, entry.event, entry.state, entry.role) for entry in entries),
    )


def statuses(connection: Connection, office: Office, person_id: int, at: datetime) -> tuple[Status, ...]:
    """All of a person's applications, the newest first."""
    return tuple(status_of(connection, office, each, at) for each in of_person(connection, person_id))


def _missing(connection: Connection, office: Office, application: Application, at: datetime) -> tuple[str, ...]:
    if application.complete or application.state not in (*OPEN, S.SUSPENDED):
        return ()
    form = form_of(connection, office.hsm, application.id, application.form_version)
    return missing_kinds(connection, application.id, required_now(connection, office, application, form, at), at.date())


def _findings(application: Application, entries: tuple[HistoryEntry, ...]) -> tuple[Problem, ...]:
    """Why it was returned or rejected, as long as that is where it stands."""
    if application.state not in (S.RETURNED, S.REJECTED):
        return ()
    last = [entry for entry in entries if entry.event in _FINDING][-1:]
    return tuple(
        Problem(field, key, value) for entry in last for field, key, value in json.loads(str(entry.detail["reasons"]))
    )
