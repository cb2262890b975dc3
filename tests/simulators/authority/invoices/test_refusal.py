import tomllib
from pathlib import Path

import pytest

from simulators.authority import invoices
from simulators.authority.invoices.refusal import Key
from simulators.authority.invoices.words import problem_text, result_text, state_text
from simulators.authority.tables.invoices import CaseState, Result

TEXTS = tomllib.loads((Path(invoices.__file__).parent / "texts.toml").read_text(encoding="utf-8"))


@pytest.mark.req("S2-80")
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_refusal_says_cause_and_next_step(language: str) -> None:
    assert TEXTS[language].keys() == set(Key)
    assert [key for key, text in TEXTS[language].items() if sum(text.count(stop) for stop in ".。") < 2] == []


def test_every_state_and_result_has_words() -> None:
    assert len({state_text(state) for state in CaseState}) == len(CaseState)
    assert [result_text(result, 12_345) for result in Result if result is not Result.NOTHING] == [
        "自付费用超出预支款123.45元,从个人账户支付给您",
        "预支款超出自付费用123.45元,请退回",
    ]
    assert problem_text(Key.AMOUNT, "en").startswith("An invoice is for more than 0")
