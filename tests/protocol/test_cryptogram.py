import pytest

from protocol.cryptogram import (
    application_cryptogram,
    arpc_method_1,
    arpc_method_2,
    arqc_matches,
    card_key,
    card_verification_results,
    counter_diversifier,
    issuer_authentication_data,
    transaction_key,
)
from protocol.wire import RemoteProtocolError
from tests.vectors import vector

PAN, SEQUENCE = "9901234567890123", "45"
DATA = bytes.fromhex("0123456789ABCDEF") * 2


def golden(name: str) -> bytes:
    return vector("cryptogram", name)


def test_the_cards_key_comes_from_the_issuers() -> None:
    assert card_key(golden("issuer key"), PAN, SEQUENCE) == golden("card key")


def test_the_transaction_key_follows_the_common_derivation() -> None:
    diversifier = bytes.fromhex("1234567890123456")
    assert transaction_key(golden("card key"), diversifier) == golden("transaction key for 1234567890123456")


def test_cryptogram_and_both_answers_are_those_of_the_public_library() -> None:
    key = golden("transaction key for 1234567890123456")
    arqc = application_cryptogram(key, DATA)
    assert arqc == golden("ARQC over 0123456789ABCDEF twice")
    assert arpc_method_1(golden("card key"), arqc, b"\x00\x00") == golden("ARPC method 1, card key, code 0000")
    assert arpc_method_1(key, arqc, b"00") == golden("ARPC method 1, transaction key, code 3030")
    assert arpc_method_2(key, arqc, bytes.fromhex("03920000")) == golden(
        "ARPC method 2, transaction key, update 03920000"
    )


def test_the_issuer_accepts_its_cards_cryptogram_and_no_other() -> None:
    issuer_key = golden("issuer key")
    key = transaction_key(card_key(issuer_key, PAN, SEQUENCE), counter_diversifier(7))
    arqc = application_cryptogram(key, DATA)
    assert arqc_matches(issuer_key, PAN, SEQUENCE, 7, DATA, arqc)
    assert not arqc_matches(issuer_key, PAN, SEQUENCE, 8, DATA, arqc)
    assert not arqc_matches(issuer_key, PAN, SEQUENCE, 7, DATA + b"\x00", arqc)
    assert not arqc_matches(issuer_key, "9901234567890124", SEQUENCE, 7, DATA, arqc)


def test_of_a_long_pan_only_the_last_fourteen_digits_and_the_sequence_count() -> None:
    issuer_key = golden("issuer key")
    key = card_key(issuer_key, "6299991234567890122", "1")
    assert key == card_key(issuer_key, "0000091234567890122", "01")
    assert key != card_key(issuer_key, "6299991234567890122", "2")


def test_the_verification_results_stand_inside_the_application_data() -> None:
    assert card_verification_results(bytes.fromhex("07010103A0000000")) == bytes.fromhex("03A00000")


@pytest.mark.parametrize("code", ["00", "51"])
def test_the_answer_to_the_card_holds_the_arpc_and_the_code(code: str) -> None:
    chip_data = bytes.fromhex("9F2608 0102030405060708 9F3602 0007")
    told = issuer_authentication_data(golden("issuer key"), PAN, SEQUENCE, chip_data, code.encode())
    assert told == golden(f"issuer authentication data, counter 7, code {code}")


@pytest.mark.parametrize("chip_data", ["", "9F2608 0102030405060708", "9F2604 01020304 9F3602 0007"])
def test_without_a_whole_cryptogram_there_is_nothing_to_answer(chip_data: str) -> None:
    with pytest.raises(RemoteProtocolError, match="cryptogram"):
        issuer_authentication_data(golden("issuer key"), PAN, SEQUENCE, bytes.fromhex(chip_data), b"00")
