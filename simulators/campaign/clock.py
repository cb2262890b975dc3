"""The wall clock and the chance of a kiosk, which fail it: faults F of the catalogue."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from simulators.world.fault_options import Whole
from simulators.world.faults import Ailment


class WallClock:
    """`true` is the right time; `fired` hears of each fault."""

    def __init__(self, true: Callable[[], datetime], fired: Callable[[str], None]) -> None:
        self._true = true
        self._fired = fired
        self._ahead = timedelta()
        self._turned_at: datetime | None = None

    def now(self) -> datetime:
        """What the clock shows."""
        true = self._true()
        if self._turned_at is not None:
            true -= 2 * (true - self._turned_at)
        return true + self._ahead

    def heal(self) -> None:
        """Somebody sets it right."""
        self._ahead, self._turned_at = timedelta(), None

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        def forward(seconds: int = 3600) -> None:
            self._set("F1", self._ahead + timedelta(seconds=seconds))

        def back(seconds: int = 3600) -> None:
            self._set("F2", self._ahead - timedelta(seconds=seconds))

        def lost() -> None:
            self._set("F6", datetime(1970, 1, 1, tzinfo=self._true().tzinfo) - self._true())

        def new_year() -> None:
            """Half a minute before midnight of the last day of the year."""
            true = self._true()
            self._set("F4", datetime(true.year, 12, 31, 23, 59, 30, tzinfo=true.tzinfo) - true)

        def turn() -> None:
            """From now on it runs backwards."""
            self._turned_at = self._true()
            self._fired("F5")

        return {
            "F1": Ailment(forward, limits={"seconds": Whole(1, 10_000_000, 200_000)}),
            "F2": Ailment(back, limits={"seconds": Whole(1, 10_000_000, 200_000)}),
            "F4": Ailment(new_year),
            "F5": Ailment(turn),
            "F6": Ailment(lost),
        }

    def _set(self, fault: str, ahead: timedelta) -> None:
        self._ahead = ahead
        self._fired(fault)


class Entropy:
    """The kiosk's random numbers; `fired` hears when one comes twice."""

    def __init__(self, chance: random.Random, fired: Callable[[str], None]) -> None:
        self._chance = chance
        self._fired = fired
        self._last = b""
        self._repeats = 0

    def randbytes(self, number: int) -> bytes:
        """So many random bytes, or the same as before."""
        if self._repeats and len(self._last) == number:
            self._repeats -= 1
            self._fired("F8")
        else:
            self._last = self._chance.randbytes(number)
        return self._last

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        def repeat(times: int = 1) -> None:
            self._repeats = times

        return {"F8": Ailment(repeat, limits={"times": Whole(1, 1000, 20)})}
