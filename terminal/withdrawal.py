"""One cash transaction, step by step; with a stacker, `terminal.presenter` goes on once the host has approved.

For a dispenser that hands notes straight to the customer:

    authorise -> (card returned and taken) -> dispense -> confirm the true amount
                                |
                                +-> call off: no note has moved, the approval is given back

The rules that outrank everything else:

- The intent is on the disk before the dispenser hears of it, and the dispenser hears of it once.
- What the dispenser counted out is what is confirmed, be it less than asked.
- An approval is given back only on evidence that no note was within reach. Where there is none, the transaction is
  suspended: neither confirmed nor given back, until a person has counted.
"""

from collections.abc import Mapping, Sequence

from drivers.interfaces import DeviceError, Dispensed, Done, Outcome, Refused, Unknown
from protocol.money_line import AmountType, ProcessingCode, ReversalCause
from terminal.bundle import Bundle
from terminal.card import Card, CardRejected
from terminal.denomination import dispensable_amounts, exact_mix
from terminal.dispense_record import to_data, unit_results, worth_fen
from terminal.equipment import Equipment
from terminal.journal import Entry
from terminal.log import log
from terminal.money_line import Approved, Declined, NoAnswer, Quote
from terminal.presenter import Presenter
from terminal.redaction import Json
from terminal.view import Fen, Words

PRESETS = (100_00, 200_00, 300_00, 500_00, 1000_00, 1500_00, 2000_00, 3000_00, 5000_00)
"""Amounts that the screen offers where limits and notes allow them, in fen."""

MOST_OFFERS = 8


class Withdrawal:
    """What one person asks for and what becomes of it. Amounts are fen.

    `paid_fen` is what the dispenser counted out, None while nobody knows. `approval` is what the host granted.
    `presenter` moves the notes of an approval where the dispenser has a stacker; None elsewhere.
    """

    def __init__(self, equipment: Equipment, visit: str, card: Card, pin_block: bytes, quote: Quote) -> None:
        self.quote = quote
        self.amount_fen = 0
        self.approval: Approved | None = None
        self.presenter: Presenter | None = None
        self._paid_fen: int | None = 0
        self._equipment = equipment
        self._visit = visit
        self._card = card
        self._pin_block = pin_block
        self._mix: Mapping[str, int] = {}

    @property
    def paid_fen(self) -> int | None:
        """What the person got; None while nobody knows."""
        return self._paid_fen if self.presenter is None else self.presenter.paid_fen

    # What can be asked for

    def possible(self) -> Sequence[int]:
        """All amounts that limits allow, notes make and the kiosk pays out, ascending."""
        equipment = self._equipment
        amounts = dispensable_amounts(
            equipment.available_notes(),
            max_items=equipment.dispenser.capabilities.max_items,
            up_to_fen=self.quote.maximum,
        )
        return [amount for amount in amounts if amount % equipment.amount_step_fen == 0]

    def offers(self) -> Sequence[int]:
        """A handful of them for the screen: round ones, and the largest."""
        possible = self.possible()
        round_ones = [amount for amount in PRESETS if amount in possible][: MOST_OFFERS - 1]
        return [*round_ones, *(amount for amount in possible[-1:] if amount not in round_ones)]

    def objection(self) -> Words | None:
        """What is wrong with the amount that was typed, with what is possible instead."""
        amount, possible = self.amount_fen, self.possible()
        if amount <= 0:
            return Words("other_amount.zero")
        if amount > self.quote.maximum:
            return Words("other_amount.too_much", {"maximum": Fen(self.quote.maximum)})
        if amount not in possible:
            return Words("other_amount.not_with_notes", {"amount": Fen(amount)})
        return None

    @property
    def notes(self) -> str:
        """The notes that make the amount, for example `5 x 100 + 1 x 50`."""
        units = self._equipment.cash.units
        numbers: dict[int, int] = {}
        for unit, count in self._mix.items():
            denomination = units[unit].denomination_fen // 100
            numbers[denomination] = numbers.get(denomination, 0) + count
        return " + ".join(f"{numbers[denomination]} x {denomination}" for denomination in sorted(numbers, reverse=True))

    # The steps

    async def authorise(self) -> Declined | NoAnswer | None:
        """Have the amount held; None when it is. The notes are chosen before the host is asked."""
        equipment = self._equipment
        mix = exact_mix(
            self.amount_fen,
            equipment.available_notes(),
            max_items=equipment.dispenser.capabilities.max_items,
        )
        if mix is None:
            return NoAnswer("the notes can't make this amount any more", sent=False)
        self._mix = mix
        self._record(Entry.CONFIRMED, amount_fen=self.amount_fen, mix=dict(mix))
        try:
            chip_data = await equipment.chip_data(self._card, ProcessingCode.CASH, self.amount_fen)
        except (CardRejected, DeviceError, ConnectionError) as error:
            return NoAnswer(f"the chip gave no cryptogram: {error}", sent=False)
        answer = await equipment.money.withdraw(
            self._card, self._pin_block, self.amount_fen, chip_data, transaction=self._visit
        )
        if isinstance(answer, Approved):
            if (refusal := await self._card_refuses(answer)) is not None:
                equipment.money.reverse(answer, ReversalCause.OTHER)
                return refusal
            self.approval = answer
            if equipment.dispenser.capabilities.intermediate_stacker:
                self.presenter = Presenter(equipment, self._visit, Bundle(mix), answer)
            return None
        if isinstance(answer, Declined) and AmountType.AVAILABLE in answer.amounts:
            self.quote = Quote(answer.amounts, answer.rules, self.quote.reference)  # it is less than it was
        return answer

    async def _card_refuses(self, approved: Approved) -> NoAnswer | None:
        """An approval that the card does not know as its issuer's moves no note, and neither does one of doubt."""
        if not (cause := await self._equipment.card_objection(approved.chip_data)):
            return None
        self._record(Entry.ISSUER_REFUSED, cause=cause)
        return NoAnswer(cause, sent=True, stan=approved.original.stan)

    def call_off(self) -> None:
        """Give the approval back: the dispenser has not heard of it."""
        self._settle(Dispensed({}))

    async def dispense(self) -> bool | None:
        """Count the notes out: True when some came, False when certainly none did, None when nobody knows.

        Raises Fault, before anything moved, while the power is failing.
        """
        equipment, approved = self._equipment, self._approved
        equipment.power.check()
        self._record(Entry.DISPENSE_INTENT, amount_fen=approved.amount_fen, mix=dict(self._mix))
        match await self._outcome():
            case Done(dispensed):
                self._record(Entry.DISPENSE_DONE, **to_data(dispensed))
                equipment.cash = equipment.cash.after(dispensed)
                return self._settle(dispensed)
            case Refused(error):
                self._record(Entry.DISPENSE_REFUSED, cause=str(error))
                return self._settle(Dispensed({}))
            case Unknown(cause):
                self._paid_fen = None
                self._record(Entry.DISPENSE_UNKNOWN, cause=cause, mix=dict(self._mix))
                equipment.cash = equipment.cash.uncertain(self._mix)
                return None

    async def _outcome(self) -> Outcome[Dispensed]:
        """A driver that breaks in the middle of a motion leaves it as unknown as a lost answer does."""
        try:
            return await self._equipment.dispenser.dispense(self._mix)
        except Exception as error:
            log.exception("the dispenser's driver failed")
            return Unknown(f"{type(error).__name__}: {error}")

    async def wait_until_taken(self, limit: float) -> bool:
        """Whether the notes were taken in time. They were within reach, so the debit stands either way."""
        taken = await self._equipment.dispenser.items_taken(limit)
        self._record(Entry.CASH_TAKEN if taken else Entry.CASH_LEFT)
        return taken

    def suspend(self, cause: str) -> None:
        """Nobody knows what was paid: neither confirm nor give back; a person has to count."""
        if self.presenter is not None:
            self.presenter.suspend(cause)
            return
        self._paid_fen, self._equipment.suspended = None, True
        self._record(Entry.SUSPENSE_OPENED, cause=cause, amount_fen=self._approved.amount_fen, mix=dict(self._mix))

    @property
    def _approved(self) -> Approved:
        assert self.approval is not None, "no step that moves money comes before an approval"
        return self.approval

    def _settle(self, dispensed: Dispensed) -> bool | None:
        """Confirm what came out, or give back what did not. More than was held is not ours to book: None."""
        cash, money = self._equipment.cash, self._equipment.money
        results = unit_results(dispensed, cash)
        self._paid_fen = paid = worth_fen(dispensed, cash)
        if paid > self._approved.amount_fen:
            self._paid_fen = None
            return None
        if paid:
            money.confirm(self._approved, paid, results)
        else:
            money.reverse(self._approved, ReversalCause.TERMINAL_FAULT, results)
        return bool(paid)

    def _record(self, entry: Entry, **data: Json) -> None:
        self._equipment.journal.write(entry, self._visit, **data)
