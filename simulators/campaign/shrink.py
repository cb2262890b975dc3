"""From a tape that breaks a rule to a shorter one that still does: entries are taken off and the rest is played again.

Delta debugging ("ddmin", Zeller and Hildebrandt 2002) over visits, then over faults; then whatever can be said in a
plainer way is. The seed stays what it is, so that the chance of what is left does not change.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar

from simulators.campaign.tape import Act, Tape, Visit

PartT = TypeVar("PartT")

Breaks: TypeAlias = Callable[[Sequence[Tape]], int | None]
"""Plays tapes and says which is the first that still breaks the rule, None if none does."""


@dataclass(slots=True)
class Shrinking:
    """How far it has come. `breaks` plays `at_once` tapes side by side; after `seconds` the best so far has to do."""

    tape: Tape
    breaks: Breaks
    seconds: float
    at_once: int = 1
    clock: Callable[[], float] = time.monotonic
    played: int = 0
    complete: bool = True
    """Nothing more can be taken off; False: the time was over before that was known."""
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = self.clock() + self.seconds

    def shrink(self) -> Tape:
        """The shortest tape that was found."""
        before = None
        while before != self.tape and self.complete:
            before = self.tape
            self._fewer_visits()
            self._fewer_acts()
            self._plainer()
        return self.tape

    def _fewer_visits(self) -> None:
        tape = self.tape
        self._fewest(tape.visits, lambda visits: tape.model_copy(update={"visits": tuple(visits)}))

    def _fewer_acts(self) -> None:
        tape = self.tape
        places = [(visit, act) for visit, each in enumerate(tape.visits) for act in range(len(each.acts))]

        def with_acts(kept: Sequence[tuple[int, int]]) -> Tape:
            visits = tuple(
                visit.model_copy(update={"acts": tuple(visit.acts[act] for at, act in kept if at == number)})
                for number, visit in enumerate(tape.visits)
            )
            return tape.model_copy(update={"visits": visits})

        self._fewest(places, with_acts)

    def _fewest(self, parts: Sequence[PartT], tape_of: Callable[[Sequence[PartT]], Tape]) -> None:
        if not parts or self._first([tape_of(())]) is not None:
            return
        pieces = 2
        while len(parts) > 1:
            rests = _without_one_piece(parts, pieces)
            found = self._first([tape_of(rest) for rest in rests])
            if found is not None:
                parts = rests[found]
                pieces = max(pieces - 1, 2)
            elif pieces >= len(parts) or not self.complete:
                return
            else:
                pieces = min(2 * pieces, len(parts))

    def _plainer(self) -> None:
        done = 0
        while (ways := list(_plainer_ways(self.tape))[done:]) and self.complete:
            found = self._first(ways)
            done = len(ways) + done if found is None else done + found

    def _first(self, tapes: Sequence[Tape]) -> int | None:
        """The first that still breaks the rule; it becomes the best so far."""
        for start in range(0, len(tapes), self.at_once):
            if self.clock() >= self._until:
                self.complete = False
                return None
            batch = tapes[start : start + self.at_once]
            self.played += len(batch)
            found = self.breaks(batch)
            if found is not None:
                self.tape = batch[found]
                return start + found
        return None


def _without_one_piece(parts: Sequence[PartT], pieces: int) -> list[Sequence[PartT]]:
    """All parts but one piece of them, the last piece first: what comes late matters least."""
    cuts = [round(number * len(parts) / pieces) for number in range(pieces + 1)]
    return [[*parts[:start], *parts[end:]] for start, end in reversed(list(pairwise(cuts)))]


PLAIN_VISIT: Final = Visit(person=0)


def _plainer_ways(tape: Tape) -> Iterator[Tape]:
    """The tape with one thing said in a plainer way, for each that is not plain yet."""
    for number, visit in enumerate(tape.visits):
        for plainer in _plainer_visits(visit):
            visits = (*tape.visits[:number], plainer, *tape.visits[number + 1 :])
            yield tape.model_copy(update={"visits": visits})


def _plainer_visits(visit: Visit) -> Iterator[Visit]:
    for name in Visit.model_fields:
        plain = getattr(PLAIN_VISIT, name)
        if name != "acts" and getattr(visit, name) != plain:
            yield visit.model_copy(update={name: plain})
    for number, act in enumerate(visit.acts):
        for plainer in _plainer_acts(act):
            yield visit.model_copy(update={"acts": (*visit.acts[:number], plainer, *visit.acts[number + 1 :])})


def _plainer_acts(act: Act) -> Iterator[Act]:
    if act.options:
        yield act.model_copy(update={"options": {}})
    if len(act.options) > 1:
        for name in act.options:
            yield act.model_copy(update={"options": {key: act.options[key] for key in act.options if key != name}})
    if act.nth > 1:
        yield act.model_copy(update={"nth": 1})
    if act.command is not None or act.byte is not None:
        yield act.model_copy(update={"command": None, "byte": None})
    for plain in (0.0, float(round(act.after))):
        if act.after != plain:
            yield act.model_copy(update={"after": plain})
