"""The bank application of a virtual card and the payment directory before it (EMV Book 3, PBOC tags)."""

import hashlib
import hmac
from dataclasses import dataclass, field

from protocol.ber_tlv import encode_tlv, parse_dol, split_dol
from protocol.chip_card import (
    PSE,
    UNIONPAY_DEBIT_AID,
    AflEntry,
    CommandApdu,
    CryptogramType,
    Ins,
    ResponseApdu,
    StatusWord,
    Tag,
    encode_afl,
)
from protocol.cryptogram import (
    application_cryptogram,
    arpc_method_1,
    card_key,
    counter_diversifier,
    cryptogram_input,
    transaction_key,
)
from protocol.wire import RemoteProtocolError

AIP = bytes.fromhex("7C00")
AFL = (AflEntry(1, 1, 1, 0), AflEntry(2, 1, 2, 0))
PDOL = bytes.fromhex("9F7A019F02065F2A02")
CDOL1 = bytes.fromhex("9F02069F03069F1A0295055F2A029A039C019F3704")
CDOL2 = bytes.fromhex("8A02") + CDOL1
PIN_TRIES = 3
_CVR = {CryptogramType.AAC: 0x80, CryptogramType.TC: 0x90, CryptogramType.ARQC: 0xA0}


@dataclass(frozen=True, slots=True)
class BankAccount:
    """What the issuer puts on the card. `expiry` is YYMM, `pin` the offline PIN."""

    pan: str = field(repr=False)
    pan_sequence: str
    expiry: str
    holder: str
    issuer_key: bytes = field(repr=False)
    pin: str = field(repr=False)
    service_code: str = "220"

    @property
    def track2(self) -> str:
        """Track 2 without sentinels: PAN, `=`, expiry, service code, discretionary data."""
        return f"{self.pan}={self.expiry}{self.service_code}".ljust(37, "0")


class PaymentDirectory:
    """1PAY.SYS.DDF01: one record that names the bank application."""

    def __init__(self, aid: bytes = UNIONPAY_DEBIT_AID, label: bytes = b"PBOC DEBIT") -> None:
        self.name = PSE
        entry = encode_tlv(0x4F, aid) + encode_tlv(Tag.APPLICATION_LABEL, label) + encode_tlv(Tag.PRIORITY, b"\x01")
        self._record = encode_tlv(Tag.RECORD, encode_tlv(Tag.APPLICATION_TEMPLATE, entry))

    def select(self) -> bytes:
        """The FCI: the directory is the file with SFI 1."""
        own = encode_tlv(Tag.PSE_SFI, b"\x01") + encode_tlv(Tag.LANGUAGE, b"zh") + encode_tlv(0x9F11, b"\x01")
        return encode_tlv(Tag.FCI, encode_tlv(Tag.DF_NAME, PSE) + encode_tlv(Tag.FCI_PROPRIETARY, own))

    def run(self, command: CommandApdu) -> ResponseApdu:
        """READ RECORD."""
        if command.ins != Ins.READ_RECORD:
            return _status(StatusWord.UNKNOWN_INS)
        if (command.p1, command.p2) != (1, 0x0C):
            return _status(StatusWord.RECORD_NOT_FOUND)
        return ResponseApdu(self._record, StatusWord.OK)


class BankApplication:
    """A debit application. Its counters and PIN tries outlive power; the rest is one selection."""

    def __init__(
        self,
        account: BankAccount,
        *,
        aid: bytes = UNIONPAY_DEBIT_AID,
        label: bytes = b"PBOC DEBIT",
        format_2: bool = False,
    ) -> None:
        self.name = aid
        self.atc = 0
        self.pin_tries = PIN_TRIES
        self._account = account
        self._label = label
        self._format_2 = format_2
        self._challenges = 0
        self._records = self._personalise()
        self._forget()

    def select(self) -> bytes:
        """The FCI with the PDOL."""
        self._forget()
        own = (
            encode_tlv(Tag.APPLICATION_LABEL, self._label)
            + encode_tlv(Tag.PRIORITY, b"\x01")
            + encode_tlv(Tag.PDOL, PDOL)
            + encode_tlv(Tag.LANGUAGE, b"zh")
            + encode_tlv(0x9F11, b"\x01")
            + encode_tlv(0x9F12, self._label)
            + encode_tlv(0xBF0C, encode_tlv(0x9F4D, b"\x0b\x0a"))
        )
        return encode_tlv(Tag.FCI, encode_tlv(Tag.DF_NAME, self.name) + encode_tlv(Tag.FCI_PROPRIETARY, own))

    def run(self, command: CommandApdu) -> ResponseApdu:
        """The commands of the EMV flow."""
        match command.ins:
            case Ins.GET_PROCESSING_OPTIONS:
                return self._get_processing_options(command.data)
            case Ins.READ_RECORD:
                return self._read_record(command.p1, command.p2)
            case Ins.GET_DATA:
                return self._get_data(command.p1 << 8 | command.p2)
            case Ins.GET_CHALLENGE:
                return self._get_challenge()
            case Ins.VERIFY:
                return self._verify(command)
            case Ins.GENERATE_AC:
                return self._generate_ac(command)
            case Ins.EXTERNAL_AUTHENTICATE:
                return self._external_authenticate(command.data)
            case _:
                return _status(StatusWord.UNKNOWN_INS)

    def _forget(self) -> None:
        self._started = False
        self._cryptograms = 0
        self._arqc: bytes | None = None
        self._issuer_is_right: bool | None = None

    def _personalise(self) -> dict[tuple[int, int], bytes]:
        account = self._account
        track2 = account.track2.replace("=", "D")
        month = account.expiry + {"02": "28", "04": "30", "06": "30", "09": "30", "11": "30"}.get(
            account.expiry[2:], "31"
        )
        first = encode_tlv(Tag.TRACK2_EQUIVALENT, _packed(track2)) + encode_tlv(
            Tag.CARDHOLDER_NAME, account.holder.encode("ascii")
        )
        second = (
            encode_tlv(Tag.PAN, _packed(account.pan))
            + encode_tlv(Tag.PAN_SEQUENCE, _packed(account.pan_sequence))
            + encode_tlv(Tag.EXPIRY_DATE, _packed(month))
            + encode_tlv(Tag.COUNTRY, b"\x01\x56")
            + encode_tlv(Tag.APPLICATION_VERSION_CARD, b"\x00\x30")
        )
        third = (
            encode_tlv(Tag.CDOL1, CDOL1)
            + encode_tlv(Tag.CDOL2, CDOL2)
            + encode_tlv(Tag.CVM_LIST, bytes(8) + b"\x02\x00")
        )
        return {
            (1, 1): encode_tlv(Tag.RECORD, first),
            (2, 1): encode_tlv(Tag.RECORD, second),
            (2, 2): encode_tlv(Tag.RECORD, third),
        }

    def _get_processing_options(self, data: bytes) -> ResponseApdu:
        if self._started:
            return _status(StatusWord.CONDITIONS)
        wanted = sum(entry.length for entry in parse_dol(PDOL))
        if data[:2] != bytes((Tag.COMMAND_TEMPLATE, wanted)) or len(data) != wanted + 2:
            return _status(StatusWord.BAD_DATA)
        if self.atc == 0xFFFF:
            return _status(StatusWord.CONDITIONS)
        self._started = True
        self.atc += 1
        afl = encode_afl(AFL)
        if self._format_2:
            return ResponseApdu(
                encode_tlv(Tag.RESPONSE_FORMAT_2, encode_tlv(Tag.AIP, AIP) + encode_tlv(Tag.AFL, afl)), StatusWord.OK
            )
        return ResponseApdu(encode_tlv(Tag.RESPONSE_FORMAT_1, AIP + afl), StatusWord.OK)

    def _read_record(self, number: int, p2: int) -> ResponseApdu:
        if not self._started:
            return _status(StatusWord.CONDITIONS)
        record = self._records.get((p2 >> 3, number))
        return ResponseApdu(record, StatusWord.OK) if record else _status(StatusWord.RECORD_NOT_FOUND)

    def _get_data(self, tag: int) -> ResponseApdu:
        values = {
            Tag.ATC: self.atc.to_bytes(2, "big"),
            Tag.LAST_ONLINE_ATC: bytes(2),
            Tag.PIN_TRIES: bytes((self.pin_tries,)),
            0x9F4F: bytes.fromhex("9F02069A039F3602"),
        }
        if tag not in values:
            return _status(StatusWord.REFERENCED_DATA_NOT_FOUND)
        return ResponseApdu(encode_tlv(tag, values[tag]), StatusWord.OK)

    def _get_challenge(self) -> ResponseApdu:
        self._challenges += 1
        seed = self._account.pan.encode() + self._challenges.to_bytes(4, "big")
        return ResponseApdu(hashlib.sha256(seed).digest()[:8], StatusWord.OK)

    def _verify(self, command: CommandApdu) -> ResponseApdu:
        """Offline plaintext PIN in format 2: `2n`, packed digits, F."""
        if command.p2 != 0x80 or len(command.data) != 8:
            return _status(StatusWord.WRONG_P1_P2 if command.p2 != 0x80 else StatusWord.WRONG_LENGTH)
        if not self.pin_tries:
            return _status(StatusWord.METHOD_BLOCKED)
        pin = self._account.pin
        expected = bytes.fromhex(f"2{len(pin):X}{pin}".ljust(16, "F"))
        if hmac.compare_digest(expected, command.data):
            self.pin_tries = PIN_TRIES
            return _status(StatusWord.OK)
        self.pin_tries -= 1
        return ResponseApdu(b"", 0x63C0 | self.pin_tries)

    def _generate_ac(self, command: CommandApdu) -> ResponseApdu:
        if not self._started or self._cryptograms == 2 or (self._cryptograms and self._arqc is None):
            return _status(StatusWord.CONDITIONS)
        try:
            values = split_dol(parse_dol(CDOL2 if self._cryptograms else CDOL1), command.data)
            kind = CryptogramType(command.p1 & 0xC0)
        except RemoteProtocolError:
            return _status(StatusWord.WRONG_LENGTH)
        except ValueError:
            return _status(StatusWord.WRONG_P1_P2)
        if self._cryptograms and kind is CryptogramType.ARQC:
            return _status(StatusWord.CONDITIONS)
        if self._issuer_is_right is False:
            kind = CryptogramType.AAC
        self._cryptograms += 1
        atc = self.atc.to_bytes(2, "big")
        application_data = bytes((0x07, 0x01, 0x01, 0x03, _CVR[kind], 0x00, 0x00, 0x00))
        values |= {Tag.AIP: AIP, Tag.ATC: atc, Tag.ISSUER_APPLICATION_DATA: application_data}
        cryptogram = application_cryptogram(self._transaction_key(), cryptogram_input(values))
        self._arqc = cryptogram if kind is CryptogramType.ARQC else None
        information = bytes((kind,))
        if self._format_2:
            answer = (
                encode_tlv(Tag.CRYPTOGRAM_INFORMATION, information)
                + encode_tlv(Tag.ATC, atc)
                + encode_tlv(Tag.CRYPTOGRAM, cryptogram)
                + encode_tlv(Tag.ISSUER_APPLICATION_DATA, application_data)
            )
            return ResponseApdu(encode_tlv(Tag.RESPONSE_FORMAT_2, answer), StatusWord.OK)
        answer = information + atc + cryptogram + application_data
        return ResponseApdu(encode_tlv(Tag.RESPONSE_FORMAT_1, answer), StatusWord.OK)

    def _external_authenticate(self, data: bytes) -> ResponseApdu:
        """The issuer's answer by method 1: ARPC (8) and authorisation response code (2).

        After a wrong one the card approves nothing in this transaction.
        """
        if self._arqc is None:
            return _status(StatusWord.CONDITIONS)
        if len(data) != 10:
            return _status(StatusWord.WRONG_LENGTH)
        expected = arpc_method_1(self._transaction_key(), self._arqc, data[8:])
        self._issuer_is_right = hmac.compare_digest(expected, data[:8])
        return _status(StatusWord.OK if self._issuer_is_right else StatusWord.AUTHENTICATION_FAILED)

    def _transaction_key(self) -> bytes:
        own_key = card_key(self._account.issuer_key, self._account.pan, self._account.pan_sequence)
        return transaction_key(own_key, counter_diversifier(self.atc))


def _packed(digits: str) -> bytes:
    """Packed digits, an odd one padded with F."""
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


def _status(sw: StatusWord) -> ResponseApdu:
    return ResponseApdu(b"", sw)
