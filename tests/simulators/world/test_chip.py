import pytest

from protocol.chip_card import CommandApdu, ResponseApdu, StatusWord, select_by_name
from simulators.world.chip import ATR_T0, ATR_T1, LeRule, VirtualChip

READ = CommandApdu(0x00, 0xB2, 1, 4)
FCI = bytes(range(30))
RECORD = b"0123456789"


class Echo:
    """An application with an FCI of 30 bytes that answers every command with ten bytes."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.selections = 0

    def select(self) -> bytes:
        self.selections += 1
        return FCI

    def run(self, command: CommandApdu) -> ResponseApdu:
        return ResponseApdu(RECORD, StatusWord.OK)


def powered(*names: str, atr: bytes = ATR_T0, le_rule: LeRule = LeRule.LENIENT) -> tuple[VirtualChip, list[Echo]]:
    applications = [Echo(name.encode()) for name in names]
    chip = VirtualChip(applications, atr=atr, le_rule=le_rule)
    chip.reset()
    return chip, applications


def say(chip: VirtualChip, apdu: str | bytes) -> str:
    answer = chip.exchange(apdu if isinstance(apdu, bytes) else bytes.fromhex(apdu))
    assert answer is not None
    return answer.hex().upper()


def select(name: str, *, again: bool = False) -> bytes:
    return select_by_name(name.encode(), next_occurrence=again).encode()


def test_over_t0_the_answer_to_a_select_is_fetched_with_get_response() -> None:
    chip, _ = powered("sx1")
    assert say(chip, select("sx1")) == "611E"
    assert say(chip, "00C000001E") == FCI.hex().upper() + "9000"


def test_get_response_in_parts_tells_what_is_left() -> None:
    chip, _ = powered("sx1")
    say(chip, select("sx1"))
    assert say(chip, "00C000000A") == FCI[:10].hex().upper() + "6114"
    assert say(chip, "00C00000FF") == "6C14"
    assert say(chip, "00C0000014") == FCI[10:].hex().upper() + "9000"
    assert say(chip, "00C0000001") == "6985"


def test_what_was_waiting_is_gone_after_another_command() -> None:
    chip, _ = powered("sx1")
    say(chip, select("sx1"))
    say(chip, READ.encode() + b"\x00")
    assert say(chip, "00C000001E") == "6985"


def test_over_t1_the_answer_comes_at_once() -> None:
    chip, _ = powered("sx1", atr=ATR_T1)
    assert say(chip, select("sx1")) == FCI.hex().upper() + "9000"


@pytest.mark.parametrize(
    ("le_rule", "too_small", "right", "too_big", "all_of_it"),
    [
        (LeRule.LENIENT, "6C0A", "whole", "whole", "whole"),
        (LeRule.EXACT, "6C0A", "whole", "6C0A", "6C0A"),
        (LeRule.TRUNCATE, "part", "whole", "whole", "whole"),
    ],
)
def test_cards_differ_in_what_they_think_of_the_expected_length(
    le_rule: LeRule, too_small: str, right: str, too_big: str, all_of_it: str
) -> None:
    chip, _ = powered("sx1", le_rule=le_rule)
    say(chip, select("sx1"))
    words = {"whole": RECORD.hex().upper() + "9000", "part": RECORD[:3].hex().upper() + "9000"}
    answers = [say(chip, READ.encode() + le) for le in (b"\x03", b"\x0a", b"\x0c", b"\x00")]
    assert answers == [words.get(each, each) for each in (too_small, right, too_big, all_of_it)]


def test_the_beginning_of_a_name_selects_the_first_and_then_the_next_application() -> None:
    chip, (debit, credit) = powered("bank1", "bank2", atr=ATR_T1)
    say(chip, select("bank"))
    assert (debit.selections, credit.selections) == (1, 0)
    say(chip, select("bank", again=True))
    assert (debit.selections, credit.selections) == (1, 1)
    assert say(chip, select("bank", again=True)) == "6A82"


def test_a_name_nobody_has_is_not_found() -> None:
    chip, _ = powered("bank1")
    assert say(chip, select("other")) == "6A82"


def test_a_blocked_card_selects_nothing() -> None:
    chip = VirtualChip([Echo(b"sx1")], blocked=True)
    chip.reset()
    assert say(chip, select("sx1")) == "6A81"


def test_a_reset_forgets_the_selection() -> None:
    chip, _ = powered("sx1")
    say(chip, select("sx1"))
    assert chip.reset() == ATR_T0
    assert say(chip, READ.encode() + b"\x00") == "6985"


def test_without_power_nothing_is_answered() -> None:
    chip, _ = powered("sx1")
    chip.power_off()
    assert chip.exchange(select("sx1")) is None


def test_a_mute_chip_never_answers() -> None:
    chip = VirtualChip([Echo(b"sx1")], atr=None)
    assert chip.reset() is None
    assert chip.exchange(select("sx1")) is None


def test_a_command_that_is_none_has_a_wrong_length() -> None:
    chip, _ = powered("sx1")
    assert say(chip, "00A404") == "6700"
