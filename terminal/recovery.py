"""What the last run left behind, read from the journal, and how each open transaction gets its named end.

The order of a restart: fold the journal, ask the devices what physically happened, settle, and only then move anything.

| the journal says                       | then                                                               |
|----------------------------------------|--------------------------------------------------------------------|
| approved, dispenser never asked        | given back (reversal): no note has moved                           |
| dispensed and counted, not settled     | confirmed with that count; nothing counted: given back             |
| refused by the dispenser, not settled  | given back: nothing moved                                          |
| counted, and more than was approved    | suspended: a person has to count                                   |
| asked, and no outcome on record        | suspended with what the dispenser remembers; a person has to count |
| a person has counted                   | confirmed with that count; nothing counted: given back             |
| a person has counted more than was     | confirmed with what was approved; the rest is the matter of the    |
|   approved, and has named a case       | authority's case                                                   |

A dispenser with a stacker, whose notes are not yet in anybody's reach when they are counted:

| the journal says                       | then                                                               |
|----------------------------------------|--------------------------------------------------------------------|
| taken, or left where they can't be     | confirmed with what was stacked                                    |
|   taken back                           |                                                                    |
| all that was stacked counted back, or  | given back                                                         |
|   the device shows that it never began |                                                                    |
| retracted, rejected short, or either   | suspended; a person has to count                                   |
|   with no outcome on record            |                                                                    |
| stacked or presented, or either with   | the device is asked, `terminal.evidence` judges, and               |
|   no outcome on record                 | `terminal.presenter` rejects, or waits and retracts                |
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from drivers.interfaces import Dispensed, PresentStatus
from protocol.money_line import ReversalCause
from terminal.bundle import Bundle, Phase
from terminal.cash_units import CashUnit, CashUnits
from terminal.dispense_record import from_data, unit_results, worth_fen
from terminal.interrupted import Visits
from terminal.journal import Entry, Journal, Record
from terminal.money_line import MoneyLine


@dataclass(slots=True)
class Remains:
    """The state of things by the journal. Transactions are named by their visit."""

    cash: CashUnits = field(default_factory=lambda: CashUnits({}))
    visits: Visits = field(default_factory=Visits)
    asked: dict[str, Mapping[str, int]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    counted: dict[str, Dispensed] = field(default_factory=dict)
    suspended: dict[str, int] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    """Cases of the authority that take what was paid beyond an approval."""
    bundles: dict[str, Bundle] = field(default_factory=dict)
    """The notes of every withdrawal on a dispenser with a stacker."""
    reset_open: bool = False
    """A reset of the dispenser has no outcome on record, and since then nobody counted and no service followed."""

    def apply(self, record: Record) -> None:
        """Take one record."""
        visit, data = record.transaction or "", record.data
        self.visits.apply(record)
        if (bundle := self.bundles.get(visit)) is not None:
            self.cash = bundle.moved(record, self.cash)
            self.bundles[visit] = bundle = bundle.after(record)
            if bundle.got is not None:
                self.counted[visit] = bundle.got
        match record.kind:
            case Entry.COUNTS_SET:
                self.cash = self.cash.loaded(data["unit"], data["notes"], data["denomination_fen"])
                if data.get("by"):  # people have looked into the dispenser
                    self.reset_open = False
            case Entry.STACK_INTENT:
                self.bundles[visit] = Bundle(data["mix"])
            case Entry.RETRACT_EMPTIED:
                self.cash = self.cash.retract_area_emptied()
            case Entry.DISPENSE_INTENT:
                self.asked[visit] = data["mix"]
            case Entry.DISPENSE_DONE:
                self.counted[visit] = dispensed = from_data(data)
                self.cash = self.cash.after(dispensed)
                self.asked.pop(visit, None)
            case Entry.DISPENSE_REFUSED:
                self.counted[visit] = Dispensed({})
                self.asked.pop(visit, None)
            case Entry.DISPENSE_UNKNOWN:
                self.cash = self.cash.uncertain(data["mix"])
                self.unknown.append(visit)
            case Entry.SUSPENSE_OPENED:
                self.suspended[visit] = record.seq
                self.asked.pop(visit, None)
            case Entry.SUSPENSE_CLOSED:
                self.counted[visit] = from_data(data)
                self.suspended.pop(visit, None)
                if case := data.get("case"):
                    self.cases[visit] = case
            case Entry.DISPENSER_RESET_INTENT:
                self.reset_open = True
            case Entry.DISPENSER_RESET_DONE | Entry.IN_SERVICE:
                self.reset_open = False

    @property
    def undecided(self) -> Mapping[str, Bundle]:
        """Notes that have neither an end nor an item in suspense."""
        return {
            visit: bundle
            for visit, bundle in self.bundles.items()
            if visit not in self.counted and visit not in self.suspended
        }


def fold(records: Iterable[Record]) -> Remains:
    """Everything that the journal knows."""
    remains = Remains()
    for record in records:
        remains.apply(record)
    return remains


def load_cassettes(journal: Journal, remains: Remains, cassettes: Mapping[str, CashUnit]) -> None:
    """Take the counts of the configuration for cassettes that the journal has never heard of."""
    for unit, cassette in cassettes.items():
        if unit not in remains.cash.units:
            remains.apply(
                journal.write(
                    Entry.COUNTS_SET, unit=unit, notes=cassette.initial, denomination_fen=cassette.denomination_fen
                )
            )


def settle(journal: Journal, money: MoneyLine, remains: Remains, evidence: PresentStatus | None) -> None:
    """Bring every open transaction to its end; `evidence` is what the dispenser remembers of its last dispense."""
    for visit, mix in list(remains.asked.items()):
        if visit not in remains.unknown:
            unknown = journal.write(Entry.DISPENSE_UNKNOWN, visit, cause="no outcome on record", mix=dict(mix))
            remains.apply(unknown)
        remains.apply(
            journal.write(
                Entry.SUSPENSE_OPENED,
                visit,
                cause="the kiosk stopped while notes were moving",
                mix=dict(mix),
                evidence=None if evidence is None else evidence.state,
            )
        )
    for approval in money.open_approvals:
        visit = approval.transaction or ""
        if visit in remains.suspended:
            continue
        dispensed = remains.counted.get(visit, Dispensed({}))
        bundle = remains.bundles.get(visit)
        results = unit_results(dispensed, remains.cash) if bundle is None else bundle.results(dispensed, remains.cash)
        paid = worth_fen(dispensed, remains.cash)
        if paid > approval.amount_fen and visit in remains.cases:
            money.confirm(approval, approval.amount_fen, results)
        elif paid > approval.amount_fen:
            cause = "the dispenser counted more than was approved"
            remains.apply(journal.write(Entry.SUSPENSE_OPENED, visit, cause=cause, paid_fen=paid))
        elif paid:
            money.confirm(approval, paid, results)
        else:
            money.reverse(approval, ReversalCause.TERMINAL_FAULT, results)
    _end_visits(journal, remains)


def _end_visits(journal: Journal, remains: Remains) -> None:
    """Every visit that a stop cut short gets its end on record, once its money has one."""
    paid = {visit: worth_fen(counted, remains.cash) for visit, counted in remains.counted.items()}
    suspended = {
        visit: (bundle := remains.bundles.get(visit)) is not None and bundle.phase is Phase.RETRACTED
        for visit in remains.suspended
    }
    for visit in remains.visits.open:
        ending = remains.visits.ending(visit, paid, suspended)
        remains.apply(journal.write(Entry.VISIT_ENDED, visit, ending=ending, cause="the kiosk stopped"))
