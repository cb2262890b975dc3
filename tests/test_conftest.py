"""The rules of the suite itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest

@pytest.mark.skipif(True, reason="needs ser2net")
def test_without_a_program(): pass

def test_without_a_font(): pytest.skip("no font with Chinese characters")

@pytest.mark.xfail
def test_expected_to_fail(): assert False

def test_that_runs(): pass
"""

SKIPPED = ["needs ser2net", "no font with Chinese characters"]


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("variables", "end", "missed"),
    [({}, "1 passed, 2 skipped, 1 xfailed", []), ({"CI": "true"}, "1 failed, 1 passed, 1 xfailed, 1 error", SKIPPED)],
)
def test_what_is_skipped_on_a_machine_without_it_fails_in_ci(
    variables: dict[str, str], end: str, missed: list[str], tmp_path: Path
) -> None:
    (tmp_path / "test_needs.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nmarkers = req\n", encoding="utf-8"
    )
    environment = {name: value for name, value in os.environ.items() if name != "CI" and "PYTEST" not in name}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", str(tmp_path)]
    told = subprocess.run(
        command,
        cwd=Path(__file__).parents[1],
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert end in told.stdout
    assert [reason for reason in SKIPPED if "did not run in CI: " in told.stdout and reason in told.stdout] == missed
    assert told.returncode == bool(missed)
