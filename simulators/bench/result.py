"""How a story ended: what was found, and the checks that held or did not."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.authority.report import PostingRow
from simulators.bench.lines import LinkKind
from terminal.journal import Record


class Unfinished(Exception):
    """The story did not come to an end, or the kiosk stopped in the middle of it."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold at the end."""

    name: str
    held: bool


@dataclass(frozen=True, slots=True)
class Result:
    """How a story ended. Amounts are fen; `seconds` by the loop's clock; `notes_taken` by denomination in yuan."""

    scenario: str
    link: LinkKind
    seed: int
    outcome: str
    amount_fen: int
    notes_taken: Mapping[int, int]
    card: str
    account_debit_fen: int
    ledger_balanced: bool
    journal_verified: bool
    frames: int
    seconds: float
    trace_hash: str
    receipts: tuple[str, ...]
    postings: tuple[PostingRow, ...]
    journal: tuple[Record, ...]
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Everything held."""
        return all(check.held for check in self.checks)
