import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from simulators.hil.place import find
from tests.simulators.hil.conftest import RunProject

pytest_plugins = ["pytester"]

THREE_TESTS = """
import asyncio
import pytest

pytestmark = pytest.mark.asyncio

async def test_card(card_reader, customer):
    await card_reader.reset()
    reading = asyncio.create_task(card_reader.read_raw_data())
    await customer.insert_card()
    assert (await reading).atr

async def test_notes(cash_dispenser, customer):
    await cash_dispenser.dispense({"unit1": 2})
    assert await customer.take_notes() == 2

async def test_receipt(receipt_printer, pin_pad):
    assert (await receipt_printer.status()).device == "online"
    assert (await pin_pad.status()).device == "online"
"""

FAILING = """
import pytest

@pytest.mark.asyncio
async def test_wrong(receipt_printer):
    assert (await receipt_printer.status()).paper == "pink"
"""


@pytest.mark.real_time
@pytest.mark.parametrize("kind", ["sim", "pty", "tcp"])
def test_the_same_project_runs_on_every_kind_of_bench(
    run_project: RunProject, pytester: pytest.Pytester, kind: str
) -> None:
    pytester.makepyfile(THREE_TESTS)

    run_project(f"--bench={kind}").assert_outcomes(passed=3)


def test_devices_are_simulated_in_memory_unless_a_bench_is_named(
    run_project: RunProject, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
        import asyncio, pytest

        @pytest.mark.asyncio
        async def test_time_jumps(bench):
            assert bench.name == "sim"
            await asyncio.sleep(86_400)
        """
    )

    run_project().assert_outcomes(passed=1)


def test_a_run_without_devices_never_hears_of_them(run_project: RunProject, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, pytest

        @pytest.mark.asyncio
        async def test_own_loop(request):
            assert not request.config.pluginmanager.has_plugin("_Loops")
            assert type(asyncio.get_running_loop()).__name__ != "VirtualTimeLoop"

        def test_plain():
            pass
        """
    )

    run_project().assert_outcomes(passed=2)


def test_fixtures_of_a_project_with_the_same_names_are_its_own(
    run_project: RunProject, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
        import asyncio, pytest

        @pytest.fixture
        def bench():
            return "mine"

        @pytest.mark.asyncio
        async def test_own_bench(bench):
            assert bench == "mine"
            assert type(asyncio.get_running_loop()).__name__ != "VirtualTimeLoop"
        """
    )

    run_project().assert_outcomes(passed=1)


def test_other_async_tests_of_a_run_keep_their_loop(run_project: RunProject, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, pytest

        pytestmark = pytest.mark.asyncio

        async def test_own_loop():
            assert type(asyncio.get_running_loop()).__name__ != "VirtualTimeLoop"

        async def test_with_devices(card_reader):
            assert type(asyncio.get_running_loop()).__name__ == "VirtualTimeLoop"

        async def test_own_loop_again():
            assert type(asyncio.get_running_loop()).__name__ != "VirtualTimeLoop"
        """
    )

    run_project().assert_outcomes(passed=3)


@pytest.mark.real_time
def test_loading_the_plugin_loads_nothing_else_of_ours() -> None:
    program = (
        "import sys, simulators.hil.plugin; "
        "print([name for name in sys.modules if name.split('.')[0] in ('drivers', 'terminal', 'protocol', 'pydantic')"
        " or name.startswith('simulators.') and name not in ('simulators.hil', 'simulators.hil.plugin')])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


@pytest.mark.real_time
def test_without_the_libraries_of_the_simulators_other_tests_still_run(tmp_path: Path) -> None:
    """As in an environment with a kiosk and a pytest of its own."""
    (tmp_path / "test_mixed.py").write_text(
        "def test_plain():\n    pass\n\ndef test_device(card_reader):\n    assert card_reader\n"
    )
    (tmp_path / "no_such_library.py").write_text("import sys\nsys.modules['pytest_asyncio'] = None\n")
    said = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no_such_library", "-p", "no:asyncio", "-p", "no:medteller"),
            *("-p", "simulators.hil.plugin", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path[1:]])},
    )

    assert "1 passed" in said.stdout
    assert "pip install 'medteller[sim]'" in said.stdout


def test_a_failed_test_shows_what_was_on_the_wire(run_project: RunProject, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    result = run_project("--junitxml=junit.xml", "--html=report.html", "--self-contained-html")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*wire trace*", "*receipt_printer*ask printer status*"])
    properties = ET.parse(pytester.path / "junit.xml").findall(".//testcase/properties/property")
    assert [found.get("name") for found in properties] == ["wire trace"]
    assert "ask paper status" in (properties[0].get("value") or "")
    page = (pytester.path / "report.html").read_text(encoding="utf-8")
    assert "ask paper status" in page
    assert ">wire trace<" in page.replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("nowhere.toml", "nowhere.toml: No such file or directory"),
        ("pty:nowhere.toml", "nowhere.toml: No such file or directory"),
        ("bad.toml", "not TOML"),
    ],
)
def test_a_bench_that_can_not_be_ends_the_run_in_words(
    run_project: RunProject, pytester: pytest.Pytester, said: str, complaint: str
) -> None:
    pytester.makepyfile(FAILING)
    pytester.path.joinpath("bad.toml").write_text("[[[")

    result = run_project(f"--bench={said}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert complaint in result.stderr.str()


def hardware(folder: Path, port: str) -> Path:
    """A bench with one real device."""
    path = folder / "hardware.toml"
    path.write_text(
        f'name = "bench-1"\n[devices.card_reader]\nmodel = "sankyo-ict3q8"\nport = "{port}"\n'
        '[[loaded.cards]]\nname = "white"\n[tester]\ntime_limit = 5\n'
    )
    return path


CARD = """
import pytest

@pytest.mark.asyncio
async def test_card(bench, customer):
    await customer.insert_card()

@pytest.mark.asyncio
async def test_pad(pin_pad):
    pass
"""


@pytest.mark.real_time
def test_a_bench_without_a_device_or_a_person_skips_in_words(
    run_project: RunProject, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    pytester.makepyfile(CARD)
    bench = hardware(tmp_path, "/dev/nowhere")

    result = run_project(f"--bench={bench}", f"--bench-locks={tmp_path}", "-rs")

    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(
        ["*needs a person at the bench to: Insert the card 'white'*", "*bench bench-1 has no pin_pad*"]
    )


@pytest.mark.real_time
def test_a_port_that_can_not_be_opened_fails_the_test_in_words(
    run_project: RunProject, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.asyncio\nasync def test_reader(card_reader): pass\n")
    bench = hardware(tmp_path, "/dev/nowhere")

    result = run_project(f"--bench={bench}", f"--bench-locks={tmp_path}")

    result.stdout.fnmatch_lines(["*can't open /dev/nowhere (38400 8E1): there is no such port*"])


@pytest.mark.real_time
@pytest.mark.parametrize(("typed", "outcome"), [(b"\n", "1 passed"), (b"f\n", "the tester could not: Insert the card")])
def test_the_tester_acts_and_says_so(tmp_path: Path, typed: bytes, outcome: str) -> None:
    """On a terminal: here a pty."""
    (tmp_path / "test_card.py").write_text(CARD)
    bench = hardware(tmp_path, "/dev/nowhere")
    outside, inside = pty.openpty()
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:medteller", "-p", "simulators.hil.plugin"),
            *("-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-k", "test_card and not pad"),
            *(f"--bench={bench}", f"--bench-locks={tmp_path}", str(tmp_path)),
        ],
        stdin=inside,
        stdout=inside,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    ) as run:
        os.close(inside)
        said = b""
        try:
            while piece := os.read(outside, 4096):
                said += piece
                if said.endswith(b"] "):
                    os.write(outside, typed)
        except OSError:  # the other side is closed
            pass
        run.wait()
    os.close(outside)

    assert b">>> Insert the card 'white'." in said
    assert outcome in said.decode()


def test_what_the_document_shows_works(run_project: RunProject, pytester: pytest.Pytester, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "hil.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    (bench,) = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    pytester.makepyfile(program)

    run_project("--bench=sim").assert_outcomes(passed=2)
    (tmp_path / "bench.toml").write_text(bench)
    assert find(str(tmp_path / "bench.toml")).name == "bench-1"
