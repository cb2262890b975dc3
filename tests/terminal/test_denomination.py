from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.denomination import CashUnitCount, dispensable_amounts, exact_mix

YUAN = 100


def units(*stock: tuple[int, int], limit: int | None = None) -> list[CashUnitCount]:
    """Cassettes (yuan, notes) from the top."""
    return [
        CashUnitCount(f"unit{position}", yuan * YUAN, count, limit)
        for position, (yuan, count) in enumerate(stock, start=1)
    ]


def mix(yuan: int, *stock: tuple[int, int], max_items: int = 100, limit: int | None = None) -> Mapping[str, int] | None:
    return exact_mix(yuan * YUAN, units(*stock, limit=limit), max_items=max_items)


@pytest.mark.req("S1-40")
@pytest.mark.parametrize(
    ("yuan", "stock", "expected"),
    [
        (60, [(50, 5), (20, 5)], {"unit2": 3}),  # greedy takes the 50 and is stuck: the 10s are out
        (80, [(50, 5), (20, 5)], {"unit2": 4}),
        (110, [(100, 5), (50, 5), (20, 5)], {"unit2": 1, "unit3": 3}),
        (60, [(100, 9), (50, 9), (20, 9), (10, 0)], {"unit3": 3}),
        (250, [(100, 1), (50, 2), (20, 5)], {"unit1": 1, "unit2": 1, "unit3": 5}),
        (200, [(100, 1), (50, 9)], {"unit1": 1, "unit2": 2}),  # too few 100s, but 50s suffice
        (130, [(100, 9), (50, 9), (20, 9), (10, 1)], {"unit1": 1, "unit3": 1, "unit4": 1}),
        (130, [(100, 9), (50, 9), (20, 9)], {"unit2": 1, "unit3": 4}),
        (165, [(50, 2), (20, 6), (5, 3)], {"unit1": 2, "unit2": 3, "unit3": 1}),  # as few notes as with a third 50
    ],
)
def test_an_amount_is_found_where_greedy_choice_fails(
    yuan: int, stock: list[tuple[int, int]], expected: Mapping[str, int]
) -> None:
    assert mix(yuan, *stock) == expected


@pytest.mark.req("S1-40")
@pytest.mark.parametrize(
    ("yuan", "stock"),
    [
        (250, [(100, 9)]),  # the 50s are out
        (30, [(50, 9), (20, 9)]),
        (300, [(100, 2)]),
        (100, []),
        (0, [(100, 9)]),
        (-100, [(100, 9)]),
    ],
)
def test_an_amount_that_can_not_be_made_has_no_mix(yuan: int, stock: list[tuple[int, int]]) -> None:
    assert mix(yuan, *stock) is None


def test_fen_below_the_smallest_note_have_no_mix() -> None:
    assert exact_mix(10_001, units((100, 5)), max_items=100) is None


def test_fewest_notes_are_taken() -> None:
    assert mix(200, (20, 50), (100, 50), (50, 50)) == {"unit2": 2}


def test_cassettes_of_one_denomination_are_emptied_evenly() -> None:
    assert mix(1000, (100, 500), (100, 495)) == {"unit1": 8, "unit2": 2}
    assert mix(1000, (100, 7), (100, 7)) == {"unit1": 5, "unit2": 5}


def test_a_limit_per_cassette_spreads_the_notes() -> None:
    assert mix(10_000, (100, 500), (100, 500), limit=60) == {"unit1": 50, "unit2": 50}
    assert mix(10_000, (100, 2000), (100, 100), limit=60) == {"unit1": 60, "unit2": 40}
    assert mix(10_000, (100, 2000), limit=60) is None


def test_no_more_notes_than_the_device_can_give_at_once() -> None:
    assert mix(10_000, (100, 2000), max_items=100) == {"unit1": 100}
    assert mix(10_100, (100, 2000), max_items=100) is None
    assert mix(100, (100, 2000), max_items=0) is None


@pytest.mark.req("S1-40")
def test_all_amounts_on_offer_can_be_made() -> None:
    stock = units((50, 1), (20, 3))
    amounts = dispensable_amounts(stock, max_items=100, up_to_fen=100 * YUAN)
    assert [amount // YUAN for amount in amounts] == [20, 40, 50, 60, 70, 90]
    assert dispensable_amounts(stock, max_items=100, up_to_fen=89 * YUAN)[-1] == 70 * YUAN
    assert dispensable_amounts(stock, max_items=3, up_to_fen=10_000 * YUAN)[-1] == 90 * YUAN


def test_nothing_can_be_made_from_nothing() -> None:
    assert dispensable_amounts([], max_items=100, up_to_fen=100_000) == []
    assert dispensable_amounts(units((100, 0)), max_items=100, up_to_fen=100_000) == []
    assert dispensable_amounts(units((100, 5)), max_items=100, up_to_fen=0) == []


def test_a_cassette_that_holds_less_than_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="not less than none"):
        CashUnitCount("unit1", 10_000, -1)


stocks = st.lists(
    st.builds(
        CashUnitCount,
        st.sampled_from("abcd"),
        st.sampled_from([100 * YUAN, 50 * YUAN, 20 * YUAN, 10 * YUAN, 5 * YUAN]),
        st.integers(0, 5),
        st.none() | st.integers(0, 4),
    ),
    max_size=4,
    unique_by=lambda unit: unit.id,
)


def all_mixes(stock: Sequence[CashUnitCount], max_items: int) -> dict[int, int]:
    """Brute force: amount in fen -> fewest notes."""
    fewest: dict[int, int] = {}
    for counts in product(*(range(unit.available + 1) for unit in stock)):
        notes = sum(counts)
        if 0 < notes <= max_items:
            amount = sum(count * unit.denomination_fen for count, unit in zip(counts, stock, strict=True))
            fewest[amount] = min(notes, fewest.get(amount, notes))
    return fewest


@settings(deadline=None)
@given(stock=stocks, max_items=st.integers(0, 15))
def test_the_search_agrees_with_trying_everything(stock: list[CashUnitCount], max_items: int) -> None:
    fewest = all_mixes(stock, max_items)
    limit = 1000 * YUAN
    possible = dispensable_amounts(stock, max_items=max_items, up_to_fen=limit)
    assert list(possible) == sorted(amount for amount in fewest if amount <= limit)
    for amount in range(0, 800 * YUAN, 5 * YUAN):
        found = exact_mix(amount, stock, max_items=max_items)
        if amount not in fewest:
            assert found is None
            continue
        assert found is not None
        by_id = {unit.id: unit for unit in stock}
        assert all(0 < count <= by_id[unit].available for unit, count in found.items())
        assert sum(count * by_id[unit].denomination_fen for unit, count in found.items()) == amount
        assert sum(found.values()) == fewest[amount]


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_evenly_means_that_no_fuller_cassette_was_passed_over(first: int, second: int, wanted: int) -> None:
    found = mix(wanted * 100, (100, first), (100, second))
    if found is None:
        assert wanted > first + second
        return
    left = [first - found.get("unit1", 0), second - found.get("unit2", 0)]
    for at, unit in enumerate(("unit1", "unit2")):
        if unit in found:
            assert left[at] + 1 >= left[1 - at]
