import functools
import operator
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.szzt_zt598 import (
    SZZT_ZT598,
    Command,
    Information,
    KeyByte,
    Reply,
    Settings,
    explain,
    from_hex,
    pin_dialect,
    split,
    to_hex,
)
from protocol.szzt_zt598_commands import (
    authenticate,
    control,
    crypt,
    delete_key,
    load_encrypted_key,
    mac,
    pin_block,
    random_bytes,
    random_number,
    sm4_crypt,
    sm4_delete,
    sm4_load_encrypted_key,
    sm4_mac,
    sm4_pin_block,
    start_pin_entry,
    start_pin_entry_for,
)
from protocol.szzt_zt598_tables import (
    DIGITS,
    REPLIES,
    REQUESTS,
    Action,
    AuthenticationStep,
    ClearKey,
    ClearMode,
    CryptMode,
    EndMode,
    HexMode,
    KeyCode,
    LengthCoding,
    MacType,
    Opcode,
    Parameter,
    PinDialect,
    Sm4Chaining,
    Sm4Direction,
    SpeedCodes,
    Tag,
)
from protocol.wire import Damaged, Decoder, LocalProtocolError, Noise, RemoteProtocolError
from tests.vectors import Vector, load, vector

WIRE = "szzt_zt598"
PAN12 = "123456789012"
KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
DATA = bytes.fromhex("0011223344556677")


def decoder(sender: str) -> Decoder[Command | Reply | KeyByte]:
    return SZZT_ZT598.from_host() if sender == "host" else SZZT_ZT598.from_device()


def message(found: Vector) -> Command | Reply:
    kind = Command if found.sender == "host" else Reply
    return kind(found.fields["code"], found.fields["data"].encode("latin-1"))


@pytest.mark.parametrize("found", load(WIRE), ids=str)
def test_golden_frames_are_read_and_written(found: Vector) -> None:
    assert decoder(found.sender).feed(found.data) == [message(found)]
    assert message(found).encode() == found.data


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (Command(Opcode.INFORMATION), "information"),
        (control(Parameter.ACTION, Action.RESET), "reset"),
        (control(Parameter.ACTION, Action.KEYPAD_OFF), "keypad off"),
        (control(Parameter.ACTION, Action.KEYPAD_CLEAR), "clear entry on"),
        (control(Parameter.PIN_TIMEOUT, 30), "PIN timeout 30 s"),
        (control(Parameter.FILL, 0xFF), "fill FF"),
        (control(Parameter.MINIMUM, LengthCoding.BCD.to_byte(4)), "minimum 4"),
        (control(Parameter.MAXIMUM, LengthCoding.BCD.to_byte(12)), "maximum 12 in BCD"),
        (control(Parameter.MAXIMUM, LengthCoding.BINARY.to_byte(16)), "maximum 16 in binary"),
        (control(Parameter.LINE, HexMode.TRUE), "true hex"),
        (control(Parameter.CLEAR_KEY, ClearKey.BACKSPACE), "clear key is backspace"),
        (
            load_encrypted_key(0x20, 0x30, Tag.PIN, bytes.fromhex("4230EF1CB268495597F4494DD23D8A72")),
            "load PIN key 30 under 20",
        ),
        (random_number(), "random, zeros in ASCII as input"),
        (authenticate(0x20, bytes.fromhex("479D64E59D5B8E33C8D7FC91D5ADE6CD")), "encrypt random with slot 20"),
        (authenticate(AuthenticationStep.SET_UID, b"\x88" * 16), "set UID 16 x 88"),
        (start_pin_entry(EndMode.AUTO, ClearMode.BACKSPACE), "start PIN, automatic end"),
        (start_pin_entry(EndMode.ENTER, ClearMode.CLEAR_ALL), "start PIN, enter, clear all"),
        (start_pin_entry_for(0x30, 4, PAN12), "start PIN, dialect R"),
        (pin_block(0x30, PAN12), "PIN block, dialect JC"),
        (Command(Opcode.PIN_BLOCK), "PIN block, dialect R"),
        (mac(0x31, MacType.TDES_CBC, b"12345678ABCDEFGH"), "MAC, slot 31, TDES"),
        (mac(0x31, MacType.DES_CBC, b"12345678ABCDEFGH"), "MAC, slot 31, single DES"),
        (delete_key(0x30), "erase slot 30"),
        (random_bytes(), "random of 8 bytes"),
        (crypt(0x32, CryptMode.ECB_ENCRYPT, DATA), "crypt, slot 32, ECB encrypt"),
        (crypt(0x32, CryptMode.CBC_ENCRYPT, DATA * 2), "crypt, slot 32, CBC encrypt"),
        (
            sm4_load_encrypted_key(0x02, 0x21, bytes.fromhex("3D66234C49E4296FF9C78D8BACBD6A76")),
            "load SM4 key 21 under 02",
        ),
        (sm4_crypt(0x20, Sm4Direction.ENCRYPT, Sm4Chaining.ECB, bytes(16), KEY), "SM4 crypt, slot 20, ECB encrypt"),
        (sm4_crypt(0x20, Sm4Direction.ENCRYPT, Sm4Chaining.CBC, b"\x11" * 16, KEY), "SM4 crypt, slot 20, CBC encrypt"),
        (sm4_mac(0x20, bytes(16), b"12345678ABCDEFGH"), "SM4 MAC, slot 20"),
        (sm4_delete(None), "SM4 delete all"),
        (sm4_delete(0x20), "SM4 delete slot 20"),
        (sm4_pin_block(0x20, PAN12), "SM4 PIN block, slot 20"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_commands_are_built_as_drivers_in_the_field_build_them(command: Command, name: str) -> None:
    assert command.encode() == vector(WIRE, name)


# --- frames


def test_a_long_reply_may_say_its_length_in_four_more_digits() -> None:
    """Then raw bytes may be in it, and its secrets stand four bytes further on."""
    to_the_end = vector(WIRE, "long reply that runs to the 03")
    reply = Reply(Opcode.CRYPT.success, b"0" * 1024)
    body = b"0001025" + to_the_end[4:-2]
    counted = b"\x02" + body + b"%02X" % functools.reduce(operator.xor, body)
    for frame in (to_the_end, counted):
        for cut in (1, 4, 5, 8, 9, len(frame) - 1):
            under_test = decoder("device")
            assert under_test.feed(frame[:cut]) == []
            assert under_test.feed(frame[cut:]) == [reply]
        (heard,) = decoder("device").feed(frame)
        (secret, lrc) = explain(heard).secrets
        assert frame[secret] == b"0" * 1024
        assert frame[lrc] == frame[-2:]
    assert reply.encode(counted=True) == counted


def test_a_length_longer_than_any_frame_is_noise() -> None:
    events = decoder("device").feed(b"\x020009999" + b"i" + vector(WIRE, "error EC"))
    assert events[-1] == Reply(0xEC)


@pytest.mark.parametrize("found", load(WIRE), ids=str)
def test_a_frame_may_be_cut_anywhere(found: Vector) -> None:
    for cut in range(1, len(found.data)):
        under_test = decoder(found.sender)
        assert under_test.feed(found.data[:cut]) + under_test.feed(found.data[cut:]) == [message(found)]


@settings(max_examples=300)
@given(st.sampled_from(load(WIRE)), st.data())
def test_no_single_byte_that_changes_makes_another_message(found: Vector, data: st.DataObject) -> None:
    """The exclusive or sees every single byte between 02 and its own characters; no frame is taken for another one.

    Without its 02 a reply is bare bytes, and some of these are keys: that is what the protocol can't tell.
    """
    at = data.draw(st.integers(0, len(found.data) - 1))
    value = data.draw(st.integers(0, 255))
    spoilt = found.data[:at] + bytes([value]) + found.data[at + 1 :]
    under_test = decoder(found.sender)
    frames = [event for event in under_test.feed(spoilt) + under_test.give_up() if isinstance(event, Command | Reply)]
    if spoilt.upper() != found.data.upper() or at < len(found.data) - 2:
        assert frames == ([message(found)] if spoilt == found.data else [])


def test_lower_case_hexadecimal_is_accepted() -> None:
    frame = vector(WIRE, "proved, decrypted form")
    assert decoder("device").feed(frame[:-2] + frame[-2:].lower()) == decoder("device").feed(frame)
    assert from_hex(b"0aF0") == bytes.fromhex("0AF0")


def test_broken_hexadecimal_writes_a_nibble_as_30_to_3f() -> None:
    assert to_hex(bytes.fromhex("09AF"), HexMode.BROKEN) == b"09:?"
    assert from_hex(b"09:?") == bytes.fromhex("09AF")


def test_a_raw_03_inside_a_mac_message_does_not_end_the_frame() -> None:
    command = mac(0x31, MacType.TDES_CBC, b"\x02\x03" * 8)
    assert decoder("host").feed(command.encode()) == [command]


def test_a_frame_too_long_for_its_length_runs_to_the_03() -> None:
    command = Command(Opcode.CRYPT, b"321" + b"0" * 1024)
    frame = command.encode()
    assert frame[1:4] == b"000"
    assert decoder("host").feed(frame) == [command]


def test_raw_data_do_not_fit_a_frame_without_length() -> None:
    with pytest.raises(LocalProtocolError):
        Command(Opcode.MAC, b"\x03" * 1000).encode()


def test_997_bytes_of_data_are_the_last_that_are_counted() -> None:
    assert Command(Opcode.MAC, bytes(997)).encode()[1:4] == b"998"
    assert Command(Opcode.MAC, bytes(998)).encode()[1:4] == b"000"


def test_keys_are_bare_bytes_between_frames() -> None:
    events = decoder("device").feed(b"\x2a\x2a" + vector(WIRE, "control done") + b"\x0d")
    assert events == [KeyByte(KeyCode.STAR), KeyByte(KeyCode.STAR), Reply(0x65), KeyByte(KeyCode.ENTER)]


def test_a_byte_that_no_key_sends_is_noise() -> None:
    assert decoder("device").feed(b"\x00\x2a") == [Noise(b"\x00", "no key has this code"), KeyByte(KeyCode.STAR)]


def test_a_wrong_check_code_makes_a_frame_damaged() -> None:
    frame = vector(WIRE, "PIN block of 1234")
    (event,) = decoder("device").feed(frame[:-1] + b"6")
    assert isinstance(event, Damaged)
    assert event.raw == frame[:-1] + b"6"


def test_a_key_inside_a_reply_makes_it_damaged() -> None:
    frame = vector(WIRE, "PIN block of 1234")
    first, *_ = decoder("device").feed(frame[:9] + b"\x2a" + frame[9:])
    assert isinstance(first, Damaged)


def test_a_frame_whose_length_is_too_big_does_not_swallow_the_next() -> None:
    spoilt = b"\x02019e\x03\x35\x37"
    events = decoder("device").feed(spoilt + vector(WIRE, "error EC") * 3)
    assert isinstance(events[0], Damaged)
    assert events[1:] == [Reply(0xEC)] * 3


def test_digits_of_a_broken_length_are_not_taken_for_keys() -> None:
    events = decoder("device").feed(b"\x0200x" + vector(WIRE, "error EC"))
    assert not [event for event in events if isinstance(event, KeyByte)]
    assert events[-1] == Reply(0xEC)


@given(st.data())
def test_fragmentation_changes_nothing(data: st.DataObject) -> None:
    sender = data.draw(st.sampled_from(["host", "device"]))
    frames = [found.data for found in load(WIRE) if found.sender == sender] + [
        b"\x2a",
        b"\x0d",
        b"\x00",
        b"\x0200",
        b"\x02",
    ]
    stream = b"".join(data.draw(st.lists(st.sampled_from(frames), max_size=6)))
    whole = decoder(sender)
    expected = merged(whole.feed(stream) + whole.give_up())
    split_up, events, rest = decoder(sender), [], stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        events += split_up.feed(rest[:size])
        rest = rest[size:]
    assert merged(events + split_up.give_up()) == expected


def merged(events: Sequence[object]) -> list[object]:
    """Neighbouring noise as one."""
    out: list[object] = []
    for event in events:
        if isinstance(event, Noise) and out and isinstance(last := out[-1], bytes):
            out[-1] = last + event.raw
        else:
            out.append(event.raw if isinstance(event, Noise) else event)
    return out


@given(
    st.binary(max_size=300) | st.text("\x02\x03019AF", max_size=60).map(str.encode), st.sampled_from(["host", "device"])
)
def test_garbage_never_raises_and_loses_no_byte(garbage: bytes, sender: str) -> None:
    under_test = decoder(sender)
    events = under_test.feed(garbage) + under_test.give_up()
    assert b"".join(event.raw for event in events) == garbage
    for event in events:
        explain(event)
    good = next(found for found in load(WIRE) if found.sender == sender)
    assert under_test.feed(good.data) == [message(good)]


@given(st.integers(0x30, 0x7F), st.binary(max_size=997), st.sampled_from([Command, Reply]))
def test_what_is_encoded_is_decoded(code: int, data: bytes, kind: type[Command] | type[Reply]) -> None:
    sender = "host" if kind is Command else "device"
    assert decoder(sender).feed(kind(code, data).encode()) == [kind(code, data)]


def test_an_endless_frame_without_length_is_given_up() -> None:
    events = decoder("host").feed(b"\x02000" + b"0" * 5000)
    assert b"".join(event.raw for event in events) == b"\x02000" + b"0" * 5000


# --- data


def test_the_information_record_is_read_and_written() -> None:
    data = vector(WIRE, "information record")[5:-3]
    record = Information.decode(data)
    assert record.model == "ZT588"
    assert (record.hardware, record.firmware, record.produced, record.serial) == ("1.0", "2.3", "2611", "0001")
    assert record.settings == Settings(
        blank=False,
        keypad_on=False,
        sound=True,
        timeout=30,
        fill=0xFF,
        minimum=4,
        maximum=12,
        speed=0x37,
        hex_mode=0x37,
        beep=10,
    )
    assert record.encode() == data


def test_a_record_of_another_length_is_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        Information.decode(b"x" * 145)


def test_two_forms_of_starting_a_pin_entry_are_told_apart_by_length() -> None:
    assert pin_dialect(vector(WIRE, "start PIN, automatic end")[5:-3]) is PinDialect.JC
    assert pin_dialect(vector(WIRE, "start PIN, dialect R")[5:-3]) is PinDialect.R


@pytest.mark.parametrize("data", [b"2030", b"", b"2"])
def test_data_that_end_in_a_field_are_refused(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="end in the field"):
        split(REQUESTS[Opcode.LOAD_ENCRYPTED_KEY], data)


def test_data_that_go_on_after_the_last_field_are_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="follow the last field"):
        split(REQUESTS[Opcode.CONTROL], b"0300")


def test_every_opcode_has_fields_in_both_directions() -> None:
    assert set(REQUESTS) == set(Opcode) == set(REPLIES)


@pytest.mark.parametrize("length", range(17))
def test_pin_lengths_survive_both_codings(length: int) -> None:
    for coding in LengthCoding:
        assert coding.from_byte(coding.to_byte(length)) == length


def test_a_key_of_an_odd_length_is_refused_before_it_is_sent() -> None:
    with pytest.raises(LocalProtocolError):
        load_encrypted_key(0x20, 0x30, Tag.PIN, bytes(15))


@pytest.mark.parametrize("size", [0, 7, 520])
def test_crypt_commands_take_whole_blocks_up_to_512_bytes(size: int) -> None:
    with pytest.raises(LocalProtocolError):
        crypt(0x32, CryptMode.ECB_ENCRYPT, bytes(size))
    with pytest.raises(LocalProtocolError):
        sm4_mac(0x20, bytes(16), bytes(size))
    with pytest.raises(LocalProtocolError):
        sm4_crypt(0x20, Sm4Direction.DECRYPT, Sm4Chaining.ECB, bytes(16), bytes(size))
    with pytest.raises(LocalProtocolError):
        sm4_load_encrypted_key(0x01, 0x20, bytes(8))


@pytest.mark.parametrize(("codes", "expected"), [(SpeedCodes.SENT, 115200), (SpeedCodes.TABLE, 1200)])
def test_one_value_means_two_speeds(codes: SpeedCodes, expected: int) -> None:
    assert codes.speed(0x48) == expected
    assert codes.speed(0x37) is None


@pytest.mark.parametrize("size", [0, 7, 520])
def test_a_mac_command_takes_whole_blocks_up_to_512_bytes(size: int) -> None:
    with pytest.raises(LocalProtocolError):
        mac(0x31, MacType.TDES_CBC, bytes(size))


# --- words for a trace

SECRETS = {
    "load clear key, slot 00, three components": "0123456789ABCDEFFEDCBA9876543210",
    "load PIN key 30 under 20": "4230EF1CB268495597F4494DD23D8A72",
    "set UID 16 x 88": "8888888888888888",
    "prove, UID 16 x 88": "DBE0CCA6F984BBBD67A4C150D1784AC2",
    "random under slot 20": "07659967C30F43606D28660909406CC8",
    "start PIN, dialect R": PAN12,
    "PIN block, dialect JC": PAN12,
    "PIN block of 123456": "8E37F451C21B66E2",
    "MAC, slot 31, TDES": "12345678ABCDEFGH",
    "crypt, slot 32, ECB encrypt": "0011223344556677",
    "encrypted": "31A7364CAC91CA39",
    "SM4 clear load, slot 01": "0123456789ABCDEFFEDCBA9876543210",
    "SM4 PIN block, slot 20": PAN12,
    "SM4 PIN block of 123456": "D664C07BA219562A239841632F092577",
    "load SM4 key 21 under 02": "3D66234C49E4296FF9C78D8BACBD6A76",
    "SM4 crypt, slot 20, ECB encrypt": "0123456789ABCDEFFEDCBA9876543210",
    "decrypted": "0011223344556677",
    "8 random bytes": "479D64E59D5B8E33",
    "SM4 MAC, slot 20": "3132333435363738",
}


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_marked_and_not_spoken(name: str) -> None:
    (found,) = [v for v in load(WIRE) if v.name == name]
    (event,) = decoder(found.sender).feed(found.data)
    told = explain(event)
    left = bytearray(found.data)
    for secret in told.secrets:
        left[secret] = b"." * len(left[secret])
    assert SECRETS[name].encode() not in left
    assert left.endswith(b"\x03..")  # the LRC would tell some bits of what is hidden
    assert SECRETS[name] not in told.text
    assert SECRETS[name] not in repr(event)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("information", "information"),
        ("minimum 4", "control: parameter 4, value 04"),
        (
            "load PIN key 30 under 20",
            "load encrypted key: master 20, slot 30, tag 3, length 2, cryptogram of 32 characters",
        ),
        ("PIN key loaded", "load encrypted key done: check value EB7A8DF91182DBE2"),
        ("start PIN, dialect R", "start pin entry: slot 30, format 20, hint 0, length 04, account of 12 characters"),
        ("PIN block, dialect R", "pin block"),
        ("PIN block of 123456", "pin block done: count 00, PIN length 06, block of 16 characters"),
        ("error EC", "refused: authentication (EC)"),
    ],
)
def test_frames_are_told_in_words(name: str, text: str) -> None:
    (found,) = [v for v in load(WIRE) if v.name == name]
    (event,) = decoder(found.sender).feed(found.data)
    assert explain(event).text == text
    assert bool(explain(event).secrets) == ("characters" in text)


@pytest.mark.req("S1-43")
@pytest.mark.parametrize("code", sorted(DIGITS))
def test_a_digit_key_is_never_named_in_a_trace(code: KeyCode) -> None:
    """The same byte may be part of an amount or, on a pad gone wrong, of a PIN: a trace can't know."""
    event = KeyByte(code, bytes([code]))
    told = explain(event)
    assert told.text == "a key"
    assert told.secrets == (slice(0, 1),)
    assert not re.search(r"[0-9]", repr(event))


@pytest.mark.parametrize(
    ("code", "text"), [(KeyCode.STAR, "a PIN digit (*)"), (KeyCode.ENTER, "enter"), (KeyCode.F3, "function key 3")]
)
def test_other_keys_are_named(code: KeyCode, text: str) -> None:
    assert explain(KeyByte(code, bytes([code]))).text == text


@pytest.mark.parametrize(
    "event", [Command(0x46, b"RSA"), Reply(0x76, b"RSA"), Reply(0xDF, b"RSA"), Damaged(b"\x02RSA", "x")]
)
def test_what_is_not_known_is_hidden_whole(event: Command | Reply | Damaged) -> None:
    secret, *_ = explain(event).secrets
    raw = event.raw if isinstance(event, Damaged) else event.encode()
    assert b"RSA" in raw[secret]
