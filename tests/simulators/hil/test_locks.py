from pathlib import Path

import pytest

from simulators.hil.locks import PortLocks, Taken
from simulators.hil.plugin import BUSY
from tests.simulators.hil.conftest import RunProject
from tests.simulators.hil.test_plugin import hardware

pytest_plugins = ["pytester"]


def test_the_second_run_learns_who_has_the_port(tmp_path: Path) -> None:
    first, second = PortLocks(tmp_path), PortLocks(tmp_path)
    first.take(["/dev/ttyS0", "socket://bench:4001"], "pytest --bench=a.toml")

    with pytest.raises(Taken, match=r"socket://bench:4001 is in use by .*process \d+.*pytest --bench=a\.toml"):
        second.take(["/dev/ttyS1", "socket://bench:4001"], "pytest --bench=b.toml")

    first.release()
    second.take(["/dev/ttyS1", "socket://bench:4001"], "pytest --bench=b.toml")
    second.release()


def test_all_or_none_are_taken(tmp_path: Path) -> None:
    first, second, third = PortLocks(tmp_path), PortLocks(tmp_path), PortLocks(tmp_path)
    first.take(["/dev/ttyS9"], "first")
    with pytest.raises(Taken):
        second.take(["/dev/ttyS0", "/dev/ttyS9"], "second")

    third.take(["/dev/ttyS0"], "third")
    third.release()
    first.release()


def test_one_port_has_one_lock_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    locks, others = PortLocks(tmp_path / "locks"), PortLocks(tmp_path / "locks")
    locks.take([str(tmp_path / "ttyUSB0"), "rfc2217://Bench:4001"], "first")

    for name in (str(tmp_path / "by-id"), "socket://bench:4001"):
        with pytest.raises(Taken):
            others.take([name], "second")
    locks.release()


def test_a_run_on_a_bench_in_use_stops_and_says_who_uses_it(
    run_project: RunProject, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    pytester.makepyfile("def test_never_run(): raise AssertionError")
    bench, folder = hardware(tmp_path, "/dev/nowhere"), tmp_path / "locks"
    other = PortLocks(folder)
    other.take(["/dev/nowhere"], "pytest --bench=mine.toml")

    result = run_project(f"--bench={bench}", f"--bench-locks={folder}")

    assert result.ret == BUSY
    assert "bench bench-1: /dev/nowhere is in use by" in result.stdout.str() + result.stderr.str()
    other.release()
