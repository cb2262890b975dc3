import re
from pathlib import Path

from simulators.campaign import rules
from simulators.campaign.invariants import INVARIANTS

PAGE = Path(__file__).parents[3] / "docs" / "campaign.md"


def test_every_rule_that_is_checked_has_words() -> None:
    assert {each.number for each in INVARIANTS} < rules.RULES.keys()
    assert rules.words(16) == "the same seed gives the same run"


def test_every_rule_is_explained() -> None:
    explained = set(map(int, re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)))

    assert explained == rules.RULES.keys() - {0}
