"""Online accounts of insured persons: opened with identity and a code to the phone, used with a password and a code."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.codes import code_problem, send_code
from simulators.authority.people.identity import Identity, identify
from simulators.authority.people.refusal import Refused as PeopleRefused
from simulators.authority.service_line.families.told import of_people
from simulators.authority.service_line.passwords import count_failure, forget_failures, new_password, proven
from simulators.authority.service_line.refusal import Fault, NotAuthenticated, Refused, refused
from simulators.authority.service_line.rooms import SessionRules
from simulators.authority.supervision.audit import note
from simulators.authority.tables.people import persons
from simulators.authority.tables.service_line import person_logins

REGISTRATION, SIGN_ON = "registration", "sign_on"
"""What one-time codes are sent for."""

SHORTEST_PASSWORD = 8


def ask_to_register(connection: Connection, hsm: SoftHsm, identity: Identity, phone: str | None, at: datetime) -> None:
    """Send a code to the registered phone of this person. Raises Refused."""
    person_id = _known(connection, hsm, identity, at)
    try:
        send_code(connection, hsm, _actor(person_id), at, person_id, REGISTRATION, phone)
    except PeopleRefused as error:
        raise of_people(error.problems) from None


def register(
    connection: Connection, hsm: SoftHsm, identity: Identity, code: str, name: str, password: str, at: datetime
) -> Refused | None:
    """Open the online account of a person; a wrong code is told, and stays counted. Raises Refused."""
    person_id = _known(connection, hsm, identity, at)
    if len(password) < SHORTEST_PASSWORD:
        raise refused("password_short", "password", str(SHORTEST_PASSWORD))
    taken = (person_logins.c.id == name) | (person_logins.c.person_id == person_id)
    if connection.scalar(select(person_logins.c.id).where(taken)) is not None:
        raise refused("login_taken", "login")
    if (wrong := code_problem(connection, hsm, person_id, REGISTRATION, code, at)) is not None:
        return of_people([wrong])
    connection.execute(insert(person_logins).values(id=name, person_id=person_id, **new_password(hsm, password)))
    note(connection, at, _actor(person_id), "online account opened", f"person:{person_id}")
    return None


def sign_in(
    connection: Connection, hsm: SoftHsm, rules: SessionRules, name: str, password: str, code: str | None, at: datetime
) -> tuple[int, str]:
    """The person, and the person's region. Without a code one is sent. Raises NotAuthenticated."""
    row = proven(connection, person_logins, rules, name, password, at)
    person_id = int(row["person_id"])
    if code is None:
        try:
            send_code(connection, hsm, _actor(person_id), at, person_id, SIGN_ON)
        except PeopleRefused:
            raise NotAuthenticated(Fault.WRONG_CREDENTIALS) from None
        raise NotAuthenticated(Fault.CODE_NEEDED)
    if code_problem(connection, hsm, person_id, SIGN_ON, code, at) is not None:
        count_failure(connection, person_logins, rules, row, at)
        raise NotAuthenticated(Fault.WRONG_CREDENTIALS)
    forget_failures(connection, person_logins, name)
    region = connection.scalar(select(persons.c.region).where(persons.c.id == person_id))
    return person_id, str(region)


def _known(connection: Connection, hsm: SoftHsm, identity: Identity, at: datetime) -> int:
    try:
        return identify(connection, hsm, identity, at.date())
    except PeopleRefused as error:
        raise of_people(error.problems) from None


def _actor(person_id: int) -> Actor:
    return Actor(Role.PERSON, f"person:{person_id}", None, person_id)
