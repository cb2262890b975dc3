"""Takes an application in, or says everything that is wrong with it and takes nothing in.

Checked in one go: the form in itself, the register and the bank, the papers, and, as soon as it is clear who asks for
what where, every rule of both policies. What rules refuse is kept as a refusal, so that the person can appeal; where
only a further paper is wanted, the application is taken in and returned.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from protocol.service_line.applications import Agent, Form
from simulators.authority.actors import SYSTEM, Actor
from simulators.authority.applications import declaration
from simulators.authority.applications.documents import Paper, file_paper, missing_kinds, paper_problems
from simulators.authority.applications.eligibility import (
    ask_of,
    evaluate,
    needs_diagnosis,
    required_papers,
    rule_problems,
    store_rules,
)
from simulators.authority.applications.form import cleaned_form, form_problems
from simulators.authority.applications.form_versions import keep_form
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.applications.numbers import NumberKind, next_number
from simulators.authority.applications.office import Office, Pair
from simulators.authority.applications.problems import Problem, Refused, refused
from simulators.authority.applications.register_checks import (
    Registered,
    agent_problems,
    payee,
    register_problems,
    registered,
)
from simulators.authority.applications.states import APPLICANTS, OPEN, Event
from simulators.authority.applications.store import Application, create, move, of_person
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.usage import unheld_fen
from simulators.authority.people.register import find_person
from simulators.authority.policy.decision import Decision
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.question import Ask
from simulators.authority.policy.vocabulary import Channel, Purpose
from simulators.authority.supervision import audit
from simulators.authority.supervision.links import link_contacts
from simulators.authority.tables.applications import Lane, StepUp, agents, application_refusals

ABOVE_BALANCE = Problem("amount_fen", "above_balance")
"""A warning, or a refusal where a policy wants it so."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """It was taken in. `missing` are documents still to come; `warnings` stop nothing."""

    application: Application
    missing: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A form without fault, and what it means."""

    form: Form
    person: Registered
    pair: Pair
    ask: Ask
    decision: Decision
    payee_account_id: int
    required: tuple[str, ...]
    warnings: tuple[Problem, ...]
    lane: Lane
    step_up: StepUp
    four_eyes: bool
    may_be_instant: bool


def apply(
    connection: Connection,
    office: Office,
    form: Form,
    channel: Channel,
    actor: Actor,
    at: datetime,
    *,
    person_id: int | None = None,
    papers: Sequence[Paper] = (),
) -> Accepted | Refused:
    """Take an application in. `person_id` is whoever is known already: by PIN, sign-on, or a document that was read."""
    if actor.role not in APPLICANTS:
        return refused([Problem("actor", "may_not_apply", actor.role)])
    checked = check(connection, office, form, channel, at, person_id=person_id, papers=papers)
    if isinstance(checked, Refused):
        return checked
    if checked.decision.refused and not checked.decision.correctable:
        return _refused_by_rules(connection, checked, channel, actor, at)
    return _take_in(connection, office, checked, channel, actor, at, papers)


def check(
    connection: Connection,
    office: Office,
    form: Form,
    channel: Channel,
    at: datetime,
    *,
    person_id: int | None,
    papers: Sequence[Paper] = (),
    application_id: int | None = None,
) -> Checked | Refused:
    """Everything that can be wrong with a form and its papers, or what it means. Rules are told, not judged.

    `application_id` is that of the application whose form it is, where there is one already.
    """
    form = cleaned_form(form)
    problems = list(form_problems(form, at.date(), known=person_id is not None))
    problems += [problem for paper in papers for problem in paper_problems(paper, at.date())]
    if person_id is None and form.certno is not None:
        person_id = find_person(connection, office.hsm, form.certno)
        if person_id is None and not any(problem.field == "certno" for problem in problems):
            problems.append(Problem("certno", "not_insured"))
    person = None if person_id is None else registered(connection, office.hsm, person_id)
    pair = None
    if person is not None:
        problems += register_problems(connection, office.hsm, form, person)
        problems += agent_problems(form, person, at.date())
        if form.place is not None and not any(problem.field == "place" for problem in problems):
            pair = office.policies_of(person.region, form.place, at.date())
            if pair is None:
                problems.append(Problem("place", "no_policy", form.place))
    if person is None or pair is None or any(problem.field in _ASKED for problem in problems):
        return refused(problems)
    others = open_elsewhere_fen(connection, person.id, application_id)
    return _with_rules(connection, office, form, person, pair, channel, at, problems, others)


def open_elsewhere_fen(connection: Connection, person_id: int, application_id: int | None) -> int:
    """What the person's other open applications are for: a sum in pieces is looked at like the sum."""
    others = (each for each in of_person(connection, person_id) if each.id != application_id and each.state in OPEN)
    return sum(each.asked_fen if each.approved_fen is None else each.approved_fen for each in others)


_ASKED = frozenset({"purpose", "detail", "amount_fen"})
"""Without these no rule can be asked."""


def _with_rules(
    connection: Connection,
    office: Office,
    form: Form,
    person: Registered,
    pair: Pair,
    channel: Channel,
    at: datetime,
    problems: list[Problem],
    others_fen: int,
) -> Checked | Refused:
    ask = ask_of(form, channel, at)
    assert form.amount_fen is not None
    if form.icd10 is None and needs_diagnosis(pair, ask):
        problems.append(Problem("icd10", "missing"))
    low = form.amount_fen > unheld_fen(connection, person.id)
    if low and pair.blocks_low_balance:
        problems.append(ABOVE_BALANCE)
    decision = evaluate(connection, office, pair, person, ask, either_mode=form.mode is None)
    account = None if form.payee_account is None else payee(connection, office.hsm, form.payee_account, person.id)
    if problems or account is None:
        unmet = [] if decision.correctable else rule_problems(decision)
        return refused([*problems, *unmet])
    lane = Lane.EMERGENCY if ask.purpose is Purpose.EMERGENCY else Lane.STANDARD
    flagged = office.is_flagged(connection, person.id, at)
    whole_fen = form.amount_fen + others_fen
    step_up = flagged or form.agent is not None or whole_fen >= pair.step_up_from_fen
    four_eyes = whole_fen >= pair.four_eyes_from_fen
    required = required_papers(connection, pair, person.id, ask, form)
    return Checked(
        form=form,
        person=person,
        pair=pair,
        ask=ask,
        decision=decision,
        payee_account_id=account.id,
        required=required,
        warnings=(ABOVE_BALANCE,) if low else (),
        lane=lane,
        step_up=StepUp.REQUIRED if step_up else StepUp.NONE,
        four_eyes=four_eyes,
        may_be_instant=whole_fen <= pair.instant_up_to_fen() and not (required or step_up or four_eyes),
    )


def columns_of(checked: Checked) -> dict[str, object]:
    """What the form says, as columns of the application."""
    form, pair = checked.form, checked.pair
    assert form.place is not None
    return {
        "place": pooling_region(form.place),
        "provider": form.provider,
        "lane": checked.lane,
        "purpose": form.purpose,
        "purpose_detail": form.detail,
        "situation": form.situation,
        "mode": form.mode,
        "asked_fen": form.amount_fen,
        "payee_account_id": checked.payee_account_id,
        "four_eyes": checked.four_eyes,
        "step_up": checked.step_up,
        "home_version": pair.home.version,
        "place_version": pair.place.version,
    }


def enter_agent(connection: Connection, hsm: SoftHsm, agent: Agent | None) -> int | None:
    """Keep who acts for the person; the id."""
    if agent is None:
        return None
    assert agent.name is not None
    assert agent.certno is not None
    assert agent.phone is not None
    inserted = connection.execute(
        insert(agents).values(
            id_index=hsm.index(agent.certno),
            name_sealed=hsm.seal(agent.name),
            id_number_sealed=hsm.seal(agent.certno),
            phone_sealed=hsm.seal(agent.phone),
            kinship=agent.kinship,
        )
    ).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def begin_review(
    connection: Connection, office: Office, made: Application, checked: Checked, actor: Actor, at: datetime
) -> Accepted:
    """What follows a new or changed form: decided by rules, returned, or on to a reviewer once it is complete."""
    store_rules(connection, made.id, checked.decision, at)
    missing = missing_kinds(connection, made.id, checked.required, at.date())
    gaps = {"number": made.number}
    if checked.decision.correctable:
        lacking = [[result.rule, f"{result.region}:{result.version}"] for result in checked.decision.refused]
        due = at.date() + timedelta(days=checked.pair.validity_days)
        made = move(
            connection,
            made,
            Event.RETURN,
            SYSTEM,
            at,
            {"reasons": json.dumps([["person", rule, value] for rule, value in lacking])},
            review_due=None,
            filing_due=due,
        )
        notify(connection, made.person_id, Notice.RETURNED, made.subject, at, {**gaps, "until": due.isoformat()})
    elif checked.may_be_instant:
        made = approved(connection, made, checked.pair, made.asked_fen, SYSTEM, at)
    elif not missing:
        made = move(connection, made, Event.COMPLETE, actor, at, complete=True)
    return Accepted(made, missing, checked.warnings)


def approved(
    connection: Connection, application: Application, pair: Pair, fen: int, actor: Actor, at: datetime
) -> Application:
    """Carry an approval out: sum, last day, versions; and tell the person."""
    until = at.date() + timedelta(days=pair.validity_days)
    made = move(
        connection,
        application,
        Event.APPROVE,
        actor,
        at,
        {"approved_fen": fen, "valid_until": until.isoformat()},
        approved_fen=fen,
        decided_at=at.isoformat(),
        valid_until=until,
        review_due=None,
        escalated_at=None,
        home_version=pair.home.version,
        place_version=pair.place.version,
        complete=application.complete or actor == SYSTEM,
    )
    gaps: dict[str, str | int] = {"number": made.number, "approved_fen": fen, "until": until.isoformat()}
    notify(connection, made.person_id, Notice.APPROVED, made.subject, at, gaps)
    return made


def _take_in(
    connection: Connection,
    office: Office,
    checked: Checked,
    channel: Channel,
    actor: Actor,
    at: datetime,
    papers: Sequence[Paper],
) -> Accepted:
    form, person, pair = checked.form, checked.person, checked.pair
    due = office.review_due(pair.home, checked.lane, at)
    made = create(
        connection,
        next_number(connection, NumberKind.APPLICATION, person.home, at.date()),
        actor,
        at,
        {"channel": channel, "place": form.place},
        person_id=person.id,
        agent_id=enter_agent(connection, office.hsm, form.agent),
        channel=channel,
        home=person.home,
        review_due=due.isoformat(),
        filing_due=at.date() + timedelta(days=pair.home.review.filing_days) if checked.required else None,
        complete=False,
        **columns_of(checked),
    )
    keep_form(connection, office.hsm, made.id, 1, form, at)
    link_contacts(connection, office.hsm, person.id, at, form.phone, checked.payee_account_id)
    assert form.declaration is not None
    declaration.sign(connection, made.id, 1, form.declaration.version, actor, at)
    for paper in papers:
        file_paper(connection, office.hsm, made.id, paper, actor, at)
    gaps: dict[str, str | int] = {"number": made.number, "due": due.isoformat()}
    notify(connection, person.id, Notice.SUBMITTED, made.subject, at, gaps)
    return begin_review(connection, office, made, checked, actor, at)


def _refused_by_rules(
    connection: Connection, checked: Checked, channel: Channel, actor: Actor, at: datetime
) -> Refused:
    told = refused(rule_problems(checked.decision))
    inserted = connection.execute(
        insert(application_refusals).values(
            person_id=checked.person.id,
            at=at.isoformat(),
            channel=channel,
            role=actor.role,
            actor=actor.id,
            problems=json.dumps([[each.field, each.key, each.value] for each in told.problems]),
        )
    ).inserted_primary_key
    assert inserted is not None
    audit.note(connection, at, actor, "application refused", f"refusal:{inserted[0]}", {"rules": len(told.problems)})
    return replace(told, refusal_id=int(inserted[0]))
