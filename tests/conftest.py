"""Async tests run in virtual time unless they say `real_time` because they use ptys, sockets or processes."""

import asyncio
import os
from collections.abc import Callable, Generator, Mapping

import hypothesis
import pytest

from simulators.world.virtual_time import VirtualTimeLoop
from tests import requirements

# A busy machine is no failure, and CI tries the same examples every time; elsewhere chance goes on looking.
hypothesis.settings.register_profile("medteller", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("medteller")


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop of a test."""
    if item.get_closest_marker("real_time"):
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A mark that names a requirement row which does not exist is a mistake in the test."""
    if unknown := requirements.unknown_rows(items, requirements.load().rows):
        raise pytest.UsageError("no such requirement row: " + "; ".join(unknown))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test needs may be missing on somebody's machine (a font, ser2net), but not in CI."""
    report = yield
    if report.skipped and "CI" in os.environ and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} did not run in CI: {reason}. Let .ci/run install what it needs."
    return report
