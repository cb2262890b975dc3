"""What the register knows of a person on a day, for the rules of a policy."""

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    BindParameter,
    Connection,
    Date,
    LargeBinary,
    String,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)

from simulators.authority.hsm import SoftHsm
from simulators.authority.people.refusal import Key, Problem, Refused
from simulators.authority.policy.question import Contribution, Diagnosis, HealthStatus
from simulators.authority.tables.people import (
    PersonState,
    contributions,
    health_records,
    person_groups,
    persons,
)

_MONTH, _GROUP, _HEALTH, _DIAGNOSIS = "month", "group", "health", "diagnosis"

_PERSON = select(
    persons.c.state,
    persons.c.insured_since,
    persons.c.own_single_fen,
    persons.c.own_day_fen,
    persons.c.locked,
).where(persons.c.id == bindparam("person"))

_NO_TEXT, _NO_SEAL = cast(null(), String(32)), cast(null(), LargeBinary)
_OF: BindParameter[int] = bindparam("person")
_ON: BindParameter[date] = bindparam("on", type_=Date)
_RECORDS = union_all(  # one statement: authorisations wait for it
    select(
        cast(literal(_GROUP), String(16)).label("kind"),
        person_groups.c.code.label("code"),
        _NO_SEAL.label("sealed"),
        person_groups.c.valid_from.label("since"),
        person_groups.c.valid_to.label("until"),
    ).where(
        person_groups.c.person_id == _OF,
        person_groups.c.valid_from <= _ON,
        or_(person_groups.c.valid_to.is_(None), person_groups.c.valid_to >= _ON),
    ),
    select(
        cast(literal(_MONTH), String(16)), _NO_TEXT, _NO_SEAL, contributions.c.month, contributions.c.repaired_on
    ).where(
        contributions.c.person_id == _OF,
        contributions.c.month <= _ON,
        or_(contributions.c.repaired_on.is_(None), contributions.c.repaired_on <= _ON),
    ),
    *(
        select(
            cast(literal(kind), String(16)),
            _NO_TEXT,
            health_records.c.sealed,
            health_records.c.as_of,
            health_records.c.valid_to,
        ).where(
            health_records.c.person_id == _OF,
            health_records.c.is_diagnosis.is_(is_diagnosis),
            health_records.c.as_of <= _ON,
        )
        for kind, is_diagnosis in ((_HEALTH, False), (_DIAGNOSIS, True))
    ),
)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """As `Facts` of the policy engine has them. Health records may be out of date: the rules judge that.

    `insured_since` is the day of registration, or else the first day of the first month that was paid for.
    """

    state: PersonState
    insured_since: date | None
    contributions: tuple[Contribution, ...]
    groups: frozenset[str]
    health: tuple[HealthStatus, ...]
    diagnoses: tuple[Diagnosis, ...]
    own_single_fen: int | None
    own_day_fen: int | None
    locked: bool


def person_facts(
    connection: Connection, hsm: SoftHsm, person_id: int, on: date, *, records: bool = True
) -> PersonFacts:
    """What was known on a day; states and own rules are those of now. Raises Refused for nobody.

    Without `records` nothing is looked up that only conditions of a policy need.
    """
    row = connection.execute(_PERSON, {"person": person_id}).mappings().first()
    if row is None:
        raise Refused([Problem("person", Key.NO_SUCH_PERSON)])
    months: list[Contribution] = []
    groups: set[str] = set()
    health: list[HealthStatus] = []
    diagnoses: list[Diagnosis] = []
    rows = connection.execute(_RECORDS, {"person": person_id, "on": on}) if records else ()
    for kind, code, sealed, since, until in rows:
        match kind:
            case "month":
                months.append(Contribution(since, until))
            case "group":
                groups.add(code)
            case "health":
                status, source = json.loads(hsm.unseal(sealed))
                health.append(HealthStatus(status, source, since, until))
            case "diagnosis":
                (icd10,) = json.loads(hsm.unseal(sealed))
                diagnoses.append(Diagnosis(icd10, since, until))
    months.sort(key=lambda each: each.month)
    return PersonFacts(
        state=PersonState(row["state"]),
        insured_since=row["insured_since"] or (months[0].month if months else None),
        contributions=tuple(months),
        groups=frozenset(groups),
        health=tuple(sorted(health, key=lambda each: each.as_of)),
        diagnoses=tuple(sorted(diagnoses, key=lambda each: each.issued_on)),
        own_single_fen=row["own_single_fen"],
        own_day_fen=row["own_day_fen"],
        locked=row["locked"],
    )
