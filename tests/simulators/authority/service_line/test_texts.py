"""Whatever any room may refuse for has a Chinese and an English text; a new key without one fails here."""

import ast
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from protocol.money_line import ResponseCode
from protocol.service_line import SERVICES
from protocol.service_line.review import Outcome
from simulators import authority
from simulators.authority.applications.freezing import Cause
from simulators.authority.applications.notifications import Notice
from simulators.authority.applications.problems import Problem as ApplicationProblem
from simulators.authority.applications.texts import problem_text as application_text
from simulators.authority.applications.texts import table as application_table
from simulators.authority.invoices import refusal as invoices
from simulators.authority.invoices.words import problem_text as invoice_text
from simulators.authority.invoices.words import result_text, state_text
from simulators.authority.ledger.transfers import PayeeProblem
from simulators.authority.people import refusal as people
from simulators.authority.people.accounts import CHANGES
from simulators.authority.people.states import CARD_BARS, EXPIRED_CARD, PERSON_BARS
from simulators.authority.policy.activation import Fault as ActivationFault
from simulators.authority.policy.vocabulary import Rule
from simulators.authority.policy.words import texts as policy_texts
from simulators.authority.service_line.families import payouts
from simulators.authority.service_line.receipts import NOTHING_MOVED
from simulators.authority.service_line.refusal import Fault
from simulators.authority.service_line.texts import help_texts, person_text, rule_text, texts
from simulators.authority.supervision.words import problem_text as supervision_text
from simulators.authority.tables.applications import ApplicationState
from simulators.authority.tables.invoices import CaseState, Result
from simulators.authority.tables.ledger import DrawState

HOME = Path(authority.__file__).parent
LANGUAGES = ("zh_CN", "en")
CHINESE = re.compile("[\u4e00-\u9fff]")


def literals(room: str, *makers: str) -> Iterator[tuple[str | None, ...]]:
    """What is written out in each call of one of these in a room, argument by argument; None for what is not.

    A name stands for its value in the file.
    """
    for path in (HOME / room).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
                words = [
                    argument.value if isinstance(argument, ast.Constant) else known.get(getattr(argument, "id", ""))
                    for argument in node.args
                ]
                yield tuple(word if isinstance(word, str) else None for word in words)


def of_the_line() -> Iterator[str]:
    yield from Fault
    yield from payouts.ENDINGS.values()
    for words in literals("service_line", "refused", "Problem", "reason_text"):
        yield from filter(None, words[:1])


def of_rules() -> Iterator[str]:
    yield from Rule
    yield from PayeeProblem
    for bar in (*CARD_BARS.values(), *PERSON_BARS.values(), EXPIRED_CARD):
        if bar is not None:
            yield bar.reason


def of_supervision() -> Iterator[str]:
    found = [literals(room, "Problem") for room in ("supervision", "ledger")]
    for _, key in chain(*found, literals("service_line", "SupervisionProblem")):
        assert key is not None
        yield key


def of_applications() -> Iterator[tuple[str, str]]:
    for words in literals("applications", "Problem"):
        field, key = words[:2]
        if field is not None and key is not None:
            yield field, key


ROOMS: dict[str, tuple[Callable[[], Iterator[str]], Callable[[str, str], str | None]]] = {
    "service line": (of_the_line, lambda key, language: texts("reasons", language).get(key)),
    "rules": (of_rules, rule_text),
    "people": (lambda: iter(people.Key), person_text),
    "invoices": (lambda: iter(invoices.Key), lambda key, language: invoice_text(invoices.Key(key), language)),
    "supervision": (of_supervision, supervision_text),
    "policy": (
        lambda: iter(ActivationFault),
        lambda key, language: next(
            (text for name, text in policy_texts(language).items() if name.partition(".")[2] == key), None
        ),
    ),
    "money line": (
        lambda: iter(ResponseCode),
        lambda code, language: ResponseCode(code).zh if language == "zh_CN" else ResponseCode(code).en,  # type: ignore[call-arg]
    ),
    "applications": (
        lambda: (f"{field}/{key}" for field, key in of_applications()),
        lambda both, language: application_text(ApplicationProblem(*both.split("/")), language),
    ),
}


@pytest.mark.req("S1-90")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", ROOMS)
def test_every_reason_of_a_room_has_a_text(room: str, language: str) -> None:
    keys, text_of = ROOMS[room]
    found = {key: text_of(key, language) for key in set(keys())}

    assert found
    missing = [key for key, text in found.items() if not text or text in (key, key.partition("/")[2])]
    assert not missing
    wrong = [key for key, text in found.items() if bool(CHINESE.search(text or "")) != (language == "zh_CN")]
    assert not wrong


WORDS: dict[str, tuple[Callable[[], Iterator[str]], Callable[[str, str], str | None]]] = {
    "states of cases": (
        lambda: iter(CaseState),
        lambda state, language: state_text(CaseState(state), language),
    ),
    "results of cases": (
        lambda: iter(Result),
        lambda result, language: result_text(Result(result), 1, language),
    ),
    "notices": (lambda: iter(Notice), lambda kind, language: application_table("notice", language).get(kind)),
    "states of applications": (
        lambda: iter(ApplicationState),
        lambda state, language: application_table("state", language).get(state),
    ),
    "causes": (
        lambda: chain(
            Cause,
            (f"account_{state}" for state in set().union(*CHANGES.values())),
            (f"settled_{end}" for end in Result),
        ),
        lambda cause, language: application_table("cause", language).get(cause),
    ),
    "outcomes of appeals": (lambda: iter(Outcome), lambda key, language: application_table("cause", language).get(key)),
    "outcomes": (
        lambda: iter((*DrawState, NOTHING_MOVED)),
        lambda outcome, language: texts("outcomes", language).get(outcome),
    ),
}
"""What things are called; in English it may be the key."""


@pytest.mark.req("S1-90")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", WORDS)
def test_every_state_notice_and_outcome_has_a_name(words: str, language: str) -> None:
    keys, text_of = WORDS[words]
    found = {key: text_of(key, language) for key in keys()}

    assert [key for key, text in found.items() if bool(CHINESE.search(text or "x")) != (language == "zh_CN")] == []
    assert all(found.values())


@pytest.mark.parametrize("table", ["reasons", "rules", "outcomes", "days", "notices"])
def test_the_languages_of_the_line_have_the_same_keys_and_gaps(table: str) -> None:
    zh, en = (texts(table, language) for language in LANGUAGES)
    assert list(zh) == list(en)
    assert [key for key in zh if ("{value}" in zh[key]) != ("{value}" in en[key])] == []
    assert not CHINESE.search(str(en))
    assert all(CHINESE.search(text) for text in zh.values())


def sentences(told: object, place: str = "") -> Iterator[tuple[str, bool]]:
    """Every Chinese text in a JSON value with its place, and whether the English one stands beside it."""
    if isinstance(told, dict):
        for name, value in told.items():
            if isinstance(value, str) and CHINESE.search(value):
                english = told.get(f"{name}_en")
                yield f"{place}.{name}", isinstance(english, str) and not CHINESE.search(english)
            yield from sentences(value, f"{place}.{name}")
    elif isinstance(told, list):
        for each in told:
            yield from sentences(each, place)


def bodies(model: object) -> Iterator[type[BaseModel]]:
    """A body and all bodies in it."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        yield model
        for field in model.model_fields.values():
            yield from bodies(field.annotation)
    for part in get_args(model):
        yield from bodies(part)


BY_PEOPLE = {
    ("8502", ".reason"), ("8502", ".hospital"), ("8505", ".appeals.grounds"), ("8604", ".orders.reason"),
    ("8611", ".cases.text"), ("8612", ".case.text"), ("8612", ".events.text"), ("8612", ".statement"),
    ("8613", ".case.text"), ("8615", ".case.text"), ("8643", ".ending"), ("8113", ".told.text"),
}  # fmt: skip
"""What somebody has written, as it was written."""

NAMES = ("person", "psn_name", "name", "opter_name")


@pytest.mark.req("S1-90")
@pytest.mark.parametrize("infno", SERVICES)
def test_every_sentence_of_an_answer_is_there_in_chinese_and_english(infno: str) -> None:
    """Or in the language that the input names."""
    service = SERVICES[infno]
    if "language" in service.input.model_fields:
        return
    wanted = ("text", "title", "days", "label")
    for body in bodies(service.output):
        fields = body.model_fields
        for name in fields:
            if name in wanted or name.endswith("_text"):
                assert f"{name}_en" in fields or (infno, name) in {
                    (number, place.rpartition(".")[2]) for number, place in BY_PEOPLE
                }, (body, name)
        examples = (body.model_config.get("json_schema_extra") or {}).get("examples", [])  # type: ignore[union-attr]
        for place, both in sentences(examples):
            assert both or place.rpartition(".")[2] in NAMES or (infno, place) in BY_PEOPLE, (body, place)


@pytest.mark.req("S1-09", "S2-09")
def test_the_help_has_the_same_topics_and_problems_in_both_languages() -> None:
    zh, en = (help_texts(language) for language in LANGUAGES)

    def shape(told: object) -> object:
        if isinstance(told, dict):
            return {name: value if name in ("key", "number") else shape(value) for name, value in told.items()}
        return [shape(each) for each in told] if isinstance(told, list) else type(told)

    assert shape(zh) == shape(en)
    assert not CHINESE.search(str(en))
    assert help_texts("fr") == zh
