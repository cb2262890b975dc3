"""Any order of acts by anybody: nothing is approved by the wrong people, and an approval pays no more than its sum."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from sqlalchemy import select

from protocol.service_line.applications import Declaration, Form
from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications.changes import change, supplement, withdraw
from simulators.authority.applications.documents import missing_kinds
from simulators.authority.applications.form_versions import form_of
from simulators.authority.applications.freezing import Cause, end, freeze, thaw
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused
from simulators.authority.applications.relatives import add_relative
from simulators.authority.applications.required import required_now
from simulators.authority.applications.review import approve, check_identity, reject, return_, take_up
from simulators.authority.applications.states import Event, transition
from simulators.authority.applications.store import Application, by_id, history, of_person
from simulators.authority.applications.submission import Accepted, apply
from simulators.authority.applications.upkeep import run
from simulators.authority.applications.usable import usable
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision.audit import first_broken
from simulators.authority.tables.applications import (
    ApplicationState,
    Kinship,
    Lane,
    Opinion,
    StepUp,
    application_opinions,
)
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import AGENT, FORM, paper
from tests.simulators.authority.applications.policies import book
from tests.simulators.authority.applications.staff import (
    FAR_REVIEWER,
    PERSON,
    REVIEWER,
    SECOND,
    STRANGER,
    SUPERVISOR,
    TELLER,
)
from tests.simulators.authority.kiosk import JIA, SHENZHEN, YI

RELATIVE = Actor(Role.REVIEWER, "r4", REVIEWER.region, 2)
APPLICANT = Actor(Role.REVIEWER, "r6", REVIEWER.region, 1)
RIGHT = {"r1", "r2"}
ACTORS = st.sampled_from(
    [REVIEWER, SECOND, FAR_REVIEWER, RELATIVE, APPLICANT, PERSON, STRANGER, TELLER, SUPERVISOR, SYSTEM]
)
AMOUNTS = st.sampled_from([10_000, 50_000, 50_100, 300_000, 400_000])
PURPOSES = st.sampled_from(["TREATMENT_AWAY", "TREATMENT", "EMERGENCY"])
KINDS = st.sampled_from(["ID_CARD", "ADMISSION", "REFERRAL", "EMERGENCY_PROOF", "POWER_OF_ATTORNEY", "AGENT_ID"])
WHY = [Problem("reason", "not_plausible")]


class AnyStory(RuleBasedStateMachine):
    """One person's applications, and everybody who might touch them."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.database = Database()
        self.office = Office(SoftHsm(b"M" * 32, bytes), book())
        self.at = NOW
        with self.database.transaction() as connection:
            load_people(connection, self.office.hsm, [JIA, YI], NOW)
            add_relative(connection, 1, 2, Kinship.SIBLING)

    def teardown(self) -> None:
        self.database.close()

    @rule(target=ids, fen=AMOUNTS, purpose=PURPOSES, has_agent=st.booleans(), papers=st.sets(KINDS))
    def submit(self, fen: int, purpose: str, has_agent: bool, papers: set[str]) -> Any:
        made = FORM.model_copy(
            update={"amount_fen": fen, "purpose": purpose, "agent": AGENT if has_agent else None, "begins": None}
        ).model_copy(update={"detail": "DRUGS", "hospital": None})
        with self.database.transaction() as connection:
            filed = [paper(kind) for kind in sorted(papers)]
            taken = apply(connection, self.office, made, Channel.ONLINE, PERSON, self.at, papers=filed)
        return taken.application.id if isinstance(taken, Accepted) else multiple()

    @rule(which=ids, actor=ACTORS, fen=st.sampled_from([None, 10_000, 250_000]))
    def approve(self, which: int, actor: Actor, fen: int | None) -> None:
        with self.database.transaction() as connection:
            before = by_id(connection, which)
            result = approve(connection, self.office, which, actor, self.at, fen)
            if isinstance(result, Refused):
                assert by_id(connection, which) == before
            else:
                assert actor.id in RIGHT

    @rule(which=ids, actor=st.sampled_from([REVIEWER, SECOND]), passed=st.booleans())
    def look_and_approve_twice(self, which: int, actor: Actor, passed: bool) -> None:
        """The nearest that one pair of eyes comes to being two."""
        self.look_at_the_person(which, actor, passed)
        self.approve(which, actor, None)
        self.approve(which, actor, None)

    @rule(which=ids, actor=ACTORS, act=st.sampled_from([take_up, None, "reject", "return"]))
    def review(self, which: int, actor: Actor, act: Any) -> None:
        with self.database.transaction() as connection:
            if act == "reject":
                result: Any = reject(connection, which, WHY, actor, self.at)
            elif act == "return":
                result = return_(connection, self.office, which, WHY, actor, self.at)
            else:
                result = take_up(connection, which, actor, self.at)
            assert isinstance(result, Refused) or actor.id in RIGHT

    @rule(which=ids, actor=ACTORS, passed=st.booleans())
    def look_at_the_person(self, which: int, actor: Actor, passed: bool) -> None:
        with self.database.transaction() as connection:
            result = check_identity(connection, which, "face", actor, self.at, passed=passed)
            assert isinstance(result, Refused) or actor.id in {*RIGHT, "bank:7", "r9"}

    @rule(which=ids, actor=ACTORS, kind=KINDS)
    def hand_in(self, which: int, actor: Actor, kind: str) -> None:
        self._as_applicant(actor, lambda c: supplement(c, self.office, which, actor, self.at, papers=[paper(kind)]))

    @rule(which=ids, actor=ACTORS, fen=AMOUNTS)
    def change(self, which: int, actor: Actor, fen: int) -> None:
        form = Form(amount_fen=fen, declaration=Declaration(version="1", accepted=True))
        self._as_applicant(actor, lambda c: change(c, self.office, which, form, actor, self.at))

    @rule(which=consumes(ids), actor=ACTORS)
    def withdraw(self, which: int, actor: Actor) -> None:
        self._as_applicant(actor, lambda c: withdraw(c, which, actor, self.at))

    @rule(act=st.sampled_from([freeze, thaw, thaw, end]), cause=st.sampled_from([Cause.LEGAL_HOLD, Cause.SUSPENSION]))
    def freeze(self, act: Any, cause: Cause) -> None:
        with self.database.transaction() as connection:
            act(connection, 1, cause, SUPERVISOR, self.at)

    @rule(days=st.sampled_from([0, 1, 11, 61]))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days, hours=1)
        with self.database.transaction() as connection:
            run(connection, self.office, self.at)

    @invariant()
    def approvals_are_right(self) -> None:
        with self.database.transaction() as connection:
            for each in of_person(connection, 1):
                self._check_history(connection, each)
                if each.state is ApplicationState.APPROVED:
                    self._check_approval(connection, each)
            assert first_broken(connection) is None
            found = usable(connection, 1, SHENZHEN, "CASH", self.at)
            if found is not None:
                assert by_id(connection, found.application_id).state is ApplicationState.APPROVED
                assert found.valid_until >= self.at.date()

    def _as_applicant(self, actor: Actor, act: Callable[[Any], Any]) -> None:
        with self.database.transaction() as connection:
            result = act(connection)
            assert isinstance(result, Refused) or actor in (PERSON, TELLER)

    def _check_history(self, connection: Any, application: Application) -> None:
        state = None
        for entry in history(connection, application.id):
            row = transition(state, entry.event)
            assert row is not None
            assert entry.role in row.roles
            assert row.to in (None, entry.state)
            state = entry.state
        assert state is application.state

    def _check_approval(self, connection: Any, application: Application) -> None:
        approver = [entry for entry in history(connection, application.id) if entry.event is Event.APPROVE][-1]
        assert application.approved_fen is not None
        assert application.approved_fen <= application.asked_fen
        if approver.role is Role.SYSTEM:
            assert application.asked_fen <= 50_000
            assert (application.four_eyes, application.step_up) == (False, StepUp.NONE)
            assert application.complete
            return
        said = connection.execute(
            select(application_opinions).where(
                application_opinions.c.application_id == application.id,
                application_opinions.c.review_round == application.review_round,
                application_opinions.c.opinion == Opinion.APPROVE,
            )
        ).all()
        eyes = {each.reviewer for each in said}
        assert eyes <= RIGHT
        assert len(eyes) == (2 if application.four_eyes else 1)
        assert application.approved_fen == min(each.approved_fen for each in said)
        assert application.step_up is not StepUp.REQUIRED
        if application.lane is Lane.STANDARD:
            form = form_of(connection, self.office.hsm, application.id, application.form_version)
            required = required_now(connection, self.office, application, form, self.at)
            assert missing_kinds(connection, application.id, required, self.at.date()) == ()


TestAnyStory = AnyStory.TestCase
TestAnyStory.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
