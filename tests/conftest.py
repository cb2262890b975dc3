"""Async tests run in virtual time unless they say `real_time` because they use ptys, sockets or processes."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from simulators.world.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop of a test."""
    if item.get_closest_marker("real_time"):
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}
