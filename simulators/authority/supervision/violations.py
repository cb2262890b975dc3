"""The procedure after a person's violation: freeze, notice, recovery, penalty, report; each once, in this order.

A penalty follows from a review only: who has frozen the account or sent the notice does not decide it. The person may
appeal against it. The report names the loop hole that made the violation possible, and closes the case.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications import appeals
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.cases import add_note, close_case, find_case, open_case, take_case
from simulators.authority.supervision.orders import Subject, Target, order
from simulators.authority.supervision.refusal import Problem, Refused
from simulators.authority.tables.people import persons
from simulators.authority.tables.supervision import CaseKind, CaseState, Measure, Step, violation_steps

ORDER: Final = tuple(Step)
"""One after another."""

LONGEST_SUSPENSION: Final = timedelta(days=366)
"""Regulation on the supervision of the funds, article 41: settlement is suspended for 3 to 12 months."""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step; `fen` is what is to be recovered, or the penalty."""

    step: Step
    at: datetime
    actor: Actor
    text: str
    fen: int | None
    order_id: int | None


def open_violation(connection: Connection, actor: Actor, at: datetime, person_id: int, text: str) -> int:
    """A violation was found after the payout; the case, in the hands of who found it. Raises Refused."""
    region = connection.scalar(select(persons.c.region).where(persons.c.id == person_id))
    problems = []
    if actor.role is not Role.SUPERVISOR:
        problems.append(Problem("actor", "supervision.only_supervisors"))
    if region is None:
        problems.append(Problem("person", "supervision.order.nobody_there"))
    if not text.strip():
        problems.append(Problem("text", "supervision.reason.missing"))
    if problems or region is None:
        raise Refused(problems)
    case_id = open_case(connection, actor, at, CaseKind.VIOLATION, Subject.person(person_id), region, text.strip())
    take_case(connection, actor, at, case_id)
    return case_id


def freeze(connection: Connection, actor: Actor, at: datetime, case_id: int, text: str) -> int:
    """Stop all payouts to the person; the order. Raises Refused."""
    person = _ready(connection, actor, case_id, Step.FREEZE, text)
    order_id = order(connection, actor, at, person, Measure.LEGAL_HOLD, text)
    _take(connection, actor, at, case_id, Step.FREEZE, text, order_id=order_id)
    return order_id


def give_notice(connection: Connection, actor: Actor, at: datetime, case_id: int, text: str) -> None:
    """Tell the person what was found and what may be said against it. Raises Refused."""
    _ready(connection, actor, case_id, Step.NOTICE, text)
    _take(connection, actor, at, case_id, Step.NOTICE, text)


def recover(connection: Connection, actor: Actor, at: datetime, case_id: int, fen: int, text: str) -> None:
    """Call in what was drawn against the rules, fen. Raises Refused."""
    _ready(connection, actor, case_id, Step.RECOVERY, text, fen)
    _take(connection, actor, at, case_id, Step.RECOVERY, text, fen=fen)


def penalise(
    connection: Connection,
    actor: Actor,
    at: datetime,
    case_id: int,
    fen: int,
    text: str,
    suspended_until: datetime | None = None,
) -> None:
    """Another supervisor records the penalty: a fine (0: none), and perhaps a suspension for a time. Raises Refused."""
    person = _ready(connection, actor, case_id, Step.PENALTY, text, fen)
    problems = []
    if any(taken.actor.is_same_human(actor) for taken in steps_of(connection, case_id)):
        problems.append(Problem("actor", "supervision.violation.penalty_by_another"))
    if suspended_until is not None and suspended_until > at + LONGEST_SUSPENSION:
        problems.append(Problem("suspended_until", "supervision.violation.suspension_too_long"))
    if problems:
        raise Refused(problems)
    order_id = None
    if suspended_until is not None:
        order_id = order(connection, actor, at, person, Measure.SUSPENSION, text, to_at=suspended_until)
    _take(connection, actor, at, case_id, Step.PENALTY, text, fen=fen, order_id=order_id)


def report_violation(connection: Connection, actor: Actor, at: datetime, case_id: int, loop_hole: str) -> None:
    """Name the loop hole, and close the case. Raises Refused."""
    _ready(connection, actor, case_id, Step.REPORT, loop_hole)
    _take(connection, actor, at, case_id, Step.REPORT, loop_hole)
    if find_case(connection, case_id).owner != actor.id:
        take_case(connection, actor, at, case_id)
    close_case(connection, actor, at, case_id, f"loop hole: {loop_hole}")


def steps_of(connection: Connection, case_id: int) -> tuple[StepTaken, ...]:
    """What was done, in order."""
    query = select(violation_steps).where(violation_steps.c.case_id == case_id).order_by(violation_steps.c.id)
    return tuple(_step(row) for row in connection.execute(query).mappings())


def appealable(connection: Connection, case_id: int) -> appeals.Subject:
    """The penalty as something to appeal against, with all who decided. Raises Refused when there is none."""
    taken = steps_of(connection, case_id)
    penalty = next((step for step in taken if step.step is Step.PENALTY), None)
    if penalty is None:
        raise Refused([Problem("case", "supervision.violation.no_penalty")])
    person = int(find_case(connection, case_id).subject.partition(":")[2])
    return appeals.Subject("case", case_id, person, tuple(step.actor for step in taken), penalty.at)


def _ready(
    connection: Connection, actor: Actor, case_id: int, step: Step, text: str, fen: int | None = None
) -> Subject:
    """The person, when this is the next step. Raises Refused."""
    case = find_case(connection, case_id)
    done = len(steps_of(connection, case_id))
    problems = []
    if actor.role is not Role.SUPERVISOR:
        problems.append(Problem("actor", "supervision.only_supervisors"))
    if case.kind is not CaseKind.VIOLATION or case.state is CaseState.CLOSED:
        problems.append(Problem("case", "supervision.violation.not_open"))
    elif done >= len(ORDER) or ORDER[done] is not step:
        problems.append(Problem("step", "supervision.violation.not_the_next_step"))
    if not text.strip():
        problems.append(Problem("text", "supervision.reason.missing"))
    if fen is not None and fen < 0:
        problems.append(Problem("fen", "supervision.violation.negative"))
    if problems:
        raise Refused(problems)
    return Subject(Target.PERSON, case.subject.partition(":")[2])


def _take(
    connection: Connection,
    actor: Actor,
    at: datetime,
    case_id: int,
    step: Step,
    text: str,
    *,
    fen: int | None = None,
    order_id: int | None = None,
) -> None:
    connection.execute(
        insert(violation_steps).values(
            case_id=case_id,
            step=step,
            at=at.isoformat(),
            role=actor.role,
            actor=actor.id,
            actor_person_id=actor.person_id,
            text=text.strip()[:200],
            fen=fen,
            order_id=order_id,
        )
    )
    add_note(connection, actor, at, case_id, f"{step}: {text.strip()}")
    note(connection, at, actor, f"violation_{step}", f"case:{case_id}", {"fen": fen})


def _step(row: RowMapping) -> StepTaken:
    actor = Actor(Role(row["role"]), row["actor"], person_id=row["actor_person_id"])
    at = datetime.fromisoformat(row["at"])
    return StepTaken(Step(row["step"]), at, actor, row["text"], row["fen"], row["order_id"])
