"""A fault tape: all that is decided about one run before it begins. Whoever plays it again gets the same run.

Written as JSON. To shrink a failing run, entries are taken off the tape; what stays is played as before.
"""

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.campaign.moments import Subject
from simulators.world.fault_options import Option
from terminal.journal import Entry
from terminal.pages.transfer import PAY
from terminal.view import Screen

FORMAT: Final = 1

WRITING: Final = frozenset({"submit", "only_me", "others", "report"})
"""Choices that have the service line do something that is to be done once."""


class TapeError(Exception):
    """A file that is no tape; the message says what to do."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Act(_Table):
    """A fault, `after` so many seconds of its visit, or of the `nth` record of the kind `at`, done to `target`.

    A record counts where it is `about` this subject (None: any). What a visit does not have is waited for in the next.
    Faults of lines, devices and people may then wait for a `command` or `byte`, counted from there.
    """

    fault: str
    after: Annotated[float, Field(ge=0)] = 0.0
    at: Entry | None = None
    about: Subject | None = None
    nth: Annotated[int, Field(ge=1)] = 1
    target: str | None = None
    command: int | None = None
    byte: int | None = None
    options: dict[str, Option] = Field(default_factory=dict)

    def words(self) -> str:
        """For people."""
        where = f" on {self.target}" if self.target else ""
        when = f", command {self.command}" if self.command else f", byte {self.byte}" if self.byte else ""
        how = f" ({', '.join(f'{name}={value}' for name, value in self.options.items())})" if self.options else ""
        about = f" about {self.about}" if self.about else ""
        since = f" after {self.at}{about}{f' number {self.nth}' if self.nth > 1 else ''}" if self.at else ""
        return f"{self.after:.1f} s{since}: {self.fault}{where}{when}{how}"


class OnlineTransfer(_Table):
    """Transfers of so many `yuan` from the same account online, `after` so many seconds of the first record `at`."""

    yuan: int
    times: int = 1
    at: Entry
    after: Annotated[float, Field(ge=0)] = 0.0
    cancelled: bool = False

    def words(self) -> str:
        """For people."""
        done = " and cancelled" if self.cancelled else ""
        often = f"{self.times} times " if self.times > 1 else ""
        return f"{self.after:.1f} s after {self.at}: {often}{self.yuan} yuan are transferred online{done}"


class Visit(_Table):
    """One customer, `gap` seconds after the last one; `person` counts the people of the run. Amounts are yuan.

    `reads` is touched before a card is inserted; `path` behind the PIN, before cash is asked for (see `Plan`).
    """

    person: int
    gap: float = 5.0
    reads: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    amount: int = 500
    wrong_pins: int = 0
    cancels_at: Screen | None = None
    walks_away_at: Screen | None = None
    comes_back: bool = True
    notes_taken: int | None = None
    stars: int | None = None
    copies: bool = False
    lingers: float = 60.0
    online: OnlineTransfer | None = None
    acts: tuple[Act, ...] = ()

    def words(self) -> str:
        """For people, without the faults."""
        odd = (
            f"after {self.wrong_pins} wrong PINs" if self.wrong_pins else "",
            f"cancels at {self.cancels_at}" if self.cancels_at else "",
            f"walks away at {self.walks_away_at}" if self.walks_away_at else "",
            "and comes back" if self.walks_away_at and self.comes_back else "",
            f"takes {self.notes_taken} notes only" if self.notes_taken is not None else "",
            "wants a copy of the receipt" if self.copies else "",
        )
        before = f"reads {' '.join(self.reads)}, " if self.reads else ""
        does = f"goes through {' '.join(self.path)}, then " if self.path else ""
        wants = f"wants {self.amount} yuan" if self.amount else "wants no cash"
        return ", ".join((f"{self.gap:.1f} s later person {self.person} {before}{does}{wants}", *filter(None, odd)))

    @property
    def transfer_fen(self) -> int:
        """What is to go to the own bank account: the digits that are typed on the way to `PAY`."""
        typed = [step for step in self.path if step.startswith("#")]
        return int(typed[-1][1:]) * 100 if typed and PAY in self.path else 0

    @property
    def writes(self) -> bool:
        """Something is handed in or reported on the service line."""
        return not WRITING.isdisjoint(self.path)


class Cut(_Table):
    """Where a run is cut: before the `number`-th step, operation, statement or byte of `place` (see `cuts`).

    `power`: of the whole kiosk, else only the program dies. `tearing` numbers ways in which unsynced writes are torn.
    `then`: a second cut, while the kiosk comes back from this one.
    """

    place: str
    number: int
    power: bool = True
    tearing: int = 0
    then: "Cut | None" = None

    def words(self) -> str:
        """For people."""
        how = "power" if self.power else "program"
        torn = f" (tearing {self.tearing})" if self.tearing else ""
        return f"{self.place} {self.number}: {how}{torn}" + (f", then {self.then.words()}" if self.then else "")


class Tape(_Table):
    """One run. The day begins at 09:00; at `day_end`, if ever, the kiosk settles its batch.

    Without a `service_line` only cash and transfers can be had.
    """

    version: int = FORMAT
    seed: int
    dispenser: str = "puloon-lcdm-4000"
    notes: tuple[int, int] = (200, 200)
    day_end: str | None = None
    service_line: bool = False
    staff: bool = True
    visits: tuple[Visit, ...] = ()
    cut: Cut | None = None

    def save(self, path: Path) -> None:
        """Write it down."""
        path.write_text(self.as_json() + "\n", encoding="utf-8")

    def as_json(self) -> str:
        """For people and files: what is as usual is left out."""
        return self.model_dump_json(indent=1, exclude_defaults=True)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read one. Raises TapeError."""
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise TapeError(f"{path}: {error.strerror}; give a tape that a campaign has written") from None
        except (ValidationError, UnicodeDecodeError) as error:
            raise TapeError(f"{path}: not a fault tape: {error}") from None
