"""Application cryptograms of EMV cards: card keys, ARQC and ARPC (EMV Book 2, annex A1; Book 3, section 8).

The card and its issuer share this arithmetic. The transaction key follows EMV's common derivation with the transaction
counter in it; PBOC cards derive theirs in another way, which is not published.
"""

import hmac
from collections.abc import Mapping

from protocol.ber_tlv import parse_tlv
from protocol.chip_card import Tag
from protocol.keys import Cipher, encrypt, with_odd_parity, xor
from protocol.mac import Padding, retail_mac
from protocol.wire import RemoteProtocolError

CRYPTOGRAM_TAGS: tuple[Tag, ...] = (
    Tag.AMOUNT,
    Tag.OTHER_AMOUNT,
    Tag.TERMINAL_COUNTRY,
    Tag.TVR,
    Tag.CURRENCY,
    Tag.TRANSACTION_DATE,
    Tag.TRANSACTION_TYPE,
    Tag.UNPREDICTABLE_NUMBER,
    Tag.AIP,
    Tag.ATC,
)


def sequence_digits(pan_sequence: str) -> str:
    """What of a card's sequence number (field 23, or tag 5F34) tells cards of one number apart: two digits."""
    return pan_sequence[-2:].rjust(2, "0")


def card_key(issuer_key: bytes, pan: str, pan_sequence: str) -> bytes:
    """A card's own 16-byte key from the issuer's master key (EMV option A). Raises KeyFault."""
    digits = (pan + sequence_digits(pan_sequence))[-16:].rjust(16, "0")
    half = bytes.fromhex(digits)
    inverted = bytes(byte ^ 0xFF for byte in half)
    return with_odd_parity(encrypt(Cipher.TDES, issuer_key, half) + encrypt(Cipher.TDES, issuer_key, inverted))


def transaction_key(key: bytes, diversifier: bytes) -> bytes:
    """EMV's common transaction key; `diversifier` is 8 bytes, see `counter_diversifier`. Raises KeyFault."""
    left = diversifier[:2] + b"\xf0" + diversifier[3:]
    right = diversifier[:2] + b"\x0f" + diversifier[3:]
    return with_odd_parity(encrypt(Cipher.TDES, key, left) + encrypt(Cipher.TDES, key, right))


def counter_diversifier(atc: int) -> bytes:
    """The diversifier of a transaction: the counter of the card and six zero bytes."""
    return atc.to_bytes(2, "big") + bytes(6)


def application_cryptogram(key: bytes, data: bytes) -> bytes:
    """The 8-byte cryptogram over `data` under a transaction key. Raises KeyFault."""
    return retail_mac(key, data, Padding.ONE_AND_ZEROS)


def card_verification_results(issuer_application_data: bytes) -> bytes:
    """The CVR inside tag 9F10: `length, key index, version, CVR (4), algorithm`, as PBOC cards lay it out."""
    return issuer_application_data[3:7]


def arqc_matches(issuer_key: bytes, pan: str, pan_sequence: str, atc: int, data: bytes, arqc: bytes) -> bool:
    """The issuer's check of a cryptogram, in constant time. Raises KeyFault."""
    key = transaction_key(card_key(issuer_key, pan, pan_sequence), counter_diversifier(atc))
    return hmac.compare_digest(application_cryptogram(key, data), arqc)


def arpc_method_1(key: bytes, arqc: bytes, response_code: bytes) -> bytes:
    """The issuer's 8-byte answer to `arqc` with the two-byte authorisation response code. Raises KeyFault."""
    return encrypt(Cipher.TDES, key, xor(arqc, response_code + bytes(6)))


def arpc_method_2(key: bytes, arqc: bytes, card_status_update: bytes) -> bytes:
    """The issuer's 4-byte answer to `arqc` with a card status update. Raises KeyFault."""
    return retail_mac(key, arqc + card_status_update, Padding.ONE_AND_ZEROS)[:4]


def issuer_authentication_data(
    issuer_key: bytes, pan: str, pan_sequence: str, chip_data: bytes, response_code: bytes
) -> bytes:
    """Tag 91 by method 1: the ARPC to the ARQC in a request's field 55, and the two-byte response code (8 + 2 bytes).

    The key is that of the transaction, as a card computes it. Raises RemoteProtocolError for data that is no field 55,
    KeyFault.
    """
    values = {found.tag: found.value for found in parse_tlv(chip_data)}
    arqc, atc = values.get(Tag.CRYPTOGRAM, b""), values.get(Tag.ATC, b"")
    if (len(arqc), len(atc)) != (8, 2):
        raise RemoteProtocolError("chip data without a whole cryptogram and its counter")
    key = transaction_key(card_key(issuer_key, pan, pan_sequence), counter_diversifier(int.from_bytes(atc, "big")))
    return arpc_method_1(key, arqc, response_code) + response_code


def cryptogram_input(values: Mapping[int, bytes]) -> bytes:
    """What an ARQC is computed over, from data objects by tag. Raises RemoteProtocolError when one is missing."""
    missing = [f"{tag:X}" for tag in (*CRYPTOGRAM_TAGS, Tag.ISSUER_APPLICATION_DATA) if tag not in values]
    if missing:
        raise RemoteProtocolError(f"chip data without {', '.join(missing)}")
    joined = b"".join(values[tag] for tag in CRYPTOGRAM_TAGS)
    return joined + card_verification_results(values[Tag.ISSUER_APPLICATION_DATA])


def is_authentic(issuer_key: bytes, pan: str, pan_sequence: str, chip_data: bytes) -> bool:
    """The issuer's check of a request's field 55: does its ARQC come from this card and cover this data?

    Raises RemoteProtocolError when the field is not TLV or lacks an object, KeyFault for a key of a wrong length.
    """
    values = {found.tag: found.value for found in parse_tlv(chip_data)}
    data = cryptogram_input(values)
    if len(values[Tag.ATC]) != 2:
        raise RemoteProtocolError("a transaction counter has two bytes")
    atc = int.from_bytes(values[Tag.ATC], "big")
    return arqc_matches(issuer_key, pan, pan_sequence, atc, data, values.get(Tag.CRYPTOGRAM, b""))
