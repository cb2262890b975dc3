"""Every simulated model, with our driver, does what `simulators.conformance` asks of it, on every kind of line."""

import asyncio
import sys
from pathlib import Path

import pytest

from simulators.bench import registry
from tests.simulators.hil.conftest import RunProject

pytest_plugins = ["pytester"]

DEFAULTS = {
    "card_reader": "sankyo-ict3q8",
    "pin_pad": "szzt-zt598",
    "cash_dispenser": "puloon-lcdm-4000",
    "receipt_printer": "escpos",
}

MODELS = [
    *(("card_reader", model) for model in registry.CARD_READERS),
    *(("pin_pad", model) for model in registry.PIN_PADS),
    *(("cash_dispenser", model) for model in registry.CASH_DISPENSERS),
    *(("receipt_printer", model) for model in registry.RECEIPT_PRINTERS),
]

QUICK = {
    "sankyo-ict3q8": "intake = 0.1\neject = 0.1\ncapture = 0.1\nretrieve = 0.1\nto_chip = 0.05\nself_test = 0.1",
    "escpos": "line_time = 0.01\ncut_time = 0.05",
}
"""Mechanics that hurry, for tests in real time."""

PROGRAM = (
    sys.executable,
    "-m",
    "pytest",
    "-p",
    "no:medteller",
    "-p",
    "simulators.hil.plugin",
    "-p",
    "no:cacheprovider",
)


def bench_file(folder: Path, role: str = "", model: str = "", *, quick: bool = False) -> Path:
    """A bench file with this model in its role."""
    lines: list[str] = []
    for each, usual in DEFAULTS.items():
        chosen = model if each == role else usual
        lines += [f"[{each}]", f'model = "{chosen}"']
        if each == "cash_dispenser":
            lines.append("cassettes = [{ denomination = 100, notes = 50 }, { denomination = 50, notes = 50 }]")
        if quick:
            lines += ["baud = 115200", f"[{each}.options]", QUICK.get(chosen, "")]
    path = folder / "bench.toml"
    path.write_text("\n".join(lines), encoding="ascii")
    return path


@pytest.mark.parametrize(("role", "model"), MODELS, ids=[model for _, model in MODELS])
def test_every_model_conforms_in_memory(run_project: RunProject, tmp_path: Path, role: str, model: str) -> None:
    tests = f"simulators.conformance.test_{role}"
    result = run_project("--pyargs", tests, f"--bench={bench_file(tmp_path, role, model)}")

    counts = result.parseoutcomes()
    assert result.ret == pytest.ExitCode.OK
    assert counts["passed"] > 3 * counts.get("skipped", 0)


@pytest.mark.real_time
async def test_the_same_tests_run_on_lines_that_lead_outside(tmp_path: Path) -> None:
    """Half of the devices on ptys and half on TCP ports, side by side: it is mostly waiting."""
    bench = bench_file(tmp_path, quick=True)
    runs = [
        await asyncio.create_subprocess_exec(
            *PROGRAM,
            f"--rootdir={tmp_path}",
            "--override-ini=asyncio_default_fixture_loop_scope=function",
            f"--bench={kind}:{bench}",
            "--pyargs",
            *(f"simulators.conformance.test_{role}" for role in roles),
            stdout=asyncio.subprocess.PIPE,
            cwd=tmp_path,
        )
        for kind, roles in (("pty", ("card_reader", "cash_dispenser")), ("tcp", ("pin_pad", "receipt_printer")))
    ]
    for run in runs:
        output, _ = await run.communicate()
        assert run.returncode == pytest.ExitCode.OK, output.decode()
        assert b" passed" in output
