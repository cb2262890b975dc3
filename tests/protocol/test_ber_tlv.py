import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.ber_tlv import DolEntry, Tlv, build_dol, encode_tlv, find, parse_dol, parse_tlv, split_dol
from protocol.chip_card import NUMERIC_TAGS, Tag
from protocol.wire import LocalProtocolError, RemoteProtocolError
from tests.vectors import Vector, load

primitive_tags = st.sampled_from([0x50, 0x57, 0x5A, 0x82, 0x9F02, 0x9F36, 0x5F2A, 0xDF31])


def test_the_answer_of_an_application_is_a_tree_of_objects() -> None:
    answer = next(found.data for found in load("chip_card") if found.name == "FCI of the debit application")
    objects = parse_tlv(answer[:-2])
    assert [found.tag for found in objects] == [Tag.FCI]
    assert [found.tag for found in objects[0].parts] == [Tag.DF_NAME, Tag.FCI_PROPRIETARY]
    assert find(objects, Tag.DF_NAME) == bytes.fromhex("A000000333010101")
    assert find(objects, Tag.PDOL) == bytes.fromhex("9F7A019F02065F2A02")
    assert find(objects, 0x9F4D) == bytes.fromhex("0B0A")
    assert find(objects, Tag.CDOL1) is None


@pytest.mark.parametrize(
    "golden", [found for found in load("chip_card") if found.fields["kind"] == "response"], ids=str
)
def test_every_answer_of_a_card_is_well_formed(golden: Vector) -> None:
    data = golden.data[:-2]
    assert b"".join(encode_tlv(found.tag, found.value) for found in parse_tlv(data)) == data


@given(st.lists(st.tuples(primitive_tags, st.binary(max_size=400)), max_size=6))
def test_objects_come_back_as_they_were_written(written: list[tuple[int, bytes]]) -> None:
    data = b"".join(encode_tlv(tag, value) for tag, value in written)
    assert parse_tlv(data) == tuple(Tlv(tag, value) for tag, value in written)


@given(st.binary(max_size=200))
def test_tolerant_parsing_never_raises(garbage: bytes) -> None:
    parse_tlv(garbage, strict=False)


@given(st.binary(max_size=200))
def test_strict_parsing_raises_nothing_but_the_other_sides_fault(garbage: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        parse_tlv(garbage)


def test_a_cut_object_is_an_error_or_ends_the_list() -> None:
    cut = bytes.fromhex("82027C00 5A0A629999")
    with pytest.raises(RemoteProtocolError):
        parse_tlv(cut)
    assert parse_tlv(cut, strict=False) == (Tlv(Tag.AIP, b"\x7c\x00"),)


def test_filling_between_objects_is_skipped() -> None:
    assert parse_tlv(bytes.fromhex("00 FF 82 02 7C 00 00")) == (Tlv(Tag.AIP, b"\x7c\x00"),)


def test_values_stay_out_of_reprs() -> None:
    assert "6299" not in repr(Tlv(Tag.PAN, b"6299991234567890122"))


def test_an_object_beyond_65535_bytes_is_never_made() -> None:
    with pytest.raises(LocalProtocolError):
        encode_tlv(0x50, bytes(0x10000))


def test_a_data_object_list_is_filled_as_the_card_asked() -> None:
    wishes = parse_dol(bytes.fromhex("9F02069F1A02950550049F3704"))
    values: dict[int, bytes] = {
        Tag.AMOUNT: bytes.fromhex("10000000"),
        Tag.TERMINAL_COUNTRY: bytes.fromhex("000156"),
        Tag.TVR: bytes.fromhex("8000"),
        Tag.APPLICATION_LABEL: b"PBOC DEBIT",
    }
    filled = build_dol(wishes, values, NUMERIC_TAGS)
    assert filled == bytes.fromhex("000010000000 0156 8000000000") + b"PBOC" + bytes(4)
    assert split_dol(wishes, filled)[Tag.AMOUNT] == bytes.fromhex("000010000000")


@pytest.mark.parametrize("broken", ["9F", "9F02", "9F0206 95"])
def test_a_cut_data_object_list_is_the_cards_fault(broken: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_dol(bytes.fromhex(broken))


def test_data_of_another_length_do_not_fit_a_list() -> None:
    with pytest.raises(RemoteProtocolError):
        split_dol((DolEntry(Tag.TVR, 5),), bytes(4))
