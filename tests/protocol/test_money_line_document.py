"""docs/money-line.md says what the codec does."""

import re
from pathlib import Path

import pytest

from protocol.keys import Cipher, unwrap_key
from protocol.money_line import FIELDS, SignOnReply, decode, parse
from protocol.money_line_fields import REVERSAL_ADVICE_FIELDS, Format
from tests.vectors import vector

PAGE = (Path(__file__).parents[2] / "docs" / "money-line.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("| field | format |")[2].partition("\n\n")[0]


def shown(form: Format) -> str:
    length = ".." if form.length_bytes else ""
    return f"{form.kind}{length}{form.size}" + (f" {'L' * (form.length_bytes + 1)}" if form.length_bytes else "")


def test_the_table_of_fields_is_that_of_the_codec() -> None:
    cells = re.findall(r"\| (\d+) [^|]+ \| ([^|]+?) (?=\|)", TABLE)

    assert {int(number): text for number, text in cells} == {
        number: shown(form) for number, form in {**FIELDS, **REVERSAL_ADVICE_FIELDS}.items()
    }


@pytest.mark.parametrize(("place", "name"), [(0, "sign-on"), (1, "sign-on reply")])
def test_the_example_is_the_golden_one(place: int, name: str) -> None:
    frames = PAGE.split("```")[1].strip().split("\n\n")

    assert bytes.fromhex(frames[place]) == vector("money_line", name)


def test_the_keys_of_the_example_are_those_that_are_named() -> None:
    reply = parse(decode(vector("money_line", "sign-on reply")))
    assert isinstance(reply, SignOnReply)
    assert reply.keys is not None
    for key in (reply.keys.pin_key, reply.keys.mac_key):
        clear = unwrap_key(Cipher.TDES, bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), key)
        assert clear.hex().upper() in PAGE
