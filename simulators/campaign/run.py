"""Plays one tape: a safety phase with faults, then everything is healed and the kiosk must come back."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial

from simulators.bench.customer import Customer, Plan
from simulators.bench.faults import CUSTOMER, Target
from simulators.campaign import cuts, life, population
from simulators.campaign.invariants import INVARIANTS, Judge, Moment, Violation
from simulators.campaign.moments import Subject, Subjects
from simulators.campaign.onlooker import Onlooker
from simulators.campaign.rig import Rig
from simulators.campaign.staff import Staff
from simulators.campaign.tape import Act, OnlineTransfer, Tape, Visit
from simulators.campaign.witness import Witness
from simulators.world import virtual_time
from simulators.world.cards import VirtualCard, issue
from simulators.world.faults import FaultRefused, Trigger
from simulators.world.people import Person
from terminal.journal import Record
from terminal.view import Screen

PATIENCE = 90.0
"""Seconds that a customer waits in front of a kiosk that is not ready."""

LONGEST_VISIT = 900.0
"""Seconds after which whatever still goes on is left alone."""

SETTLING = 400.0
"""Seconds in which a kiosk comes to rest once nothing goes wrong any more; starts and advices are tried again in it."""

QUIET = 120.0
"""Seconds that a kiosk is left to itself when it seems to have come to rest."""

LAST_AMOUNT = 200
"""Yuan that the last customer asks for."""

BANK_SILENT, BANKS_AGAIN = "D24", 900.0
"""A fault after which the authority asks a bank again, and seconds until it does."""

EVENING = 600.0
"""Seconds after which people come to a closed kiosk, rather than in the morning."""

MOST_SERVICES = 3
"""How often people come at the end of the day before they give up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `fired`: fault -> how often; `states` and `transitions`: how often each; `seconds`: virtual."""

    seed: int
    violations: tuple[Violation, ...]
    fired: dict[str, int]
    cuts: int
    starts: int
    states: dict[str, int]
    transitions: dict[str, int]
    endings: dict[str, int]
    unresolved: int
    seconds: float
    trace_hash: str
    seconds_in: dict[str, float] = field(default_factory=dict)
    """How long the terminal was in each of its states, while its program ran."""


def play(tape: Tape) -> Outcome:
    """Play a tape to its end, in virtual time."""
    return Run(tape).play()


class Run:
    """One run. `rig`, `witness` and `judge` can be looked at while it goes on and after it.

    `prepared` is called when they are there and nothing has happened yet.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.prepared: list[Callable[[Run], None]] = []
        self.settling = False
        """All visits are over."""
        self.transferred: tuple[tuple[int, int], ...] = ()
        """Of each transfer in the books: fen gone from the account, and with the bank, at the end."""
        self._came = 0
        self._cards: dict[int, VirtualCard] = {}
        self._issued: Counter[str] = Counter()
        self._aimed: list[Act] = []
        self._online: OnlineTransfer | None = None
        """What this customer's account is still to be asked for elsewhere."""
        self._subjects = Subjects()
        self._records: Counter[tuple[str, Subject | None]] = Counter()
        """How many of each kind this visit has seen, in all (None) and about each subject."""
        self._taped: int | None = None
        """How many records there were before the last customer, who is on no tape."""

    def play(self) -> Outcome:
        """From beginning to end, in virtual time."""
        with _logged(lambda _: None):  # programs that were killed say things when the loop is closed
            return virtual_time.run(self.whole())

    async def whole(self) -> Outcome:
        """From the first start to the end of the day."""
        life.install(asyncio.get_running_loop())
        self.rig = rig = Rig(
            population.bench_file(self.tape.dispenser, self.tape.notes, self.tape.day_end),
            seed=self.tape.seed,
            people=population.people(),
            service_line=self.tape.service_line,
        )
        self.witness = Witness(rig)
        self.onlooker = self.witness.onlooker = Onlooker(rig, self.witness)
        self.judge = Judge(self.witness, INVARIANTS)
        self.staff = Staff(rig, self.witness)
        self.witness.changed.append(lambda: self._look(Moment.STEP))
        rig.started.append(lambda _: self._look(Moment.START))
        self._context = copy_context()
        rig.heard.append(self._recorded)
        if self.tape.cut is not None:
            cuts.watch(rig, cuts.Planned(self.tape.cut))
        for hear in self.prepared:
            hear(self)
        site = asyncio.ensure_future(rig.serve())
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.witness.unhandled.append(str(context.get("exception"))))
        with _logged(self.witness.hear_log):
            try:
                return await self._day(site)
            finally:
                site.cancel()
                await asyncio.gather(site, return_exceptions=True)
                loop.set_exception_handler(lambda *_: None)  # dead programs are swept up now
                rig.close()

    async def _day(self, site: asyncio.Task[None]) -> Outcome:
        rig = self.rig
        await rig.laid.wait()
        await rig.switch_on()
        for visit in self.tape.visits:
            await self._visit(visit)
            self._look(Moment.VISIT)
        self.settling = True
        await asyncio.sleep(60.0)
        await self._settle()
        if site.done():
            site.result()
        self.transferred = tuple((row.kept, row.credited) for row in rig.bank.booked())
        return self._outcome(asyncio.get_running_loop().time())

    def _look(self, moment: Moment) -> None:
        self.judge.look(moment, asyncio.get_running_loop().time())

    # Safety

    async def _visit(self, visit: Visit) -> None:
        await asyncio.sleep(min(visit.gap, EVENING))
        if self.tape.staff and self.staff.needed and visit.gap > EVENING:
            await self.staff.service()
        await asyncio.sleep(max(0.0, visit.gap - EVENING))
        if self.tape.staff and self.staff.needed:
            await self.staff.service()
        if BANK_SILENT in self.rig.fired:
            self.rig.authority.do_what_is_due()
        who = self.rig.people[visit.person]
        self.rig.place.tell(f"{who.id} comes for {visit.amount} yuan" if visit.amount else f"{who.id} comes")
        if (card := self._cards.get(visit.person)) is None:
            card = self._cards[visit.person] = self._new_card(who)
        self._came += 1
        customer = Customer(who, card, self.rig.place, self.rig.world.chance(f"customer {self._came}"))
        self.rig.injector.add(CUSTOMER, Target(customer.ailments()))
        loop = asyncio.get_running_loop()
        self._aimed += [act for act in visit.acts if act.at is not None]
        self._online = visit.online
        self._records.clear()
        for act in visit.acts:
            if act.at is None:
                loop.call_later(act.after, self._do, act)
        mashed = any(act.fault == "G4" for act in visit.acts)
        self.onlooker.expect(
            customer, card, None if mashed else visit.amount * 100, None if mashed else visit.transfer_fen
        )
        pins = ("000000",) * visit.wrong_pins + (who.pin,)
        plan = Plan(
            reads=visit.reads,
            path=visit.path,
            amount=visit.amount,
            pins=pins,
            cancels_at=visit.cancels_at,
            walks_away_at=visit.walks_away_at,
            comes_back=visit.comes_back,
            notes_taken=visit.notes_taken,
            stars=visit.stars,
            copies=visit.copies,
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.rig.scene.until(lambda: self.rig.place.session.view.screen is Screen.IDLE)
            async with asyncio.timeout(LONGEST_VISIT):
                await customer.visit(plan)
                await self._linger(customer, card, visit.lingers)
        for receipt in customer.receipts:
            self.onlooker.read(receipt)
        if not customer.has_card:
            del self._cards[visit.person]  # the office sends another one

    async def _linger(self, customer: Customer, card: VirtualCard, seconds: float) -> None:
        """Whoever misses a card or notes stays for a while."""
        rig = self.rig
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not customer.has_card and customer.is_here:
                    await rig.scene.until(lambda: rig.reader.card_at_gate is card)
                    await asyncio.sleep(1.0)
                    customer.has_card = rig.reader.take_card() is card
        if customer.is_here and seconds and rig.dispenser.notes_at_exit:
            customer.notes += rig.dispenser.take_notes()

    def _recorded(self, record: Record) -> None:
        """What waits for a record happens soon after it."""
        subject = self._subjects.of(record)
        self._records[record.kind, None] += 1
        if subject is not None:
            self._records[record.kind, subject] += 1
        for act in [act for act in self._aimed if act.at == record.kind and act.about in (None, subject)]:
            if self._records[record.kind, act.about] < act.nth:
                continue
            self._aimed.remove(act)
            # Not a part of the program's life, though it is the program that wrote.
            asyncio.get_running_loop().call_later(act.after, self._do, act, context=self._context)
        if (online := self._online) is not None and online.at == record.kind and record.transaction:
            self._online = None
            draw = partial(self._draw_online, record.transaction, online)
            asyncio.get_running_loop().call_later(online.after, draw, context=self._context)

    def _draw_online(self, visit: str, online: OnlineTransfer) -> None:
        """Somebody has the account before them while its owner stands at the kiosk."""
        if (person := self.onlooker.visitors.get(visit)) is not None:
            self.rig.place.tell(f"{person.id}, {online.words()}")
            for _ in range(online.times):
                asked = self.rig.elsewhere.transfer(visit, person, online.yuan * 100, cancelled=online.cancelled)
                self.onlooker.online(asked)

    def _do(self, act: Act) -> None:
        mine = self.rig.ailments()
        with suppress(FaultRefused):
            if act.fault in mine:
                mine[act.fault].happen(**mine[act.fault].checked(act.options))
            else:
                trigger = Trigger(command=act.command, byte=act.byte)
                self.rig.injector.arm(act.fault, act.target, trigger=trigger, options=act.options)

    # Liveness

    async def _settle(self) -> None:
        rig = self.rig
        self._aimed.clear()
        self._online = None
        rig.heal()
        await self._banks_end()
        await self._come_to_rest()
        self._look(Moment.VISIT)
        self._look(Moment.RESTED)
        for _ in range(MOST_SERVICES):  # a start may find out that a person has to count
            if self.tape.cut is not None and not self.staff.needed:
                break
            await self.staff.service()
            await self._come_to_rest()
            if not self.staff.needed:
                break
        if rig.place.session.view.screen is Screen.IDLE:
            self._taped = len(self.witness.records)
            self.witness.served = await self._last_customer()
            await self._come_to_rest()
        self._look(Moment.SETTLED)

    async def _banks_end(self) -> None:
        """What a bank did not take is offered to it again."""
        if BANK_SILENT in self.rig.fired:
            await asyncio.sleep(BANKS_AGAIN)
            self.rig.authority.do_what_is_due()

    async def _last_customer(self) -> str | None:
        """Somebody who makes no mistakes, at a kiosk without faults; what was missed."""
        who = self.rig.people[-1]
        card = self._new_card(who)
        customer = Customer(who, card, self.rig.place, self.rig.world.chance("last customer"))
        self.onlooker.expect(customer, card, LAST_AMOUNT * 100)
        before = self.rig.authority.balance_fen(who.pan)
        try:
            async with asyncio.timeout(LONGEST_VISIT):
                await customer.visit(Plan(amount=LAST_AMOUNT))
        except TimeoutError:
            return "the visit did not end"
        worth = sum(note.denomination for note in customer.notes)
        debit = before - self.rig.authority.balance_fen(who.pan)
        if (worth, debit, customer.has_card) != (LAST_AMOUNT, LAST_AMOUNT * 100, True):
            card_too = "" if customer.has_card else " and no card"
            return f"{worth} yuan came for {LAST_AMOUNT}{card_too}, and {debit} fen were debited"
        return None

    def _new_card(self, who: Person) -> VirtualCard:
        """A card of somebody; each further one of the same number has a sequence of its own."""
        sequence = f"{(int(who.pan_sequence) + self._issued[who.id]) % 100:02d}"
        self._issued[who.id] += 1
        return issue(who, sequence=sequence)

    async def _come_to_rest(self) -> None:
        """A kiosk that can't serve tries to start again and again, and may be at it just now."""
        rig = self.rig
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING):
                await rig.scene.until(self._at_rest)
                if self.tape.cut is None:
                    await asyncio.sleep(QUIET)  # answers may come late
                    await rig.scene.until(self._at_rest)
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING):
                await rig.scene.until(lambda: rig.place.session.view.screen in (Screen.IDLE, Screen.OUT_OF_SERVICE))

    def _at_rest(self) -> bool:
        """After a cut and nothing else: who serves customers has settled everything; who waits for a count goes on."""
        screen, computer = self.rig.place.session.view.screen, self.rig.computer
        waits = computer is not None and computer.equipment.suspended
        return screen is Screen.IDLE or (screen is Screen.OUT_OF_SERVICE and waits)

    def _outcome(self, seconds: float) -> Outcome:
        witness, rig = self.witness, self.rig
        ended = (record.data["ending"] for record in witness.records[: self._taped] if record.kind == "visit_ended")
        return Outcome(
            seed=self.tape.seed,
            violations=tuple(self.judge.violations),
            fired={fault: len(times) for fault, times in rig.fired.items()},
            cuts=rig.cuts,
            starts=rig.starts,
            states=dict(witness.states),
            transitions=dict(witness.transitions),
            endings=dict(Counter(ended)),
            unresolved=sum(violation.invariant == 9 for violation in self.judge.violations),
            seconds=seconds,
            trace_hash=witness.digest,
            seconds_in=dict(witness.seconds_in),
        )


@contextmanager
def _logged(hear: Callable[[str], None]) -> Iterator[None]:
    """Every line of the terminal's log goes to `hear`, and what the simulators say about themselves nowhere."""
    ours, handler = (logging.getLogger("medteller"), logging.getLogger("simulators")), logging.Handler()
    handler.emit = lambda record: hear(record.getMessage()) if record.name == "medteller" else None  # type: ignore[method-assign]
    before = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in ours]
    for logger in ours:
        logger.handlers[:], logger.level, logger.propagate = [handler], logging.DEBUG, False
    try:
        yield
    finally:
        for logger, handlers, level, propagate in before:
            logger.handlers[:], logger.level, logger.propagate = handlers, level, propagate
