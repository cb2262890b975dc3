"""How a dispenser without a presenter suffers the faults of the catalogue."""

from collections.abc import Iterable, Mapping
from typing import Literal, Protocol, TypeAlias

from simulators.devices.note_faults import Defect, Upset
from simulators.devices.note_path import NotePath
from simulators.world.custody import Note
from simulators.world.fault_options import OneOf, Range, Whole
from simulators.world.faults import Ailment

Jam: TypeAlias = Literal["check", "before-diverter", "path", "reject", "before-eject", "eject", "exit"]
DoublePick: TypeAlias = Literal["seen", "unseen", "parting"]

JAMS: Mapping[Jam, Upset] = {
    "check": Upset.JAM_AT_CHECK,
    "before-diverter": Upset.JAM_BEFORE_DIVERTER,
    "path": Upset.JAM_IN_PATH,
    "reject": Upset.JAM_TO_REJECT,
    "before-eject": Upset.JAM_BEFORE_EJECT,
    "eject": Upset.JAM_AT_EJECT,
    "exit": Upset.JAM_AT_EXIT,
}
"""Where on its way a note can stop."""

DOUBLE_PICKS: Mapping[DoublePick, Upset] = {
    "seen": Upset.DOUBLE_PICK,
    "unseen": Upset.UNSEEN_DOUBLE_PICK,
    "parting": Upset.PARTING_DOUBLE_PICK,
}
"""Two notes at once: rejected; delivered as one; or two at the exit where one was expected."""


class Hands(Protocol):
    """What staff can do to a dispenser, and what can break in it."""

    path: NotePath

    def upset(self, upset: Upset, cassette: int, pick: int = 1) -> None:
        """At the `pick`-th pick from a cassette from now on."""

    def break_(self, defect: Defect) -> None:
        """From now on."""

    def mend(self, defect: Defect) -> None:
        """No more."""

    def remove_cassette(self, position: int) -> None:
        """With its notes."""

    def insert_cassette(self, position: int) -> None:
        """With its notes."""

    def swap_cassettes(self, one: int, other: int) -> None:
        """With their notes."""

    def mix_up_notes(self, one: int, other: int) -> None:
        """Without their cassettes."""

    def refill(self, position: int, notes: Iterable[Note]) -> None:
        """Behind those that are there."""

    def clear_jam(self) -> list[Note]:
        """Everything on the path."""


def note_ailments(dispenser: Hands) -> dict[str, Ailment]:
    """What can go wrong with it, by the fault's id; cassettes and picks count from 1."""
    taken_out: dict[int, list[Note]] = {}
    exchanged: list[tuple[int, int]] = []
    mixed_up: list[tuple[int, int]] = []

    def fail_pick(cassette: int = 1, pick: int = 1) -> None:
        dispenser.upset(Upset.PICK_FAILURE, cassette, pick)

    def pick_two(cassette: int = 1, pick: int = 1, how: DoublePick = "seen") -> None:
        dispenser.upset(DOUBLE_PICKS[how], cassette, pick)

    def jam(cassette: int = 1, pick: int = 1, at_exit: bool = False, at: Jam = "path") -> None:
        dispenser.upset(JAMS["exit" if at_exit else at], cassette, pick)

    def run_well() -> None:
        dispenser.path.forget_upsets()

    def clear_jam() -> None:
        run_well()
        dispenser.clear_jam()

    def fill_tray() -> None:
        dispenser.path.tray_stuffed = True

    def empty_tray() -> None:
        dispenser.path.tray_stuffed = False

    def empty(cassette: int = 1) -> None:
        taken_out.setdefault(cassette, []).extend(dispenser.path.take(f"cassette{cassette}", "staff")[::-1])

    def refill() -> None:
        for cassette, notes in taken_out.items():
            dispenser.refill(cassette, notes)
        taken_out.clear()

    def remove(cassette: int = 1) -> None:
        dispenser.remove_cassette(cassette)

    def put_back() -> None:
        for position in dispenser.path.positions:
            dispenser.insert_cassette(position)

    def swap(one: int = 1, other: int = 2) -> None:
        exchanged.append((one, other))
        dispenser.swap_cassettes(one, other)

    def swap_back() -> None:
        while exchanged:
            dispenser.swap_cassettes(*exchanged.pop())

    def mix_up(one: int = 1, other: int = 2) -> None:
        mixed_up.append((one, other))
        dispenser.mix_up_notes(one, other)

    def sort_out() -> None:
        while mixed_up:
            dispenser.mix_up_notes(*mixed_up.pop())

    def stick(covered: bool = False) -> None:
        dispenser.break_(Defect.EXIT_SENSOR_COVERED if covered else Defect.EXIT_SENSOR_BLIND)

    def free() -> None:
        dispenser.mend(Defect.EXIT_SENSOR_COVERED)
        dispenser.mend(Defect.EXIT_SENSOR_BLIND)

    positions = OneOf(dispenser.path.positions)
    which: Mapping[str, Range] = {"cassette": positions}
    at_pick: Mapping[str, Range] = {**which, "pick": Whole(1, 1_000, usual=10)}
    pair = {"one": positions, "other": positions}
    only_two = {
        "C7": Ailment(swap, swap_back, pair, differ=("one", "other")),
        "C8": Ailment(mix_up, sort_out, pair, differ=("one", "other")),
    }
    return {
        "C1": Ailment(fail_pick, run_well, at_pick),
        "C2": Ailment(pick_two, run_well, at_pick),
        "C3": Ailment(jam, clear_jam, at_pick),
        "C4": Ailment(fill_tray, empty_tray),
        "C5": Ailment(empty, refill, which),
        "C6": Ailment(remove, put_back, which),
        **(only_two if len(positions.choices) > 1 else {}),
        "C9": Ailment(stick, free),
        "C13": _defect(dispenser, Defect.EXIT_SENSOR_STICKS),
        "C28": _defect(dispenser, Defect.SAFE_OPEN),
    }


def _defect(dispenser: Hands, defect: Defect) -> Ailment:
    def happen() -> None:
        dispenser.break_(defect)

    return Ailment(happen, lambda: dispenser.mend(defect))
