import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.chip_card import (
    PSE,
    UNIONPAY_AID_PREFIX,
    AflEntry,
    CommandApdu,
    CryptogramType,
    ResponseApdu,
    Tag,
    encode_afl,
    external_authenticate,
    generate_ac,
    get_data,
    get_processing_options,
    get_response,
    parse_afl,
    read_record,
    read_record_by_identifier,
    select_by_name,
    select_file,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError
from tests.vectors import Vector, load, vector

COMMANDS = [found for found in load("chip_card") if found.fields["kind"] == "command"]

byte = st.integers(min_value=0, max_value=255)
commands = st.builds(
    CommandApdu, byte, byte, byte, byte, st.binary(max_size=255), st.none() | st.integers(min_value=1, max_value=256)
)


@pytest.mark.parametrize("golden", COMMANDS, ids=str)
def test_golden_commands_are_read_and_written_byte_for_byte(golden: Vector) -> None:
    assert CommandApdu.parse(golden.data).encode() == golden.data


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("SELECT PSE", select_by_name(PSE)),
        ("SELECT UnionPay prefix", select_by_name(UNIONPAY_AID_PREFIX)),
        ("SELECT EF05", select_file(0xEF05)),
        ("READ RECORD 1 of SFI 1", read_record(1, 1)),
        ("READ RECORD by identifier 07", read_record_by_identifier(7)),
        ("GET RESPONSE 20", get_response(0x20)),
        ("GPO 100.00 CNY", get_processing_options(bytes.fromhex("000000000100000156"))),
        ("GET DATA ATC", get_data(Tag.ATC)),
    ],
)
def test_commands_are_built_as_the_field_sends_them(name: str, command: CommandApdu) -> None:
    assert command.encode() == vector("chip_card", name)


def test_the_next_application_of_a_partial_name_is_asked_for_with_p2_02() -> None:
    assert select_by_name(UNIONPAY_AID_PREFIX, next_occurrence=True).p2 == 0x02


def test_cryptogram_and_issuer_answer_have_their_class_and_instruction() -> None:
    assert generate_ac(CryptogramType.ARQC, b"\x01").encode() == bytes.fromhex("80AE80000101 00")
    assert external_authenticate(bytes(10)).encode() == bytes.fromhex("008200000A") + bytes(10)


@given(commands)
def test_a_command_comes_back_as_it_was(command: CommandApdu) -> None:
    assert CommandApdu.parse(command.encode()) == command


@given(st.binary(max_size=300))
def test_garbage_is_the_terminals_fault_and_nothing_else(garbage: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        CommandApdu.parse(garbage)


def test_a_command_that_cannot_be_short_is_never_made() -> None:
    with pytest.raises(LocalProtocolError):
        CommandApdu(0, 0, 0, 0, bytes(256)).encode()
    with pytest.raises(LocalProtocolError):
        CommandApdu(0, 0, 0, 0, b"", 257).encode()


@pytest.mark.parametrize(
    ("answer", "waiting", "right_length", "tries_left"),
    [("611E", 30, None, None), ("6100", 256, None, None), ("6C0B", None, 11, None), ("63C2", None, None, 2)],
)
def test_families_of_status_words_say_a_number(
    answer: str, waiting: int | None, right_length: int | None, tries_left: int | None
) -> None:
    response = ResponseApdu.parse(bytes.fromhex(answer))
    assert (response.waiting, response.right_length, response.tries_left) == (waiting, right_length, tries_left)
    assert not response.ok


def test_a_good_answer_keeps_its_data_out_of_reprs() -> None:
    response = ResponseApdu.parse(b"6299991234567890122\x90\x00")
    assert response.ok
    assert "6299" not in repr(response)
    assert response.encode() == b"6299991234567890122\x90\x00"


def test_an_answer_without_status_word_is_the_cards_fault() -> None:
    with pytest.raises(RemoteProtocolError):
        ResponseApdu.parse(b"\x90")


def test_the_file_locator_of_the_golden_answer_names_two_files() -> None:
    golden = vector("chip_card", "GPO answer, format 1")
    entries = parse_afl(golden[4:-2])
    assert entries == (AflEntry(1, 1, 1, 0), AflEntry(2, 1, 2, 0))
    assert encode_afl(entries) == golden[4:-2]


@pytest.mark.parametrize("broken", ["080101", "08010100 10", "08000100", "08030100"])
def test_a_file_locator_that_names_no_records_is_the_cards_fault(broken: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_afl(bytes.fromhex(broken))
