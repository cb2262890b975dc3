"""Why something about an invoice or case is refused: all problems at once, each with field and key of a text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Key(StrEnum):
    """Keys of the texts in `texts.toml`."""

    NO_SUCH_CASE = "case.unknown"
    CASE_SETTLED = "case.settled"
    CASE_NOT_SETTLED = "case.not_settled"
    NUMBER_MISSING = "invoice.number_missing"
    NUMBER_USED = "invoice.number_used"
    BEFORE_THE_PAYOUT = "invoice.before_the_payout"
    AFTER_THE_PERIOD = "invoice.after_the_period"
    ISSUED_LATER = "invoice.issued_later"
    OTHER_NAME = "invoice.other_name"
    AMOUNT = "invoice.amount"
    POOLED_AMOUNT = "invoice.pooled_amount"
    OTHER_PLACE = "invoice.other_place"
    OTHER_PURPOSE = "invoice.other_purpose"
    THIRD_PARTY_UNDECLARED = "invoice.third_party_undeclared"
    THIRD_PARTY_AMOUNT = "invoice.third_party_amount"
    NO_SUCH_INVOICE = "invoice.unknown"
    INVOICE_CANCELLED = "invoice.cancelled"
    ONLY_REVIEWERS = "actor.only_reviewers"
    OTHER_REGION = "actor.only_home_region"
    ONLY_COUNTERS = "actor.only_counters"
    OWN_CASE = "actor.own_case"
    NOT_FOR_YOU = "actor.not_for_you"
    NO_MORE_EXTENSIONS = "extension.none_left"
    NOTHING_TO_REPAY = "repayment.nothing_due"
    REPAID_TOO_MUCH = "repayment.too_much"
    SUSPENSION_MONTHS = "suspension.months"
    NO_REVIEW = "sanction.no_review"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; `field` is what would have to change."""

    field: str
    key: Key


class Refused(Exception):
    """Nothing was changed; `problems` is never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.key}" for problem in problems))
        self.problems = tuple(problems)


def refuse_if(problems: Iterable[Problem]) -> None:
    """Raise Refused with all of them, if there are any."""
    if found := tuple(problems):
        raise Refused(found)
