"""Read a card: first the social-security application, then in the same power-up the bank application.

Knows chips only through the CardReader interface. What it can't use it rejects with a reason that has words in
terminal/texts; a fault of the reader itself stays a DeviceError.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from drivers.interfaces import CardData, CardReader, DeviceError, ErrorCode
from protocol import social_card
from protocol.ber_tlv import Tlv, build_dol, encode_tlv, find, parse_dol, parse_tlv
from protocol.chip_card import (
    NUMERIC_TAGS,
    UNIONPAY_AID_PREFIX,
    CommandApdu,
    CryptogramType,
    ResponseApdu,
    StatusWord,
    Tag,
    external_authenticate,
    generate_ac,
    get_processing_options,
    get_response,
    parse_afl,
    read_record,
    read_record_by_identifier,
    select_by_name,
    select_file,
)
from protocol.social_card import Field
from protocol.wire import RemoteProtocolError

COUNTRY = b"\x01\x56"
CURRENCY = b"\x01\x56"
_MAX_RECORDS = 32
_CARD_FAULTS = (ErrorCode.INVALID_MEDIA, ErrorCode.ATR_NOT_OBTAINED, ErrorCode.PROTOCOL_NOT_SUPPORTED)


class Rejection(StrEnum):
    """Why a card can't be used; the values are keys of `card.*` in terminal/texts."""

    MUTE_CHIP = "mute_chip"
    NOT_SOCIAL_SECURITY_CARD = "not_social_security"
    NO_BANK_APPLICATION = "no_bank_application"
    DAMAGED = "damaged"
    EXPIRED = "expired"


class CardRejected(Exception):
    """This card can't be used here; `detail` is for the journal and holds nothing read from the card."""

    def __init__(self, reason: Rejection, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True, slots=True)
class Card:
    """What the terminal knows of a card. `expiry` is YYMM, `pan_sequence` three digits, `track2` has `=` after the PAN.

    `region`, `card_number`, `id_number` and `name` are empty where the card shows them only after authentication.
    """

    pan: str = field(repr=False)
    pan_sequence: str
    expiry: str = field(repr=False)
    track2: str = field(repr=False)
    aid: bytes
    region: str = ""
    card_number: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    version: str = ""

    @property
    def pan12(self) -> str:
        """The rightmost 12 digits without the check digit, as ISO-0 PIN blocks want them."""
        return self.pan[-13:-1]

    @property
    def masked_pan(self) -> str:
        """The first six and the last four digits."""
        return self.pan[:6] + "*" * (len(self.pan) - 10) + self.pan[-4:]

    @property
    def masked_card_number(self) -> str:
        """The first and the last two characters of the social-security card number."""
        return self.card_number[:1] + "*" * (len(self.card_number) - 3) + self.card_number[-2:]

    @property
    def masked_name(self) -> str:
        """All but the last character hidden."""
        return "*" * (len(self.name) - 1) + self.name[-1:]


@dataclass(frozen=True, slots=True)
class EmvTerminal:
    """What this kiosk is in EMV words: unattended, online only, online PIN, contacts and stripe."""

    serial: str = "00000001"
    terminal_type: bytes = b"\x14"
    capabilities: bytes = bytes.fromhex("604000")
    application_version: bytes = bytes.fromhex("0030")
    verification_results: bytes = bytes.fromhex("8000040000")
    """Offline data authentication was not performed; an online PIN was entered."""
    cvm_result: bytes = bytes.fromhex("020000")
    """Enciphered PIN, checked online, outcome unknown here."""


KIOSK = EmvTerminal()


async def read_card(reader: CardReader, data: CardData, *, today: date | None = None) -> Card:
    """What is on the card whose tracks and ATR are `data`; its chip is under power.

    The expiry date is checked where `today` is given. Raises CardRejected, and DeviceError for faults of the reader.
    """
    if data.atr is None:
        if _stripe_says_no_chip(data.track2):
            raise CardRejected(Rejection.NOT_SOCIAL_SECURITY_CARD, "a stripe card without a chip")
        raise CardRejected(Rejection.MUTE_CHIP, "no answer to reset")
    try:
        social = await _social_data(reader)
        aid, pdol = await _select_bank_application(reader)
        account = await _account(reader, pdol)
    except RemoteProtocolError as error:
        raise CardRejected(Rejection.DAMAGED, str(error)) from error
    except DeviceError as error:
        if error.code in _CARD_FAULTS:
            raise CardRejected(Rejection.DAMAGED, error.detail) from error
        raise
    card = _card(social, account, aid)
    _check_against_stripe(card, data.track2)
    if today is not None and card.expiry < f"{today:%y%m}":
        raise CardRejected(Rejection.EXPIRED, "past its expiry date")
    return card


async def online_cryptogram(
    reader: CardReader,
    card: Card,
    *,
    amount_fen: int,
    transaction_type: str,
    today: date,
    unpredictable: bytes,
    sequence: int,
    terminal: EmvTerminal = KIOSK,
) -> bytes:
    """Field 55 of one request: the card's ARQC over it, and what the issuer needs to check that.

    `transaction_type` is the first two digits of the processing code ("01" cash, "31" balance), `unpredictable` four
    random bytes, `sequence` the trace number. Each call is a transaction of its own for the card. Raises CardRejected,
    DeviceError.
    """
    values: dict[int, bytes] = {
        Tag.AMOUNT: _packed(f"{amount_fen:012d}"),
        Tag.OTHER_AMOUNT: bytes(6),
        Tag.TERMINAL_COUNTRY: COUNTRY,
        Tag.TVR: terminal.verification_results,
        Tag.CURRENCY: CURRENCY,
        Tag.TRANSACTION_DATE: _packed(f"{today:%y%m%d}"),
        Tag.TRANSACTION_TYPE: _packed(transaction_type),
        Tag.UNPREDICTABLE_NUMBER: unpredictable,
        Tag.TERMINAL_CAPABILITIES: terminal.capabilities,
        Tag.CVM_RESULT: terminal.cvm_result,
        Tag.TERMINAL_TYPE: terminal.terminal_type,
        Tag.TERMINAL_SERIAL: terminal.serial.encode("ascii").ljust(8)[:8],
        Tag.APPLICATION_VERSION_TERMINAL: terminal.application_version,
        Tag.SEQUENCE_COUNTER: _packed(f"{sequence:08d}"),
        Tag.DF_NAME: card.aid,
    }
    try:
        selected = await _transmit(reader, select_by_name(card.aid))
        _require(selected, Rejection.NO_BANK_APPLICATION, "SELECT of the bank application")
        pdol = find(parse_tlv(selected.data), Tag.PDOL) or b""
        aip, afl = await _begin(reader, pdol, values)
        cdol = find(await _records(reader, afl), Tag.CDOL1) or b""
        asked = build_dol(parse_dol(cdol), {**values, Tag.AIP: aip}, NUMERIC_TAGS)
        answer = await _transmit(reader, generate_ac(CryptogramType.ARQC, asked))
        _require(answer, Rejection.DAMAGED, "GENERATE AC")
        values |= {Tag.AIP: aip, **_cryptogram_objects(answer.data)}
    except RemoteProtocolError as error:
        raise CardRejected(Rejection.DAMAGED, str(error)) from error
    except DeviceError as error:
        if error.code in _CARD_FAULTS:
            raise CardRejected(Rejection.DAMAGED, error.detail) from error
        raise
    return b"".join(encode_tlv(tag, values[tag]) for tag in CHIP_DATA_TAGS)


async def accepts_issuer(reader: CardReader, issuer_data: bytes) -> bool:
    """Hand the issuer's answer (field 55 of a reply) to the card that asked; False when it is not its issuer's.

    EXTERNAL AUTHENTICATE, in the card session of the request's cryptogram. An answer without tag 91 proves nothing and
    is not asked about: True. Raises CardRejected for an answer that can't be read, DeviceError.
    """
    try:
        told = find(parse_tlv(issuer_data), Tag.ISSUER_AUTHENTICATION)
    except RemoteProtocolError as error:
        raise CardRejected(Rejection.DAMAGED, f"field 55 of the answer: {error}") from error
    if told is None:
        return True
    return (await _transmit(reader, external_authenticate(told))).ok


CHIP_DATA_TAGS: tuple[Tag, ...] = (
    Tag.CRYPTOGRAM,
    Tag.CRYPTOGRAM_INFORMATION,
    Tag.ISSUER_APPLICATION_DATA,
    Tag.UNPREDICTABLE_NUMBER,
    Tag.ATC,
    Tag.TVR,
    Tag.TRANSACTION_DATE,
    Tag.TRANSACTION_TYPE,
    Tag.AMOUNT,
    Tag.CURRENCY,
    Tag.AIP,
    Tag.TERMINAL_COUNTRY,
    Tag.OTHER_AMOUNT,
    Tag.TERMINAL_CAPABILITIES,
    Tag.CVM_RESULT,
    Tag.TERMINAL_TYPE,
    Tag.TERMINAL_SERIAL,
    Tag.DF_NAME,
    Tag.APPLICATION_VERSION_TERMINAL,
    Tag.SEQUENCE_COUNTER,
)
"""The objects of field 55 for a withdrawal with online PIN, in this order."""


async def _transmit(reader: CardReader, command: CommandApdu) -> ResponseApdu:
    """One command, with what T=0 asks for in between: the right Le (6Cxx) and GET RESPONSE (61xx)."""
    answer = ResponseApdu.parse(await reader.chip_io(command.encode()))
    if answer.right_length is not None:
        repeated = CommandApdu(command.cla, command.ins, command.p1, command.p2, command.data, answer.right_length)
        answer = ResponseApdu.parse(await reader.chip_io(repeated.encode()))
    collected = answer.data
    for _ in range(_MAX_RECORDS):
        if answer.waiting is None:
            break
        answer = ResponseApdu.parse(await reader.chip_io(get_response(answer.waiting).encode()))
        collected += answer.data
    return ResponseApdu(collected, answer.sw)


def _require(answer: ResponseApdu, reason: Rejection, what: str) -> None:
    if not answer.ok:
        raise CardRejected(reason, f"{what} ended with {answer.sw:04X}")


async def _social_data(reader: CardReader) -> dict[Field, str]:
    answer = await _transmit(reader, select_by_name(social_card.AID))
    _require(answer, Rejection.NOT_SOCIAL_SECURITY_CARD, "SELECT of the social-security application")
    wanted = {
        social_card.EF_ISSUER: (social_card.CARD_IDENTIFIER, social_card.VERSION, social_card.CARD_NUMBER),
        social_card.EF_HOLDER: (social_card.ID_NUMBER, social_card.NAME),
    }
    found: dict[Field, str] = {}
    for file, fields in wanted.items():
        _require(await _transmit(reader, select_file(file)), Rejection.DAMAGED, f"SELECT of EF{file & 0xFF:02X}")
        for each in fields:
            found[each] = await _social_field(reader, each)
    return found


async def _social_field(reader: CardReader, each: Field) -> str:
    """By identifier; some cards know only record numbers."""
    answer = await _transmit(reader, read_record_by_identifier(each.tag))
    if answer.sw in (StatusWord.WRONG_P1_P2, StatusWord.RECORD_NOT_FOUND, StatusWord.NOT_SUPPORTED):
        first = next(other.tag for other in social_card.FIELDS if other.file == each.file)
        answer = await _transmit(reader, read_record(each.tag - first + 1, each.file & 0x1F))
    _require(answer, Rejection.DAMAGED, f"READ RECORD of {each.name}")
    return each.decode(answer.data)


async def _select_bank_application(reader: CardReader) -> tuple[bytes, bytes]:
    """By the beginning that all UnionPay applications share; returns AID and PDOL."""
    answer = await _transmit(reader, select_by_name(UNIONPAY_AID_PREFIX))
    _require(answer, Rejection.NO_BANK_APPLICATION, "SELECT of the bank application")
    objects = parse_tlv(answer.data)
    aid = find(objects, Tag.DF_NAME)
    if aid is None:
        raise RemoteProtocolError("the bank application does not tell its name")
    return aid, find(objects, Tag.PDOL) or b""


async def _account(reader: CardReader, pdol: bytes) -> tuple[Tlv, ...]:
    """The records of the bank application, read without any transaction."""
    values: dict[int, bytes] = {Tag.CURRENCY: CURRENCY, Tag.TERMINAL_COUNTRY: COUNTRY}
    _, afl = await _begin(reader, pdol, values)
    return await _records(reader, afl)


async def _begin(reader: CardReader, pdol: bytes, values: Mapping[int, bytes]) -> tuple[bytes, bytes]:
    """GET PROCESSING OPTIONS; returns AIP and AFL of either response format."""
    asked = build_dol(parse_dol(pdol), values, NUMERIC_TAGS)
    answer = await _transmit(reader, get_processing_options(asked))
    _require(answer, Rejection.NO_BANK_APPLICATION, "GET PROCESSING OPTIONS")
    objects = parse_tlv(answer.data)
    if (compact := find(objects, Tag.RESPONSE_FORMAT_1)) is not None:
        return compact[:2], compact[2:]
    aip, afl = find(objects, Tag.AIP), find(objects, Tag.AFL)
    if aip is None or afl is None:
        raise RemoteProtocolError("GET PROCESSING OPTIONS without AIP and AFL")
    return aip, afl


async def _records(reader: CardReader, afl: bytes) -> tuple[Tlv, ...]:
    numbers = [(entry.sfi, number) for entry in parse_afl(afl) for number in range(entry.first, entry.last + 1)]
    if len(numbers) > _MAX_RECORDS:
        raise RemoteProtocolError(f"{len(numbers)} records")
    records: tuple[Tlv, ...] = ()
    for sfi, number in numbers:
        answer = await _transmit(reader, read_record(number, sfi))
        _require(answer, Rejection.DAMAGED, f"READ RECORD {number} of file {sfi}")
        records += parse_tlv(answer.data, strict=False)
    return records


def _cryptogram_objects(data: bytes) -> dict[int, bytes]:
    objects = parse_tlv(data)
    if (compact := find(objects, Tag.RESPONSE_FORMAT_1)) is not None:
        found: dict[int, bytes] = {
            Tag.CRYPTOGRAM_INFORMATION: compact[:1],
            Tag.ATC: compact[1:3],
            Tag.CRYPTOGRAM: compact[3:11],
            Tag.ISSUER_APPLICATION_DATA: compact[11:],
        }
    else:
        tags = (Tag.CRYPTOGRAM_INFORMATION, Tag.ATC, Tag.CRYPTOGRAM, Tag.ISSUER_APPLICATION_DATA)
        found = {tag: find(objects, tag) or b"" for tag in tags}
    information = found[Tag.CRYPTOGRAM_INFORMATION]
    if (len(information), len(found[Tag.ATC]), len(found[Tag.CRYPTOGRAM])) != (1, 2, 8):
        raise RemoteProtocolError("GENERATE AC without a whole cryptogram")
    if information[0] & 0xC0 != CryptogramType.ARQC:
        raise CardRejected(Rejection.DAMAGED, "the card declines to go online")
    return found


def _card(social: Mapping[Field, str], account: tuple[Tlv, ...], aid: bytes) -> Card:
    track2 = (find(account, Tag.TRACK2_EQUIVALENT) or b"").hex().upper().rstrip("F").replace("D", "=")
    pan = (find(account, Tag.PAN) or b"").hex().upper().rstrip("F") or track2.partition("=")[0]
    expiry = (find(account, Tag.EXPIRY_DATE) or b"").hex()[:4] or track2.partition("=")[2][:4]
    if not social_card.is_pan(pan) or len(expiry) != 4 or not expiry.isdecimal():
        raise CardRejected(Rejection.DAMAGED, "no usable card number and expiry date")
    if track2 and not track2.startswith(f"{pan}={expiry}"):
        raise CardRejected(Rejection.DAMAGED, "the records of the chip contradict each other")
    card_number, id_number = social[social_card.CARD_NUMBER], social[social_card.ID_NUMBER]
    if (card_number and not social_card.is_card_number(card_number)) or (
        id_number and not social_card.is_id_number(id_number)
    ):
        raise CardRejected(Rejection.DAMAGED, "a number of the social-security application fails its check digit")
    return Card(
        pan=pan,
        pan_sequence=(find(account, Tag.PAN_SEQUENCE) or b"\x00").hex().rjust(3, "0"),
        expiry=expiry,
        track2=track2,
        aid=aid,
        region=social_card.region_of(social[social_card.CARD_IDENTIFIER]),
        card_number=card_number,
        id_number=id_number,
        name=social[social_card.NAME],
        version=social[social_card.VERSION],
    )


def _check_against_stripe(card: Card, track2: str | None) -> None:
    """A stripe that can be read and names another account is a sign of a manipulated card."""
    if track2 and track2.partition("=")[0] != card.pan:
        raise CardRejected(Rejection.DAMAGED, "stripe and chip name different accounts")


def _stripe_says_no_chip(track2: str | None) -> bool:
    """The service code after the expiry date begins with 2 or 6 on cards with a chip."""
    service_code = (track2 or "").partition("=")[2][4:7]
    return bool(service_code) and service_code[0] not in "26"


def _packed(digits: str) -> bytes:
    return bytes.fromhex(digits)
