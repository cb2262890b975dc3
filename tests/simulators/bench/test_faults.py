import asyncio
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from drivers.trace import TraceRecord
from simulators.bench.bench import Bench
from simulators.bench.faults import CUSTOMER, Armed
from simulators.bench.file import BenchError, BenchFile, Fault, load_bench
from simulators.bench.hardware import Hardware
from simulators.world.fault_options import Option
from simulators.world.faults import Ailment, FaultRefused, Trigger
from simulators.world.faulty_line import Direction
from terminal.view import Screen


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    return Bench(load_bench(), folder=tmp_path, seed=1)


def with_faults(*faults: Fault) -> BenchFile:
    return load_bench().model_copy(update={"faults": faults})


async def until_idle(bench: Bench) -> asyncio.Task[None]:
    running = asyncio.ensure_future(bench.run())
    await bench.scene.until(lambda: bench.session.view.screen is Screen.IDLE)
    return running


async def test_a_fault_that_only_one_device_can_suffer_finds_it(bench: Bench) -> None:
    assert bench.injector.arm("C1").device == "cash_dispenser"


@pytest.mark.parametrize(
    ("fault", "device", "why"),
    [
        ("B1", None, "name the device, one of card_reader, pin_pad"),
        ("C1", "pin_pad", r"pin_pad can't suffer C1 \(pick failure\); it is for cash_dispenser"),
        ("C99", None, "no fault 'C99'"),
        ("G5", None, "there is no contactless reader"),
    ],
)
async def test_what_can_not_be_armed_is_told(bench: Bench, fault: str, device: str | None, why: str) -> None:
    with pytest.raises(FaultRefused, match=why):
        bench.injector.arm(fault, device)
    assert bench.injector.armed == []


async def test_options_are_checked_when_a_fault_is_armed_and_not_when_it_strikes(bench: Bench) -> None:
    with pytest.raises(FaultRefused, match="no option colour; known here: cassette"):
        bench.injector.arm("C1", trigger=Trigger(command=5), options={"colour": "red"})


async def test_a_fault_strikes_with_the_nth_command_and_once(bench: Bench) -> None:
    struck: list[Armed] = []
    bench.injector.watch(struck.append)
    armed = bench.injector.arm("C1", trigger=Trigger(command=2))
    running = await until_idle(bench)
    running.cancel()

    assert struck == [armed]
    assert not armed.active
    assert bench.injector.fired == {"C1": 1}


async def test_a_fault_strikes_at_its_time(bench: Bench) -> None:
    armed = bench.injector.arm("B18", "pin_pad", trigger=Trigger(at=1.5))
    await asyncio.sleep(2)

    assert armed.fired == [1.5]


async def test_chance_decides_at_every_command_and_the_same_seed_decides_the_same(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async def struck(folder: Path) -> list[float]:
        bench = Bench(load_bench(), folder=folder, seed=7)
        armed = bench.injector.arm("B6", "pin_pad", trigger=Trigger(chance=0.5, times=0))
        running = await until_idle(bench)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return armed.fired

    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    first, second = [await struck(folder) for folder in folders]

    assert first == pytest.approx(second)
    assert first


async def test_a_disarmed_fault_does_not_strike(bench: Bench) -> None:
    armed = bench.injector.arm("B3", "cash_dispenser", trigger=Trigger(command=1))
    bench.injector.disarm(armed.number)
    running = await until_idle(bench)
    running.cancel()

    assert armed.fired == []


@pytest.mark.parametrize("trigger", [Trigger(), Trigger(command=1), Trigger(at=0.0), Trigger(chance=1.0, times=2)])
@pytest.mark.parametrize("fault", ["B1", "B13", "B15"])
async def test_a_fault_of_a_line_has_struck_when_bytes_are_changed_and_not_before(
    bench: Bench, fault: str, trigger: Trigger
) -> None:
    seen: list[tuple[bool, int]] = []
    armed = bench.injector.arm(fault, "cash_dispenser", trigger=trigger)
    bench.injector.watch(lambda struck: seen.append((struck.active, len(struck.fired))))
    await asyncio.sleep(1.0)
    assert (armed.fired, armed.active) == ([], True)
    assert armed in bench.injector.standing()
    running = await until_idle(bench)
    running.cancel()

    assert len(armed.fired) == trigger.times
    assert min(armed.fired) > 1.0
    assert seen == [(number < trigger.times, number) for number in range(1, trigger.times + 1)]


@pytest.mark.parametrize("fault", ["B1", "B3", "B7", "B12", "B13", "B14", "B15", "B17", "B18", "B19", "B20", "B22"])
async def test_a_fault_of_a_line_that_is_disarmed_before_the_next_message_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, fault: str
) -> None:
    async def heard(fault: str | None) -> list[tuple[str, str]]:
        bench = Bench(load_bench(), folder=tmp_path_factory.mktemp("bench"), seed=1)
        records: list[TraceRecord] = []
        bench.tracer.add(records.append)
        if fault is not None:
            armed = bench.injector.arm(fault, "cash_dispenser")
            bench.injector.disarm(armed.number)
            assert bench.injector.standing() == []
        running = await until_idle(bench)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [(record.direction, record.hex) for record in records if record.port == "cash_dispenser"]

    assert await heard(fault) == await heard(None)


async def test_disarming_mends_what_is_broken(bench: Bench) -> None:
    armed = bench.injector.arm("C21")
    paper = bench.printer.snapshot()["paper"]
    bench.injector.disarm(armed.number)

    assert [paper, bench.printer.snapshot()["paper"]] == ["0 lines, near end", "5000 lines"]


async def test_disarming_what_never_was_armed_is_told(bench: Bench) -> None:
    with pytest.raises(FaultRefused, match="no armed fault has number 3"):
        bench.injector.disarm(3)


async def test_a_byte_is_counted_in_the_direction_of_the_fault(bench: Bench) -> None:
    """The dispenser's third byte and all after it in that piece are lost, whatever the host sends."""
    armed = bench.injector.arm(
        "B3", "cash_dispenser", trigger=Trigger(byte=3), options={"direction": Direction.FROM_DEVICE}
    )
    running = await until_idle(bench)
    running.cancel()

    assert len(armed.fired) == 1


async def test_a_bench_file_arms_faults(tmp_path: Path) -> None:
    bench = Bench(with_faults(Fault(id="B13", device="cash_dispenser", command=1)), folder=tmp_path, seed=1)
    running = await until_idle(bench)
    running.cancel()

    assert bench.injector.fired == {"B13": 1}


async def test_a_bench_file_with_a_fault_that_can_not_be_is_told(tmp_path: Path) -> None:
    hardware = Hardware(with_faults(Fault(id="B13", device="pin_pad")))

    with pytest.raises(BenchError, match=r"faults.0: pin_pad can't suffer B13"):
        await hardware.serve()


@pytest.mark.parametrize("fault", ["B20", "B22"])
async def test_a_line_or_device_that_comes_back_serves_on(bench: Bench, fault: str) -> None:
    running = await until_idle(bench)
    bench.injector.arm(fault, "cash_dispenser")
    await asyncio.sleep(300)

    assert bench.session.view.screen is Screen.IDLE
    running.cancel()


async def test_with_two_paths_exchanged_the_kiosk_stays_closed_until_they_are_put_right(bench: Bench) -> None:
    bench.injector.arm("B21", "cash_dispenser", trigger=Trigger(command=1), options={"other": "pin_pad"})
    running = asyncio.ensure_future(bench.run())
    await bench.scene.until(lambda: bench.session.view.screen is Screen.OUT_OF_SERVICE)
    bench.injector.arm("B21", "cash_dispenser", options={"other": "pin_pad"})

    await bench.scene.until(lambda: bench.session.view.screen is Screen.IDLE)
    running.cancel()


async def test_the_catalogue_says_what_can_suffer_a_fault_and_its_options(bench: Bench) -> None:
    possible = {each.fault: each for each in bench.injector.possible()}

    c1 = possible["C1"].devices

    assert {device: ailment.options for device, ailment in c1.items()} == {"cash_dispenser": {"cassette": 1, "pick": 1}}
    assert str(c1["cash_dispenser"].ranges["cassette"]) == "one of 1, 2"
    assert set(possible["B1"].devices) == {"card_reader", "pin_pad", "cash_dispenser", "receipt_printer"}
    assert CUSTOMER not in possible["C1"].devices


async def test_what_stands_is_what_can_strike_and_what_is_still_broken(bench: Bench) -> None:
    waiting = bench.injector.arm("C1", trigger=Trigger(command=5))
    broken = bench.injector.arm("C6")
    bench.injector.arm("C24", trigger=Trigger(at=0.5))
    await asyncio.sleep(1.0)
    assert bench.injector.standing() == [waiting, broken]
    bench.injector.disarm(waiting.number)
    bench.injector.disarm(broken.number)
    assert bench.injector.standing() == []


async def test_a_fault_that_can_not_happen_when_its_time_comes_says_so_and_the_line_goes_on(bench: Bench) -> None:
    armed = bench.injector.arm("G3", trigger=Trigger(command=1))
    running = await until_idle(bench)
    running.cancel()

    assert (armed.fired, armed.active, bool(armed.impossible)) == ([], False, True)


async def test_a_model_that_can_not_suffer_what_others_of_its_kind_can_says_why() -> None:
    with pytest.raises(FaultRefused, match=r"can suffer C28 \(door or safe open\); cash_dispenser: which sensor"):
        devices_with("fujitsu-f56").injector.arm("C28", "cash_dispenser")


MODELS: Mapping[str, Mapping[str, Option]] = {
    "puloon-lcdm-4000": {},
    "puloon-lcdm-2000": {},
    "fujitsu-f56": {"extensions": True},
}


def devices_with(dispenser: str) -> Hardware:
    file = load_bench()
    changed = file.cash_dispenser.model_copy(update={"model": dispenser, "options": dict(MODELS[dispenser])})
    return Hardware(file.model_copy(update={"cash_dispenser": changed}))


@pytest.mark.parametrize("dispenser", MODELS)
async def test_options_that_are_drawn_are_never_refused(dispenser: str) -> None:
    chance = random.Random(1)
    for possible in devices_with(dispenser).injector.possible():
        for ailment in possible.devices.values():
            for _ in range(20):
                drawn = ailment.draw(chance)
                assert ailment.checked(drawn) == drawn


NONSENSE: Sequence[Option] = (-1, 10**9, 2.5e300, float("nan"), float("inf"), "", "nonsense", "-1", "9" * 5000)


def takes(ailment: Ailment, name: str, value: Option) -> bool:
    try:
        ailment.checked({**ailment.draw(random.Random(1)), name: value})
    except FaultRefused as refused:
        assert f"{name}: give " in str(refused)  # noqa: PT017  # a loop over hundreds
        return False
    return True


@pytest.mark.parametrize("dispenser", MODELS)
async def test_no_option_of_any_fault_takes_nonsense(dispenser: str) -> None:
    assert [
        (possible.fault, device, name, value)
        for possible in devices_with(dispenser).injector.possible()
        for device, ailment in possible.devices.items()
        for name in ailment.options
        for value in NONSENSE
        if takes(ailment, name, value)
    ] == []


@pytest.mark.parametrize("fault", ["C1", "C5", "C6", "C7"])
@pytest.mark.parametrize("dispenser", ["puloon-lcdm-4000", "fujitsu-f56"])
async def test_a_cassette_that_is_not_there_is_refused_with_those_there_are(dispenser: str, fault: str) -> None:
    injector = devices_with(dispenser).injector
    if fault not in [each.fault for each in injector.possible() if each.devices]:
        pytest.skip(f"{dispenser} has no {fault}")
    with pytest.raises(FaultRefused, match="give one of 1, 2, not 5"):
        injector.arm(fault, options={"one" if fault == "C7" else "cassette": 5})
