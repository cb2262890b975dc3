"""What `durability` finds, on every core, for people and machines."""

import multiprocessing
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table

from simulators.campaign.durability import DATABASES, OTHERS, SHIPPED, Settings, Verdict

_WORK: Final = tuple((database, settings) for database in DATABASES for settings in (SHIPPED, *OTHERS))


def verdicts(processes: int) -> Iterator[Verdict]:
    """One for each database and each setting, in the order of the table."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_judge, _WORK)


def tell(console: Console, found: list[Verdict]) -> None:
    """As a table."""
    table = Table("database", "journal/sync", "operations", "runs", "violations", "")
    for verdict in found:
        wrong = ", ".join(f"{number} {kind}" for kind, number in sorted(verdict.violations.items())) or "0"
        safe = "shipped" if verdict.settings == SHIPPED else ""
        right = safe if verdict.expected else "NOT AS IT MUST BE"
        table.add_row(verdict.database, str(verdict.settings), str(verdict.operations), str(verdict.runs), wrong, right)
    console.print(table)


def summary(found: list[Verdict]) -> dict[str, object]:
    """For a machine. `violations` are those of safe settings, `undetected` weak settings that nothing showed."""
    return {
        "cut_points": sum(verdict.operations for verdict in found),
        "runs": sum(verdict.runs for verdict in found),
        "violations": sum(sum(verdict.violations.values()) for verdict in found if verdict.settings.safe),
        "undetected": [
            f"{verdict.database} {verdict.settings}"
            for verdict in found
            if not verdict.settings.safe and not verdict.violations
        ],
        "settings": [
            {
                "database": verdict.database,
                "settings": str(verdict.settings),
                "safe": verdict.settings.safe,
                "operations": verdict.operations,
                "runs": verdict.runs,
                "violations": dict(sorted(verdict.violations.items())),
            }
            for verdict in found
        ],
    }


def _judge(work: tuple[str, Settings]) -> Verdict:
    database, settings = work
    return DATABASES[database](settings)
