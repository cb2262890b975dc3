"""What the person may still do with an application: hand in what is missing, change it, withdraw it.

A supplement adds papers, fills blanks, and after a return mends anything. What is decided upon (place, purpose, sum,
payee, ...) changes only by a change, which needs a new declaration and begins the review anew.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from protocol.service_line.applications import Form
from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications import declaration
from simulators.authority.applications.documents import Paper, file_paper, missing_kinds, paper_problems
from simulators.authority.applications.drawn import drawn_fen, held_still
from simulators.authority.applications.eligibility import rule_problems, store_rules
from simulators.authority.applications.form import cleaned_form, merged
from simulators.authority.applications.form_versions import form_of, keep_form
from simulators.authority.applications.freezing import Cause
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused, refused
from simulators.authority.applications.required import required_now
from simulators.authority.applications.states import IN_REVIEW, Event
from simulators.authority.applications.store import Application, NotPossible, allowed, move
from simulators.authority.applications.submission import (
    Accepted,
    Checked,
    begin_review,
    check,
    columns_of,
    enter_agent,
)
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision.links import link_contacts
from simulators.authority.tables.applications import ApplicationState as S
from simulators.authority.tables.applications import Lane, agents
from simulators.authority.tables.people import persons


def acts_for(connection: Connection, application: Application, actor: Actor) -> bool:
    """Is this the person, the agent that the form names, or a teller who enters what they say?"""
    match actor.role:
        case Role.TELLER:
            return True
        case Role.PERSON:
            return actor.person_id == application.person_id
        case Role.AGENT if application.agent_id is not None and actor.person_id is not None:
            named = select(agents.c.id_index).where(agents.c.id == application.agent_id)
            acting = select(persons.c.id_index).where(persons.c.id == actor.person_id)
            return connection.scalar(named) == connection.scalar(acting)
        case _:
            return False


def supplement(
    connection: Connection,
    office: Office,
    application_id: int,
    actor: Actor,
    at: datetime,
    *,
    fields: Form | None = None,
    papers: Sequence[Paper] = (),
) -> Accepted | Refused:
    """Hand in what was called for."""
    application = held_still(connection, application_id)
    if problems := _not_now(connection, application, Event.SUPPLEMENT, actor):
        return problems
    found = [problem for paper in papers for problem in paper_problems(paper, at.date())]
    before = form_of(connection, office.hsm, application.id, application.form_version)
    form = before if fields is None else cleaned_form(merged(before, fields))
    changed = {name for name in Form.model_fields if getattr(form, name) != getattr(before, name)}
    if application.state is not S.RETURNED:
        found += [Problem(name, "needs_change") for name in sorted(changed) if not _fills(application, before, name)]
    if not papers and not changed:
        found.append(Problem("document", "nothing_new"))
    if found:
        return refused(found)
    if application.state is S.RETURNED:
        return _after_return(connection, office, application, form, changed, papers, actor, at)
    return _added(connection, office, application, form, changed, papers, actor, at)


def change(
    connection: Connection, office: Office, application_id: int, fields: Form, actor: Actor, at: datetime
) -> Accepted | Refused:
    """Change what is asked for, until the first draw; the review begins anew and an approval is void."""
    application = held_still(connection, application_id)
    if problems := _not_now(connection, application, Event.CHANGE, actor):
        return problems
    before = form_of(connection, office.hsm, application.id, application.form_version)
    form = cleaned_form(merged(before, fields))
    checked = _checked(connection, office, application, form, at)
    found = [] if "declaration" in fields.model_fields_set else [Problem("declaration", "missing")]
    if isinstance(checked, Refused):
        return refused([*found, *checked.problems])
    if checked.decision.refused and not checked.decision.correctable:
        found += rule_problems(checked.decision)
    if found:
        return refused(found)
    due = office.review_due(checked.pair.home, checked.lane, at)
    moved = move(
        connection,
        application,
        Event.CHANGE,
        actor,
        at,
        {"form_version": application.form_version + 1, "void": application.approved_fen},
        form_version=application.form_version + 1,
        review_round=application.review_round + 1,
        review_due=due.isoformat(),
        escalated_at=None,
        agent_id=enter_agent(connection, office.hsm, form.agent),
        approved_fen=None,
        decided_at=None,
        valid_until=None,
        complete=False,
        **columns_of(checked),
    )
    _keep(connection, office, moved, checked.form, actor, at)
    link_contacts(connection, office.hsm, moved.person_id, at, checked.form.phone, checked.payee_account_id)
    return begin_review(connection, office, moved, checked, actor, at)


def withdraw(connection: Connection, application_id: int, actor: Actor, at: datetime) -> Application | Refused:
    """Give an application up, until the first draw."""
    application = held_still(connection, application_id)
    if problems := _not_now(connection, application, Event.WITHDRAW, actor):
        return problems
    return move(connection, application, Event.WITHDRAW, actor, at, review_due=None, filing_due=None)


def _checked(
    connection: Connection, office: Office, application: Application, form: Form, at: datetime
) -> Checked | Refused:
    channel = Channel(application.channel)
    return check(connection, office, form, channel, at, person_id=application.person_id, application_id=application.id)


def _not_now(connection: Connection, application: Application, event: Event, actor: Actor) -> Refused | None:
    """The wrong person, the wrong moment, or money was drawn already."""
    if not acts_for(connection, application, actor):
        return refused([Problem("actor", "not_of_person")])
    try:
        allowed(application, event, actor)
    except NotPossible:
        return refused([Problem("state", "not_possible", application.state)])
    if event in (Event.CHANGE, Event.WITHDRAW) and drawn_fen(connection, application.id):
        return refused([Problem("state", "drawn_already")])
    return None


def _fills(application: Application, before: Form, name: str) -> bool:
    """Before a decision, blanks that change no decision may be filled."""
    harmless = name in ("hospital", "begins", "ends", "icd10")
    return harmless and application.state in IN_REVIEW and getattr(before, name) is None


def _added(
    connection: Connection,
    office: Office,
    application: Application,
    form: Form,
    changed: set[str],
    papers: Sequence[Paper],
    actor: Actor,
    at: datetime,
) -> Accepted | Refused:
    """Papers and filled blanks, where nothing was returned."""
    if changed:
        checked = _checked(connection, office, application, form, at)
        if isinstance(checked, Refused):
            return checked
    for paper in papers:
        file_paper(connection, office.hsm, application.id, paper, actor, at)
    missing = missing_kinds(
        connection, application.id, required_now(connection, office, application, form, at), at.date()
    )
    in_review = application.state in IN_REVIEW
    moved = move(
        connection,
        application,
        Event.SUPPLEMENT,
        actor,
        at,
        {"papers": len(papers), "form_version": application.form_version + bool(changed)},
        form_version=application.form_version + bool(changed),
        review_round=application.review_round + in_review,
        complete=not missing,
        filing_due=application.filing_due if missing else None,
    )
    if changed:
        _keep(connection, office, moved, form, actor, at)
    return Accepted(_goes_on(connection, moved, actor, at), missing)


def _goes_on(connection: Connection, application: Application, actor: Actor, at: datetime) -> Application:
    """What complete papers set in motion."""
    if not application.complete:
        return application
    if application.state is S.SUBMITTED:
        return move(connection, application, Event.COMPLETE, actor, at)
    if application.state is S.SUSPENDED and application.suspended_for == Cause.PAPERS:
        return move(connection, application, Event.RESUME, SYSTEM, at, {"cause": Cause.PAPERS})
    return application


def _after_return(
    connection: Connection,
    office: Office,
    application: Application,
    form: Form,
    changed: set[str],
    papers: Sequence[Paper],
    actor: Actor,
    at: datetime,
) -> Accepted | Refused:
    """Everything is looked at again; papers may mend what a rule asks for, which a reviewer then enters."""
    checked = _checked(connection, office, application, form, at)
    if isinstance(checked, Refused):
        return checked
    if checked.decision.refused and not (checked.decision.correctable and papers):
        return refused(rule_problems(checked.decision))
    lacking = missing_kinds(connection, application.id, checked.required, at.date())
    missing = tuple(kind for kind in lacking if kind not in {paper.kind for paper in papers})
    if missing and checked.lane is not Lane.EMERGENCY:
        return refused(Problem(f"document.{kind}", "missing") for kind in missing)
    for paper in papers:
        file_paper(connection, office.hsm, application.id, paper, actor, at)
    moved = move(
        connection,
        application,
        Event.SUPPLEMENT,
        actor,
        at,
        {"papers": len(papers), "form_version": application.form_version + bool(changed)},
        form_version=application.form_version + bool(changed),
        review_round=application.review_round + 1,
        review_due=office.review_due(checked.pair.home, checked.lane, at).isoformat(),
        escalated_at=None,
        complete=not missing,
        filing_due=application.filing_due if missing else None,
        **_columns_after_return(application, checked, changed),
    )
    if changed:
        _keep(connection, office, moved, checked.form, actor, at)
        link_contacts(connection, office.hsm, moved.person_id, at, checked.form.phone, checked.payee_account_id)
    store_rules(connection, moved.id, checked.decision, at)
    return Accepted(moved, missing, checked.warnings)


def _columns_after_return(application: Application, checked: Checked, changed: set[str]) -> dict[str, object]:
    """A passed identity check stands unless the form names somebody or something else now."""
    columns = columns_of(checked)
    if not changed:
        columns["step_up"] = application.step_up
    return columns


def _keep(
    connection: Connection, office: Office, application: Application, form: Form, actor: Actor, at: datetime
) -> None:
    keep_form(connection, office.hsm, application.id, application.form_version, form, at)
    assert form.declaration is not None
    declaration.sign(connection, application.id, application.form_version, form.declaration.version, actor, at)
