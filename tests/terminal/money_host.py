"""A host played by the test: it hears what the terminal sends and says what the test wants."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from drivers.interfaces import CompletionCode as Completion
from drivers.interfaces import (
    CryptoMethod,
    DataEntered,
    DeviceError,
    KeyName,
    KeyPress,
    MacAlgorithm,
    PinEntered,
    PinFormat,
    PinPadCapabilities,
    PinPadStatus,
)
from protocol.money_line import (
    AmountType,
    CashReply,
    CashRequest,
    Confirm,
    ConfirmReply,
    Header,
    Message,
    MoneyMessage,
    NetworkManagement,
    NetworkManagementReply,
    QuoteReply,
    QuoteRequest,
    Reversal,
    ReversalReply,
    SignOn,
    SignOnReply,
    TypedMessage,
    WorkingKeys,
    decoder,
    encode,
    mac_input,
    parse,
    with_mac,
)
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.virtual_time import World
from terminal.journal import Entry, Journal
from terminal.money_line import Approved, MoneyLine, MoneyLineSettings
from terminal.vault import Vault

T = TypeVar("T", bound=TypedMessage)
R = TypeVar("R")

START = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
"""09:30 on 5 January in China."""

KEYS = WorkingKeys(b"P" * 16, hashlib.sha256(b"P" * 16).digest()[:4], b"M" * 16, hashlib.sha256(b"M" * 16).digest()[:4])


@dataclass(frozen=True)
class PlainCard:
    pan: str = "6217000000000000012"
    expiry: str | None = "3012"
    pan_sequence: str | None = "001"
    track2: str | None = "6217000000000000012=30122010001"


CARD = PlainCard()
PIN_BLOCK = bytes.fromhex("20C7E8024EB139B8")


class FakePad:
    """A PIN pad that only knows MACs; `broken` makes it fail."""

    capabilities = PinPadCapabilities()

    def __init__(self) -> None:
        self.mac_key = b""
        self.broken = False

    async def import_key(self, key: KeyName, cryptogram: bytes) -> bytes:
        if key is KeyName.MAC:
            self.mac_key = cryptogram
        return hashlib.sha256(cryptogram).digest()[:8]

    async def generate_authentication(self, data: bytes, algorithm: MacAlgorithm) -> bytes:
        if self.broken:
            raise DeviceError("pin pad", Completion.HARDWARE_ERROR, "no answer")
        return mac(self.mac_key, data)

    async def reset(self) -> None:
        raise NotImplementedError

    async def status(self) -> PinPadStatus:
        raise NotImplementedError

    async def set_pin_block_data(self, customer_data: str) -> None:
        raise NotImplementedError

    async def pin_entry(
        self,
        *,
        min_len: int,
        max_len: int,
        auto_end: bool,
        timeout: float,
        on_key: Callable[[KeyPress], None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> PinEntered:
        raise NotImplementedError

    async def delete_key(self, key: KeyName) -> None:
        raise NotImplementedError

    async def initialization(self) -> None:
        raise NotImplementedError

    async def crypto_data(
        self, data: bytes, *, encrypt: bool, method: CryptoMethod = CryptoMethod.ECB, iv: bytes = b""
    ) -> bytes:
        raise NotImplementedError

    async def generate_random(self) -> bytes:
        raise NotImplementedError

    async def get_pin_block(self, customer_data: str, fmt: PinFormat = PinFormat.ISO0) -> bytes:
        raise NotImplementedError

    async def data_entry(
        self,
        *,
        max_len: int,
        timeout: float,
        on_key: Callable[[KeyPress, str], None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> DataEntered:
        raise NotImplementedError


def mac(key: bytes, data: bytes) -> bytes:
    """What pad and host agree on here; real MACs have tests of their own."""
    return hmac.digest(key, data, "sha256")[:8]


@dataclass
class Kiosk:
    """A money line with its journal; `restart` gives the same journal to a new one, as after a power cut."""

    folder: Path
    settings: MoneyLineSettings = field(
        default_factory=lambda: MoneyLineSettings(terminal="33100001", merchant="331000012345678")
    )
    world: World = field(default_factory=lambda: World(1, START))
    pad: FakePad = field(default_factory=FakePad)
    reachable: bool = True
    connections: int = 0

    def __post_init__(self) -> None:
        self.host = Host()
        self.journal = self._journal()
        self.line = self._line()

    async def connect(self) -> MemoryEnd:
        if not self.reachable:
            raise ConnectionRefusedError("nobody listens")
        self.connections += 1
        ours, theirs = memory_line()
        self.host.answer_call(theirs)
        return ours

    def restart(self) -> None:
        """The program dies where it is and starts again."""
        self.line.close()
        self.journal.close()
        self.journal = self._journal()
        self.line = self._line()

    def kinds(self) -> list[str]:
        return [record.kind for record in self.journal.records()]

    def dropped(self) -> list[str]:
        return [record.data["reason"] for record in self.journal.records(Entry.HOST_REPLY_DROPPED)]

    def _journal(self) -> Journal:
        return Journal(self.folder / "journal.db", self.world.now)

    def _line(self) -> MoneyLine:
        entropy = self.world.chance(f"entropy{self.connections}").randbytes
        return MoneyLine(
            self.connect, self.pad, self.journal, Vault(bytes(32), entropy), self.settings, self.world.now, entropy
        )


class Host:
    """The other end of the line; a new connection takes the place of the one before."""

    def __init__(self) -> None:
        self.mac_key = KEYS.mac_key
        self.messages: list[Message] = []
        self.end: MemoryEnd | None = None
        self._calls: asyncio.Queue[MemoryEnd] = asyncio.Queue()
        self._decoder = decoder()

    def answer_call(self, end: MemoryEnd) -> None:
        """The terminal has connected."""
        self._calls.put_nowait(end)

    def hang_up(self) -> None:
        """Break the connection."""
        assert self.end is not None
        self.end.close()

    async def hear(self, kind: type[T]) -> T:
        """The next message, on this connection or the next; it must be of this kind, with a right MAC if it has one."""
        while True:
            if self.end is None:
                self.end, self._decoder = await self._calls.get(), decoder()
            try:
                data = await self.end.receive()
            except ConnectionError:
                self.end = None
                continue
            for event in self._decoder.feed(data):
                assert isinstance(event, Message)
                self.messages.append(event)
                request = parse(event)
                assert isinstance(request, kind), f"heard {type(request).__name__}"
                if event.mti[1] in "2345":
                    assert event.mac == mac(self.mac_key, mac_input(event))
                return request

    async def say(self, reply: MoneyMessage, *, key: bytes | None = None, header: Header = Header()) -> None:  # noqa: B008
        """Send a message, with a right MAC unless another `key` makes it."""
        await self.say_raw(self.frame(reply, key=key, header=header))

    def frame(self, reply: MoneyMessage, *, key: bytes | None = None, header: Header = Header()) -> bytes:  # noqa: B008
        message = reply.to_message(header=header)
        if reply.MTI[1] in "2345":
            message = with_mac(message, mac(key or self.mac_key, mac_input(message)))
        return encode(message)

    async def say_raw(self, frame: bytes) -> None:
        assert self.end is not None
        await self.end.send(frame)


def signed_on(request: SignOn, *, code: str = "00", keys: WorkingKeys | None = KEYS, batch: int = 7) -> SignOnReply:
    return SignOnReply(
        stan=request.stan,
        terminal=request.terminal,
        merchant=request.merchant,
        batch=batch,
        time="093010",
        date="0105",
        code=code,
        keys=keys,
    )


def echoed(request: NetworkManagement, *, date: str = "0105", code: str = "00") -> NetworkManagementReply:
    return NetworkManagementReply(
        stan=request.stan,
        terminal=request.terminal,
        merchant=request.merchant,
        batch=request.batch,
        time="093010",
        date=date,
        network=request.network,
        code=code,
    )


def quoted(request: QuoteRequest, *, code: str = "00", pin_tries_left: int | None = None) -> QuoteReply:
    return QuoteReply(
        stan=request.stan,
        terminal=request.terminal,
        merchant=request.merchant,
        batch=request.batch,
        time="093011",
        date="0105",
        code=code,
        pin_tries_left=pin_tries_left,
        reference="000000000001",
        amounts={AmountType.LEDGER: 320_000, AmountType.AVAILABLE: 319_999, AmountType.MAXIMUM_DRAW: 200_000},
    )


def answered(request: CashRequest, *, code: str = "00", amount: int | None = None) -> CashReply:
    return CashReply(
        stan=request.stan,
        terminal=request.terminal,
        merchant=request.merchant,
        batch=request.batch,
        time="093012",
        date="0105",
        code=code,
        amount=request.amount if amount is None else amount,
        reference="000000000002",
        authorisation="A12345" if code == "00" else None,
        amounts={AmountType.AVAILABLE: 269_999},
    )


def confirmed(advice: Confirm, *, code: str = "00") -> ConfirmReply:
    return ConfirmReply(
        stan=advice.stan,
        terminal=advice.terminal,
        merchant=advice.merchant,
        batch=advice.batch,
        time="093013",
        date="0105",
        code=code,
        amount=advice.amount,
    )


def reversed_(advice: Reversal, *, code: str = "00") -> ReversalReply:
    return ReversalReply(
        stan=advice.stan,
        terminal=advice.terminal,
        merchant=advice.merchant,
        batch=advice.batch,
        time="093014",
        date="0105",
        code=code,
        amount=advice.amount,
        processing_code=advice.processing_code,
        transaction_type=advice.transaction_type,
    )


def start(work: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
    """What the kiosk does while the test plays the host."""
    return asyncio.ensure_future(work)


async def signing_on(kiosk: Kiosk) -> SignOn:
    """The kiosk has signed on."""
    waiting = start(kiosk.line.sign_on())
    request = await kiosk.host.hear(SignOn)
    await kiosk.host.say(signed_on(request))
    await waiting
    return request


async def approved(kiosk: Kiosk, amount_fen: int = 50_000) -> Approved:
    """An approval that the kiosk has got."""
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, amount_fen, transaction="visit1"))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest)))
    answer = await asking
    assert isinstance(answer, Approved)
    return answer
