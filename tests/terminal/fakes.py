"""A kiosk without wires: four scripted devices, a host that answers, a real journal, and a customer who is quick.

Every call of a device is written down with the number of the journal's last record, and can be made to end otherwise
than well: by what it answers (`script`), or by its number (`break_call`).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from drivers.interfaces import (
    CardData,
    CardReaderCapabilities,
    CardReaderStatus,
    CashUnitStatus,
    ChipPower,
    ChipProtocol,
    CompletionCode,
    CryptoMethod,
    DataEntered,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserCapabilities,
    DispenserState,
    DispenserStatus,
    Done,
    EncryptionState,
    EntryCompletion,
    KeyName,
    KeyPress,
    MacAlgorithm,
    Media,
    MoveTarget,
    Outcome,
    PaperSupply,
    PinEntered,
    PinFormat,
    PinPadCapabilities,
    PinPadStatus,
    PositionStatus,
    PresentState,
    PresentStatus,
    PrinterStatus,
    PrintItem,
    PrintText,
    Replenishment,
    ShutterStatus,
    UnitCounts,
    UnitStatus,
    Unknown,
    WriteMethod,
)
from protocol.money_line import (
    AmountType,
    CashRequest,
    Confirm,
    Message,
    MoneyMessage,
    NetworkManagement,
    QuoteRequest,
    Reversal,
    SignOn,
    decoder,
    encode,
    mac_input,
    parse,
    with_mac,
)
from simulators.world.cards import VirtualCard, issue
from simulators.world.line import LineEnd, MemoryEnd, memory_line
from simulators.world.people import person
from simulators.world.virtual_time import World
from terminal import recovery, suspense, views
from terminal.acquaintance import Acquaintance
from terminal.cash_units import CashUnit, CashUnits
from terminal.config import TimeLimits
from terminal.equipment import Equipment, Notices
from terminal.journal import Entry, Journal, JournalError, Record
from terminal.money_line import MoneyLine, MoneyLineSettings
from terminal.pages.offers import RETURN_CARD
from terminal.redaction import Json
from terminal.session import Session
from terminal.states import State
from terminal.vault import Vault
from terminal.view import Choose, Intent, Screen, View
from tests.terminal.money_host import KEYS, START, answered, confirmed, echoed, mac, quoted, reversed_, signed_on

T = TypeVar("T")

BROKEN = DeviceError("fake device", CompletionCode.HARDWARE_ERROR, "broken by the test")
UNPLUGGED = ConnectionError("unplugged by the test")
JAMMED = DeviceError("fake device", CompletionCode.HARDWARE_ERROR, "jammed by the test")

TYPING = 1.0
"""Seconds for everything that a person does here."""


class ForgetfulJournal(Journal):
    """The `break_at`-th write of it fails, and all later ones; `kept` says whether that record reached the disk."""

    break_at: int | None = None
    kept = False
    written = 0

    def write(self, kind: Entry, transaction: str | None = None, **data: Json) -> Record:
        self.written += 1
        if self.break_at is not None and self.written >= self.break_at:
            if self.kept and self.written == self.break_at:
                super().write(kind, transaction, **data)
            raise JournalError("the disk is full by the test")
        return super().write(kind, transaction, **data)


@dataclass(frozen=True)
class Call:
    """A call of a device: what, with what, and the number of the journal's last record then."""

    device: str
    method: str
    argument: object
    journal: int


class FakeDevice:
    """What all fakes can do: write down calls, answer by script, break."""

    name = ""

    def __init__(self, log: list[Call], journal: Callable[[], Journal]) -> None:
        self.script: dict[str, list[Any]] = {}
        self.break_call: tuple[int, Exception] | None = None
        self.number = 0
        self._log = log
        self._journal = journal

    def _called(self, method: str, argument: object, default: Any) -> Any:
        """What the call ends in: an exception is raised, anything else returned."""
        last = next(self._journal().records(newest_first=True), None)
        self._log.append(Call(self.name, method, argument, last.seq if last else 0))
        self.number += 1
        if self.break_call is not None and self.break_call[0] == self.number:
            raise self.break_call[1]
        answers = self.script.get(method, [])
        answer = answers.pop(0) if answers else default
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeReader(FakeDevice):
    """A reader into which one card is put, once; its chip is a virtual one."""

    name = "reader"
    capabilities = CardReaderCapabilities(write_tracks=(1, 2, 3))

    def __init__(self, log: list[Call], journal: Callable[[], Journal], card: VirtualCard) -> None:
        super().__init__(log, journal)
        self.cards = [card]
        self.before_card = TYPING
        self._card = card

    async def reset(self, to: MoveTarget = MoveTarget.EXIT) -> Outcome[Media]:
        return self._called("reset", to, Done(Media.NOT_PRESENT))  # type: ignore[no-any-return]

    async def status(self) -> CardReaderStatus:
        return self._called("status", None, CardReaderStatus(DeviceState.ONLINE, Media.NOT_PRESENT))  # type: ignore[no-any-return]

    async def read_raw_data(self, *, on_inserted: Callable[[], None] = lambda: None) -> CardData:
        self._called("read_raw_data", None, None)
        if not self.cards:
            await asyncio.Event().wait()
        self._card = self.cards.pop()
        await asyncio.sleep(self.before_card)
        if refused := self.script.get("at_slot", []):
            raise refused.pop(0)
        on_inserted()
        assert self._card.chip is not None
        return CardData(track2=self._card.tracks.get(2), atr=self._card.chip.reset())

    async def chip_power(self, action: ChipPower) -> bytes:
        return self._called("chip_power", action, b"")  # type: ignore[no-any-return]

    async def write_raw_data(self, tracks: Mapping[int, str], method: WriteMethod | None = None) -> None:
        self._called("write_raw_data", tuple(tracks), None)
        for number, text in tracks.items():
            self._card.write_track(number, text)

    async def reset_count(self) -> None:
        self._called("reset_count", None, None)

    async def chip_io(self, command: bytes, protocol: ChipProtocol = ChipProtocol.NOT_REQUIRED) -> bytes:
        assert self._card.chip is not None
        return self._called("chip_io", command, self._card.chip.exchange(command))  # type: ignore[no-any-return]

    async def move(self, to: MoveTarget) -> Outcome[Media]:
        default = Done(Media.ENTERING if to is MoveTarget.EXIT else Media.NOT_PRESENT)
        return self._called("move", to, default)  # type: ignore[no-any-return]

    async def media_removed(self, timeout: float) -> bool:
        taken: bool = self._called("media_removed", timeout, True)
        await asyncio.sleep(TYPING if taken else timeout)
        return taken


class FakePad(FakeDevice):
    """A PIN pad at which somebody types right away, or (`typist` False) nobody does."""

    name = "pad"
    typist = True
    mac_key = b""
    capabilities = PinPadCapabilities()

    async def reset(self) -> None:
        self._called("reset", None, None)

    async def status(self) -> PinPadStatus:
        return self._called("status", None, PinPadStatus(DeviceState.ONLINE, EncryptionState.READY))  # type: ignore[no-any-return]

    async def import_key(self, key: KeyName, cryptogram: bytes) -> bytes:
        if key is KeyName.MAC:
            self.mac_key = cryptogram
        check = KEYS.mac_key_check if key is KeyName.MAC else KEYS.pin_key_check
        return self._called("import_key", key, check)  # type: ignore[no-any-return]

    async def delete_key(self, key: KeyName) -> None:
        self._called("delete_key", key, None)

    async def initialization(self) -> None:
        self._called("initialization", None, None)

    async def set_pin_block_data(self, customer_data: str) -> None:
        """This pad does not care."""

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
        entered: PinEntered = self._called("pin_entry", timeout, PinEntered(6, EntryCompletion.ENTER))
        on_ready()
        if not self.typist:
            await asyncio.sleep(timeout)
            return PinEntered(0, EntryCompletion.TIME_OUT)
        for _ in range(6):
            on_key(KeyPress.DIGIT)
        await asyncio.sleep(TYPING)
        return entered

    async def get_pin_block(self, customer_data: str, fmt: PinFormat = PinFormat.ISO0) -> bytes:
        return self._called("get_pin_block", None, bytes.fromhex("20C7E8024EB139B8"))  # type: ignore[no-any-return]

    async def data_entry(
        self,
        *,
        max_len: int,
        timeout: float,
        on_key: Callable[[KeyPress, str], None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> DataEntered:
        entered: DataEntered = self._called("data_entry", timeout, DataEntered("500", EntryCompletion.ENTER))
        on_ready()
        if not self.typist:
            await asyncio.sleep(timeout)
            return DataEntered("", EntryCompletion.TIME_OUT)
        on_key(KeyPress.DIGIT, entered.keys)
        await asyncio.sleep(TYPING)
        return entered

    async def generate_authentication(self, data: bytes, algorithm: MacAlgorithm) -> bytes:
        return self._called("generate_authentication", None, mac(self.mac_key, data))  # type: ignore[no-any-return]

    async def crypto_data(
        self, data: bytes, *, encrypt: bool, method: CryptoMethod = CryptoMethod.ECB, iv: bytes = b""
    ) -> bytes:
        return self._called("crypto_data", None, bytes(len(data)))  # type: ignore[no-any-return]

    async def generate_random(self) -> bytes:
        return self._called("generate_random", None, bytes(range(8)))  # type: ignore[no-any-return]


FULL = {f"unit{number}": CashUnitStatus(UnitStatus.OK, Replenishment.OK) for number in (1, 2)}


class FakeDispenser(FakeDevice):
    """A dispenser of two cassettes that hands notes straight to the customer."""

    name = "dispenser"
    capabilities = DispenserCapabilities(("unit1", "unit2"), 60, intermediate_stacker=False, retract=False)

    async def reset(self) -> Outcome[None]:
        return self._called("reset", None, Done(None))  # type: ignore[no-any-return]

    async def status(self) -> DispenserStatus:
        well = DispenserStatus(DeviceState.ONLINE, DispenserState.OK, FULL, PositionStatus.EMPTY)
        return self._called("status", None, well)  # type: ignore[no-any-return]

    async def dispense(self, units: Mapping[str, int]) -> Outcome[Dispensed]:
        complete = Dispensed({unit: UnitCounts(notes) for unit, notes in units.items()})
        return self._called("dispense", dict(units), Done(complete))  # type: ignore[no-any-return]

    async def present(self) -> Outcome[None]:
        return self._called("present", None, Done(None))  # type: ignore[no-any-return]

    async def items_taken(self, timeout: float) -> bool:
        taken: bool = self._called("items_taken", timeout, True)
        await asyncio.sleep(TYPING if taken else timeout)
        return taken

    async def retract(self) -> Outcome[int | None]:
        return self._called("retract", None, Done(None))  # type: ignore[no-any-return]

    async def reject(self) -> Outcome[int | None]:
        return self._called("reject", None, Done(None))  # type: ignore[no-any-return]

    async def get_present_status(self) -> PresentStatus:
        return self._called("get_present_status", None, PresentStatus(PresentState.UNKNOWN))  # type: ignore[no-any-return]


class FakePresenter(FakeDispenser):
    """A dispenser with a stacker, a shutter and a retract area: a model of where the notes are, unless scripted.

    The customer takes `takes` of the presented notes (None: all of them).
    """

    capabilities = DispenserCapabilities(("unit1", "unit2"), 60, intermediate_stacker=True, retract=True)

    def __init__(self, log: list[Call], journal: Callable[[], Journal]) -> None:
        super().__init__(log, journal)
        self.takes: int | None = None
        self.moves_anyway = False
        self.stacker = self.exit = self.taken = self.retracted = self.rejected = 0
        self.state = PresentState.NOT_PRESENTED
        self.remembers: Mapping[str, UnitCounts] | None = {}

    @property
    def words(self) -> DispenserStatus:
        """What it says of itself when nothing is wrong."""

        def found(notes: int) -> PositionStatus:
            return PositionStatus.NOT_EMPTY if notes else PositionStatus.EMPTY

        return DispenserStatus(
            DeviceState.ONLINE,
            DispenserState.OK,
            FULL,
            position=found(self.exit),
            stacker=found(self.stacker),
            transport=PositionStatus.EMPTY,
            shutter=ShutterStatus.OPEN if self.exit else ShutterStatus.CLOSED,
        )

    async def status(self) -> DispenserStatus:
        return self._called("status", None, self.words)  # type: ignore[no-any-return]

    async def dispense(self, units: Mapping[str, int]) -> Outcome[Dispensed]:
        def move(result: Dispensed) -> None:
            self.remembers = result.units
            self.stacker += sum(counts.dispensed for counts in result.units.values())
            self.state = PresentState.NOT_PRESENTED

        complete = Dispensed({unit: UnitCounts(notes) for unit, notes in units.items()})
        return self._moving("dispense", dict(units), complete, move)

    async def present(self) -> Outcome[None]:
        def move(_: None) -> None:
            self.stacker, self.exit = 0, self.stacker
            self.state = PresentState.PRESENTED

        return self._moving("present", None, None, move)

    async def items_taken(self, timeout: float) -> bool:
        hand = self.exit if self.takes is None else min(self.takes, self.exit)
        self.exit, self.taken = self.exit - hand, self.taken + hand
        taken: bool = self._called("items_taken", timeout, not self.exit)
        await asyncio.sleep(TYPING if taken else timeout)
        return taken

    async def retract(self) -> Outcome[int | None]:
        def move(_: int | None) -> None:
            self.exit, self.retracted = 0, self.retracted + self.exit

        return self._moving("retract", None, self.exit, move)

    async def reject(self) -> Outcome[int | None]:
        def move(_: int | None) -> None:
            self.stacker, self.rejected = 0, self.rejected + self.stacker

        return self._moving("reject", None, self.stacker, move)

    def _moving(self, method: str, argument: object, well: T, move: Callable[[T], None]) -> Outcome[T]:
        """A motion; with `moves_anyway` it takes place even where the answer is lost."""
        try:
            outcome: Outcome[T] = self._called(method, argument, Done(well))
        except Exception:
            if self.moves_anyway:
                move(well)
            raise
        if isinstance(outcome, Done):
            move(outcome.result)
        elif isinstance(outcome, Unknown) and self.moves_anyway:
            move(well)
        return outcome

    async def get_present_status(self) -> PresentStatus:
        return self._called("get_present_status", None, PresentStatus(self.state, self.remembers))  # type: ignore[no-any-return]


class FakePrinter(FakeDevice):
    """A printer that keeps what it printed."""

    name = "printer"
    columns = 32

    def __init__(self, log: list[Call], journal: Callable[[], Journal]) -> None:
        super().__init__(log, journal)
        self.printed: list[str] = []

    async def reset(self) -> None:
        self._called("reset", None, None)

    async def status(self) -> PrinterStatus:
        return self._called("status", None, PrinterStatus(DeviceState.ONLINE, PaperSupply.FULL))  # type: ignore[no-any-return]

    async def print_form(self, items: Sequence[PrintItem]) -> Outcome[None]:
        outcome: Outcome[None] = self._called("print_form", len(items), Done(None))
        if isinstance(outcome, Done):
            self.printed.append("\n".join(item.text for item in items if isinstance(item, PrintText)))
        return outcome


class AutoHost:
    """A host that agrees to everything, unless `codes` (field 39, in order) or `silent_on` say otherwise."""

    def __init__(self) -> None:
        self.codes: dict[type[Any], list[str]] = {}
        self.silent_on: dict[type[Any], int] = {}
        self.amounts_with_refusals = True
        self.left: dict[AmountType, int] | None = None
        """What a refused request for cash could have had, in fen."""
        self.heard: list[Any] = []

    def of(self, kind: type[Any]) -> list[Any]:
        """All requests of one kind."""
        return [request for request in self.heard if isinstance(request, kind)]

    async def serve(self, line: LineEnd) -> None:
        frames = decoder()
        while True:
            try:
                data = await line.receive()
            except ConnectionError:
                return
            for event in frames.feed(data):
                assert isinstance(event, Message)
                request = parse(event)
                self.heard.append(request)
                if self.silent_on.get(type(request), 0):
                    self.silent_on[type(request)] -= 1
                else:
                    await line.send(self._frame(self._reply(request)))

    def _reply(self, request: object) -> MoneyMessage:
        codes = self.codes.get(type(request), [])
        code = codes.pop(0) if codes else "00"
        match request:
            case SignOn():
                return signed_on(request, code=code)
            case QuoteRequest():
                reply = quoted(request, code=code, pin_tries_left=2 if code == "55" else None)
                tells = code == "00" or self.amounts_with_refusals
                return reply if tells else replace(reply, amounts=None)
            case CashRequest():
                reply_to_cash = answered(request, code=code)
                return reply_to_cash if code == "00" else replace(reply_to_cash, amounts=self.left)
            case NetworkManagement():
                return echoed(request)
            case Confirm():
                return confirmed(request, code=code)
            case Reversal():
                return reversed_(request, code=code)
        raise AssertionError(f"the terminal sent a {type(request).__name__}")

    def _frame(self, reply: MoneyMessage) -> bytes:
        message = reply.to_message()
        if reply.MTI[1] in "24":
            message = with_mac(message, mac(KEYS.mac_key, mac_input(message)))
        return encode(message)


ANSWERS: Mapping[Screen, Intent] = {
    Screen.NOTICE: Choose(views.AGREE),
    Screen.MENU: Choose(views.CASH),
    Screen.AMOUNT: Choose(f"{views.AMOUNT}50000"),
    Screen.CONFIRM: Choose(views.CONFIRM),
}
"""What the customer does at screens that ask for a touch."""

LOADED = {"unit1": CashUnit(100_00, 100), "unit2": CashUnit(50_00, 100)}

LIMITS = TimeLimits(customer=20, pin=20, card_taken=10, cash_taken=10, goodbye=2, retry=60)


@dataclass
class FakeKiosk:
    """One run of a kiosk on a journal file; `visit` plays a whole visit."""

    folder: Path
    file: str = "journal.db"
    host: AutoHost = field(default_factory=AutoHost)
    answers: dict[Screen, Intent | None] = field(default_factory=lambda: dict(ANSWERS))
    dispenses: type[FakeDispenser] = FakeDispenser
    acquaintances: bool = False
    echo_after: float | None = None
    unattended_slips: bool = False

    def __post_init__(self) -> None:
        self.world = World(1, START)
        self.journal = ForgetfulJournal(self.folder / self.file, self.world.now)
        self.calls: list[Call] = []
        common = (self.calls, lambda: self.journal)
        self.reader = FakeReader(*common, issue(person("jia")))
        self.pad = FakePad(*common)
        self.dispenser = self.dispenses(*common)
        self.printer = FakePrinter(*common)
        entropy = self.world.chance("entropy").randbytes
        settings = MoneyLineSettings(terminal="33100001", merchant="331000012345678", echo_after=self.echo_after)
        vault = Vault(bytes(32), entropy)
        money = MoneyLine(self._connect, self.pad, self.journal, vault, settings, self.world.now, entropy)
        recovery.load_cassettes(self.journal, recovery.fold(self.journal.records()), LOADED)
        self.equipment = Equipment(
            reader=self.reader,
            pad=self.pad,
            dispenser=self.dispenser,
            printer=self.printer,
            money=money,
            journal=self.journal,
            notices=self.notices(),
            limits=LIMITS,
            now=self.world.now,
            entropy=entropy,
            cash=CashUnits({}),
            acquaintance=Acquaintance(self.journal, vault.index if self.acquaintances else None),
            amount_step_fen=50_00,
            unattended_slips=self.unattended_slips,
        )
        self.session = Session(self.equipment)
        self.views: list[View] = []
        self.seen_at: list[float] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.session.subscribe(self._see)

    @staticmethod
    def notices() -> Notices:
        return Notices("33100001", "12393", "00:00-24:00", "1")

    @property
    def devices(self) -> dict[str, FakeDevice]:
        return {device.name: device for device in (self.reader, self.pad, self.dispenser, self.printer)}

    @property
    def cash(self) -> CashUnits:
        """The counts by the journal."""
        return recovery.fold(self.journal.records()).cash

    def records(self, *kinds: Entry) -> list[Record]:
        return list(self.journal.records(*kinds))

    def kinds(self) -> list[str]:
        return [record.kind for record in self.records()]

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    @property
    def ending(self) -> str | None:
        ended = self.records(Entry.VISIT_ENDED)
        return ended[-1].data["ending"] if ended else None

    async def visit(self, *, first: bool = True) -> State:
        """Serve one customer; ends when the kiosk waits for the next, or is out of service."""
        running = self.run()
        rest = asyncio.ensure_future(self._at_rest(first=first))
        try:
            await asyncio.wait((running, rest), return_when=asyncio.FIRST_COMPLETED)
            assert not running.done(), f"the session ended: {running}"
            await asyncio.sleep(0.5)  # jobs of the last state
            return self.session.state
        finally:
            rest.cancel()
            await self.stop()

    def run(self) -> "asyncio.Task[None]":
        """Start the session."""
        running = asyncio.ensure_future(self.session.run())
        self._tasks.append(running)
        return running

    async def stop(self) -> None:
        """End as a power cut does."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            await asyncio.wait((task,))
        self.equipment.money.close()

    async def until(self, *screens: Screen) -> View:
        """Wait for a screen."""
        while self.session.view.screen not in screens:
            changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.session.subscribe(lambda _, changed=changed: changed.done() or changed.set_result(None))  # type: ignore[misc]
            await changed
        return self.session.view

    def restarted(self, **more: Any) -> "FakeKiosk":
        """The program starts again on the same journal; nobody brings a card."""
        self.journal.close()
        same: dict[str, Any] = {"dispenses": self.dispenses, "unattended_slips": self.unattended_slips}
        kiosk = FakeKiosk(self.folder, self.file, **{**same, **more})
        kiosk.reader.cards.clear()
        return kiosk

    async def _at_rest(self, *, first: bool) -> None:
        if first:
            await self.until(Screen.IDLE, Screen.OUT_OF_SERVICE)
            if self.session.state is State.OUT_OF_SERVICE:
                return
            await self.until(*(screen for screen in Screen if screen is not Screen.IDLE))
        await self.until(Screen.IDLE, Screen.OUT_OF_SERVICE)

    def _see(self, view: View) -> None:
        before = self.views[-1] if self.views else None
        self.views.append(view)
        self.seen_at.append(asyncio.get_running_loop().time())
        intent = self.answers.get(view.screen)
        if view.screen is Screen.MENU and view.lines[0].key == "menu.no_cash":
            intent = Choose(RETURN_CARD)
        if intent and (before is None or before.deadline != view.deadline):
            self.act(intent)

    def act(self, intent: Intent, after: float = TYPING) -> None:
        """Have the customer do something in a moment."""

        async def acting() -> None:
            await asyncio.sleep(after)
            await self.session.intent(intent)

        self._tasks.append(asyncio.ensure_future(acting()))

    async def _connect(self) -> MemoryEnd:
        ours, theirs = memory_line()
        self._tasks.append(asyncio.ensure_future(self.host.serve(theirs)))
        return ours


INTENDED = {
    "dispense": [[Entry.DISPENSE_INTENT], [Entry.STACK_INTENT]],
    "present": [[Entry.PRESENT_INTENT]],
    "retract": [[Entry.RETRACT_INTENT]],
    "reject": [[Entry.REJECT_INTENT]],
}
"""The last record when the dispenser is asked to move something."""


def money_is_settled(kiosk: FakeKiosk) -> None:
    """What must hold wherever a visit stops: paid once at most, and every approval has an end or waits for a count."""
    remains = recovery.fold(kiosk.journal.records())
    assert len(kiosk.called("dispense")) <= 1
    for call in kiosk.called("dispense"):
        assert [record.kind for record in kiosk.records() if record.seq == call.journal] in INTENDED["dispense"]
    for method in ("present", "retract", "reject"):
        for call in kiosk.called(method):
            assert [record.kind for record in kiosk.records() if record.seq == call.journal] in INTENDED[method]
    for approval in kiosk.equipment.money.open_approvals:
        assert approval.transaction in remains.suspended
    advices = kiosk.records(Entry.ADVICE_STORED)
    assert len({record.transaction for record in advices}) == len(advices)
    for record in advices:
        visit = record.transaction or ""
        assert visit not in remains.suspended
        counted = remains.counted.get(visit)
        paid = (
            sum(counts.dispensed * LOADED[unit].denomination_fen for unit, counts in counted.units.items())
            if counted
            else 0
        )
        assert (record.data["mti"], record.data["amount_fen"]) == (("0220", paid) if paid else ("0400", 500_00))


def resolve(journal: Journal, visit: str, counted: Mapping[str, UnitCounts]) -> None:
    """Two operators have counted what the customer got, and resolve the item as their command does."""
    records = list(journal.records())
    item = next(item for item in suspense.open_items(records) if item.visit == visit)
    suspense.resolve(journal, item, counted, recovery.fold(records).cash, ("li", "wang"))


def order(kiosk: FakeKiosk, *steps: str) -> list[str]:
    """Journal records and calls that move something, in the order in which they came."""
    moves = [(call.journal + 0.5, f"{call.method} {call.argument}") for call in kiosk.calls]
    records = [(float(record.seq), record.kind) for record in kiosk.records()]
    in_order = sorted([*moves, *records], key=lambda step: step[0])
    return [what for _, what in in_order if what.split()[0] in steps]


def again(kiosk: FakeKiosk, screen: Screen, intent: Callable[[], Any], *, at_once: bool = False) -> None:
    """Somebody does this as well when the screen comes, right after the customer's answer or before it."""

    def see(view: View) -> None:
        if view.screen is screen:
            kiosk.act(intent(), after=0 if at_once else TYPING)

    kiosk.session.subscribe(see)


def typist_leaves(kiosk: FakeKiosk, screen: Screen) -> None:
    """Nobody types any more from this screen on."""

    def see(view: View) -> None:
        if view.screen is screen:
            kiosk.pad.typist = False

    kiosk.session.subscribe(see)
