"""What customer and staff can do to an F53 or F56, what they see of it, and what can go wrong with it."""

from collections.abc import Iterable, Mapping

from simulators.devices.fujitsu_f56_mechanics import Mechanics, Stuck, Upset
from simulators.world.custody import Note
from simulators.world.fault_options import OneOf, Range, Whole
from simulators.world.faults import Ailment


class DispenserHands:
    """Hands on `mechanics`."""

    mechanics: Mechanics
    retrieves: bool
    """It can take notes back."""

    @property
    def notes_at_exit(self) -> tuple[Note, ...]:
        """Notes within the customer's reach."""
        return self.mechanics.in_reach

    def take_notes(self, number: int | None = None) -> list[Note]:
        """The customer takes notes from the exit, all by default; nothing while the shutter is shut."""
        return self.mechanics.take("exit", "customer", number) if self.mechanics.shutter_open else []

    def put_back(self, notes: Iterable[Note]) -> None:
        """The customer lays notes into the exit again. Raises ValueError while the shutter is shut."""
        if not self.mechanics.shutter_open:
            raise ValueError("the shutter is shut")
        self.mechanics.lay("exit", notes)

    def cassette_place(self, position: int) -> str:
        """The custody's name for a cassette."""
        return self.mechanics.cassette(position)

    def remove_cassette(self, position: int) -> None:
        """Pull a cassette out; its notes stay in it."""
        self.mechanics.insert(position, False)

    def insert_cassette(self, position: int) -> None:
        """Put a cassette back."""
        self.mechanics.insert(position, True)

    def refill(self, position: int, notes: Iterable[Note]) -> None:
        """Staff put notes into a cassette."""
        self.mechanics.lay(f"cassette{position}", notes)

    def empty_cassette(self, position: int) -> list[Note]:
        """Staff take all notes out of a cassette."""
        return self.mechanics.take(f"cassette{position}", "staff")

    def mix_up_notes(self, one: int, other: int) -> None:
        """Staff filled two cassettes with each other's notes: the cassettes are right, what is in them is not."""
        self.mechanics.swap(one, other, cassettes=False)

    def swap_cassettes(self, one: int, other: int) -> None:
        """Staff put two cassettes into each other's places: the cassette register tells their magnet codes."""
        self.mechanics.swap(one, other, cassettes=True)

    def remove_reject_tray(self) -> list[Note]:
        """Staff pull out the reject box and take what is in it."""
        self.mechanics.reject_box.inserted = False
        return self.mechanics.take("reject", "staff")

    def insert_reject_tray(self) -> None:
        """Put the reject box back."""
        self.mechanics.reject_box.inserted = True

    def remove_capture_box(self) -> list[Note]:
        """Staff pull out the capture box and take what is in it."""
        self.mechanics.capture_box.inserted = False
        return self.mechanics.take("capture", "staff")

    def insert_capture_box(self) -> None:
        """Put the capture box back."""
        self.mechanics.capture_box.inserted = True

    def clear_jam(self) -> list[Note]:
        """Staff open the dispenser and take out what is stuck, or shut in at the exit; the pool they leave alone."""
        shut_in = [] if self.mechanics.shutter_open else self.mechanics.take("exit", "staff")
        return self.mechanics.take("throat", "staff") + self.mechanics.take("path", "staff") + shut_in

    def empty_pool(self) -> list[Note]:
        """Staff take the notes out of the pool."""
        return self.mechanics.take("pool", "staff")

    # What can go wrong

    def upset(self, upset: Upset, cassette: int = 1, pick: int = 1) -> None:
        """Let something go wrong at the `pick`-th pick from a cassette from now on."""
        self.mechanics.upset(upset, cassette, pick)

    def stick_shutter(self, at: Stuck | None) -> None:
        """The shutter stands still, open or closed; None frees it."""
        self.mechanics.stick_shutter(at)

    def stick_outlet_sensor(self, covered: bool | None) -> None:
        """The outlet's sensor says always the same; None mends it."""
        self.mechanics.outlet_stuck = covered

    def hold_back(self, number: int) -> None:
        """Somebody holds on to so many notes during the next retrieve."""
        self.mechanics.hold_back(number)

    def count_short(self, number: int) -> None:
        """The next retrieve counts so many notes less than it moves."""
        self.mechanics.count_short(number)

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        positions = OneOf(self.mechanics.positions)
        which: Mapping[str, Range] = {"cassette": positions}
        at_pick: Mapping[str, Range] = {**which, "pick": Whole(1, 1_000, usual=10)}
        some = {"notes": Whole(1, 1_000, usual=6)}

        def run_well() -> None:
            self.mechanics.forget_upsets()

        def picks(upset: Upset) -> Ailment:
            def happen(cassette: int = 1, pick: int = 1) -> None:
                self.upset(upset, cassette, pick)

            return Ailment(happen, run_well, at_pick)

        def jam(cassette: int = 1, pick: int = 1, at_exit: bool = False) -> None:
            self.upset(Upset.JAM_AT_EXIT if at_exit else Upset.JAM_IN_PATH, cassette, pick)

        def clear_jam() -> None:
            run_well()
            self.clear_jam()

        def remove(cassette: int = 1) -> None:
            self.remove_cassette(cassette)

        def put_cassettes_back() -> None:
            for position in self.mechanics.positions:
                self.insert_cassette(position)

        def empty(cassette: int = 1) -> None:
            self.empty_cassette(cassette)

        capacity = self.mechanics.reject_box.capacity

        def fill_reject_box() -> None:
            self.mechanics.reject_box.capacity = 0

        def new_reject_box() -> None:
            self.mechanics.reject_box.capacity = capacity

        def stuck(at: Stuck) -> Ailment:
            return Ailment(lambda: self.stick_shutter(at), lambda: self.stick_shutter(None))

        swapped: list[tuple[int, int]] = []

        def swap(one: int = 1, other: int = 2) -> None:
            swapped.append((one, other))
            self.swap_cassettes(one, other)

        def swap_back() -> None:
            while swapped:
                self.swap_cassettes(*swapped.pop())

        mixed_up: list[tuple[int, int]] = []

        def mix_up(one: int = 1, other: int = 2) -> None:
            mixed_up.append((one, other))
            self.mix_up_notes(one, other)

        def sort_out() -> None:
            while mixed_up:
                self.mix_up_notes(*mixed_up.pop())

        pair: Mapping[str, Range] = {"one": positions, "other": positions}
        only_two = {
            "C7": Ailment(swap, swap_back, pair, differ=("one", "other")),
            "C8": Ailment(mix_up, sort_out, pair, differ=("one", "other")),
        }
        shutter = {"C10": stuck(Stuck.OPEN), "C11": stuck(Stuck.CLOSED)}

        def take_some(notes: int = 1) -> None:
            self.take_notes(notes)

        def hold(notes: int = 1) -> None:
            self.hold_back(notes)

        def miss(notes: int = 1) -> None:
            self.count_short(notes)

        retrieve = {
            "C14": Ailment(hold, lambda: self.hold_back(0), some),
            "C15": Ailment(miss, lambda: self.count_short(0), some),
        }

        def blind_outlet() -> None:
            self.stick_outlet_sensor(False)

        def mend_outlet() -> None:
            self.stick_outlet_sensor(None)

        return {
            "C1": picks(Upset.PICK_FAILURE),
            "C2": picks(Upset.DOUBLE_PICK),
            "C3": Ailment(jam, clear_jam, at_pick),
            "C4": Ailment(fill_reject_box, new_reject_box),
            "C5": Ailment(empty, limits=which),
            "C6": Ailment(remove, put_cassettes_back, which),
            **(only_two if len(positions.choices) > 1 else {}),
            "C9": picks(Upset.MISCOUNT),
            **(shutter if self.mechanics.has_shutter else {}),
            "C12": Ailment(take_some, limits=some),
            "C13": Ailment(blind_outlet, mend_outlet),
            **(retrieve if self.retrieves else {}),
        }

    def _seen(self) -> dict[str, str]:
        """What a look into the dispenser shows."""
        mechanics = self.mechanics

        def holds(part: str) -> str:
            return f"{len(mechanics.notes(part))} notes"

        cassettes = {
            f"cassette {position}": holds(f"cassette{position}") if mechanics.inserted(position) else "pulled out"
            for position in mechanics.positions
        }
        pool = {"pool": holds("pool")} if mechanics.pool else {}
        stuck = f", stuck {mechanics.shutter_stuck}" if mechanics.shutter_stuck else ""
        shutter = {"shutter": ("open" if mechanics.shutter_open else "closed") + stuck} if mechanics.has_shutter else {}
        return {
            **cassettes,
            "path": "blocked" if mechanics.notes("path") or mechanics.notes("throat") else "clear",
            **pool,
            "exit": holds("exit"),
            **shutter,
            "reject box": holds("reject") if mechanics.reject_box.inserted else "pulled out",
            "capture box": holds("capture") if mechanics.capture_box.inserted else "pulled out",
        }
