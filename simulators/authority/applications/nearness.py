"""Who is too near to an application to see or decide it."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from simulators.authority.actors import Actor
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.relatives import relatives_of
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import Application, history
from simulators.authority.tables.applications import agents
from simulators.authority.tables.people import persons

_SUBMITTING = frozenset({Event.SUBMIT, Event.CHANGE, Event.SUPPLEMENT})


def nearness(connection: Connection, application: Application, reviewer: Actor) -> Iterator[Problem]:
    """Why a reviewer is too near to those who ask: the same human being, or of one family."""
    if any(
        reviewer.is_same_human(Actor(entry.role, entry.actor, None, entry.actor_person_id))
        for entry in history(connection, application.id)
        if entry.event in _SUBMITTING
    ):
        yield Problem("actor", "handed_it_in")
    if reviewer.person_id is None:
        return
    asking = {application.person_id, *_agent_person(connection, application)}
    if reviewer.person_id in asking:
        yield Problem("actor", "is_applicant")
    elif asking & relatives_of(connection, reviewer.person_id):
        yield Problem("actor", "is_relative")


def _agent_person(connection: Connection, application: Application) -> Iterator[int]:
    """The agent, where that is somebody insured too."""
    if application.agent_id is not None:
        agent = select(agents.c.id_index).where(agents.c.id == application.agent_id).scalar_subquery()
        yield from connection.scalars(select(persons.c.id).where(persons.c.id_index == agent))
