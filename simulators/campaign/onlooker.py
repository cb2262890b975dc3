"""Stands beside the kiosk and compares, at the moment it happens, what is said and done with what is there.

Screens and receipts with notes and books, an approval with what the host really answered, notes with the card that has
to be gone, the idle screen with what is still open. Finds; does not judge: `invariants` says when a find counts.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from protocol.money_line import Message, ResponseCode, decode, masked_pan
from protocol.wire import RemoteProtocolError
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.ledger import DrawState
from simulators.bench.customer import Customer
from simulators.campaign.elsewhere import Online
from simulators.campaign.network import Network
from simulators.campaign.pin_tries import WITH_A_PIN, PinTries
from simulators.campaign.rig import Rig
from simulators.campaign.transfers import LANGUAGES, Transfer, paid_by_slip
from simulators.campaign.witness import CUSTOMER, Draw, Witness
from simulators.campaign.written import is_reported
from simulators.world.cards import VirtualCard
from simulators.world.custody import Note
from simulators.world.people import Person
from terminal import views
from terminal.journal import Entry, Record
from terminal.texts import render, yuan
from terminal.view import Fen, Screen, View, Words

SAID, ALLOWED, CARD_FIRST, IDLE, TAKEN, WHOLE, ENDED, COUNTED, ASKED, LIMITED = 17, 18, 19, 14, 21, 5, 9, 12, 3, 15
"""The rules that finds belong to."""

TIMED_BY_DEVICES: Final = (Screen.PIN, Screen.AMOUNT, Screen.TAKE_CARD, Screen.TAKE_CASH)
"""Screens whose time limit a device keeps, or one that is asked again and again: on a bad line it takes longer."""

LATE: Final = 120.0
"""Seconds by which a screen may outlast its time limit: a slow disk stops everything."""

POOL: Final = "dispenser/pool"
"""Where a dispenser with a stacker gathers notes."""

RECEIPT_TIME: Final = "%Y-%m-%d %H:%M:%S"

TELLS_AMOUNTS: Final = (ResponseCode.APPROVED, ResponseCode.INSUFFICIENT_FUNDS, ResponseCode.OVER_LIMIT)
"""Answers of the host after which the kiosk knows what can be had."""

UNSEEN: Final = "B2"
"""The fault that can make another PIN block of one that the PIN pad has said."""

A_VISIT: Final = timedelta(hours=1)
"""From what a receipt tells until it is printed, no more."""


class Onlooker:
    """Watches one rig. `finds` has the rule and the words of each find; `visitors` whose card each visit began with."""

    def __init__(self, rig: Rig, witness: Witness) -> None:
        self.finds: list[tuple[int, str]] = []
        self.visitors: dict[str, Person] = {}
        self.seen: list[str] = []
        """All that stood on screens and receipts."""
        self._wanted_fen: int | None = None
        self._wanted_transfer_fen: int | None = None
        self._customer: Customer | None = None
        self._pins = PinTries()
        self._owners: dict[VirtualCard, Person] = {}
        self._rig = rig
        self._witness = witness
        self._view: View | None = None
        self._visit = ""
        self._card: VirtualCard | None = None
        self._confirmed_fen: int | None = None
        self._mix: Mapping[str, int] = {}
        self._quoted_fen = 0
        """What the last quote could name, until there is an approval: the kiosk knows of no online transfer since."""
        self._days: dict[str, date] = {}
        self._transfers_told: list[Transfer] = []
        self._known: dict[str, list[str]] = {}
        """What a receipt may call the balance: what the books said when it was printed."""
        self._printed_at: dict[str, datetime] = {}
        self._reported: set[str] = set()
        """Whose card was reported as lost; nobody gets anything with it any more."""
        self._firsts: set[str] = set()
        """Draws of which somebody has a receipt that is no copy."""
        self._uncounted: set[str] = set()
        self._unended: set[str] = set()
        """Visits with an approval that is neither confirmed nor given back, and that no suspense item names."""
        self._undelivered: set[tuple[int, int, str]] = set()
        rig.scene.watch(self._look)
        rig.custody.watch(self._note_moved)

    def new_journal(self, old: str) -> None:
        """What stood in the old one is a matter for people; its visits are called `old` and their name."""
        self.visitors = {f"{old}{visit}": person for visit, person in self.visitors.items()}
        self.set_back(())

    def set_back(self, records: Iterable[Record]) -> None:
        """The journal has only these records any more: nobody can know what others said was open."""
        self._uncounted.clear()
        self._unended.clear()
        self._undelivered.clear()
        for record in records:
            self._follow(record)

    def expect(
        self, customer: Customer, card: VirtualCard, amount_fen: int | None, transfer_fen: int | None = 0
    ) -> None:
        """Who comes next, with which card, for how much in cash and how much to be transferred (None: nobody can tell,
        nor which PIN is typed).
        """
        self._owners[card] = customer.person
        self._customer = None if amount_fen is None else customer
        self._wanted_fen, self._wanted_transfer_fen = amount_fen, transfer_fen

    def read(self, receipt: str) -> None:
        """A customer reads a receipt, or the slip of a page."""
        self.seen.append(receipt)
        transferred = paid_by_slip(receipt)
        if transferred is not None and transferred not in [yuan(each.amount_fen) for each in self._transfers_told]:
            self._find(SAID, f"a slip says that {transferred} yuan went to the bank, and no page said so")
        stan, paid, balance = (_fact(receipt, key) for key in ("stan", "paid_amount", "balance"))
        draw = next((each for each in self._witness.draws.values() if stan and each.stan == int(stan)), None)
        if draw is None or paid is None:
            return
        if not _is_copy(receipt):
            if draw.transaction in self._firsts:
                self._find(SAID, f"{draw.transaction}: there are two receipts, and none of them is a copy")
            self._firsts.add(draw.transaction)
        printed = self._printed_at.get(draw.transaction, self._rig.world.now())
        at = datetime.strptime(_fact(receipt, "time") or "", RECEIPT_TIME).replace(tzinfo=printed.tzinfo)
        if abs(printed - at) > A_VISIT:
            self._find(SAID, f"{draw.transaction}: the receipt says {at}, and it was {printed}")
        reached = self._reached(draw)
        if paid != yuan(reached):
            self._find(SAID, f"{draw.transaction}: the receipt says {paid} yuan, and {yuan(reached)} came out")
        known = self._known.get(draw.transaction)
        if balance is not None and known is not None and balance not in known:
            self._find(SAID, f"{draw.transaction}: the receipt says {balance} yuan are left; the books don't")

    # Screens

    def _look(self) -> None:
        view = self._rig.place.session.view
        if not self._rig.alive:
            self._view = None
            return
        if view is self._view:
            return
        self._look_at_limit()
        self._view = view
        self.seen.append(f"{view.lines} {view.entry}")
        shown = {line.key: line.values for line in view.lines}
        draw = self._witness.draws.get(self._visit)
        match view.screen:
            case Screen.IDLE:
                self._look_at_idle()
            case Screen.AMOUNT:
                self._look_at_offers(view)
            case Screen.CONFIRM:
                self._confirmed_fen = _fen(shown["confirm.amount"]["amount"])
                if self._wanted_fen not in (None, self._confirmed_fen):
                    self._find(SAID, f"{self._visit}: the customer wants {self._wanted_fen} fen, asked is for another")
            case Screen.TAKE_CASH:
                said = _fen(shown["take_cash.amount"]["amount"])
                there = self._reached(draw)
                notes = sum(
                    int(a) * int(b) * 100 for a, b in re.findall(r"(\d+) x (\d+)", str(shown["take_cash.notes"]))
                )
                if said != there:
                    self._find(SAID, f"{self._visit}: the screen offers {said} fen, {there} came out")
                elif notes < said:
                    self._find(SAID, f"{self._visit}: the screen names notes of {notes} fen for {said}")
            case Screen.FINISHED | Screen.SORRY:
                for key, name in (("finished.paid", "amount"), ("finished.partly_paid", "paid")):
                    if key in shown and _fen(shown[key][name]) != self._reached(draw):
                        self._find(SAID, f"{self._visit}: the last screen tells of another amount than came out")
                if "transfer.done" in shown and not self._was_paid(_fen(shown["transfer.done"]["amount"])):
                    self._find(SAID, f"{self._visit}: the last screen tells of a transfer that was not made")
                if "finished.not_paid" in shown and self._reached(draw):
                    self._find(SAID, f"{self._visit}: the last screen says that nothing was paid")
            case Screen.TRANSFER:
                self._look_at_transfer(shown)
            case Screen.ACCOUNT if "account.balance" in shown and (person := self.visitors.get(self._visit)):
                said, there = _fen(shown["account.balance"]["amount"]), self._rig.authority.balance_fen(person.pan)
                if said != there:
                    self._find(SAID, f"{self._visit}: the page says {said} fen are on the account, {there} are")
            case Screen.PIN if view.entry is not None and view.entry.shown.strip("*"):
                self._find(11, f"{self._visit}: the PIN is shown")
            case _:
                pass

    def _look_at_limit(self) -> None:
        """The last view has gone: in time?"""
        last = self._view
        if last is None or last.deadline is None or last.screen in TIMED_BY_DEVICES:
            return
        if (late := asyncio.get_running_loop().time() - last.deadline) > LATE:
            self._find(LIMITED, f"{self._visit}: the screen {last.screen} outlasted its time limit by {late:.0f} s")

    def _look_at_idle(self) -> None:
        for what in sorted(self._uncounted):
            self._find(IDLE, f"idle, and {what} waits for a count")
        if self._undelivered:
            self._find(IDLE, f"idle, and {len(self._undelivered)} advices wait for the host")
        if self._rig.reader.card_inside is not None:
            self._find(IDLE, "idle, with a card inside")
        if self._rig.dispenser.snapshot().get("shutter") == "open":
            self._find(IDLE, "idle, with the shutter open")

    def _look_at_offers(self, view: View) -> None:
        person = self.visitors.get(self._visit)
        if person is None:
            return
        most = max(self._most_fen(person), self._quoted_fen)
        for choice in view.choices:
            fen = int(choice.id.removeprefix(views.AMOUNT)) if choice.id.startswith(views.AMOUNT) else 0
            if fen > most:
                self._find(SAID, f"{self._visit}: {fen} fen are offered, and {most} can be had")

    def _look_at_transfer(self, shown: Mapping[str, Mapping[str, object]]) -> None:
        transfer = self._witness.transfers.of_visit(self._visit)
        if "transfer.amount" in shown:
            self._confirmed_fen = _fen(shown["transfer.amount"]["amount"])
            if self._wanted_transfer_fen not in (None, self._confirmed_fen):
                self._find(SAID, f"{self._visit}: {self._wanted_transfer_fen} fen are to be transferred, not the other")
        if "transfer.reversed" in shown and transfer is not None:
            transfer.told_back = True
        if "transfer.done" in shown:
            self._look_at_paid(
                transfer, _fen(shown["transfer.done"]["amount"]), shown.get("transfer.to", {}).get("payee")
            )

    def _was_paid(self, said: int | None) -> bool:
        transfer = self._witness.transfers.of_visit(self._visit)
        return transfer is not None and transfer.approved and transfer.amount_fen == said

    def _look_at_paid(self, transfer: Transfer | None, said: int | None, payee: object) -> None:
        person = self.visitors.get(self._visit)
        if transfer is None or not self._was_paid(said):
            self._find(SAID, f"{self._visit}: the page says that {said} fen are paid, and the host did not say so")
            return
        transfer.told = True
        self._transfers_told.append(transfer)
        row = next((row for row in self._rig.bank.booked() if row.stan == transfer.stan), None)
        if row is None or row.kept != said:
            self._find(SAID, f"{self._visit}: the page says that {said} fen are paid, and the books don't")
        elif person is not None and not payee == row.payee == masked_pan(person.pan):
            self._find(SAID, f"{self._visit}: the page names {payee}, paid was {row.payee}, of {person.id}")

    # Approvals

    def recorded(self, record: Record) -> None:
        """The journal has one record more, whoever wrote it."""
        self._follow(record)
        self._follow_pin(record)
        data = record.data
        match record.kind:
            case Entry.VISIT_BEGUN:
                self._visit = record.transaction or ""
                self._confirmed_fen = None
                self._quoted_fen = 0
                card = self._rig.reader.card_inside or self._rig.reader.card_in_slot
                self._card = card
                if card is not None and card in self._owners:
                    self.visitors[self._visit] = self._owners[card]
            case Entry.HOST_REQUEST if "amount_fen" in data and data["amount_fen"] != self._confirmed_fen:
                self._find(SAID, f"{record.transaction}: {data['amount_fen']} fen are asked for, shown was another sum")
            case Entry.HOST_REPLY if data.get("approved"):
                self._approved(record)
            case Entry.HOST_REPLY if data["code"] in TELLS_AMOUNTS and record.transaction in self.visitors:
                self._quoted_fen = self._most_fen(self.visitors[record.transaction])
            case Entry.SERVICE_ANSWER if is_reported(record) and record.transaction in self.visitors:
                self._reported.add(self.visitors[record.transaction].id)
            case Entry.CASH_TAKEN if self._rig.dispenser.notes_at_exit:
                self._find(TAKEN, f"{record.transaction}: the notes count as taken, and some lie at the exit")
            case Entry.REJECT_DONE | Entry.RETRACT_DONE if data["counted"] != self._witness.retrieved:
                told = self._witness.retrieved
                self._find(COUNTED, f"{record.transaction}: {data['counted']} notes on record, the device said {told}")
            case Entry.DISPENSE_INTENT | Entry.STACK_INTENT:
                self._mix = data["mix"]
            case Entry.DISPENSE_DONE | Entry.STACK_DONE if data["error"] is None:
                counted = {unit: notes for unit, (notes, _) in data["units"].items() if notes}
                if counted != self._mix:
                    self._find(ASKED, f"{record.transaction}: {counted} count as done, {self._mix} were asked for")
            case Entry.PRESENT_INTENT:
                self._to_be_presented(record.transaction or "")
            case Entry.VISIT_ENDED if record.transaction in self._unended:
                self._find(ENDED, f"{record.transaction} has ended, and its approval has not")
            case Entry.RECEIPT_PRINTED:
                self._printed(record.transaction or "")
            case _:
                pass

    def _follow(self, record: Record) -> None:
        """What the journal says is open."""
        data, visit = record.data, record.transaction or ""
        match record.kind:
            case Entry.HOST_REPLY if data.get("approved"):
                draw = self._witness.draws.get(visit)
                if draw is not None and draw.stan == data["stan"]:
                    self._unended.add(visit)
            case Entry.SUSPENSE_OPENED:
                self._uncounted.add(visit)
                self._unended.discard(visit)
            case Entry.SUSPENSE_CLOSED:
                self._uncounted.discard(visit)
            case Entry.ADVICE_STORED:
                self._unended.discard(visit)
                self._undelivered.add((data["batch"], data["stan"], data["date"]))
            case Entry.ADVICE_HANDED_OVER:
                self._undelivered.discard((data["batch"], data["stan"], data["date"]))
            case Entry.ADVICE_ANSWERED if data["ended"]:
                self._undelivered.discard((data["batch"], data["stan"], data["date"]))
            case _:
                pass

    def _follow_pin(self, record: Record) -> None:
        customer, data, today = self._customer, record.data, self._rig.world.now().date()
        if customer is None or UNSEEN in self._rig.fired:
            return
        if record.kind == Entry.HOST_REQUEST and data["name"] in WITH_A_PIN:
            self._pins.asked(data["stan"], customer.person, customer.typed_pin, today)
        elif record.kind == Entry.HOST_REQUEST:
            self._pins.none_asked(data["stan"])
        elif record.kind == Entry.HOST_REPLY and (wrong := self._pins.answered(data["stan"], data["code"], today)):
            self._find(ALLOWED, f"{record.transaction}: {wrong}")

    def _approved(self, record: Record) -> None:
        visit, stan = record.transaction or "", record.data["stan"]
        self._quoted_fen = 0
        person = self.visitors.get(visit)
        transfer = next(
            (each for each in self._witness.transfers if each.stan == stan and each.transaction == visit), None
        )
        draw = transfer or self._witness.draws.get(visit)
        if not self._really_approved(stan, draw):
            self._find(ALLOWED, f"{visit}: taken for approved, and the host did not say so to {stan}")
        if person is None or draw is None:
            return
        if person.id in self._reported:
            self._find(ALLOWED, f"{visit}: approved with a card that was reported as lost")
        self._days[visit] = self._rig.world.now().date()
        most = self._most_fen(person, stan, PayoutMode.CASH if transfer is None else PayoutMode.TRANSFER)
        if draw.amount_fen > most:
            self._find(ALLOWED, f"{visit}: {draw.amount_fen} fen approved, the policies allow {most}")

    def _to_be_presented(self, visit: str) -> None:
        """The stacker is about to be emptied to the exit."""
        draw = self._witness.draws.get(visit)
        if draw is not None and (there := self._witness.worth_fen(list(self._rig.custody.at(POOL)))) != draw.amount_fen:
            self._find(WHOLE, f"{visit}: {there} fen are to be presented, {draw.amount_fen} were approved")

    def _printed(self, visit: str) -> None:
        self._printed_at.setdefault(visit, self._rig.world.now())
        draw, person = self._witness.draws.get(visit), self.visitors.get(visit)
        if draw is not None and person is not None:
            books = self._rig.authority
            balance, unheld = books.balance_fen(person.pan), books.unheld_fen(person.pan)
            since = sum(each.paid_fen for each in self._rig.elsewhere if each.visit == visit)
            known = (balance, balance - self._reached(draw), unheld)
            self._known[visit] = [yuan(fen + later) for fen in known for later in {0, since}]

    def _really_approved(self, stan: int, draw: Draw | Transfer | None) -> bool:
        network: Network = self._rig.network
        for data in network.heard:
            if data in network.said and (message := _read(data)) is not None:
                fits = message.mti == "0210" and message.fields.get(39) == ResponseCode.APPROVED
                amount = message.fields.get(4)
                if fits and message.fields.get(11) == f"{stan:06d}" and draw is not None:
                    return isinstance(amount, str) and int(amount) == draw.amount_fen
        return False

    def online(self, asked: Online) -> None:
        """The host has answered a request for a transfer online."""
        most = self._most_fen(asked.person, mode=PayoutMode.TRANSFER, place=asked.person.region, but_online=asked)
        if asked.draw_id is not None and asked.fen > most:
            self._find(ALLOWED, f"{asked.visit}: {asked.fen} fen approved online, the policies allow {most}")

    def _most_fen(
        self,
        person: Person,
        but: int | None = None,
        mode: PayoutMode = PayoutMode.CASH,
        place: str | None = None,
        but_online: Online | None = None,
    ) -> int:
        """What the policies of home and place allow this person to have now, computed from them anew.

        Without one draw of the kiosk, and one made online. `place` None: that of the kiosk.
        """
        day, elsewhere = self._rig.world.now().date(), self._rig.elsewhere
        kept = self._kept_fen(person, but) + elsewhere.kept_fen(person, but=but_online)
        today = self._kept_fen(person, but, day) + elsewhere.kept_fen(person, day, but_online)
        book = _policies()
        policies = [book.in_force(region, day) for region in (person.region, place or self._rig.file.kiosk.region)]
        left = person.opening_balance_fen - kept
        most = left
        for policy in policies:
            if policy is not None:
                most = min(
                    most,
                    policy.limits.single_fen[mode],
                    policy.limits.day_fen - today,
                    policy.limits.year_fen - kept,
                    left - policy.limits.minimum_remainder_fen,
                    left * policy.limits.ratio_percent // 100,
                )
        return most

    def _kept_fen(self, person: Person, but: int | None, day: date | None = None) -> int:
        """What the books have taken or set aside of this person's money, in all or of one day, without one draw."""
        asked = [(visit, draw.stan) for visit, draw in self._witness.draws.items()]
        asked += [(transfer.transaction, transfer.stan) for transfer in self._witness.transfers]
        mine = {
            stan for visit, stan in asked if self.visitors.get(visit) is person and day in (None, self._days.get(visit))
        } - {but}
        return sum(
            row.amount_fen if row.state is DrawState.HELD else row.confirmed_fen - row.given_back_fen
            for row in self._rig.authority.draws()
            if row.stan in mine
        )

    # Notes

    def _note_moved(self, _: Note, place: str, to: str) -> None:
        if to not in ("dispenser/exit", CUSTOMER) or place == "dispenser/exit":
            return
        reader = self._rig.reader
        for card in (reader.card_inside, reader.card_at_gate):
            if card is not None:
                self._find(CARD_FIRST, f"{self._visit}: notes come out, and the card is still there")
        if self._card in reader.captured:
            self._find(CARD_FIRST, f"{self._visit}: notes come out for a card that was kept")

    def _reached(self, draw: Draw | None) -> int:
        return 0 if draw is None else self._witness.worth_fen(draw.reached)

    def _find(self, rule: int, words: str) -> None:
        self.finds.append((rule, words))


@cache
def _policies() -> PolicyBook:
    return PolicyBook.load()


def _fact(receipt: str, key: str) -> str | None:
    """What a receipt says under a heading, in whatever language."""
    for language in LANGUAGES:
        heading = render(Words(f"receipt.{key}"), language)
        for line in receipt.splitlines():
            if line.startswith(heading) and (value := line.removeprefix(heading).strip()):
                return value
    return None


def _is_copy(receipt: str) -> bool:
    """It says of itself, in whatever language, that it is another's copy."""
    whole = "".join(receipt.split())
    return any("".join(render(Words("receipt.copy"), language).split()) in whole for language in LANGUAGES)


def _fen(value: object) -> int | None:
    return value.amount if isinstance(value, Fen) else None


def _read(data: bytes) -> Message | None:
    try:
        return decode(data)
    except RemoteProtocolError:
        return None
