"""Every word that this room can say is there, in every language."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.authority.applications import texts
from simulators.authority.applications.declaration import VERSIONS
from simulators.authority.applications.documents import paper_problems
from simulators.authority.applications.eligibility import AGENT_PAPERS, GUARDIAN_PAPERS
from simulators.authority.applications.form import IDENTITY, REQUIRED
from simulators.authority.applications.freezing import Cause
from simulators.authority.applications.notifications import Notice, Notification
from simulators.authority.applications.policy_changes import POLICY_CHANGE
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.states import Event
from simulators.authority.people.numbers import NumberProblem
from simulators.authority.policy.conditions import CONDITIONS
from simulators.authority.policy.limits import LIMITS
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.policy.vocabulary import Rule, Stage
from simulators.authority.tables.applications import ApplicationState
from tests.simulators.authority.applications.conftest import NOW

ROOM = Path(texts.__file__).parent
LANGUAGES = texts.languages()


def said_in_code() -> Iterator[tuple[str, str]]:
    """Field and key of every problem that is written out in the room."""
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"):
                continue
            field, key = node.args[0], node.args[1]
            if isinstance(field, ast.Constant) and isinstance(key, ast.Constant):
                yield str(field.value), str(key.value)


def file(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((ROOM / "texts" / f"{language}.toml").read_text(encoding="utf-8"))


def test_the_languages_have_the_same_keys_and_gaps() -> None:
    one, other = file("zh_CN"), file("en")

    assert LANGUAGES == ("en", "zh_CN")
    for name in one:
        assert one[name].keys() == other[name].keys()
        for key, text in one[name].items():
            gaps = set(re.findall(r"\{\w+\}", text))
            assert gaps - {"{field}"} == set(re.findall(r"\{\w+\}", other[name][key])) - {"{field}"}, key


@pytest.mark.req("S2-80", "S1-90")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_text(language: str) -> None:
    problems = {Problem(field, key, "x") for field, key in said_in_code()}
    problems |= {Problem(name, "missing") for name in (*IDENTITY, *REQUIRED, "agent.name")}
    problems |= {Problem("certno", wrong) for wrong in NumberProblem}
    problems |= {Problem("document.ID_CARD", key) for key in paper_keys()}

    assert len(problems) > 60
    for problem in problems:
        text = texts.problem_text(problem, language)
        assert text != problem.key, problem
        assert "{" not in text, problem


def paper_keys() -> set[str]:
    """What can be wrong with a paper."""
    tree = ast.parse(Path(str(paper_problems.__code__.co_filename)).read_text(encoding="utf-8"))
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "paper_problems"]
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    keys = {
        argument.value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "append"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    return {str(key) for key in keys} | {"missing", "unreadable"}


@pytest.mark.req("S2-80", "S1-90")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_an_application_meets_has_a_text(language: str) -> None:
    asked: list[Rule] = [row.rule for row in CONDITIONS if Stage.APPLICATION in row.stages]
    asked += [row.rule for row in LIMITS if Stage.APPLICATION in row.stages]

    for rule in (*asked, Rule.NOTE_MULTIPLE):
        text = texts.problem_text(Problem("person", rule, "371000:h1"), language)
        assert "371000:h1" in text, rule


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_event_notice_cause_and_declaration_has_a_text(language: str) -> None:
    assert set(texts.table("state", language)) == set(ApplicationState)
    assert set(texts.table("event", language)) == set(Event)
    assert set(texts.table("notice", language)) == set(Notice)
    assert set(texts.table("cause", language)) >= {*Cause, POLICY_CHANGE}
    assert set(texts.table("declaration", language)) == set(VERSIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_of_our_policies_has_a_name(language: str) -> None:
    names = set(AGENT_PAPERS) | set(GUARDIAN_PAPERS)
    for policy in our_policies():
        for changes in (*policy.purposes.values(), *policy.situations.values(), policy.cross_city, policy.emergency):
            names |= set(changes.documents)

    assert len(names) > 8
    assert names <= set(texts.table("document", language))


def test_a_notice_has_its_gaps_filled() -> None:
    notice = Notification(1, NOW, Notice.SUSPENDED, "application:1", {"number": "7", "cause": Cause.DEATH}, None)

    assert texts.notice_text(notice) == "您的申请7已暂停:参保人死亡。"
    due = Notification(2, NOW, Notice.SUBMITTED, "application:1", {"number": "7", "due": NOW.isoformat()}, None)
    assert texts.notice_text(due).endswith(f"预计{NOW:%Y-%m-%d %H:%M}前办结。")
    assert texts.notice_text(notice, "fr") == texts.notice_text(notice)


def test_what_has_no_text_shows_its_key() -> None:
    assert texts.problem_text(Problem("x", "nobody_wrote_this")) == "nobody_wrote_this"
    assert texts.field_text("document.NEW_PAPER") == "NEW_PAPER"
