import pytest

from protocol.chip_card import CommandApdu, StatusWord
from protocol.social_card import AID, CARD_NUMBER, FIELDS, ID_NUMBER, VERSION
from simulators.world.social_application import SocialApplication
from tests.vectors import load, vector

GOLDEN = {found.name: found for found in load("social_card")}
VALUES = {each: GOLDEN[each.name].fields["value"] for each in FIELDS}


def application(*, silent: bool = False) -> SocialApplication:
    chosen = SocialApplication(VALUES, silent=silent)
    chosen.select()
    return chosen


def read(chosen: SocialApplication, p1: int, p2: int) -> bytes:
    answer = chosen.run(CommandApdu(0x00, 0xB2, p1, p2, le=256))
    assert answer.ok, f"{answer.sw:04X}"
    return answer.data


def choose(chosen: SocialApplication, file: str, p1: int = 0x02) -> int:
    return chosen.run(CommandApdu(0x00, 0xA4, p1, 0x00, bytes.fromhex(file))).sw


def test_the_answer_to_select_has_the_thirty_bytes_readers_count_on() -> None:
    answer = application().select()
    assert len(answer) == 30
    assert AID in answer


@pytest.mark.parametrize("p1", [0x00, 0x02])
def test_files_are_selected_in_both_ways_of_the_field(p1: int) -> None:
    chosen = application()
    assert choose(chosen, "EF05", p1) == StatusWord.OK
    assert choose(chosen, "EF07", p1) == StatusWord.NOT_FOUND


@pytest.mark.parametrize(("p1", "p2"), [(0x07, 0x00), (7, 0x04), (7, 0x2C)], ids=["identifier", "number", "SFI"])
def test_a_record_of_the_issuers_file_is_read_in_every_way_of_the_field(p1: int, p2: int) -> None:
    chosen = application()
    choose(chosen, "EF05")
    assert read(chosen, p1, p2) == vector("social_card", CARD_NUMBER.name)


def test_the_holders_file_counts_its_records_from_one_under_its_short_identifier() -> None:
    assert read(application(), 1, 0x34) == vector("social_card", ID_NUMBER.name)


def test_a_silent_card_has_records_without_values() -> None:
    chosen = application(silent=True)
    assert read(chosen, 3, 0x2C) == VERSION.empty()
    assert read(chosen, 1, 0x34) == ID_NUMBER.empty()


@pytest.mark.parametrize(
    ("p1", "p2", "sw"),
    [
        (1, 0x04, StatusWord.NOT_ALLOWED),
        (1, 0x3C, StatusWord.NOT_FOUND),
        (8, 0x2C, StatusWord.RECORD_NOT_FOUND),
        (0, 0x2C, StatusWord.RECORD_NOT_FOUND),
        (1, 0x2D, StatusWord.WRONG_P1_P2),
    ],
    ids=["no file selected", "no such file", "behind the last", "number 0", "other mode"],
)
def test_what_is_not_there_is_not_read(p1: int, p2: int, sw: StatusWord) -> None:
    assert application().run(CommandApdu(0x00, 0xB2, p1, p2, le=256)).sw == sw


def test_other_commands_are_unknown() -> None:
    assert application().run(CommandApdu(0x00, 0x20, 0, 0)).sw == StatusWord.UNKNOWN_INS
