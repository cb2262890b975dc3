"""May this person have what the form asks for? The policy's rules, asked at the stage of an application and kept."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, or_, select

from protocol.service_line.applications import Form
from simulators.authority.applications.office import Office, Pair
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.register_checks import Registered
from simulators.authority.facts import gather
from simulators.authority.policy.decision import Decision, decide
from simulators.authority.policy.question import Ask, Facts
from simulators.authority.policy.terms import case_of, terms_of
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, PurposeDetail, Rule, Stage
from simulators.authority.tables.applications import Kinship, application_rules
from simulators.authority.tables.people import person_groups

AGENT_PAPERS = ("POWER_OF_ATTORNEY", "AGENT_ID")
GUARDIAN_PAPERS = ("GUARDIANSHIP_PROOF", "AGENT_ID")
"""Papers of whoever acts for a person, besides those of the policy."""

SEEN_AT: Mapping[Channel, tuple[str, ...]] = {Channel.ATM: ("ID_CARD",), Channel.COUNTER: ("ID_CARD",)}
"""Papers that a channel reads itself: the chip of the card behind its PIN, or the document at the counter."""

_FILING = "FILING"
FILED = ("RESETTLED_RETIREE", "LONG_TERM_RESIDENT", "POSTED_WORKER")
"""Groups of those who are filed for treatment elsewhere (异地就医备案); others bring the proof of their filing."""


def ask_of(form: Form, channel: Channel, at: datetime) -> Ask:
    """The question that a right form puts to the policies."""
    assert form.purpose is not None
    return Ask(
        at=at,
        amount_fen=form.amount_fen,
        channel=channel,
        mode=PayoutMode.TRANSFER if form.mode is None else PayoutMode(form.mode),
        purpose=Purpose(form.purpose),
        detail=None if form.detail is None else PurposeDetail(form.detail),
        situation=form.situation,
        provider=form.provider,
        stage=Stage.APPLICATION,
    )


def evaluate(
    connection: Connection, office: Office, pair: Pair, person: Registered, ask: Ask, *, either_mode: bool = False
) -> Decision:
    """Every rule of both policies in force; with `either_mode` it is enough that one way of payout is open."""
    facts = gather(connection, office.hsm, person.id, pair.home, pair.place, ask, office.policies)
    decision = decide(pair.home, pair.place, facts, ask, office.policies.calendar)
    closed = any(result.rule is Rule.PAYOUT_MODE for result in decision.refused)
    if either_mode and closed:
        other = replace(ask, mode=PayoutMode.CASH if ask.mode is PayoutMode.TRANSFER else PayoutMode.TRANSFER)
        return decide(pair.home, pair.place, facts, other, office.policies.calendar)
    return decision


FIELDS: Mapping[Rule, str] = {
    Rule.PURPOSE: "purpose",
    Rule.PURPOSE_DETAIL: "detail",
    Rule.SITUATION: "situation",
    Rule.NOTE_MULTIPLE: "amount_fen",
    Rule.PAYOUT_MODE: "mode",
    Rule.CHANNEL: "channel",
}
"""The field of the form that a rule is about; the others are about the person."""


def rule_problems(decision: Decision) -> Iterator[Problem]:
    """Every rule that is not met, with its region and version."""
    for result in decision.refused:
        field = FIELDS.get(result.rule, "person")
        yield Problem(field, result.rule, f"{result.about or result.region}:{result.version}")


def required_papers(connection: Connection, pair: Pair, person_id: int, ask: Ask, form: Form) -> tuple[str, ...]:
    """The document set of both policies for this purpose and situation, and the papers of an agent.

    What the authority has seen or knows already nobody hands in: see `SEEN_AT` and `FILED`.
    """
    case = case_of(ask, Facts(), between_cities=pair.home.region != pair.place.region)
    wanted = [*terms_of(pair.home, case).documents]
    if case.between_cities:
        wanted += terms_of(pair.place, case).documents
    if form.agent is not None:
        guardian = form.agent.kinship in (Kinship.PARENT, Kinship.GUARDIAN)
        wanted += GUARDIAN_PAPERS if guardian else AGENT_PAPERS
    known = set(SEEN_AT.get(ask.channel, ()))
    if _FILING in wanted and _is_filed(connection, person_id, ask.at.date()):
        known.add(_FILING)
    return tuple(kind for kind in dict.fromkeys(wanted) if kind not in known)


def _is_filed(connection: Connection, person_id: int, on: date) -> bool:
    return (
        connection.scalar(
            select(person_groups.c.id)
            .where(
                person_groups.c.person_id == person_id,
                person_groups.c.code.in_(FILED),
                person_groups.c.valid_from <= on,
                or_(person_groups.c.valid_to.is_(None), person_groups.c.valid_to >= on),
            )
            .limit(1)
        )
        is not None
    )


def needs_diagnosis(pair: Pair, ask: Ask) -> bool:
    """Does one of the policies have a list of diseases for this case?"""
    case = case_of(ask, Facts(), between_cities=pair.home.region != pair.place.region)
    return any(terms_of(policy, case).eligibility.icd10 for policy in (pair.home, pair.place))


def store_rules(connection: Connection, application_id: int, decision: Decision, at: datetime) -> int:
    """Keep how each rule came out; which evaluation of this application it was."""
    before = connection.scalar(
        select(func.max(application_rules.c.evaluation)).where(application_rules.c.application_id == application_id)
    )
    number = int(before or 0) + 1
    connection.execute(
        insert(application_rules),
        [
            {
                "application_id": application_id,
                "evaluation": number,
                "at": at.isoformat(),
                "rule": result.rule,
                "region": result.region,
                "version": result.version,
                "basis": result.basis[:200],
                "outcome": result.outcome,
                "value": result.value[:200],
            }
            for result in decision.results
        ],
    )
    return number
