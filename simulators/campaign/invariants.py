"""What must always be true, whatever fails: twenty-one rules, each with the moments at which it is checked.

A rule looks at what really happened (`witness`), and says in words what is wrong, or nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from simulators.authority.tables.ledger import DrawState
from simulators.authority.tables.money_line import BatchState
from simulators.campaign import elsewhere, transfers, written
from simulators.campaign.witness import CUSTOMER, Witness
from simulators.world.custody import CustodyBroken
from terminal import recovery
from terminal.journal import Entry
from terminal.view import Screen


class Moment(Enum):
    """When a rule is checked."""

    STEP = auto()
    VISIT = auto()
    START = auto()
    RESTED = auto()
    """No fault any more, and time enough to come to rest; nobody has come to help."""
    SETTLED = auto()
    """At the end of the day: no fault any more, everything healed, suspense counted, advices delivered."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule; `check` gives what breaks it. `unless` names faults in which a device tells what is not so."""

    number: int
    words: str
    moments: tuple[Moment, ...]
    check: Callable[[Witness], Iterable[str]]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that was broken: which, when (seconds of the run), and how."""

    invariant: int
    at: float
    words: str


DECEPTIONS: Final = ("C2", "C7", "C8", "C9", "C13", "C14", "C15")
"""Faults in which what a device says or takes is wrong and nothing on the kiosk can know; a count finds it out."""

HIDDEN: Final = ("B2", "B16")
"""The dispenser hears, or is heard to say, another number than was said, and the check character fits; or what it said
of an earlier dispense comes first.
"""

CASH_ACCOUNT: Final = "terminal_cash:"

DISK_LIES: Final = ("E5", "E7", "E8", "E9")
"""Faults in which the disk gives back something else than was written: the kiosk may not go on with it."""

MISLED: Final = DECEPTIONS + DISK_LIES


def _ledger_balances(witness: Witness) -> Iterable[str]:
    if not witness.rig.authority.ledger_balanced():
        yield "the postings do not sum to zero"


def _nobody_overdrawn(witness: Witness) -> Iterable[str]:
    authority = witness.rig.authority
    for person in witness.rig.people:
        if person.known_to_host and authority.unheld_fen(person.pan) < 0:
            yield f"{person.id} has less than nothing"


def _books_agree(witness: Witness) -> Iterable[str]:
    """Account and draws are two stories of one person: they can't differ, whatever a terminal has reported."""
    authority = witness.rig.authority
    for person in witness.rig.people:
        if person.known_to_host:
            gone = person.opening_balance_fen - authority.balance_fen(person.pan)
            if gone != (drawn := authority.drawn_fen(person.pan)):
                yield f"{gone} fen are gone from the account of {person.id}, whose draws say {drawn}"


def _one_debit_each(witness: Witness) -> Iterable[str]:
    draws = witness.kiosk_draws()
    sent = {transfer.stan for transfer in witness.transfers}  # they have a rule of their own
    for draw in draws:
        entries = {row.entry for row in witness.rig.authority.postings(draw.id) if row.text}
        if draw.state is DrawState.CONFIRMED and draw.confirmed_fen > draw.amount_fen:
            yield f"draw {draw.stan}: {draw.confirmed_fen} fen confirmed of {draw.amount_fen}"
        if len(entries) > 2 and draw.stan not in sent:
            yield f"draw {draw.stan} was posted {len(entries)} times"
    for (terminal, stan), number in Counter((draw.terminal, draw.stan) for draw in draws).items():
        if number > 1:
            yield f"{number} draws of {terminal} have the trace number {stan}"


def _ends_stay(witness: Witness) -> Iterable[str]:
    return witness.ends_undone()


def _settled_as_paid(witness: Witness) -> Iterable[str]:
    """A batch that was closed had the terminal's totals, and each payout is in one batch."""
    for row, paid_fen in witness.rig.settlements():
        if row.state != BatchState.BALANCED:
            told, booked = row.told_debit_fen, row.our_debit_fen
            yield f"batch {row.batch}: {told} fen by the terminal, {booked} fen by the host"
        elif row.our_debit_fen != paid_fen:
            yield f"batch {row.batch} was settled with {row.our_debit_fen} fen, and {paid_fen} fen were paid"


def _cash_is_conserved(witness: Witness) -> Iterable[str]:
    custody = witness.rig.custody
    try:
        custody.check()
    except CustodyBroken as broken:
        yield str(broken)
    there = sum(custody.number(place) for place in custody.places())
    if there != witness.loaded:
        yield f"{witness.loaded} notes were loaded, {there} are there"


def _counters_are_true(witness: Witness) -> Iterable[str]:
    """A count that is called certain is right."""
    computer = witness.rig.computer
    if computer is None or not witness.rig.alive or witness.rig.place.session.view.screen is not Screen.IDLE:
        return
    for name, unit in computer.equipment.cash.units.items():
        place = witness.rig.dispenser.cassette_place(int(name.removeprefix("unit")))
        there = witness.rig.custody.number(place)
        if unit.usable and unit.remaining != there:
            yield f"{name} holds {there} notes, and the terminal counts {unit.remaining}"


def _debit_is_what_was_taken(witness: Witness) -> Iterable[str]:
    books = {draw.stan: draw for draw in witness.kiosk_draws()}
    for draw in witness.draws.values():
        gone = witness.worth_fen(witness.gone(draw))
        row = books.get(draw.stan)
        debit = 0 if row is None else row.confirmed_fen - row.given_back_fen
        if gone != debit:
            yield f"{draw.transaction}: {gone} fen were taken, {debit} fen are debited"
    owned = set().union(*(draw.picked for draw in witness.draws.values()))
    if stolen := [note for note in witness.rig.custody.at(CUSTOMER) if note not in owned]:
        yield f"{len(stolen)} notes were handed out that belong to no approval"


def _booked_as_told(witness: Witness) -> Iterable[str]:
    authority = witness.rig.authority
    for row in witness.kiosk_draws():
        if (told := witness.confirmed.get(row.stan)) is not None:
            booked = sum(
                line.credit_fen for line in authority.postings(row.id) if line.account.startswith(CASH_ACCOUNT)
            )
            if booked not in told:
                yield f"draw {row.stan}: the kiosk has told of {sorted(told)} fen, and {booked} fen are booked"


def _never_less_than_taken(witness: Witness) -> Iterable[str]:
    """What may be owed is debited or held, at every moment, while nobody has counted."""
    books = {draw.stan: draw for draw in witness.kiosk_draws()}
    for draw in witness.draws.values():
        row = books.get(draw.stan)
        kept = 0
        if row is not None:
            kept = row.amount_fen if row.state is DrawState.HELD else row.confirmed_fen - row.given_back_fen
        reached = witness.worth_fen(witness.gone(draw) if draw.counted else draw.reached)
        if reached > kept and reached <= draw.amount_fen:
            yield f"{draw.transaction}: {reached} fen were within reach, and only {kept} fen are debited or held"


def _approved_before(witness: Witness) -> Iterable[str]:
    books = {draw.stan: draw for draw in witness.kiosk_draws()}
    for draw in witness.draws.values():
        row = books.get(draw.stan)
        if row is None or row.amount_fen < draw.amount_fen:
            approved = 0 if row is None else row.amount_fen
            yield f"{draw.transaction}: the host approved {approved} fen, not {draw.amount_fen}"
        if witness.worth_fen(draw.reached) > draw.amount_fen:
            yield f"{draw.transaction}: {witness.worth_fen(draw.reached)} fen came out for {draw.amount_fen} approved"
    intents = Counter(
        record.transaction for record in witness.records if record.kind in (Entry.DISPENSE_INTENT, Entry.STACK_INTENT)
    )
    for transaction, number in intents.items():
        if number > 1:
            yield f"{transaction} was dispensed {number} times"
        if transaction not in witness.draws:
            yield f"{transaction} was dispensed without an approval on record"


def _intent_first(witness: Witness) -> Iterable[str]:
    for motion in witness.motions:
        if motion.intent is None:
            yield f"at {motion.at:.2f} s the dispenser was told {motion.words!r} and no record says so"
        elif not motion.synced:
            yield f"at {motion.at:.2f} s the dispenser was told {motion.words!r} and the record was not on the disk"
        elif motion.warned:
            yield f"at {motion.at:.2f} s the dispenser was told {motion.words!r} after the battery's warning"


def _no_motion_twice(witness: Witness) -> Iterable[str]:
    for motion in witness.motions:
        if motion.times > 1 and motion.intent is not None:
            yield f"at {motion.at:.2f} s {motion.words!r} was sent for the {motion.times}. time on one {motion.intent}"


def _all_ended(witness: Witness) -> Iterable[str]:
    for row in witness.rig.authority.draws():
        if row.state is DrawState.HELD:
            yield f"draw {row.stan or row.id} is still held"
    computer = witness.rig.computer
    if computer is not None:
        money = computer.equipment.money
        yield from (f"advice {advice.kind} of {advice.transaction} is open" for advice in money.open_advices)
        yield from (f"approval of {approval.transaction} is open" for approval in money.open_approvals)
        remains = recovery.fold(computer.journal.records())
        yield from (f"{transaction} waits for a count" for transaction in remains.suspended)


def _cards_on_record(witness: Witness) -> Iterable[str]:
    kept = len(witness.rig.reader.captured)
    recorded = witness.captures
    if kept > recorded:
        yield f"{kept} cards are in the box, {recorded} are on record"


def _no_secrets(witness: Witness) -> Iterable[str]:
    return witness.secrets_found()


def _journal_whole(witness: Witness) -> Iterable[str]:
    for start, (lost, whole) in enumerate(witness.found, 1):
        if lost:
            yield f"at start {start} {lost} acknowledged records were gone"
        if not whole:
            yield f"at start {start} a broken chain was accepted"


def _journal_opens(witness: Witness) -> Iterable[str]:
    return witness.put_away


def _told_truly(witness: Witness) -> Iterable[str]:
    return witness.told.wrong


def _counters_only_go_up(witness: Witness) -> Iterable[str]:
    seqs = [record.seq for record in witness.records]
    if seqs != sorted(set(seqs)):
        yield "record numbers were given twice"


def _damage_is_noticed(witness: Witness) -> Iterable[str]:
    for role in witness.rig.lines:
        if witness.rig.line_faults(role).damage_believed:
            yield f"a damaged message of the {role} was acknowledged"


def _set_back_is_locked_out(witness: Witness) -> Iterable[str]:
    rig = witness.rig
    if witness.set_back and rig.alive and rig.place.session.view.screen is Screen.IDLE:
        yield "customers are served with a journal that was set back"


def _idle_is_safe(witness: Witness) -> Iterable[str]:
    rig = witness.rig
    if rig.alive and rig.place.session.view.screen is Screen.IDLE and rig.dispenser.notes_at_exit:
        yield "idle, with notes in reach"


def _in_service(witness: Witness) -> Iterable[str]:
    rig = witness.rig
    if rig.crashed is not None:
        yield f"the program ended with {type(rig.crashed).__name__}: {rig.crashed}"
    yield from (f"an error in a task of its own: {error}" for error in witness.unhandled)
    screen = rig.place.session.view.screen
    if screen not in (Screen.IDLE, Screen.OUT_OF_SERVICE):
        yield f"long after the last fault the screen shows {screen}"


def _serves_again(witness: Witness) -> Iterable[str]:
    rig = witness.rig
    if rig.stopped_by:
        yield f"the program does not start: {rig.stopped_by}"
    elif rig.computer is not None and rig.place.session.view.screen is not Screen.IDLE:
        closed, positions = rig.computer.equipment.closed_because, range(1, len(rig.file.cash_dispenser.cassettes) + 1)
        if closed == "no_cash" and not any(rig.custody.number(rig.dispenser.cassette_place(at)) for at in positions):
            return  # nobody brings notes
        yield f"all is mended and counted, and it is closed: {closed}"


def _serves(witness: Witness) -> Iterable[str]:
    """The last customer comes when everything is mended, and asks for what everybody may have."""
    if witness.served is not None:
        yield f"a mended kiosk did not serve: {witness.served}"


def _found(rule: int) -> Callable[[Witness], Iterable[str]]:
    def look(witness: Witness) -> Iterable[str]:
        finds = [] if witness.onlooker is None else witness.onlooker.finds
        return [words for number, words in finds if number == rule]

    return look


def _asked_for(witness: Witness) -> Iterable[str]:
    """The host holds or transfers what a terminal has asked for and nothing else."""
    asked = {(record.data["stan"], record.data["amount_fen"]) for record in witness.cash_requests}
    sent = {transfer.stan for transfer in witness.transfers}
    online = {each.draw_id for each in witness.rig.elsewhere}
    for row in witness.rig.authority.draws():
        if not row.stan and row.id not in online:
            yield f"draw {row.id} of {row.amount_fen} fen was never asked for online"
    for booked in witness.rig.bank.booked():
        if booked.stan and booked.stan not in sent:
            yield f"transfer {booked.stan} of {booked.amount} fen was never asked for"
    for row in witness.kiosk_draws():
        if row.state is not DrawState.TOMBSTONE and (row.stan, row.amount_fen) not in asked:
            yield f"draw {row.stan} of {row.amount_fen} fen was never asked for"


def _accounts_are_right(witness: Witness) -> Iterable[str]:
    """From each person's account is gone what this person took, or had transferred, here or online."""
    rig, onlooker = witness.rig, witness.onlooker
    if onlooker is None:
        return
    gone = Counter[str]()
    for visit, draw in witness.draws.items():
        if (person := onlooker.visitors.get(visit)) is not None:
            gone[person.id] += witness.worth_fen(witness.gone(draw))
    books = {row.stan: row for row in rig.bank.booked()}
    for transfer in witness.transfers:
        if (person := onlooker.visitors.get(transfer.transaction)) is not None:
            gone[person.id] += transfers.expected_fen(witness, transfer, books.get(transfer.stan))
    for each in rig.elsewhere:
        gone[each.person.id] += rig.elsewhere.booked_fen(each)
    for person in rig.people:
        if person.known_to_host:
            less = person.opening_balance_fen - rig.authority.balance_fen(person.pan)
            if less != gone[person.id]:
                yield f"{person.id} got {gone[person.id]} fen, and {less} fen are gone from the account"
    total = sum(witness.worth_fen(witness.gone(draw)) for draw in witness.draws.values())
    out = witness.booked_cash_fen - rig.authority.terminal_cash_fen(rig.file.kiosk.terminal)
    if out != total:
        yield f"{total} fen left the kiosk, and the host has booked {out}"


STEP, VISIT, START, RESTED, SETTLED = Moment

INVARIANTS: Final = (
    Invariant(1, "the ledger balances", (VISIT, SETTLED), _ledger_balances),
    Invariant(1, "nobody has less than nothing", (SETTLED,), _nobody_overdrawn),
    Invariant(1, "from each account is gone what its draws say", (VISIT, SETTLED), _books_agree),
    Invariant(2, "at most one debit and one reversal for each exchange", (VISIT, SETTLED), _one_debit_each, DISK_LIES),
    Invariant(2, "what has ended at the host stays as it ended", (VISIT, START, SETTLED), _ends_stay),
    Invariant(2, "a transfer is debited once and credited once", (SETTLED,), transfers.debited_once),
    Invariant(2, "what is handed in once is there once", (SETTLED,), written.done_once, DISK_LIES),
    Invariant(2, "an invoice counts once", (SETTLED,), written.proven_once),
    Invariant(2, "each payout is settled once, in its batch", (SETTLED,), _settled_as_paid, (*MISLED, "D17")),
    Invariant(3, "no note appears or vanishes", (VISIT, SETTLED), _cash_is_conserved),
    Invariant(
        3, "counts that are called certain are true", (VISIT, SETTLED), _counters_are_true, (*MISLED, "C5", *HIDDEN)
    ),
    Invariant(3, "a count is done as it was asked for", (VISIT, SETTLED), _found(3)),
    Invariant(3, "what came damaged is not acknowledged", (VISIT, SETTLED), _damage_is_noticed),
    Invariant(4, "debit = notes taken", (SETTLED,), _debit_is_what_was_taken, (*MISLED, *HIDDEN)),
    Invariant(4, "what the kiosk has told was paid is booked, or in suspense", (SETTLED,), _booked_as_told),
    Invariant(
        5,
        "no dispense without an approval, and one for each",
        (VISIT, SETTLED),
        _approved_before,
        (*MISLED, *HIDDEN),
    ),
    Invariant(5, "all that was approved is presented, or nothing", (VISIT, SETTLED), _found(5), DECEPTIONS),
    Invariant(4, "what was transferred is debited", (SETTLED,), transfers.paid_or_not, DISK_LIES),
    Invariant(4, "what was transferred online is debited", (SETTLED,), elsewhere.paid_or_not),
    Invariant(5, "cash or a transfer, never both", (VISIT, SETTLED), transfers.one_way_only, DISK_LIES),
    Invariant(6, "the intent is on the disk before notes move", (VISIT, START, SETTLED), _intent_first),
    Invariant(7, "no motion is repeated by itself", (VISIT, SETTLED), _no_motion_twice),
    Invariant(
        8,
        "nothing is given back that was in reach and not counted",
        (VISIT, SETTLED),
        _never_less_than_taken,
        DISK_LIES,
    ),
    Invariant(9, "every transaction comes to an end", (SETTLED,), _all_ended, DISK_LIES),
    Invariant(9, "no visit ends before its money has an end", (VISIT, SETTLED), _found(9)),
    Invariant(9, "no transfer stays on its way", (SETTLED,), transfers.none_pending),
    Invariant(10, "no card is kept without a record", (VISIT, SETTLED), _cards_on_record),
    Invariant(11, "secrets stay secret", (SETTLED,), _no_secrets),
    Invariant(12, "no acknowledged record is lost", (START, SETTLED), _journal_whole, DISK_LIES),
    Invariant(12, "a journal that the disk has kept can be opened", (VISIT, SETTLED), _journal_opens, DISK_LIES),
    Invariant(12, "what the journal says was counted is what the device said", (VISIT, SETTLED), _found(12)),
    Invariant(13, "counters only go up", (START, SETTLED), _counters_only_go_up, DISK_LIES),
    Invariant(13, "a journal that was set back is locked out", (STEP,), _set_back_is_locked_out),
    Invariant(14, "idle is safe", (STEP,), _idle_is_safe, DECEPTIONS),
    Invariant(14, "idle is idle: nothing waits", (STEP,), _found(14), DECEPTIONS),
    Invariant(15, "in service or cleanly out of it", (RESTED, SETTLED), _in_service),
    Invariant(15, "no screen outlasts its time limit", (VISIT, SETTLED), _found(15)),
    Invariant(15, "in service once people have mended and counted", (SETTLED,), _serves_again),
    Invariant(15, "a mended kiosk pays out", (SETTLED,), _serves, DISK_LIES),
    Invariant(17, "what screens and receipts say is so", (VISIT, SETTLED), _found(17), (*DECEPTIONS, *HIDDEN)),
    Invariant(
        17,
        "what journal and host are told of a visit's money is so",
        (VISIT, SETTLED),
        _told_truly,
        (*MISLED, *HIDDEN),
    ),
    Invariant(17, "what is said of a transfer is so", (SETTLED,), transfers.told_truly, DISK_LIES),
    Invariant(18, "only what the host allows, and it allows what it may", (VISIT, SETTLED), _found(18)),
    Invariant(18, "the host holds only what was asked for", (VISIT, SETTLED), _asked_for),
    Invariant(19, "the card first", (VISIT, SETTLED), _found(19), DECEPTIONS),
    Invariant(
        20,
        "each account paid what its owner took or had transferred, here or online",
        (SETTLED,),
        _accounts_are_right,
        (*MISLED, *HIDDEN),
    ),
    Invariant(21, "what counts as taken is gone from the exit", (VISIT, SETTLED), _found(21), (*DECEPTIONS, *HIDDEN)),
)
"""Number 16, that the same seed gives the same run, is checked by running twice (`campaign`)."""


class Judge:
    """Checks the rules of each moment; keeps the first violation of each."""

    def __init__(self, witness: Witness, invariants: Iterable[Invariant] = INVARIANTS) -> None:
        self.violations: list[Violation] = []
        self._witness = witness
        self._by_moment: Mapping[Moment, list[Invariant]] = {
            moment: [each for each in invariants if moment in each.moments] for moment in Moment
        }
        self._broken: set[Invariant] = set()

    def look(self, moment: Moment, at: float) -> None:
        """Check what is due now."""
        for invariant in self._by_moment[moment]:
            if invariant in self._broken or not self._witness.rig.excuses.isdisjoint(invariant.unless):
                continue
            for words in invariant.check(self._witness):
                self.violations.append(Violation(invariant.number, at, words))
                self._broken.add(invariant)
                break
