"""Which notes make an amount: exact search over what is in the cassettes, never greedy.

Greedy choice fails on shortages (60 = 3 x 20 when there are 50s but no 10s). The search knows all amounts: for every
amount the fewest notes that make it, built up one denomination at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import gcd


@dataclass(frozen=True, slots=True)
class CashUnitCount:
    """Notes that one cassette can give now; `limit` is how many it may give in one dispense, None for no limit."""

    id: str
    denomination_fen: int
    count: int
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.denomination_fen <= 0 or self.count < 0 or (self.limit is not None and self.limit < 0):
            raise ValueError(f"a cassette holds notes of some value, and not less than none: {self}")

    @property
    def available(self) -> int:
        """Notes for one dispense."""
        return self.count if self.limit is None else min(self.count, self.limit)


def exact_mix(amount_fen: int, units: Sequence[CashUnitCount], *, max_items: int) -> Mapping[str, int] | None:
    """Notes per cassette that make exactly `amount_fen`, or None when nothing does.

    Fewest notes first; of equally few, those with more of the larger denominations. Cassettes of one denomination are
    emptied evenly. Only cassettes that give something are named.
    """
    if amount_fen <= 0:
        return None
    search = _Search(units, max_items, amount_fen)
    return search.mix(amount_fen)


def dispensable_amounts(units: Sequence[CashUnitCount], *, max_items: int, up_to_fen: int) -> Sequence[int]:
    """All amounts in fen, ascending, above 0 and not above `up_to_fen`, for which there is an exact mix."""
    search = _Search(units, max_items, up_to_fen)
    return search.amounts()


class _Search:
    """Fewest notes for every amount up to `up_to_fen`, counted in steps of the denominations' common divisor."""

    def __init__(self, units: Sequence[CashUnitCount], max_items: int, up_to_fen: int) -> None:
        usable = sorted((unit for unit in units if unit.available), key=lambda unit: -unit.denomination_fen)
        self._groups = [(fen, list(group)) for fen, group in groupby(usable, key=lambda unit: unit.denomination_fen)]
        self._step = gcd(*(fen for fen, _ in self._groups)) or 1
        self._max_items = max_items
        most = sum(fen * self._stock(group) for fen, group in self._groups)
        self._size = max(0, min(up_to_fen, most)) // self._step + 1
        self._impossible = max_items + 1
        self._fewest = self._tables()

    def _stock(self, group: Sequence[CashUnitCount]) -> int:
        return min(self._max_items, sum(unit.available for unit in group))

    def _tables(self) -> list[list[int]]:
        """Table k: fewest notes per amount with the denominations from k (0: the largest) down to the smallest."""
        table = [0] + [self._impossible] * (self._size - 1)
        tables = [table]
        for fen, group in reversed(self._groups):
            table = list(table)
            for bundle in _bundles(self._stock(group)):
                value = bundle * fen // self._step
                for amount in range(self._size - 1, value - 1, -1):
                    table[amount] = min(table[amount], table[amount - value] + bundle)
            tables.append(table)
        return tables[::-1]

    def amounts(self) -> list[int]:
        return [at * self._step for at, notes in enumerate(self._fewest[0]) if 0 < notes <= self._max_items]

    def mix(self, amount_fen: int) -> Mapping[str, int] | None:
        rest, off_step = divmod(amount_fen, self._step)
        if off_step or rest >= self._size or self._fewest[0][rest] > self._max_items:
            return None
        chosen: dict[str, int] = {}
        for (fen, group), with_it, without_it in zip(self._groups, self._fewest, self._fewest[1:], strict=False):
            value = fen // self._step
            number = next(
                number
                for number in range(min(self._stock(group), rest // value), -1, -1)
                if without_it[rest - number * value] + number == with_it[rest]
            )
            chosen |= _evenly(number, group)
            rest -= number * value
        return chosen


def _bundles(stock: int) -> list[int]:
    """Bundle sizes from which every number of notes up to `stock`, and no other, can be put together."""
    bundles = []
    size = 1
    while stock:
        bundles.append(min(size, stock))
        stock -= bundles[-1]
        size *= 2
    return bundles


def _evenly(number: int, group: Sequence[CashUnitCount]) -> dict[str, int]:
    """Take each note from the cassette that is fullest then."""
    taken = {unit.id: 0 for unit in group}
    for _ in range(number):
        open_units = [unit for unit in group if taken[unit.id] < unit.available]
        fullest = max(open_units, key=lambda unit: unit.count - taken[unit.id])
        taken[fullest.id] += 1
    return {unit: notes for unit, notes in taken.items() if notes}
