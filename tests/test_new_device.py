"""The device that `docs/new-device.md` writes is built from the page, and does what its interface promises."""

import importlib
import re
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

import drivers
import protocol
import simulators.devices
from drivers import registry as driver_registry
from drivers.interfaces import Align, Done, ErrorCode, PaperSupply, PrintQr, PrintText, Refused, Unknown
from protocol.wire import Damaged, Decoder
from simulators.bench import registry as simulator_registry
from simulators.hil.bench import TestBench, opened
from simulators.hil.place import find
from simulators.hil.tester import Asker, uncaptured
from tests.simulators.hil.conftest import RunProject, run_project

__all__ = ["run_project"]

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parent.parent / "docs" / "new-device.md").read_text(encoding="utf-8")
PACKAGES = {"protocol": protocol, "drivers": drivers, "simulators/devices": simulators.devices}
FRAMES = [bytes.fromhex(frame) for frame in re.findall(r"^\| \w+ \| `([0-9A-F ]+)` \|", PAGE, flags=re.MULTILINE)]


def blocks() -> dict[str, str]:
    """The fenced blocks of the page, by the path (and what part of the file) in their first line."""
    found = re.findall(r"```(?:python|toml)\n# ([^\n]+)\n(.*?)```", PAGE, flags=re.DOTALL)
    return dict(found)


@pytest.fixture
def bench_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The three files and the lines of both tables are in their places; the bench file of the page."""
    code = blocks()
    made = [name for name in code if name.endswith(".py")]
    for name in made:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(code[name], encoding="utf-8")
    for folder, package in PACKAGES.items():
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / folder)])
    importlib.invalidate_caches()
    _enter(monkeypatch, driver_registry, code, "drivers/registry.py", "imports", "MODELS")
    _enter(
        monkeypatch, simulator_registry, code, "simulators/bench/registry.py", "imports, and how it is made",
        "RECEIPT_PRINTERS",
    )  # fmt: skip
    bench = tmp_path / "bench.toml"
    bench.write_text(code["bench.toml"], encoding="utf-8")
    yield bench
    for name in made:
        module = name.removesuffix(".py").replace("/", ".")
        sys.modules.pop(module, None)
        package_name, _, short = module.rpartition(".")
        vars(sys.modules[package_name]).pop(short, None)


def _enter(
    monkeypatch: pytest.MonkeyPatch, registry: Any, code: dict[str, str], file: str, above: str, table: str
) -> None:
    """Add the page's line to a table, evaluated as if the page's other lines stood above it."""
    names = dict(vars(registry))
    exec(code[f"{file}: {above}"], names)
    entries = eval("{" + textwrap.dedent(code[f"{file}: in {table}"]) + "}", names)
    for model, entry in entries.items():
        monkeypatch.setitem(cast("dict[str, Any]", getattr(registry, table)), model, entry)


@pytest.fixture
async def bench(bench_file: Path, request: pytest.FixtureRequest) -> AsyncIterator[TestBench]:
    async with opened(find(f"sim:{bench_file}"), Asker(uncaptured(request.config), 0.0), []) as found:
        yield found


def codec() -> Any:
    """Only while `bench_file` has it in its place."""
    return importlib.import_module("protocol.acme_slip")


async def test_a_receipt_is_printed_and_cut(bench: TestBench) -> None:
    printer = await bench.receipt_printer()

    await printer.reset()
    outcome = await printer.print_form(
        [PrintText("Receipt", Align.CENTER), PrintText("凭条", double_size=True), PrintQr("https://example.com")]
    )

    assert outcome == Done(None)
    receipt = bench.simulated.printer.tear_off()
    assert receipt is not None
    assert receipt.text.split("\n") == [" " * 12 + "Receipt", "凭条", " " * 4 + "[QR https://example.com]"]
    assert [record.note for record in bench.trace][-2:] == ["print receipt 1: 3 rows", "receipt 1 cut; ready"]


async def test_without_paper_a_receipt_is_refused_and_none_comes(bench: TestBench) -> None:
    printer = await bench.receipt_printer()
    await bench.customer.remove_paper()

    outcome = await printer.print_form([PrintText("Receipt")])

    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.PAPER_OUT
    assert (await printer.status()).paper is PaperSupply.OUT
    assert not await bench.customer.paper_at_slot()


async def test_a_roll_that_ends_on_the_way_leaves_the_receipt_unknown(bench: TestBench) -> None:
    printer = await bench.receipt_printer()
    bench.simulated.printer.load_paper(2)

    assert await printer.print_form([PrintText("Receipt")] * 5) == Unknown("printing stopped on the way: no paper")
    assert not await bench.customer.paper_at_slot()


async def test_a_silent_printer_has_printed_nothing(bench: TestBench) -> None:
    printer = await bench.receipt_printer()
    bench.simulated.printer.power_off()

    assert isinstance(await printer.print_form([PrintText("Receipt")]), Refused)

    bench.simulated.printer.power_on()
    assert await printer.print_form([PrintText("Receipt")]) == Done(None)


@pytest.mark.usefixtures("bench_file")
def test_the_frames_of_the_manual_are_those_of_the_codec() -> None:
    acme = codec()
    question, state, receipt, printed = FRAMES
    messages = {
        question: (acme.scan_host, acme.Ask()),
        state: (acme.scan_printer, acme.State(acme.Sensors(0))),
        receipt: (acme.scan_host, acme.Print(7, (acme.Row("L", "N", "Hi"),))),
        printed: (acme.scan_printer, acme.Printed(7, acme.Ending.CUT, acme.Sensors(0))),
    }

    for frame, (scan, message) in messages.items():
        assert acme.encode(message) == frame
        assert Decoder(scan).feed(frame) == [message]


@pytest.mark.usefixtures("bench_file")
def test_a_frame_with_a_flipped_bit_is_no_message() -> None:
    acme = codec()
    receipt = FRAMES[2]
    flipped = receipt[:6] + bytes((receipt[6] ^ 0x08,)) + receipt[7:]

    assert Decoder(acme.scan_host).feed(flipped + receipt) == [
        Damaged(flipped, "wrong BCC"),
        acme.Print(7, (acme.Row("L", "N", "Hi"),)),
    ]


def test_the_device_conforms(run_project: RunProject, bench_file: Path) -> None:
    result = run_project("--pyargs", "simulators.conformance.test_receipt_printer", f"--bench={bench_file}")

    result.assert_outcomes(passed=7)
