"""The account of a person: activation, freezing, and the events that end or move an insurance."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications.freezing import Cause, freeze, thaw
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.cards import activate_card, activation_problems
from simulators.authority.people.codes import code_problem
from simulators.authority.people.identity import Identity, identity_problems
from simulators.authority.people.powers import Act, may_not, not_of_home, restraint_problems
from simulators.authority.people.refusal import Key, Problem, Refused, refuse_if
from simulators.authority.people.register import Card, cards_of, set_person_state
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.ledger import draws
from simulators.authority.tables.people import PersonState, persons

ACTIVATION = "activation"
"""What the one-time code of an activation is sent for."""

CHANGES = {
    PersonState.ACTIVE: frozenset({PersonState.FROZEN, PersonState.SUSPENDED, PersonState.CLOSED}),
    PersonState.FROZEN: frozenset({PersonState.ACTIVE, PersonState.SUSPENDED, PersonState.CLOSED}),
    PersonState.SUSPENDED: frozenset({PersonState.ACTIVE, PersonState.FROZEN, PersonState.CLOSED}),
    PersonState.STOPPED: frozenset({PersonState.ACTIVE, PersonState.CLOSED}),
    PersonState.CLOSED: frozenset({PersonState.ACTIVE}),
    PersonState.MOVED_OUT: frozenset({PersonState.ACTIVE}),
    PersonState.DECEASED: frozenset({PersonState.ACTIVE}),
}
"""What the authority may make of an account. One that was never activated is let go on by its activation only."""

ENDED = frozenset({PersonState.STOPPED, PersonState.CLOSED, PersonState.DECEASED, PersonState.MOVED_OUT})
"""States that only a reviewer leaves, who corrects the register."""

_EVENTS = {
    PersonState.DECEASED: Cause.DEATH,
    PersonState.MOVED_OUT: Cause.MOVED_OUT,
    PersonState.STOPPED: Cause.INSURANCE_ENDED,
}
"""What open applications are frozen for."""


@dataclass(frozen=True, slots=True)
class Activated:
    """What an activation did; with `problems` it did nothing."""

    account: bool = False
    cards: tuple[Card, ...] = ()
    problems: tuple[Problem, ...] = ()


def activate(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    person_id: int,
    code: str,
    identity: Identity | None = None,
) -> Activated:
    """Make the account and the cards of a person ACTIVE, at once and in every channel.

    `identity` None: the channel has proven it by a sign-on. `code` came to the person's phone (`codes.send_code` for
    ACTIVATION). Refusals are told, not raised, so that a wrong code stays counted.
    """
    today = at.date()
    problems = list(may_not(connection, hsm, actor, person_id, Act.ACTIVATE_ACCOUNT, today))
    if identity is not None:
        problems += identity_problems(connection, hsm, person_id, identity, today)
    elif actor.role in (Role.TELLER, Role.TERMINAL):
        problems.append(Problem("identity", Key.DOCUMENT_MISSING))
    state = state_of(connection, person_id)
    waiting = tuple(card for card in cards_of(connection, person_id) if not activation_problems(card, at))
    if state not in (PersonState.INACTIVE, PersonState.ACTIVE):
        problems.append(Problem("account", Key.ACCOUNT_STATE))
    elif state is PersonState.ACTIVE and not waiting:
        problems.append(Problem("account", Key.ACCOUNT_ALREADY_ACTIVE))
    if not problems and (wrong := code_problem(connection, hsm, person_id, ACTIVATION, code, at)):
        problems.append(wrong)
    if problems:
        return Activated(problems=tuple(problems))
    if state is PersonState.INACTIVE:
        set_person_state(connection, person_id, PersonState.ACTIVE, at)
        note(connection, at, actor, "account activated", f"person:{person_id}")
    for card in waiting:
        activate_card(connection, actor, at, card)
    return Activated(state is PersonState.INACTIVE, waiting)


def state_of(connection: Connection, person_id: int) -> PersonState:
    """The state of a person's insurance and account. Raises Refused for nobody."""
    state = connection.scalar(select(persons.c.state).where(persons.c.id == person_id))
    if state is None:
        raise Refused([Problem("person", Key.NO_SUCH_PERSON)])
    return PersonState(state)


def set_state(
    connection: Connection, actor: Actor, at: datetime, person_id: int, state: PersonState, reason: str
) -> None:
    """Freeze, suspend, close or release an account by decision of the authority, as `CHANGES` says. Raises Refused."""
    before = state_of(connection, person_id)
    problems = list(restraint_problems(connection, actor, person_id, reason))
    if state not in CHANGES.get(before, frozenset()) or (before in ENDED and actor.role is not Role.REVIEWER):
        problems.append(Problem("account", Key.ACCOUNT_STATE))
    refuse_if(problems)
    set_person_state(connection, person_id, state, at)
    if state is PersonState.ACTIVE:
        for cause in (Cause.SUSPENSION, *_EVENTS.values()):
            thaw(connection, person_id, cause, SYSTEM, at)
    else:
        freeze(connection, person_id, Cause.SUSPENSION, SYSTEM, at)
    told = {"state": f"account_{state}"}
    notify(connection, person_id, Notice.ACCOUNT_CHANGED, f"account:{person_id}:{state}", at, told)
    why = {"from": before, "to": state, "why": reason.strip()[:200]}
    note(connection, at, actor, "account state", f"person:{person_id}", why)


def record_event(
    connection: Connection,
    actor: Actor,
    at: datetime,
    person_id: int,
    event: PersonState,
    happened_on: date,
    moved_to: str | None = None,
) -> int:
    """Death, a move to another region, or the end of an insurance: the account is frozen from now on.

    What is authorised already is carried through. Draws since the event become incidents; how many. Raises Refused.
    """
    if event not in _EVENTS:
        raise ValueError(f"{event} is no event")
    if actor.role not in (Role.TELLER, Role.REVIEWER, Role.SYSTEM):
        raise Refused([Problem("actor", Key.ONLY_AUTHORITY)])
    row = connection.execute(select(persons).where(persons.c.id == person_id)).mappings().first()
    if row is None:
        raise Refused([Problem("person", Key.NO_SUCH_PERSON)])
    problems = []
    if happened_on > at.date():
        problems.append(Problem("happened_on", Key.EVENT_IN_THE_FUTURE))
    if row["state"] == PersonState.DECEASED:
        problems.append(Problem("account", Key.ACCOUNT_STATE))
    same = moved_to is None or pooling_region(moved_to) == pooling_region(row["region"])
    if event is PersonState.MOVED_OUT and same:
        problems.append(Problem("moved_to", Key.SAME_REGION))
    problems += not_of_home(connection, actor, person_id)
    refuse_if(problems)
    set_person_state(connection, person_id, event, at)
    freeze(connection, person_id, _EVENTS[event], SYSTEM, at)
    if moved_to is not None:
        connection.execute(update(persons).where(persons.c.id == person_id).values(moved_to=moved_to))
    detail = {"event": event, "happened_on": happened_on.isoformat(), "moved_to": moved_to}
    note(connection, at, actor, "insurance event", f"person:{person_id}", detail)
    since = select(draws.c.id, draws.c.terminal).where(
        draws.c.person_id == person_id, draws.c.business_date > happened_on
    )
    late = connection.execute(since).all()
    for draw_id, terminal in late:
        note_incident(connection, at, "draw after the event", f"{event} on {happened_on}", terminal, draw_id)
    return len(late)
