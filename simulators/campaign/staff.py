"""The two people with keys who come when a kiosk needs them: they mend, count, and start it again."""

from contextlib import suppress

from drivers.interfaces import Dispensed, UnitCounts
from simulators.bench.events import EventLog
from simulators.bench.hands import CantBe, Hands
from simulators.campaign.rig import JOURNAL, Rig
from simulators.campaign.witness import STAFF, Witness
from terminal import recovery
from terminal.journal import Entry, Journal, JournalError

PAPER = 1000
"""Lines on a new roll."""


class Staff:
    """Do what a person at the open kiosk can do; they count notes, and never look into the simulation's books."""

    def __init__(self, rig: Rig, witness: Witness) -> None:
        self.visits = 0
        self._rig = rig
        self._witness = witness
        self._hands = Hands(rig, EventLog(lambda: ""), rig.people)

    async def service(self) -> None:
        """Stop the program, mend and empty, count, write down what was counted, start again."""
        self.visits += 1
        rig = self._rig
        rig.stop()
        for armed in rig.injector.standing():
            rig.injector.disarm(armed.number)
        self._mend()
        self._collect()
        self._write_down()
        await rig.restart()

    def _mend(self) -> None:
        hands = self._hands
        for act in (
            hands.clear_notes,
            hands.clear_cards,
            hands.clear_paper,
            hands.empty_pool,
            lambda: hands.insert_reject_tray(inserted=False),
            lambda: hands.insert_reject_tray(inserted=True),
            lambda: hands.insert_capture_box(inserted=False),
            lambda: hands.insert_capture_box(inserted=True),
            lambda: hands.load_paper(PAPER),
            lambda: hands.open_safe(is_open=False),
            lambda: hands.open_cover(is_open=False),
        ):
            with suppress(CantBe):
                act()

    def _collect(self) -> None:
        """What lies at the exit goes to the office."""
        rig = self._rig
        for note in rig.dispenser.take_notes():
            rig.custody.move(note, STAFF)

    def _write_down(self) -> None:
        rig = self._rig
        rig.disk.program_died()
        try:
            journal = Journal(JOURNAL, rig.clock.now, rig.disk.name)
        except JournalError:
            return
        try:
            remains = recovery.fold(journal.records())
            for transaction in list(remains.suspended):
                draw = self._witness.draws[transaction]
                draw.counted = True
                units = self._witness.by_unit(self._witness.gone(draw))
                counted = Dispensed({unit: UnitCounts(number) for unit, number in units.items()})
                recovery.close_suspense(journal, transaction, counted)
            for position, cassette in enumerate(rig.file.cash_dispenser.cassettes, 1):
                place = rig.dispenser.cassette_place(position)
                journal.write(
                    Entry.COUNTS_SET,
                    unit=f"unit{position}",
                    notes=rig.custody.number(place),
                    denomination_fen=cassette.denomination * 100,
                )
            journal.write(Entry.RETRACT_EMPTIED)
            self._witness.records += journal.records(
                after=self._witness.records[-1].seq if self._witness.records else 0
            )
        finally:
            journal.close()
