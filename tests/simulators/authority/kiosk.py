"""A terminal as the host sees it, made of hand-built messages; and an authority in memory with a clock to set."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from protocol.ber_tlv import encode_tlv
from protocol.chip_card import Tag
from protocol.cryptogram import (
    application_cryptogram,
    card_key,
    counter_diversifier,
    cryptogram_input,
    transaction_key,
)
from protocol.keys import Cipher, encrypt, unwrap_key
from protocol.mac import cbc_mac, retail_mac
from protocol.money_line import (
    SECURITY_SM4,
    BatchEnd,
    BatchEndReply,
    BatchRecord,
    BatchRecordReply,
    CashReply,
    CashRequest,
    Confirm,
    ConfirmReply,
    Message,
    NetworkCode,
    NetworkManagement,
    Original,
    QuoteReply,
    QuoteRequest,
    Reversal,
    ReversalCause,
    ReversalReply,
    Settlement,
    SettlementReply,
    SettlementRequest,
    SignOn,
    SignOnReply,
    Totals,
    TransferReply,
    TransferRequest,
    TypedMessage,
    decode,
    encode,
    mac_input,
    parse,
    with_mac,
)
from protocol.pin_block import PinBlockFormat, pan12
from protocol.pin_block import encode as pin_block
from simulators.authority.authority import Authority
from simulators.authority.business_time import SHANGHAI
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.money_line.switch import SwitchRules
from simulators.authority.people.register import Insured
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.supervision.risk.rules import RiskBook, RiskRules

TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
SM4_TMK = bytes.fromhex("1234567890ABCDEFABCDEF0987654321")
ISSUER_KEY = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
WEIHAI, SHENZHEN, CHENGDU, SUZHOU = "371000", "440300", "510100", "320500"

R = TypeVar("R", bound=TypedMessage)

NO_RISK = RiskBook(RiskRules(version="none", clue_at=50, decline_at=100, rules=()))


@dataclass(frozen=True, slots=True)
class Somebody:
    """A fictitious insured person."""

    name: str = "测试甲"
    id_number: str = "310101198001010018"
    card_number: str = "A12345674"
    region: str = WEIHAI
    pan: str = "6217000000000000012"
    expiry: str = "3012"
    pin: str = "123456"
    opening_balance_fen: int = 1_000_000


JIA = Somebody()
YI = Somebody("测试乙", "320508195612310022", "S00000012", SUZHOU, "6230660000000000008", "3012", "654321", 500_000)


class Clock:
    """The host's clock, set by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 20, 10, 0, tzinfo=SHANGHAI)

    def now(self) -> datetime:
        return self.time

    def pass_(self, **span: float) -> None:
        self.time += timedelta(**span)


def make_authority(
    clock: Clock,
    *people: Insured,
    policies: PolicyBook | None = None,
    database: Database | None = None,
    issuer_key: bytes | None = None,
    risk: RiskBook = NO_RISK,
    rules: SwitchRules = SwitchRules(),  # noqa: B008  # frozen
) -> Authority:
    """An authority in memory with these people, who may draw in two cities in one minute."""
    hsm = SoftHsm(b"M" * 32, random.Random(1).randbytes)
    authority = Authority(database or Database(), hsm, clock.now, policies, rules, issuer_key=issuer_key, risk=risk)
    authority.load_people(people)
    return authority


class Kiosk:
    """A terminal that knows its keys and counts its STANs; it checks nothing that a test does not ask."""

    def __init__(
        self,
        authority: Authority,
        *,
        name: str = "K0000001",
        merchant: str = "371000000000001",
        region: str = WEIHAI,
        cipher: Cipher = Cipher.TDES,
        admitted: bool = False,
    ) -> None:
        self.cipher = cipher
        self.authority = authority
        self.id = name
        self.merchant = merchant
        self.pik = self.mak = b""
        self.batch = 1
        self.stan = 0
        sm4_tmk = SM4_TMK if cipher is Cipher.SM4 else None
        if not admitted:
            authority.register_terminal(name, merchant, region, TMK, cash_fen=10_000_000, sm4_tmk=sm4_tmk)

    def sign_on(self) -> SignOnReply:
        network = NetworkCode.SIGN_ON_SM4 if self.cipher is Cipher.SM4 else NetworkCode.SIGN_ON_TDES
        reply = self.tell(SignOn(**self._own(), network=network), SignOnReply, mac=False)
        assert reply.keys is not None
        master = SM4_TMK if self.cipher is Cipher.SM4 else TMK
        self.pik = unwrap_key(self.cipher, master, reply.keys.pin_key)
        self.mak = unwrap_key(self.cipher, master, reply.keys.mac_key)
        self.batch = reply.batch
        return reply

    def sign_off(self) -> None:
        message = NetworkManagement(**self._own(), network=NetworkCode.SIGN_OFF)
        assert self.send(message.to_message()) is not None

    def quote_request(self, person: Somebody = JIA, **changes: Any) -> QuoteRequest:
        return QuoteRequest(**(self._own() | self._card(person) | changes))

    def cash_request(self, fen: int, person: Somebody = JIA, **changes: Any) -> CashRequest:
        return CashRequest(**(self._own() | self._card(person) | {"amount": fen} | changes))

    def quote(self, person: Somebody = JIA, **changes: Any) -> QuoteReply:
        return self.tell(self.quote_request(person, **changes), QuoteReply)

    def cash(self, fen: int, person: Somebody = JIA, **changes: Any) -> CashReply:
        return self.tell(self.cash_request(fen, person, **changes), CashReply)

    def transfer_request(self, fen: int, person: Somebody = JIA, **changes: Any) -> TransferRequest:
        return TransferRequest(**(self._own() | self._card(person) | {"amount": fen} | changes))

    def transfer(self, fen: int, person: Somebody = JIA, **changes: Any) -> TransferReply:
        return self.tell(self.transfer_request(fen, person, **changes), TransferReply)

    def settlement_of(self, totals: Totals, foreign: Totals = Totals()) -> SettlementRequest:  # noqa: B008  # frozen
        return SettlementRequest(**self._own(), settlement=Settlement(totals, foreign=foreign))

    def settle(self, totals: Totals) -> SettlementReply:
        return self.tell(self.settlement_of(totals), SettlementReply)

    def upload(self, reply: CashReply, paid_fen: int, **changes: Any) -> BatchRecordReply:
        original = Original(reply.batch, reply.stan, reply.date)
        values = self._own() | {"amount": paid_fen, "original": original, "reference": reply.reference} | changes
        return self.tell(BatchRecord(**values), BatchRecordReply)

    def end_upload(self, records: int, **changes: Any) -> BatchEndReply:
        return self.tell(BatchEnd(**(self._own() | {"records": records} | changes)), BatchEndReply)

    def confirm_of(self, reply: CashReply, paid_fen: int, person: Somebody = JIA) -> Confirm:
        original = Original(reply.batch, reply.stan, reply.date)
        reference = reply.reference or "0" * 12
        return Confirm(**self._own(), pan=person.pan, amount=paid_fen, original=original, reference=reference)

    def reversal_of(self, request: CashRequest, date: str = "0520", **changes: Any) -> Reversal:
        values = self._own() | {
            "stan": request.stan,
            "pan": request.pan,
            "amount": request.amount,
            "original": Original(request.batch, request.stan, date),
            "cause": ReversalCause.NO_ANSWER,
        }
        return Reversal(**(values | changes))

    def confirm(self, reply: CashReply, paid_fen: int) -> ConfirmReply:
        return self.tell(self.confirm_of(reply, paid_fen), ConfirmReply)

    def reverse(self, request: CashRequest, date: str = "0520") -> ReversalReply:
        return self.tell(self.reversal_of(request, date), ReversalReply)

    def tell(self, message: TypedMessage, reply: type[R], *, mac: bool = True) -> R:
        """Send, check the reply's MAC, and read it."""
        answer = self.send(self.sealed(message) if mac else message.to_message())
        assert answer is not None
        if mac and self.mak:
            assert answer.mac == self._mac(answer)
        typed = parse(answer)
        assert isinstance(typed, reply)
        return typed

    def send(self, message: Message) -> Message | None:
        """Put a message through the wire format in both directions."""
        answer = self.authority.handle(decode(encode(message)))
        return None if answer is None else decode(encode(answer))

    def sealed(self, message: TypedMessage) -> Message:
        """The message with its MAC."""
        return self.resealed(message.to_message())

    def resealed(self, plain: Message) -> Message:
        """A message that no class has, with its MAC."""
        return with_mac(plain, self._mac(plain) if self.mak else bytes(8))

    def _mac(self, message: Message) -> bytes:
        if self.cipher is Cipher.SM4:
            return cbc_mac(Cipher.SM4, self.mak, mac_input(message))[:8]
        return retail_mac(self.mak, mac_input(message))

    def next_stan(self) -> int:
        self.stan += 1
        return self.stan

    def _own(self) -> dict[str, Any]:
        return {"stan": self.next_stan(), "terminal": self.id, "merchant": self.merchant, "batch": self.batch}

    def _card(self, person: Somebody) -> dict[str, Any]:
        known = {"pan": person.pan, "expiry": person.expiry}
        if self.cipher is Cipher.SM4:
            clear = pin_block(person.pin, pan12(person.pan), PinBlockFormat.SM4)
            return known | {"pin_block_sm4": encrypt(Cipher.SM4, self.pik, clear), "security_control": SECURITY_SM4}
        block = encrypt(Cipher.TDES, self.pik or bytes(16), pin_block(person.pin, pan12(person.pan)))
        return known | {"pin_block": block}


def with_pin(person: Somebody, pin: str) -> Somebody:
    """The person typing another PIN."""
    return replace(person, pin=pin)


def chip_data(
    person: Somebody, fen: int, issuer_key: bytes = ISSUER_KEY, *, counter: int = 1, sequence: str = "01"
) -> bytes:
    """Field 55 with the cryptogram of the person's card over an amount, in the card's transaction `counter`."""
    values: dict[int, bytes] = {tag: bytes(size) for tag, size in _CHIP_OBJECTS.items()}
    values |= {Tag.AMOUNT: bytes.fromhex(f"{fen:012d}"), Tag.ATC: counter.to_bytes(2, "big")}
    key = transaction_key(card_key(issuer_key, person.pan, sequence), counter_diversifier(counter))
    values[Tag.CRYPTOGRAM] = application_cryptogram(key, cryptogram_input(values))
    return b"".join(encode_tlv(tag, value) for tag, value in values.items())


_CHIP_OBJECTS = {
    Tag.OTHER_AMOUNT: 6,
    Tag.TERMINAL_COUNTRY: 2,
    Tag.TVR: 5,
    Tag.CURRENCY: 2,
    Tag.TRANSACTION_DATE: 3,
    Tag.TRANSACTION_TYPE: 1,
    Tag.UNPREDICTABLE_NUMBER: 4,
    Tag.AIP: 2,
    Tag.ATC: 2,
    Tag.ISSUER_APPLICATION_DATA: 8,
}
