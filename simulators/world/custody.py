"""Where every note and card is: each thing is in exactly one place, and none appears or vanishes.

Places are named by strings such as "dispenser/cassette1", "dispenser/exit", "customer". Things keep the order in which
they came to a place.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Note:
    """One banknote; `denomination` is yuan, `serial` tells it from all others."""

    denomination: int
    serial: str


def new_notes(denomination: int, number: int, series: str) -> list[Note]:
    """`number` notes of `denomination` yuan with serials of their own; a series is used once per denomination."""
    return list(_printed(denomination, number, series))


@lru_cache(maxsize=64)
def _printed(denomination: int, number: int, series: str) -> tuple[Note, ...]:
    """Many kiosks in one process have the same values in their cassettes, and notes can't change."""
    return tuple(Note(denomination, f"{series}{denomination:03d}{count:05d}") for count in range(number))


class CustodyBroken(AssertionError):
    """A thing is nowhere, in two places, or was never put into the world."""


class Custody(Generic[T]):
    """The whereabouts of all things of one kind."""

    def __init__(self) -> None:
        self._places: dict[str, dict[T, None]] = {}
        self._made = 0
        self._watchers: list[Callable[[T, str, str], None]] = []

    def watch(self, watcher: Callable[[T, str, str], None]) -> None:
        """Have `watcher` called with every thing that moves, the place it came from and the place it came to."""
        self._watchers.append(watcher)

    def put(self, place: str, items: Iterable[T]) -> None:
        """Make things: while the world is made, or when staff carry some in. Raises CustodyBroken."""
        for item in items:
            if (known := self._find(item)) is not None:
                raise CustodyBroken(f"{item} exists already, at {known}")
            self._arrive(item, place)
            self._made += 1

    def move(self, item: T, to: str) -> None:
        """Take a thing from where it is and lay it on top of what is at `to`."""
        place = self.where(item)
        del self._places[place][item]
        self._arrive(item, to)
        for watcher in self._watchers:
            watcher(item, place, to)

    def __contains__(self, item: T) -> bool:
        return self._find(item) is not None

    def where(self, item: T) -> str:
        """The place of a thing. Raises CustodyBroken when there is no such thing."""
        if (place := self._find(item)) is None:
            raise CustodyBroken(f"{item} was never put into the world")
        return place

    def at(self, place: str) -> tuple[T, ...]:
        """All things at exactly this place, longest there first."""
        return tuple(self._places.get(place, ()))

    def first(self, place: str) -> T | None:
        """What has been at this place longest."""
        return next(iter(self._places.get(place, ())), None)

    def number(self, place: str) -> int:
        """How many things are at exactly this place."""
        return len(self._places.get(place, ()))

    def places(self) -> Iterator[str]:
        """All places where something is, in the order in which they were first used."""
        return (place for place, items in self._places.items() if items)

    def count(self: "Custody[Note]", place: str) -> dict[int, int]:
        """Notes at exactly this place: denomination in yuan -> number."""
        return dict(Counter(note.denomination for note in self.at(place)))

    def check(self) -> None:
        """Raises CustodyBroken unless everything that was made is in exactly one place."""
        seen = Counter(item for items in self._places.values() for item in items)
        if doubled := [item for item, number in seen.items() if number > 1]:
            raise CustodyBroken(f"{doubled[0]} is in more than one place")
        if len(seen) != self._made:
            raise CustodyBroken(f"{self._made} things were made, and {len(seen)} are somewhere")

    def _find(self, item: T) -> str | None:
        return next((place for place, items in self._places.items() if item in items), None)

    def _arrive(self, item: T, place: str) -> None:
        self._places.setdefault(place, {})[item] = None
