"""What a journey is: its story, where its kiosk stands, when it begins, and the script that is played."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from simulators.authority.policy.region_policy import RegionPolicy
from simulators.bench.file import BenchFile
from simulators.bench.hardware import START
from simulators.bench.journeys.course import Course
from terminal.visit import Ending

Script: TypeAlias = Callable[[Course], Awaitable[None]]


def _unchanged(file: BenchFile) -> BenchFile:
    return file


def _no_others() -> Sequence[RegionPolicy]:
    return ()


@dataclass(frozen=True, slots=True)
class Journey:
    """One story of several days and places. `ending` is that of the last visit to the kiosk.

    `set_up` changes the bench, `policies` are in force besides those that come with the simulators.
    """

    story: str
    script: Script
    ending: Ending
    begins: datetime = START
    set_up: Callable[[BenchFile], BenchFile] = _unchanged
    policies: Callable[[], Sequence[RegionPolicy]] = field(default=_no_others)
