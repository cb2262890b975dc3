"""The pytest plugin `medteller`: devices as fixtures, simulated or real, as `--bench` says.

Loaded into every pytest run of an environment, so it imports nothing of ours until a test asks for a device.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest

if TYPE_CHECKING:
    from drivers.interfaces import CardReader, CashDispenser, PinPad, ReceiptPrinter
    from drivers.trace_file import TraceRecord
    from simulators.hil.bench import TestBench
    from simulators.hil.customer import Customer
    from simulators.hil.locks import PortLocks
    from simulators.hil.place import Place

try:
    import pytest_asyncio
except ImportError:  # a kiosk with a pytest of its own: nothing here may stand in its way
    _HAS_ASYNC = False
else:
    _HAS_ASYNC = True

T = TypeVar("T")

FIXTURES: Final = frozenset({"bench", "card_reader", "pin_pad", "cash_dispenser", "receipt_printer", "customer"})
BUSY: Final = 75
"""Exit code of a run that finds its bench taken, as sysexits.h has it: try again later."""

MISSING: Final = "devices under test need the simulators' libraries: pip install 'medteller[sim]'"

_PLACE: Final[pytest.StashKey[Place]] = pytest.StashKey()
_LOCKS: Final[pytest.StashKey[PortLocks]] = pytest.StashKey()
_TRACE: Final[pytest.StashKey[list[TraceRecord]]] = pytest.StashKey()
_TOLD: Final[pytest.StashKey[bool]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bench` and where its locks are."""
    group = parser.getgroup("medteller", "devices under test (medteller)")
    group.addoption(
        "--bench",
        metavar="BENCH",
        default=None,
        help="where the devices are: sim (simulated, in memory, virtual time; the default), pty, tcp, each also with "
        ":FILE for another simulated bench; or FILE, a bench file of simulated or of real devices",
    )
    group.addoption(
        "--bench-locks",
        metavar="FOLDER",
        default=None,
        help="where runs on real devices lock each other out; a folder that all users of this machine share",
    )


def pytest_configure(config: pytest.Config) -> None:
    """A bench that can't be is told before anything runs."""
    if config.getoption("--bench") is not None:
        _place(config)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Real devices are locked for the whole run."""
    config = session.config
    if config.getoption("--bench") is None or config.option.collectonly:
        return
    from simulators.hil.locks import FOLDER, PortLocks, Taken, command_line
    from simulators.hil.place import HardwarePlace

    place = _place(config)
    if not isinstance(place, HardwarePlace):
        return
    if hasattr(config, "workerinput") or config.getoption("numprocesses", None):
        raise pytest.UsageError("real devices are tested by one process: leave out -n")
    given = config.getoption("--bench-locks")
    locks = PortLocks(FOLDER if given is None else Path(given))
    try:
        locks.take([device.port for device in place.file.real.values()], command_line(config.invocation_params.args))
    except Taken as taken:
        pytest.exit(f"bench {place.name}: {taken}", returncode=BUSY)
    except OSError as error:
        raise pytest.UsageError(f"bench {place.name} can't be locked: {error}; see --bench-locks") from None
    config.stash[_LOCKS] = locks


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let others have the bench."""
    if _LOCKS in config.stash:
        config.stash[_LOCKS].release()


def pytest_report_header(config: pytest.Config) -> str | None:
    """Which bench, where one was asked for."""
    said = config.getoption("--bench")
    return None if said is None else f"bench: {said}"


@pytest.hookimpl(wrapper=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Generator[None, None, None]:
    """The first test with devices brings in the choice of loops; a run without one never hears of it.

    A wrapper, so that it comes before pytest-asyncio asks for the choice.
    """
    plugins = metafunc.config.pluginmanager
    if not plugins.has_plugin(_Loops.__name__) and _wants_devices(metafunc.definition):
        plugins.register(_Loops(), _Loops.__name__)
    yield


class _Loops:
    """Which event loop a test runs in. A project's own choice in its conftest.py comes first."""

    @pytest.hookimpl(trylast=True, optionalhook=True)
    def pytest_asyncio_loop_factories(
        self, config: pytest.Config, item: pytest.Item
    ) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
        """Virtual time for devices in memory; for all else what asyncio's policy gives, as ever."""
        if _wants_devices(item) and _is_virtual(config):
            from simulators.world.virtual_time import VirtualTimeLoop

            return {"virtual": VirtualTimeLoop}
        return {"asyncio": asyncio.new_event_loop}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The wire trace goes with the first failure of a test: on the terminal, into JUnit XML, and into HTML."""
    report = yield
    trace = item.stash.get(_TRACE, None)
    if report.failed and trace and not item.stash.get(_TOLD, False):
        from simulators.hil.reports import attach

        item.stash[_TOLD] = True
        attach(item, report, trace)
    return report


def _wants_devices(item: Any) -> bool:
    """Does a test use one of our fixtures? A project may have some of its own with the same names."""
    known: Mapping[str, Sequence[pytest.FixtureDef[Any]]] = item._fixtureinfo.name2fixturedefs
    return any(known.get(name) and known[name][-1].func.__module__ == __name__ for name in FIXTURES)


def _fixture(function: Any) -> Any:
    """A fixture of pytest-asyncio, which also works in its strict mode; without it one that says what is missing."""
    if _HAS_ASYNC:
        return pytest_asyncio.fixture(function)

    def missing() -> None:
        pytest.fail(MISSING, pytrace=False)

    return pytest.fixture(name=function.__name__)(missing)


@_fixture
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[TestBench]:
    """The bench of this test: its drivers, what is loaded, its wire trace, and (simulated) the devices themselves."""
    place = _place(request.config)
    from simulators.bench.file import BenchError
    from simulators.hil.bench import opened
    from simulators.hil.place import HardwarePlace
    from simulators.hil.tester import Asker, uncaptured

    limit = place.file.tester.time_limit if isinstance(place, HardwarePlace) else 0.0
    trace: list[TraceRecord] = []
    request.node.stash[_TRACE] = trace
    try:
        async with opened(place, Asker(uncaptured(request.config), limit), trace) as found:
            yield found
    except BenchError as error:
        pytest.fail(str(error), pytrace=False)


@_fixture
async def card_reader(bench: TestBench) -> CardReader:
    """The driver of the card reader, opened."""
    return await _opened(bench.card_reader)


@_fixture
async def pin_pad(bench: TestBench) -> PinPad:
    """The driver of the PIN pad, opened."""
    return await _opened(bench.pin_pad)


@_fixture
async def cash_dispenser(bench: TestBench) -> CashDispenser:
    """The driver of the cash dispenser, opened."""
    return await _opened(bench.cash_dispenser)


@_fixture
async def receipt_printer(bench: TestBench) -> ReceiptPrinter:
    """The driver of the receipt printer, opened."""
    return await _opened(bench.receipt_printer)


@_fixture
async def customer(bench: TestBench) -> Customer:
    """The person in front of the bench."""
    return bench.customer


async def _opened(open_driver: Callable[[], Awaitable[T]]) -> T:
    """The driver; a port that can't be opened fails the test in words."""
    from terminal.config import ConfigError

    try:
        return await open_driver()
    except (ConnectionError, ConfigError) as error:
        pytest.fail(str(error), pytrace=False)


def _place(config: pytest.Config) -> Place:
    """Where the devices are, read once."""
    if _PLACE not in config.stash:
        try:
            from simulators.bench.file import BenchError
            from simulators.hil.place import find
        except ImportError as error:
            raise pytest.UsageError(f"{MISSING} ({error})") from None
        try:
            config.stash[_PLACE] = find(config.getoption("--bench") or "sim")
        except BenchError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[_PLACE]


def _is_virtual(config: pytest.Config) -> bool:
    try:
        return _place(config).virtual
    except pytest.UsageError:
        return False  # the fixture says what is wrong
