"""The hunt for planted bugs, for people and machines: which were found, by which rule, and after how many seeds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from simulators.campaign import rules
from simulators.campaign.planted import PLANTED, Hunted, median_seeds
from simulators.campaign.version import commit


@dataclass(slots=True)
class Hunting:
    """What is known until now; `interrupted`: not all of them were hunted."""

    results: list[Hunted] = field(default_factory=list)
    interrupted: bool = False

    def play(self, hunt: Iterable[Hunted], console: Console) -> None:
        """All of it. Ctrl-C ends it early, with what is known until then."""
        try:
            for number, result in enumerate(hunt, 1):
                self.results.append(result)
                console.print(f"{number} of {len(PLANTED)}: {_words(result)}", markup=False)
        except KeyboardInterrupt:
            self.interrupted = True

    @property
    def missed(self) -> Sequence[Hunted]:
        """Bugs that no seed found."""
        return [result for result in self.results if not result.found]

    def tell(self, console: Console) -> None:
        """What was found, by bug."""
        table = Table("bug", "planted in", "what it does", "found after", "by rule")
        for result in sorted(self.results, key=lambda result: (result.bug[0], int(result.bug[1:]))):
            by = "; ".join(f"{number} {rules.words(number)}" for number in result.invariants)
            table.add_row(result.bug, result.where, result.words, f"{result.seeds}" if result.found else "never", by)
        console.print(table)
        found = len(self.results) - len(self.missed)
        console.print(f"{found} of {len(self.results)} found, half of them within {median_seeds(self.results):g} seeds")

    def summary(self) -> dict[str, object]:
        """For a machine."""
        by_rule = Counter(number for result in self.results for number in result.invariants)
        return {
            "planted": len(self.results),
            "found": len(self.results) - len(self.missed),
            "median_seeds": median_seeds(self.results),
            "missed": [result.bug for result in self.missed],
            "seeds_by_bug": {result.bug: result.seeds for result in self.results if result.found},
            "found_by_rule": {str(number): by_rule[number] for number in sorted(by_rule)},
            "commit": commit(),
            "interrupted": self.interrupted,
        }


def _words(result: Hunted) -> str:
    if not result.found:
        return f"{result.bug} ({result.words}) was not found in {result.seeds} seeds"
    return f"{result.bug} ({result.words}) was found after {result.seeds} seeds: {result.how}"
