"""A cash dispenser pays out what it was asked, tells exactly what it moved, and says when it can't."""

from collections.abc import Mapping

import pytest
import pytest_asyncio

from drivers.interfaces import (
    CashDispenser,
    CompletionCode,
    DeviceError,
    DeviceState,
    Dispensed,
    DispenserState,
    Done,
    ErrorCode,
    PositionStatus,
    PresentState,
    Refused,
    Replenishment,
    UnitStatus,
)
from simulators.hil.bench import TestBench
from simulators.hil.customer import Customer

pytestmark = pytest.mark.asyncio

NOT_READY = (DispenserState.STOP, DispenserState.UNKNOWN)
A_FEW = 3
ENOUGH = 10
A_MOMENT = 0.6
TIME_TO_TAKE = 30.0


@pytest_asyncio.fixture
async def dispenser(cash_dispenser: CashDispenser) -> CashDispenser:
    """Initialised, its path clear."""
    status = await cash_dispenser.status()
    blocked = PositionStatus.NOT_EMPTY in (status.transport, status.stacker)
    if blocked or status.device is not DeviceState.ONLINE or status.dispenser in NOT_READY:
        assert await cash_dispenser.reset() == Done(None)
    return cash_dispenser


@pytest.fixture
def stocked(bench: TestBench, dispenser: CashDispenser) -> list[str]:
    """The units with enough notes for a test, from the top."""
    units = dispenser.capabilities.units
    found = [unit for unit, cassette in zip(units, bench.cassettes, strict=False) if cassette.really >= ENOUGH]
    if not found:
        pytest.skip(f"bench {bench.name} has no cassette with {ENOUGH} notes")
    return found


async def stacked(dispenser: CashDispenser, units: Mapping[str, int]) -> Dispensed:
    """Notes have left their cassettes: towards the customer, or as far as the stacker."""
    outcome = await dispenser.dispense(units)
    assert isinstance(outcome, Done), outcome
    return outcome.result


async def paid_out(dispenser: CashDispenser, units: Mapping[str, int]) -> Dispensed:
    """Notes are within the customer's reach, whatever brings them there."""
    result = await stacked(dispenser, units)
    if dispenser.capabilities.intermediate_stacker and moved(result):
        assert await dispenser.present() == Done(None)
    return result


def moved(result: Dispensed) -> int:
    """How many notes went to the customer, or will."""
    return sum(counts.dispensed for counts in result.units.values())


async def taken(dispenser: CashDispenser, customer: Customer) -> int:
    """The customer takes all, and the dispenser sees it where it can."""
    number = await customer.take_notes()
    assert await dispenser.items_taken(TIME_TO_TAKE)
    return number


async def test_a_loaded_dispenser_is_online(dispenser: CashDispenser, stocked: list[str]) -> None:
    status = await dispenser.status()
    assert status.device is DeviceState.ONLINE
    assert {status.units[unit].status for unit in stocked} == {UnitStatus.OK}
    assert all(status.units[unit].replenishment is not Replenishment.EMPTY for unit in stocked)


async def test_a_reset_leaves_it_ready(dispenser: CashDispenser) -> None:
    assert await dispenser.reset() == Done(None)
    assert (await dispenser.status()).device is DeviceState.ONLINE


async def test_what_was_counted_lies_at_the_exit(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    result = await paid_out(dispenser, {stocked[0]: A_FEW})
    assert result.error is None
    assert result.units[stocked[0]].dispensed == A_FEW
    assert await customer.notes_at_exit() == A_FEW
    assert await taken(dispenser, customer) == A_FEW


async def test_each_cassette_gives_its_share(dispenser: CashDispenser, customer: Customer, stocked: list[str]) -> None:
    asked = {unit: number for number, unit in enumerate(stocked, 1)}
    result = await paid_out(dispenser, asked)
    assert {unit: counts.dispensed for unit, counts in result.units.items()} == asked
    assert await taken(dispenser, customer) == sum(asked.values())


async def test_notes_in_the_stacker_are_out_of_reach(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    if not dispenser.capabilities.intermediate_stacker:
        pytest.skip("this dispenser has no stacker")
    await stacked(dispenser, {stocked[0]: A_FEW})
    assert await customer.notes_at_exit() == 0
    assert (await dispenser.status()).stacker is PositionStatus.NOT_EMPTY
    assert await dispenser.present() == Done(None)
    assert await taken(dispenser, customer) == A_FEW


async def test_notes_at_the_exit_wait_until_they_are_taken(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    await paid_out(dispenser, {stocked[0]: A_FEW})
    if (await dispenser.status()).position is not PositionStatus.NOT_EMPTY:
        await taken(dispenser, customer)
        pytest.skip("the exit of this dispenser has no sensor that sees notes")
    assert not await dispenser.items_taken(A_MOMENT)
    assert await taken(dispenser, customer) == A_FEW
    assert (await dispenser.status()).position is PositionStatus.EMPTY


async def test_notes_that_nobody_takes_are_retracted(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    if not dispenser.capabilities.retract:
        with pytest.raises(DeviceError):
            await dispenser.retract()
        pytest.skip("this dispenser can't retract, and says so")
    await paid_out(dispenser, {stocked[0]: A_FEW})
    outcome = await dispenser.retract()
    assert isinstance(outcome, Done), outcome
    assert outcome.result in (None, A_FEW)
    assert await customer.notes_at_exit() == 0


async def test_stacked_notes_can_be_rejected(dispenser: CashDispenser, customer: Customer, stocked: list[str]) -> None:
    if not dispenser.capabilities.intermediate_stacker:
        with pytest.raises(DeviceError):
            await dispenser.reject()
        pytest.skip("this dispenser has no stacker, and says so")
    await stacked(dispenser, {stocked[0]: A_FEW})
    try:
        outcome = await dispenser.reject()
    except DeviceError as error:
        if error.completion is not CompletionCode.UNSUPPORTED_COMMAND:
            raise
        assert await dispenser.present() == Done(None)
        assert await taken(dispenser, customer) == A_FEW
        pytest.skip(str(error))
    assert isinstance(outcome, Done), outcome
    assert outcome.result in (None, A_FEW)
    assert await customer.notes_at_exit() == 0
    assert (await dispenser.status()).stacker is PositionStatus.EMPTY


async def test_the_device_remembers_its_last_dispense_or_says_that_it_does_not(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    result = await paid_out(dispenser, {stocked[0]: A_FEW})
    memory = await dispenser.get_present_status()
    assert memory.state in (PresentState.PRESENTED, PresentState.UNKNOWN)
    if memory.units is not None:
        assert memory.units[stocked[0]].dispensed == result.units[stocked[0]].dispensed
    await taken(dispenser, customer)


async def test_more_than_the_device_can_give_is_refused(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    outcome = await dispenser.dispense({stocked[0]: dispenser.capabilities.max_items + 1})
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.TOO_MANY_ITEMS
    assert await customer.notes_at_exit() == 0


@pytest.mark.parametrize("asked", [{}, {"unit1": 0}, {"unit99": 1}], ids=["nothing", "none", "no such unit"])
async def test_what_is_no_dispense_is_refused(dispenser: CashDispenser, asked: dict[str, int]) -> None:
    assert isinstance(await dispenser.dispense(asked), Refused)


async def test_a_cassette_that_runs_out_gives_what_it_has(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    unit = stocked[0]
    await customer.empty_cassette(unit)
    await customer.refill(unit, 1)
    outcome = await dispenser.dispense({unit: A_FEW})
    if isinstance(outcome, Done):
        assert outcome.result.error is not None
        assert outcome.result.units[unit].dispensed <= 1
        if moved(outcome.result):
            if dispenser.capabilities.intermediate_stacker:
                assert await dispenser.present() == Done(None)
            assert await taken(dispenser, customer) == moved(outcome.result)
    else:
        assert isinstance(outcome, Refused), outcome
        assert await customer.notes_at_exit() == 0
    await customer.refill(unit, ENOUGH)


async def test_a_cassette_that_is_out_gives_nothing(
    dispenser: CashDispenser, customer: Customer, stocked: list[str]
) -> None:
    unit = stocked[0]
    await customer.remove_cassette(unit)
    try:
        assert (await dispenser.status()).units[unit].status is not UnitStatus.OK
        outcome = await dispenser.dispense({unit: A_FEW})
        if isinstance(outcome, Done):
            assert moved(outcome.result) == 0
            assert outcome.result.error is not None
        else:
            assert isinstance(outcome, Refused), outcome
        assert await customer.notes_at_exit() == 0
    finally:
        await customer.insert_cassette(unit)
