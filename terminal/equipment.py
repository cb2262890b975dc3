"""Everything a session works with: devices, host, journal, cash counts, and what the operator has set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from drivers.interfaces import CardReader, CashDispenser, DeviceError, DispenserStatus, PinPad, ReceiptPrinter
from protocol.money_line import ProcessingCode
from terminal.acquaintance import Acquaintance
from terminal.backoff import Backoff
from terminal.card import Card, CardRejected, accepts_issuer, online_cryptogram
from terminal.cash_units import CashUnits
from terminal.config import TimeLimits
from terminal.denomination import CashUnitCount
from terminal.journal import Journal
from terminal.money_line import MoneyLine
from terminal.opening import Opening
from terminal.power import Power
from terminal.service_line import ServiceLine
from terminal.texts import DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class Notices:
    """What the operator has on all screens and receipts.

    `region` is where the kiosk stands, `regions` what can be asked about, `hospitals` what an application can name.
    """

    terminal_id: str
    hotline: str
    hours: str
    notice_version: str
    language: str = DEFAULT_LANGUAGE
    region: str = ""
    regions: tuple[str, ...] = ()
    hospitals: tuple[str, ...] = ()


@dataclass(slots=True)
class Equipment:
    """One kiosk's. What stands behind `amount_step_fen` changes as it works, and so does `cash`.

    `now` is the time at the host, which receipts, hours and expiry dates go by; the journal keeps the kiosk's own.
    A customer can ask for multiples of `amount_step_fen`; what a policy allows, the host knows. `visits` counts
    customers, `suspended` says that notes have to be counted first, `card_inside` that the kiosk closed with a card
    in the reader, `receipts` that the printer can print and `paper_low` that it soon can't. `closed_because` is a
    key of the texts under `out_of_service`. `service` is None where there is no service line: then pages that need
    one say so. `unattended_slips`: operators' slips are printed with no operator there; `slip` is the
    business day and the items of the last one. `retries` has the pauses of a closed kiosk.
    """

    reader: CardReader
    pad: PinPad
    dispenser: CashDispenser
    printer: ReceiptPrinter
    money: MoneyLine
    journal: Journal
    notices: Notices
    limits: TimeLimits
    now: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    cash: CashUnits
    acquaintance: Acquaintance
    service: ServiceLine | None = None
    amount_step_fen: int = 100_00
    unattended_slips: bool = False
    visits: int = 0
    suspended: bool = False
    card_inside: bool = False
    dispenser_status: DispenserStatus | None = None
    receipts: bool = True
    paper_low: bool = False
    power: Power = field(default_factory=Power)
    slip: tuple[str, tuple[str, ...]] | None = None
    closed_because: str = "operator"
    opening: Opening = field(default_factory=Opening)
    retries: Backoff = field(init=False)

    def __post_init__(self) -> None:
        self.retries = Backoff(self.limits.retry, self.limits.retry_longest, self.entropy)

    def available_notes(self) -> Sequence[CashUnitCount]:
        """What the note mix may use now, by our counts and by what the dispenser last reported."""
        status = self.dispenser_status
        limit = self.dispenser.capabilities.max_items_per_unit
        return self.cash.available(status.units if status else None, limit)

    async def card_objection(self, field55: bytes | None) -> str:
        """Why the card does not know the host's answer as its issuer's, empty where it does. Doubt is an objection.

        An answer without field 55 asks no card.
        """
        try:
            accepted = field55 is None or await accepts_issuer(self.reader, field55)
        except (CardRejected, DeviceError, ConnectionError) as error:
            return f"the card was not asked about the answer: {error}"
        return "" if accepted else "the card refuses the answer: it is not its issuer's"

    async def chip_data(self, card: Card, code: ProcessingCode, amount_fen: int) -> bytes:
        """Field 55 for one request: the chip's cryptogram over it. Raises CardRejected, DeviceError."""
        return await online_cryptogram(
            self.reader,
            card,
            amount_fen=amount_fen,
            transaction_type=code[:2],
            today=self.now().date(),
            unpredictable=self.entropy(4),
            sequence=self.visits,
        )
