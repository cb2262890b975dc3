"""A device or line that failed, as the event the table has rows for."""

from collections.abc import Iterator
from contextlib import contextmanager

from drivers.interfaces import DeviceError
from terminal.states import Event


class Fault(Exception):
    """Work ended because something is broken; `event` says what."""

    def __init__(self, event: Event, cause: str) -> None:
        super().__init__(cause)
        self.event = event


@contextmanager
def blame(event: Event) -> Iterator[None]:
    """What goes wrong inside is the fault of one device."""
    try:
        yield
    except (DeviceError, ConnectionError) as error:
        raise Fault(event, str(error)) from error
