from pathlib import Path

import pytest

from simulators.authority.supervision.risk.rules import Kind, RiskBook, RiskRulesError, our_risk_rules

HEAD = 'version = "t.1"\nclue_at = 50\ndecline_at = 100\n'
VELOCITY = '[[rules]]\nkind = "velocity"\nminutes = 60\nat_least = 3\npoints = 100\n'


def test_our_rules_look_for_every_kind() -> None:
    rules = our_risk_rules().of("371000")
    assert {rule.kind for rule in rules.rules} == set(Kind)


def test_every_kind_of_our_rules_can_bring_a_clue_or_adds_to_one() -> None:
    rules = our_risk_rules().of("371000")
    strongest = {kind: max(rule.points for rule in rules.rules if rule.kind is kind) for kind in Kind}
    weak = {kind for kind, points in strongest.items() if points < rules.clue_at}
    assert weak == {Kind.ASKS_THE_MOST}


def test_a_region_has_rules_of_its_own_by_data(tmp_path: Path) -> None:
    path = tmp_path / "risk.toml"
    own = HEAD.replace("t.1", "t.own") + "rules = []\n"
    path.write_text(HEAD + VELOCITY + '[regions."371000"]\n' + own, encoding="utf-8")
    book = RiskBook.load(path)
    assert book.of("371082").version == "t.own"
    assert book.of("440300").version == "t.1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "rules = [", "risk.toml: "),
        (HEAD + VELOCITY.replace("velocity", "gut_feeling"), "gut_feeling"),
        (HEAD + VELOCITY + "hours = 1\n", "hours"),
        (HEAD + VELOCITY.replace("= 3", "= 0"), "at_least"),
        (HEAD + VELOCITY + 'code = "00"\n', "code"),
        (VELOCITY, "version"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_key(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "risk.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RiskRulesError, match=r"risk\.toml") as error:
        RiskBook.load(path)
    assert told in str(error.value)


def test_a_missing_file_says_what_to_look_for(tmp_path: Path) -> None:
    with pytest.raises(RiskRulesError, match="is it there"):
        RiskBook.load(tmp_path / "none.toml")
