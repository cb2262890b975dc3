"""What a dispenser's answer to a dispense means: Done, Refused, or Unknown because it can't be true.

The counts of an answer are believed only where they fit the request and each other; a check character of one byte lets
one damaged answer in 256 through.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    Dispensed,
    Done,
    ErrorCode,
    Outcome,
    Refused,
    UnitCounts,
    Unknown,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a device's error is in the terminal's words.

    `before_motion`: the device finds it before it picks, so with all counts zero nothing moved. `unit` is the cassette
    it names. `excess`: the device says itself that it gave more than was asked. `in_reach`: a note stands at the exit
    that no sensor has counted out, and the customer can pull it.
    """

    completion: CompletionCode = CompletionCode.HARDWARE_ERROR
    code: ErrorCode | None = None
    before_motion: bool = False
    unit: str | None = None
    excess: bool = False
    in_reach: bool = False
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A device's answer: counts of all its cassettes from the top, and how it ended (`meaning` None: well).

    `counts` None: the answer holds none. `contradiction` says what in it can't be true.
    """

    counts: Mapping[str, UnitCounts] | None
    words: str
    meaning: Meaning | None = None
    contradiction: str = ""


def verdict(device: str, asked: Mapping[str, int], answer: Answer) -> Outcome[Dispensed]:
    """The outcome of a dispense of `asked` notes per cassette, given the device's answer to it."""
    meaning = answer.meaning
    error = None
    if meaning is not None:
        error = DeviceError(device, meaning.completion, answer.words, code=meaning.code, remedy=meaning.remedy)
    if answer.contradiction:
        return Unknown(f"{device}: the answer contradicts itself: {answer.contradiction}; it says: {answer.words}")
    if answer.counts is None:
        if error is not None and meaning is not None and meaning.before_motion:
            return Refused(error)
        return Unknown(f"{device}: the answer holds no counts; it says: {answer.words}")
    if doubt := _doubt(asked, answer.counts, meaning):
        return Unknown(f"{device}: {doubt}; it says: {answer.words}")
    if meaning is not None and meaning.in_reach:
        counted = {name: counts.dispensed for name, counts in answer.counts.items() if name in asked}
        return Unknown(f"{device}: {answer.words}: beside {counted} another note may be within reach")
    moved = {name: counts for name, counts in answer.counts.items() if name in asked or counts != UnitCounts()}
    if error is None or meaning is None:
        return Done(Dispensed(moved))
    if meaning.before_motion and all(counts == UnitCounts() for counts in moved.values()):
        return Refused(error)
    failed = meaning.unit
    if failed is None and meaning.code is ErrorCode.CASH_UNIT_ERROR:
        # Cassettes are worked off from the top, so the first that fell short stopped the run.
        failed = next((name for name, number in asked.items() if moved[name].dispensed < number), None)
    return Done(Dispensed(moved, error, failed))


def _doubt(asked: Mapping[str, int], counts: Mapping[str, UnitCounts], meaning: Meaning | None) -> str:
    """Why the counts can't belong to this request; empty when they can."""
    for name, moved in counts.items():
        wanted = asked.get(name, 0)
        if moved.dispensed > wanted and not (meaning and meaning.excess):
            return f"{moved.dispensed} notes from {name}, {wanted} were asked"
        if meaning is None and moved.dispensed != wanted:
            return f"all went well with {moved.dispensed} notes from {name}, {wanted} were asked"
        if meaning is None and moved.rejected and not wanted:
            return f"{moved.rejected} notes rejected from {name}, which was not asked"
    return ""
