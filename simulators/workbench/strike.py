"""When a fault of the catalogue is to strike, and with what options: the second window of breaking things."""

from collections.abc import Callable, Mapping
from inspect import Parameter

from rich.text import Text

from simulators.bench.faults import Armed, Injector
from simulators.workbench.chooser import Chooser
from simulators.workbench.faults import Candidate
from simulators.world.faults import FaultRefused, Trigger

NUMBERS: Mapping[str, Callable[[str], float]] = {
    "at": float,
    "command": int,
    "byte": int,
    "chance": float,
    "times": int,
}
"""What of a trigger can be typed."""

STRIKES: Mapping[str, str] = {
    "now": "",
    "with the next command": "command=1",
    "by chance: 20 % at each command, once": "chance=0.2",
}
"""What can be chosen, and how it would be typed."""


class StrikeMenu(Chooser[str, Armed]):
    """Arms the fault, or says why not and stays open. A trigger that is typed counts, not the chosen one."""

    def __init__(self, candidate: Candidate, injector: Injector) -> None:
        needed = [name for name, default in candidate.options.items() if default is Parameter.empty]
        known = " ".join(
            name if name in needed else f"{name}={'' if default is None else default}"
            for name, default in candidate.options.items()
        )
        super().__init__(
            f"{candidate.fault} {candidate.words} · {candidate.device}",
            hint="options, like number=2 command=3; or nothing",
            typed=" ".join(f"{name}=" for name in needed),
            about=f"options: {known or 'none'}\nor when: at=SECONDS command=N byte=N chance=0.5 times=N",
        )
        self._candidate = candidate
        self._injector = injector

    def on_mount(self) -> None:
        """The choices."""
        self.show([(strike, Text(strike)) for strike in STRIKES])

    def chosen(self, row: str) -> None:
        """Arm it so."""
        try:
            trigger, options = read(self.typed, STRIKES[row], self._candidate.options)
            armed = self._injector.arm(self._candidate.fault, self._candidate.device, trigger=trigger, options=options)
        except FaultRefused as error:
            self.remark(str(error))
            return
        self.dismiss(armed)


def read(typed: str, chosen: str, known: Mapping[str, object]) -> tuple[Trigger, Mapping[str, str]]:
    """The trigger and the options that a line like `cassette=2 command=3` gives. Raises FaultRefused.

    A name that the fault knows is its option, also where a trigger has one of that name.
    """
    given = _pairs(typed)
    times = {name: value for name, value in given.items() if name in NUMBERS and name not in known}
    options = {name: value for name, value in given.items() if name not in times}
    if not times.keys() - {"times"}:
        times |= _pairs(chosen)
    fields: dict[str, float] = {}
    for name, value in times.items():
        try:
            fields[name] = NUMBERS[name](value)
        except ValueError:
            raise FaultRefused(f"{name}={value}: give a number") from None
    return Trigger(**fields), options  # type: ignore[arg-type]  # NUMBERS makes each of its own type


def _pairs(typed: str) -> dict[str, str]:
    pairs = {}
    for word in typed.split():
        name, sign, value = word.partition("=")
        if not sign or not value:
            raise FaultRefused(f"{word}: write name=value")
        pairs[name] = value
    return pairs
