"""Broken rules worked out for people: the shortest tape that was found, the run told in words, both written down."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from simulators.campaign import rules
from simulators.campaign.invariants import Violation
from simulators.campaign.job import DETERMINISM, FAILED, Job, Played
from simulators.campaign.shrink import Shrinking
from simulators.campaign.story import Story
from simulators.campaign.tape import Tape
from simulators.campaign.version import commit

MOST: Final = 5
"""Rules that are worked out; of the others the tapes are kept."""


Play: TypeAlias = Callable[[Iterable[Job]], Iterable[Played]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a seed broke. `story` is None where the run can't be told, because it hangs or kills its process.

    `played`: how many tapes were played to find the short one; `comes_again`: the seed's own tape broke the rule again.
    """

    violation: Violation
    first: Tape
    tape: Tape
    path: Path
    story: Story | None
    played: int = 0
    comes_again: bool = True
    complete: bool = True

    @property
    def replay(self) -> str:
        """The command that plays it again."""
        return f"medteller-sim campaign --replay {self.path}"

    def text(self) -> Iterator[str]:
        """For people, line by line."""
        number = self.violation.invariant
        yield f"Rule {number} is broken: {rules.words(number)}"
        yield f"  {self.violation.words}"
        yield f"  seed {self.tape.seed}, commit {commit()}"
        yield f"  {self._shortened()}"
        if self.story is not None and self.story.outcome is not None:
            yield f"  trace hash {self.story.outcome.trace_hash}"
        yield f"  replay: {self.replay}"
        yield ""
        if self.story is not None:
            yield from self.story.text()

    def _shortened(self) -> str:
        if not self.comes_again:
            return "played again, the tape broke no such rule: what happens depends on more than the tape"
        words = f"{_size(self.first)} on the tape of the seed, {_size(self.tape)} on the shortest found"
        return f"{words} ({self.played} played{'' if self.complete else ', then the time was over'})"


def first_of_each_kind(broken: Sequence[Played]) -> list[tuple[Played, Violation]]:
    """The shortest run for each rule, by the number of faults on its tape."""
    found: dict[tuple[int, str], tuple[Played, Violation]] = {}
    for played in sorted(broken, key=lambda each: (_acts(each.job.read()), each.job.seed)):
        for violation in played.violations:
            found.setdefault(_kind(violation), (played, violation))
    return [found[kind] for kind in sorted(found)]


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where short tapes are looked for, `at_once` side by side, for so many `seconds` each; all go into `folder`."""

    play: Play
    tell: Callable[[Iterable[Tape]], Iterable[Story]]
    folder: Path
    seconds: float
    at_once: int = 1

    def work_out(self, played: Played, violation: Violation) -> Finding:
        """Look for a short tape, tell its run, and write both down."""
        first = played.job.read()
        path = self.folder / f"seed-{first.seed}-rule-{violation.invariant}.json"
        tape, tried, comes_again, complete = first, 0, True, False

        def breaks(tapes: Sequence[Tape]) -> int | None:
            return _first_that_breaks(tapes, violation, self.play)

        hangs = played.outcome is None and not played.details
        if not hangs and self.seconds > 0:
            comes_again = breaks([first]) is not None
            if comes_again:
                shrinking = Shrinking(first, breaks, self.seconds, self.at_once)
                tape, tried, complete = shrinking.shrink(), shrinking.played, shrinking.complete
        tape.save(path)
        told = None if hangs else next(iter(self.tell([tape])))
        finding = Finding(violation, first, tape, path, told, tried, comes_again, complete)
        path.with_suffix(".txt").write_text("\n".join(finding.text()) + "\n", encoding="utf-8")
        return finding


def untold(tape: Tape, words: str) -> Story:
    """The story of a run that did not come to its end when it was to be told."""
    return Story(tape, None, (Violation(FAILED, 0.0, words),), ())


def _first_that_breaks(tapes: Sequence[Tape], violation: Violation, play: Play) -> int | None:
    twice = violation.invariant == DETERMINISM
    texts = [tape.model_dump_json() for tape in tapes]
    work = [Job(tape.seed, twice=twice, tape=text) for tape, text in zip(tapes, texts, strict=True)]
    breaking = {
        each.job.tape for each in play(work) if any(_kind(found) == _kind(violation) for found in each.violations)
    }
    return next((number for number, text in enumerate(texts) if text in breaking), None)


def _kind(violation: Violation) -> tuple[int, str]:
    """What makes two violations the same: the rule; of failures also the error's name."""
    return violation.invariant, violation.words.split(":")[1] if violation.invariant == FAILED else ""


def _acts(tape: Tape) -> int:
    return sum(len(visit.acts) for visit in tape.visits)


def _size(tape: Tape) -> str:
    return f"{len(tape.visits)} visits with {_acts(tape)} faults"
