"""A reviewer's work: take up, check who it is, approve, reject, return.

Who may: a REVIEWER of the home region who is neither the applicant, nor the agent, nor a relative of either, nor
whoever handed the form in. Four eyes are two such people in one round. What may be approved: a complete application (in
the emergency lane papers may follow) of a person whose name, numbers, card and payee account agree today, under rules
that are met today, after the identity check where one is asked for.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.documents import missing_kinds
from simulators.authority.applications.drawn import held_still
from simulators.authority.applications.eligibility import ask_of, evaluate, rule_problems, store_rules
from simulators.authority.applications.form_versions import form_of
from simulators.authority.applications.nearness import nearness
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused, refused
from simulators.authority.applications.register_checks import register_problems, registered
from simulators.authority.applications.required import required_now
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import Application, NotPossible, allowed, move
from simulators.authority.applications.submission import approved
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision import audit
from simulators.authority.tables.applications import (
    Lane,
    Opinion,
    StepUp,
    application_opinions,
    identity_checks,
)


def take_up(connection: Connection, application_id: int, reviewer: Actor, at: datetime) -> Application | Refused:
    """Begin a review, also of an application whose papers are still to come."""
    application = held_still(connection, application_id)
    if problems := _may_not(connection, application, Event.TAKE_UP, reviewer, at):
        return problems
    return move(connection, application, Event.TAKE_UP, reviewer, at)


def check_identity(
    connection: Connection, application_id: int, method: str, actor: Actor, at: datetime, *, passed: bool
) -> Application | Refused:
    """A reviewer or teller has looked at the person once more; `method` as in "face", "document", "call_back"."""
    application = held_still(connection, application_id)
    try:
        allowed(application, Event.CHECK_IDENTITY, actor)
    except NotPossible:
        return _told(connection, application, actor, at, [Problem("state", "not_possible", application.state)])
    if strange := list(nearness(connection, application, actor)):
        return _told(connection, application, actor, at, strange)
    connection.execute(
        insert(identity_checks).values(
            application_id=application.id,
            at=at.isoformat(),
            method=method,
            passed=passed,
            role=actor.role,
            actor=actor.id,
        )
    )
    detail = {"method": method, "passed": "yes" if passed else "no"}
    step_up = StepUp.PASSED if passed else StepUp.REQUIRED
    return move(connection, application, Event.CHECK_IDENTITY, actor, at, detail, step_up=step_up)


def approve(
    connection: Connection,
    office: Office,
    application_id: int,
    reviewer: Actor,
    at: datetime,
    approved_fen: int | None = None,
) -> Application | Refused:
    """Approve all that is asked, or less. With four eyes the first approval is kept, and the smaller sum counts."""
    application = held_still(connection, application_id)
    if problems := _may_not(connection, application, Event.APPROVE, reviewer, at):
        return problems
    fen = application.asked_fen if approved_fen is None else approved_fen
    earlier = _opinions(connection, application)
    found = list(_same_eyes(earlier, reviewer))
    if not 0 < fen <= application.asked_fen:
        found.append(Problem("approved_fen", "not_within_asked", str(application.asked_fen)))
    found += _obstacles(connection, office, application, at)
    if found:
        return _told(connection, application, reviewer, at, found)
    _keep_opinion(connection, application, Opinion.APPROVE, reviewer, at, fen)
    if application.four_eyes and not earlier:
        return move(connection, application, Event.CONCUR, reviewer, at, {"approved_fen": fen})
    pair = office.policies_of(application.home, application.place, at.date())
    assert pair is not None
    return approved(connection, application, pair, min([fen, *(each[2] for each in earlier)]), reviewer, at)


def reject(
    connection: Connection, application_id: int, reasons: Sequence[Problem], reviewer: Actor, at: datetime
) -> Application | Refused:
    """Refuse for good, with at least one reason; the person can appeal."""
    application = held_still(connection, application_id)
    if problems := _may_not(connection, application, Event.REJECT, reviewer, at):
        return problems
    if not reasons:
        return _told(connection, application, reviewer, at, [Problem("reasons", "missing")])
    _keep_opinion(connection, application, Opinion.REJECT, reviewer, at, None, reasons)
    told = move(
        connection,
        application,
        Event.REJECT,
        reviewer,
        at,
        _reasons(reasons),
        decided_at=at.isoformat(),
        review_due=None,
        filing_due=None,
    )
    notify(connection, told.person_id, Notice.REJECTED, told.subject, at, {"number": told.number})
    return told


def return_(
    connection: Connection,
    office: Office,
    application_id: int,
    errors: Sequence[Problem],
    reviewer: Actor,
    at: datetime,
) -> Application | Refused:
    """Give an application back for errors that the person can mend, each named."""
    application = held_still(connection, application_id)
    if problems := _may_not(connection, application, Event.RETURN, reviewer, at):
        return problems
    if not errors:
        return _told(connection, application, reviewer, at, [Problem("reasons", "missing")])
    pair = office.policies_of(application.home, application.place, at.date())
    due = at.date() + timedelta(days=90 if pair is None else pair.home.review.filing_days)
    _keep_opinion(connection, application, Opinion.RETURN, reviewer, at, None, errors)
    told = move(connection, application, Event.RETURN, reviewer, at, _reasons(errors), review_due=None, filing_due=due)
    gaps: dict[str, str | int] = {"number": told.number, "until": due.isoformat()}
    notify(connection, told.person_id, Notice.RETURNED, told.subject, at, gaps)
    return told


def may_review(application: Application, actor: Actor) -> bool:
    """The role and the region; who the reviewer is as a human being is another matter."""
    of_home = actor.region is not None and pooling_region(actor.region) == application.home
    return actor.role is Role.REVIEWER and of_home


def too_near(connection: Connection, application: Application, reviewer: Actor, at: datetime) -> Refused | None:
    """Whoever asks for the money, or is near to who does, does not get to see the case either."""
    found = list(nearness(connection, application, reviewer))
    return _told(connection, application, reviewer, at, found) if found else None


def _may_not(
    connection: Connection, application: Application, event: Event, reviewer: Actor, at: datetime
) -> Refused | None:
    found = []
    if not may_review(application, reviewer):
        found.append(Problem("actor", "not_a_reviewer_of_the_home_region"))
    found += nearness(connection, application, reviewer)
    if not found:
        try:
            allowed(application, event, reviewer)
        except NotPossible:
            found.append(Problem("state", "not_possible", application.state))
    return _told(connection, application, reviewer, at, found) if found else None


def _obstacles(connection: Connection, office: Office, application: Application, at: datetime) -> Iterator[Problem]:
    """Everything that makes an approval impossible now; how the rules came out is kept."""
    form = form_of(connection, office.hsm, application.id, application.form_version)
    if application.step_up is StepUp.REQUIRED or (
        application.step_up is StepUp.NONE and office.is_flagged(connection, application.person_id, at)
    ):
        yield Problem("identity", "not_checked")
    if application.lane is not Lane.EMERGENCY:
        required = required_now(connection, office, application, form, at)
        for kind in missing_kinds(connection, application.id, required, at.date()):
            yield Problem(f"document.{kind}", "missing")
    person = registered(connection, office.hsm, application.person_id)
    yield from register_problems(connection, office.hsm, form, person)
    if person.home != application.home:
        yield Problem("person", "moved")
    pair = office.policies_of(application.home, application.place, at.date())
    if pair is None:
        yield Problem("place", "no_policy", application.place)
        return
    ask = ask_of(form, Channel(application.channel), at)
    decision = evaluate(connection, office, pair, person, ask, either_mode=form.mode is None)
    store_rules(connection, application.id, decision, at)
    yield from rule_problems(decision)


Opined = tuple[str, int | None, int]
"""Who approved in this round: reviewer, the reviewer's person id, and the sum."""


def _opinions(connection: Connection, application: Application) -> list[Opined]:
    rows = connection.execute(
        select(
            application_opinions.c.reviewer,
            application_opinions.c.reviewer_person_id,
            application_opinions.c.approved_fen,
        ).where(
            application_opinions.c.application_id == application.id,
            application_opinions.c.review_round == application.review_round,
            application_opinions.c.opinion == Opinion.APPROVE,
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _same_eyes(earlier: list[Opined], reviewer: Actor) -> Iterator[Problem]:
    if any(reviewer.is_same_human(Actor(Role.REVIEWER, who, None, person)) for who, person, _ in earlier):
        yield Problem("actor", "same_eyes")


def _keep_opinion(
    connection: Connection,
    application: Application,
    opinion: Opinion,
    reviewer: Actor,
    at: datetime,
    fen: int | None,
    reasons: Sequence[Problem] = (),
) -> None:
    connection.execute(
        insert(application_opinions).values(
            application_id=application.id,
            review_round=application.review_round,
            at=at.isoformat(),
            reviewer=reviewer.id,
            reviewer_person_id=reviewer.person_id,
            opinion=opinion,
            approved_fen=fen,
            reasons=_reasons(reasons)["reasons"],
        )
    )


def _reasons(problems: Sequence[Problem]) -> dict[str, str]:
    return {"reasons": json.dumps([[each.field, each.key, each.value] for each in problems])}


def _told(
    connection: Connection, application: Application, actor: Actor, at: datetime, problems: Sequence[Problem]
) -> Refused:
    """Say no, and keep that it was tried."""
    told = refused(problems)
    keys = ",".join(sorted(told.keys))
    audit.note(connection, at, actor, "review refused", application.subject, {"keys": keys})
    return told
