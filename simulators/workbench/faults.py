"""The list of things to break, over the workbench."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from simulators.workbench.desk import Fault


class FaultMenu(ModalScreen[Fault | None]):
    """Number keys choose a fault to switch on or off; any other key leaves."""

    DEFAULT_CSS = """
    FaultMenu { align: center middle; }
    FaultMenu > Static {
        width: auto;
        height: auto;
        max-width: 90%;
        padding: 1 3;
        border: round #ff7b72;
        background: #161b22;
    }
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self._faults = faults[:9]

    def compose(self) -> ComposeResult:
        """The list."""
        lines = [
            f"[{number}] {'■' if fault.on else '□'} {fault.name}" for number, fault in enumerate(self._faults, start=1)
        ]
        yield Static("\n".join(["Break or mend (■ is broken)", "", *lines]), markup=False)

    def on_key(self, event: Key) -> None:
        """Choose or leave."""
        event.stop()
        numbers = [str(number) for number in range(1, len(self._faults) + 1)]
        self.dismiss(self._faults[numbers.index(event.key)] if event.key in numbers else None)
