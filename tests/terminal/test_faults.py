import pytest

from terminal.faults import Fault, blame
from terminal.journal import JournalError
from terminal.states import FAULTS, Event
from tests.terminal.fakes import BROKEN, UNPLUGGED


@pytest.mark.parametrize("error", [BROKEN, UNPLUGGED])
@pytest.mark.parametrize("event", FAULTS)
def test_a_device_or_line_that_fails_becomes_the_event_of_that_device(error: Exception, event: Event) -> None:
    with pytest.raises(Fault) as caught, blame(event):
        raise error

    assert caught.value.event is event
    assert str(caught.value) == str(error)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error", [JournalError("full"), ValueError("a mistake"), Fault(Event.HOST_LINE_FAULT, "known")]
)
def test_other_errors_are_nobodys_fault_here(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, blame(Event.PIN_PAD_FAULT):
        raise error

    assert caught.value is error
