"""Who may do what about a person and the person's cards: the person, a guardian, an agent, or a counter.

`POWERS` is the table. A person's age counts where the ID number tells it; else the person is of age. Counters, kiosks
and reviewers act for whoever stands there, and the functions that need it check that person's identity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from sqlalchemy import Connection, bindparam, or_, select

from simulators.authority.actors import Actor, Role
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.identity import age, birth_date
from simulators.authority.people.refusal import Key, Problem
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.people import guardianships, persons

FULL_AGE = 18

_GUARDED = select(guardianships.c.guardian_id).where(
    guardianships.c.person_id == bindparam("person"),
    guardianships.c.valid_from <= bindparam("on"),
    or_(guardianships.c.valid_to.is_(None), guardianships.c.valid_to >= bindparam("on")),
)


class Act(StrEnum):
    """What is done."""

    APPLY = auto()  # apply for a withdrawal, change or withdraw the application
    ACTIVATE_ACCOUNT = auto()
    ACTIVATE_CARD = auto()
    REPORT_LOSS = auto()
    TAKE_BACK_LOSS = auto()
    REPLACE_CARD = auto()
    CHANGE_PIN = auto()
    UNBLOCK_PIN = auto()
    OWN_RULES = auto()
    UNLOCK = auto()  # take off the person's own lock


@dataclass(frozen=True, slots=True)
class Power:
    """`minor`: may somebody under age do it alone? `agent`: with a power of attorney."""

    minor: bool
    agent: bool


POWERS: Mapping[Act, Power] = {
    Act.APPLY: Power(minor=False, agent=True),
    Act.ACTIVATE_ACCOUNT: Power(minor=False, agent=False),
    Act.ACTIVATE_CARD: Power(minor=False, agent=False),
    Act.REPORT_LOSS: Power(minor=True, agent=True),
    Act.TAKE_BACK_LOSS: Power(minor=False, agent=False),
    Act.REPLACE_CARD: Power(minor=False, agent=True),
    Act.CHANGE_PIN: Power(minor=True, agent=False),
    Act.UNBLOCK_PIN: Power(minor=False, agent=False),
    Act.OWN_RULES: Power(minor=True, agent=False),
    Act.UNLOCK: Power(minor=False, agent=False),
}

_HOME = select(persons.c.region).where(persons.c.id == bindparam("person"))
_FOR_OTHERS = frozenset({Role.TELLER, Role.TERMINAL, Role.REVIEWER, Role.SYSTEM})


def guardians(connection: Connection, person_id: int, on: date) -> frozenset[int]:
    """Who stands up for a person on a day."""
    return frozenset(connection.scalars(_GUARDED, {"person": person_id, "on": on}))


def may_not(
    connection: Connection, hsm: SoftHsm, actor: Actor, person_id: int, act: Act, on: date
) -> tuple[Problem, ...]:
    """Why `actor` may not do this for a person; empty when he may."""
    power = POWERS[act]
    if actor.role in _FOR_OTHERS:
        return ()
    wardens = guardians(connection, person_id, on)
    if actor.person_id is not None and actor.person_id in wardens:
        return ()
    match actor.role:
        case Role.PERSON if actor.person_id == person_id:
            born = birth_date(connection, hsm, person_id)
            under_age = bool(wardens) or (born is not None and age(born, on) < FULL_AGE)
            return (Problem("actor", Key.NEEDS_GUARDIAN),) if under_age and not power.minor else ()
        case Role.AGENT:
            return () if power.agent else (Problem("actor", Key.NOT_FOR_AGENTS),)
        case _:
            return (Problem("actor", Key.NOT_FOR_YOU),)


def not_of_home(connection: Connection, actor: Actor, person_id: int) -> tuple[Problem, ...]:
    """Registers of persons and cards are changed in the home region only; an actor without a region is of all."""
    home = connection.scalar(_HOME, {"person": person_id})
    if actor.region is None or home is None or pooling_region(actor.region) == pooling_region(home):
        return ()
    return (Problem("actor", Key.OTHER_REGION),)


def restraint_problems(connection: Connection, actor: Actor, person_id: int, reason: str) -> tuple[Problem, ...]:
    """Why `actor` may not stop a person's account or card, or let it go on: it is the authority's, never one's own."""
    problems = []
    if actor.role not in (Role.REVIEWER, Role.SUPERVISOR, Role.SYSTEM):
        problems.append(Problem("actor", Key.ONLY_AUTHORITY))
    if actor.person_id == person_id:
        problems.append(Problem("actor", Key.NOT_ABOUT_ONESELF))
    problems += not_of_home(connection, actor, person_id)
    if not reason.strip():
        problems.append(Problem("reason", Key.REASON_MISSING))
    return tuple(problems)
