"""Async tests run in virtual time unless they say `real_time` because they use ptys, sockets or processes."""

import asyncio
import os
from collections.abc import Callable, Mapping

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
