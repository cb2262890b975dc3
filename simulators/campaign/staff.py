"""The two people with keys who come when a kiosk needs them: they mend, count, have it settle, and start it again."""

from collections.abc import Callable
from contextlib import suppress

from drivers.interfaces import UnitCounts
from simulators.bench.events import EventLog
from simulators.bench.hands import CantBe, Hands
from simulators.campaign.rig import JOURNAL, Rig
from simulators.campaign.witness import STAFF, Witness
from terminal import counting, recovery, suspense
from terminal.journal import Entry, Journal, JournalError
from terminal.view import Screen

PAPER = 1000
"""Lines on a new roll."""

CASE = "AW-1"
"""Of the authority, which takes what is more than was approved."""

NAMES = ("guan", "fang")
"""The two of them."""


class Staff:
    """Do what people at the open kiosk can do. What a customer got they count by what is missing, as people do."""

    def __init__(self, rig: Rig, witness: Witness) -> None:
        self.visits = 0
        self.came: Callable[[], None] = lambda: None
        self._rig = rig
        self._witness = witness
        self._hands = Hands(rig, EventLog(lambda: ""), rig.people)

    @property
    def needed(self) -> bool:
        """The kiosk is closed for a reason that does not go away by itself, or its program could not start."""
        rig = self._rig
        if rig.computer is None:
            return bool(rig.stopped_by)
        if not rig.alive:
            return False
        return rig.place.session.view.screen is Screen.OUT_OF_SERVICE

    async def service(self) -> None:
        """Stop the program, mend and empty, count, write down what was counted, start again."""
        self.visits += 1
        self.came()
        self._settle_with_authority()
        self._rig.stop()
        for armed in self._rig.injector.standing():
            self._rig.injector.disarm(armed.number)
        self._rig.storage.heal()
        self._rig.pad.commission()
        retracted = self._mend()
        for note in self._rig.dispenser.take_notes():
            self._rig.custody.move(note, STAFF)
        self._rig.disk.program_died()
        self._write_down(retracted)
        await self._rig.restart()

    def _settle_with_authority(self) -> None:
        """A journal that was set back, or is a new one, is believed once people have vouched for it."""
        computer = self._rig.computer
        if computer is None or computer.equipment.closed_because == "journal_set_back":
            self._rig.authority.accept_journal(self._rig.file.kiosk.terminal)
            if computer is not None or self._witness.set_back:  # else it could not be opened, and may go on
                self._witness.accepted()

    def _mend(self) -> int:
        """How many notes were in the box of retracted ones."""
        hands, retracted = self._hands, 0
        with suppress(CantBe):
            retracted = len(hands.insert_capture_box(inserted=False))
            hands.insert_capture_box(inserted=True)
        for act in (
            hands.clear_notes,
            hands.clear_cards,
            hands.clear_paper,
            hands.empty_pool,
            lambda: hands.insert_reject_tray(inserted=False),
            lambda: hands.insert_reject_tray(inserted=True),
            lambda: hands.load_paper(PAPER),
            lambda: hands.open_safe(is_open=False),
            lambda: hands.open_cover(is_open=False),
        ):
            with suppress(CantBe):
                act()
        return retracted

    def _write_down(self, retracted: int) -> None:
        rig, witness = self._rig, self._witness
        try:
            journal = Journal(JOURNAL, rig.clock.now, rig.disk.name)
        except JournalError as error:
            witness.put_away.append(str(error))
            rig.disk.put_away(JOURNAL)  # evidence for the authority; the kiosk goes on with a new one
            witness.new_journal()
            return
        try:
            witness.catch_up(journal)
            records = list(journal.records())
            cash = recovery.fold(records).cash
            for item in suspense.open_items(records):
                if (draw := witness.draws.get(item.visit)) is None:
                    continue  # notes moved without an approval: that is found, and no count mends it
                draw.counted = True
                got = {unit: UnitCounts(number) for unit, number in witness.by_unit(witness.gone(draw)).items()}
                case = CASE if witness.worth_fen(witness.gone(draw)) > draw.amount_fen else ""
                suspense.resolve(journal, item, got, cash, NAMES, case=case)
            positions = range(1, len(rig.file.cash_dispenser.cassettes) + 1)
            numbers = {f"unit{at}": rig.custody.number(rig.dispenser.cassette_place(at)) for at in positions}
            if numbers := {unit: number for unit, number in numbers.items() if unit in cash.units}:
                counting.set_counts(journal, cash, numbers, counting.Why.COUNTED, NAMES)
            counting.empty_retract_area(journal, cash, retracted, NAMES)
            journal.write(Entry.DAY_END_ORDERED, by=list(NAMES))
            witness.catch_up(journal)
        except JournalError:
            return
        finally:
            journal.close()
