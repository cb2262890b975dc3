import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminal
from protocol.money_line_codes import ResponseCode
from simulators.authority.policy.vocabulary import Rule
from terminal import texts
from terminal.card import Rejection
from terminal.view import Fen, Screen, Value, Words

CODES = [*map(str, ResponseCode), *(f"A{n}" for n in range(1, 8))]
"""Every code the money line knows, and those whose meaning differs from table to table."""


@pytest.mark.req("S1-90")
@pytest.mark.parametrize("language", texts.languages())
def test_no_language_misses_a_text(language: str) -> None:
    assert texts.texts(language).keys() == texts.texts(texts.DEFAULT_LANGUAGE).keys()
    assert all(text.strip() for text in texts.texts(language).values())


@pytest.mark.parametrize("language", texts.languages())
def test_a_text_takes_the_same_values_in_every_language(language: str) -> None:
    for key, text in texts.texts(texts.DEFAULT_LANGUAGE).items():
        assert texts.placeholders(text) == texts.placeholders(texts.texts(language)[key]), key


@pytest.mark.parametrize("screen", Screen)
def test_every_screen_has_a_title(screen: Screen) -> None:
    assert f"{screen}.title" in texts.texts(texts.DEFAULT_LANGUAGE)


@pytest.mark.req("S2-80", "S1-90")
@pytest.mark.parametrize("language", texts.languages())
@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_host_says_cause_and_next_step(code: str, language: str) -> None:
    words = texts.code_words(code)
    sentences = [part for part in re.split(r"[。.]", texts.render(words, language)) if part.strip()]
    assert words.key == f"code.{code}"
    assert len(sentences) >= 2


def test_an_unheard_of_code_names_itself() -> None:
    assert "Z9" in texts.render(texts.code_words("Z9"), "zh_CN")


def test_rule_and_region_are_named_in_the_language_of_the_sentence() -> None:
    values: dict[str, Value] = {
        "region": texts.region_words("440300"),
        "rule": texts.rule_words("single_limit"),
        "version": "2026-1",
    }
    assert texts.render(Words("sorry.rule", values), "zh_CN") == "依据:深圳政策“单次限额”,版本 2026-1"
    assert texts.render(Words("sorry.rule", values), "en") == (
        'By: Shenzhen policy, "limit for one withdrawal", version 2026-1'
    )


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_of_the_authority_has_a_name(rule: Rule) -> None:
    assert texts.rule_words(rule) == Words(f"rule.{rule}")


@pytest.mark.parametrize("rejection", Rejection)
def test_every_reason_to_refuse_a_card_has_a_text(rejection: Rejection) -> None:
    assert f"card.{rejection}" in texts.texts(texts.DEFAULT_LANGUAGE)


def test_unknown_rule_and_region_show_what_the_host_called_them() -> None:
    assert texts.render(texts.rule_words("moon_phase"), "en") == "moon_phase"
    assert texts.render(texts.region_words("999999"), "zh_CN") == "999999 地区"


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (100, "1.00"),
        (123456, "1,234.56"),
        (100000000, "1,000,000.00"),
        (-319999, "-3,199.99"),
    ],
)
def test_money_is_shown_in_yuan(fen: int, shown: str) -> None:
    assert texts.yuan(fen) == shown


@given(st.integers())
def test_no_fen_is_lost_in_yuan(fen: int) -> None:
    assert int(texts.yuan(fen).replace(",", "").replace(".", "")) == fen


def test_a_missing_text_or_value_never_stops_a_screen() -> None:
    assert texts.render(Words("no.such"), "zh_CN") == "[no.such]"
    assert texts.render(Words("amount.balance"), "en") == "Account balance: {balance} yuan"
    assert texts.render(Words("amount.balance", {"balance": Fen(100)}), "tlh") == "个人账户余额:1.00 元"


def written_in(package: Path) -> Iterator[tuple[str, str, set[str] | None]]:
    """(place, key, names of values) of every `Words("key", {...})` in the code; names None when not written out."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("Words"), args=[ast.Constant(str(key))]):
                    yield f"{path.name}:{node.lineno}", key, set()
                case ast.Call(func=ast.Name("Words"), args=[ast.Constant(str(key)), ast.Dict(keys=names)]):
                    constants = [name for name in names if isinstance(name, ast.Constant)]
                    written = {str(name.value) for name in constants} if len(constants) == len(names) else None
                    yield f"{path.name}:{node.lineno}", key, written
                case ast.Call(func=ast.Name("Words"), args=[ast.Constant(str(key)), _]):
                    yield f"{path.name}:{node.lineno}", key, None


def test_every_text_that_the_terminal_asks_for_exists_and_gets_its_values() -> None:
    asked = list(written_in(Path(terminal.__path__[0])))
    known = texts.texts(texts.DEFAULT_LANGUAGE)
    assert len(asked) > 10
    assert [(place, key) for place, key, _ in asked if key not in known] == []
    assert [
        (place, key) for place, key, values in asked if values is not None and values != texts.placeholders(known[key])
    ] == []


def test_values_are_shown_as_they_are() -> None:
    assert texts.render(Words("idle.hours", {"hours": "{opens} 08:00"}), "zh_CN") == "服务时间:{opens} 08:00"


def test_complaints_name_key_language_and_value() -> None:
    assert texts.complaints(Words("amount.balance", {"balance": Fen(1)})) == ()
    assert texts.complaints(Words("no.such")) == ("zh_CN: no.such is missing", "en: no.such is missing")
    nested = Words("amount.limited_by", {"rule": Words("sorry.available")})
    assert "en: sorry.available has no value for available" in texts.complaints(nested)


@pytest.mark.req("S1-90")
def test_another_language_is_just_another_file(tmp_path: Path) -> None:
    for name in ("bo", "en", "zh_CN"):
        (tmp_path / f"{name}.toml").write_text('[idle]\ntitle = "x"\n', encoding="utf-8")
    assert texts.languages(tmp_path) == ("zh_CN", "bo", "en")
    assert texts.load(tmp_path / "bo.toml") == {"idle.title": "x"}
