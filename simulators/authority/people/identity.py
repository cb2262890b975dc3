"""Is somebody who he says he is? ID number, name and document against the register."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, bindparam, select

from simulators.authority.hsm import SoftHsm
from simulators.authority.people.names import same_name
from simulators.authority.people.numbers import NumberProblem, cleaned, id_number_problems, read_id_number
from simulators.authority.people.refusal import Key, Problem, Refused, refuse_if
from simulators.authority.tables.people import DocumentKind, identity_documents, persons

_BY_ID = select(persons.c.id).where(persons.c.id_index == bindparam("id_index"))
_WHO = select(persons.c.id_index, persons.c.name_sealed, persons.c.id_number_sealed).where(
    persons.c.id == bindparam("person")
)
_DOCUMENTS = select(identity_documents).where(identity_documents.c.person_id == bindparam("person"))

_KEYS = {
    NumberProblem.LENGTH: Key.ID_LENGTH,
    NumberProblem.CHARACTERS: Key.ID_CHARACTERS,
    NumberProblem.REGION: Key.ID_REGION,
    NumberProblem.BIRTH_DATE: Key.ID_BIRTH_DATE,
    NumberProblem.CHECK_DIGIT: Key.ID_CHECK_DIGIT,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What somebody shows or says: number and name, and where a document was read its kind and last day.

    `valid_to` None with a document: it is valid for good, as those of old people are.
    """

    id_number: str = field(repr=False)
    name: str = field(repr=False)
    document: DocumentKind | None = None
    valid_to: date | None = None


def find_person(connection: Connection, hsm: SoftHsm, id_number: str) -> int | None:
    """The id of the person with this ID number, however it is typed."""
    found = connection.scalar(_BY_ID, {"id_index": hsm.index(cleaned(id_number))})
    return None if found is None else int(found)


def identify(connection: Connection, hsm: SoftHsm, identity: Identity, on: date, *, document: bool = False) -> int:
    """The person who this is; with `document` one must have been read. Raises Refused with all that is wrong."""
    if problems := _number_problems(identity, on):
        raise Refused(problems)
    person_id = find_person(connection, hsm, identity.id_number)
    if person_id is None:
        raise Refused([Problem("id_number", Key.NO_SUCH_PERSON)])
    refuse_if(identity_problems(connection, hsm, person_id, identity, on, document=document))
    return person_id


def registered_identity(connection: Connection, hsm: SoftHsm, person_id: int) -> Identity:
    """What the register says of somebody whom a sign-on has proven."""
    row = connection.execute(_WHO, {"person": person_id}).mappings().one()
    return Identity(hsm.unseal(row["id_number_sealed"]), hsm.unseal(row["name_sealed"]))


def identity_problems(
    connection: Connection, hsm: SoftHsm, person_id: int, identity: Identity, on: date, *, document: bool = False
) -> tuple[Problem, ...]:
    """All that speaks against this being the person: number, name, and the document where one is shown or needed."""
    row = connection.execute(_WHO, {"person": person_id}).mappings().first()
    if row is None:
        return (Problem("person", Key.NO_SUCH_PERSON),)
    found = list(_number_problems(identity, on))
    if not found and hsm.index(cleaned(identity.id_number)) != row["id_index"]:
        found.append(Problem("id_number", Key.ID_OTHER_PERSON))
    if not same_name(identity.name, hsm.unseal(row["name_sealed"])):
        found.append(Problem("name", Key.NAME_DIFFERS))
    return (*found, *_document_problems(connection, person_id, identity, on, needed=document))


def birth_date(connection: Connection, hsm: SoftHsm, person_id: int) -> date | None:
    """When a person was born; None where the number does not tell."""
    row = connection.execute(_WHO, {"person": person_id}).mappings().one()
    return read_id_number(hsm.unseal(row["id_number_sealed"])).birth_date


def age(born: date, on: date) -> int:
    """Full years; who was born on 29 February is a year older from 1 March of common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _number_problems(identity: Identity, on: date) -> tuple[Problem, ...]:
    return tuple(
        Problem("id_number", _KEYS[problem]) for problem in id_number_problems(cleaned(identity.id_number), on)
    )


def _document_problems(
    connection: Connection, person_id: int, identity: Identity, on: date, *, needed: bool
) -> tuple[Problem, ...]:
    """The printed last day counts, and where the register has documents of the kind, one of them must be valid."""
    if identity.document is None:
        return (Problem("document", Key.DOCUMENT_MISSING),) if needed else ()
    if identity.valid_to is not None and identity.valid_to < on:
        return (Problem("document", Key.DOCUMENT_EXPIRED),)
    rows = connection.execute(_DOCUMENTS, {"person": person_id}).mappings()
    known = [row for row in rows if row["kind"] == identity.document]
    if not known or any(
        row["valid_from"] <= on and (row["valid_to"] is None or on <= row["valid_to"]) for row in known
    ):
        return ()
    expired = all(row["valid_to"] is not None and row["valid_to"] < on for row in known)
    return (Problem("document", Key.DOCUMENT_EXPIRED if expired else Key.DOCUMENT_NOT_YET_VALID),)
