"""Every key of the workbench: what it is called in the footer and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulators.workbench.desk import Desk
from simulators.world.people import Person

PAD_KEYS: Mapping[str, str] = {
    **{str(digit): str(digit) for digit in range(10)},
    "enter": "enter",
    "backspace": "clear",
    "escape": "cancel",
}
"""Keys of the keyboard that are keys of the PIN pad."""


@dataclass(frozen=True, slots=True)
class Action:
    """One key with its name; `label` is what the footer says. `do` returns a remark when it found nothing to do."""

    key: str
    label: str
    do: Callable[[], str | None]


class Hands:
    """The person in front of the kiosk: whose card it is, and the last receipt in hand."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._who = 0
        self.receipt = ""

    @property
    def person(self) -> Person:
        """Who stands there."""
        return self._desk.people[self._who]

    def actions(self) -> tuple[Action, ...]:
        """What this person can do with everything but the screen and the pad."""
        return (
            Action("i", "Insert card", self._insert_card),
            Action("k", "Type own PIN", self._type_pin),
            Action("t", "Take card", lambda: None if self._desk.take_card() else "No card sticks out."),
            Action("n", "Take notes", lambda: None if self._desk.take_notes() else "No notes are in reach."),
            Action("r", "Tear off receipt", self._tear_off),
            Action("p", "Next person", self._next_person),
        )

    def press(self, key: str) -> bool:
        """Press a key of the pad, if this key of the keyboard is one."""
        if key not in PAD_KEYS:
            return False
        self._desk.press(PAD_KEYS[key])
        return True

    def _insert_card(self) -> str | None:
        inserted = self._desk.insert_card(self.person)
        return None if inserted else "The slot is closed, or the card is not in the person's hand."

    def _type_pin(self) -> None:
        for digit in self.person.pin:
            self._desk.press(digit)
        self._desk.press("enter")

    def _tear_off(self) -> str | None:
        torn = self._desk.tear_off()
        if torn is None:
            return "No receipt hangs out."
        self.receipt = torn
        return None

    def _next_person(self) -> None:
        self._who = (self._who + 1) % len(self._desk.people)
