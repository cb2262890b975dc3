import tomllib
from pathlib import Path

import pytest

from simulators.authority import invoices
from simulators.authority.invoices.refusal import Key

TEXTS = tomllib.loads((Path(invoices.__file__).parent / "texts.toml").read_text(encoding="utf-8"))


@pytest.mark.req("S2-80")
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_refusal_says_cause_and_next_step(language: str) -> None:
    assert TEXTS[language].keys() == set(Key)
    assert [key for key, text in TEXTS[language].items() if sum(text.count(stop) for stop in ".。") < 2] == []
