"""Where the power goes, or the program dies: faults A of the catalogue, on a rig."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from simulators.world.custody import Note
from simulators.world.fault_options import OneOf, Seconds, Whole
from simulators.world.faults import Ailment
from simulators.world.faulty_line import Direction

if TYPE_CHECKING:
    from simulators.campaign.disk import Disk
    from simulators.campaign.life import Life
    from simulators.campaign.rig import Rig

ROLES: Final = ("card_reader", "pin_pad", "cash_dispenser", "receipt_printer")

OUTAGE: Final = Seconds(600, 20)


class Power:
    """Each fault waits for its place, cuts there once, and lets the kiosk start again `seconds` later."""

    def __init__(self, rig: "Rig") -> None:
        self._rig = rig
        self._calls: list[Callable[[], None]] = []
        self._at_exit: list[Callable[[], None]] = []
        self._with_card: list[Callable[[], None]] = []
        rig.custody.watch(self._note_moved)
        rig.scene.watch(self._look_at_card)

    def heal(self) -> None:
        """What still waits comes no more."""
        for call in self._calls:
            call()
        self._calls.clear()
        self._rig.next_life.clear()
        self._at_exit.clear()
        self._with_card.clear()

    def ailments(self) -> Mapping[str, Ailment]:
        """What can happen, by the fault's id."""
        rig = self._rig

        def at_step(step: int = 100, seconds: float = 3.0) -> None:
            if rig.life is not None:
                self._calls.append(rig.life.at_step(step, lambda: rig.cut("A1", seconds)))

        def at_byte(
            role: str = "cash_dispenser",
            byte: int = 10,
            direction: Direction = Direction.TO_DEVICE,
            seconds: float = 3.0,
        ) -> None:
            self._calls.append(rig.line_faults(role).at_byte(direction, byte, lambda: rig.cut("A2", seconds)))

        def at_write(number: int = 10, seconds: float = 3.0) -> None:
            self._at_operation("A3", ("write", "truncate"), number, seconds)

        def at_sync(number: int = 3, seconds: float = 3.0) -> None:
            self._at_operation("A4", ("sync",), number, seconds)

        def again(step: int = 100, second: int = 50, seconds: float = 3.0) -> None:
            """Now, and once more while the program that comes next sorts out what the first left."""

            def both() -> None:
                rig.cut("A1", seconds)
                rig.next_life.append(recovers)

            def recovers(life: "Life") -> None:
                self._calls.append(life.at_step(second, lambda: rig.cut("A9", seconds)))

            if rig.life is not None:
                self._calls.append(rig.life.at_step(step, both))

        def with_notes(after: float = 0.0, seconds: float = 3.0) -> None:
            loop = asyncio.get_running_loop()
            self._at_exit.append(lambda: self._later(loop.call_later(after, rig.cut, "A10", seconds)))

        def with_card(after: float = 0.0, seconds: float = 3.0) -> None:
            loop = asyncio.get_running_loop()
            self._with_card.append(lambda: self._later(loop.call_later(after, rig.cut, "A11", seconds)))

        def shutter_open(after: float = 0.0, seconds: float = 3.0) -> None:
            loop = asyncio.get_running_loop()
            self._at_exit.append(lambda: self._later(loop.call_later(after, rig.cut, "A12", seconds)))

        def warned(warning: float = 2.0, seconds: float = 3.0) -> None:
            rig.warn_of_power()
            self._later(asyncio.get_running_loop().call_later(warning, rig.cut, "A13", seconds))

        def watchdog(seconds: float = 3.0) -> None:
            rig.cut("A14", seconds, power=False)

        after = {"after": Seconds(600, 3), "seconds": OUTAGE}
        return {
            "A1": Ailment(at_step, limits={"step": Whole(1, 100_000, 600), "seconds": OUTAGE}),
            "A2": Ailment(at_byte, limits={"role": OneOf(ROLES), "byte": Whole(1, 100_000, 400), "seconds": OUTAGE}),
            "A3": Ailment(at_write, limits={"number": Whole(1, 10_000, 80), "seconds": OUTAGE}),
            "A4": Ailment(at_sync, limits={"number": Whole(1, 10_000, 20), "seconds": OUTAGE}),
            "A9": Ailment(
                again, limits={"step": Whole(1, 100_000, 600), "second": Whole(1, 10_000, 150), "seconds": OUTAGE}
            ),
            "A10": Ailment(with_notes, limits=after),
            "A11": Ailment(with_card, limits=after),
            **({"A12": Ailment(shutter_open, limits=after)} if rig.has_shutter else {}),
            "A13": Ailment(warned, limits={"warning": Seconds(600, 10), "seconds": OUTAGE}),
            "A14": Ailment(watchdog, limits={"seconds": OUTAGE}),
        }

    def _later(self, timer: asyncio.TimerHandle) -> None:
        self._calls.append(timer.cancel)

    def _at_operation(self, fault: str, kinds: tuple[str, ...], number: int, seconds: float) -> None:
        disk, left = self._rig.disk, [number]

        def look(_: "Disk", kind: str) -> None:
            if kind in kinds:
                left[0] -= 1
                if left[0] == 0:
                    stop()
                    self._rig.cut(fault, seconds)

        def stop() -> None:
            if look in disk.before_operation:
                disk.before_operation.remove(look)

        disk.before_operation.append(look)
        self._calls.append(stop)

    def _note_moved(self, _: Note, _from: str, to: str) -> None:
        if to == "dispenser/exit" and self._at_exit:
            struck, self._at_exit = self._at_exit, []
            for strike in struck:
                strike()

    def _look_at_card(self) -> None:
        if self._with_card and (self._rig.reader.card_at_gate or self._rig.reader.card_inside):
            struck, self._with_card = self._with_card, []
            for strike in struck:
                strike()
