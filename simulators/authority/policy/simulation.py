"""A draft judged by the past: which stored payouts would have come out otherwise, and by which rule.

Each decision is made again from the facts that were stored with it, once under the versions of its time and once with
the draft in the place of its region's. So a difference is the draft's doing; what a person would have asked next is not
guessed.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, select

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.decision import Decision, decide
from simulators.authority.policy.decision_store import decode_facts
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.question import Ask, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, PurposeDetail, Rule, Stage
from simulators.authority.tables.decisions import decisions

Register = Callable[[Connection, int, date, Facts], Facts]
"""Adds what the people's register knew of a person on a day."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One payout that would have come out otherwise. `rules` are those that refuse now, or that refused before."""

    decision_id: int
    at: datetime
    amount_fen: int
    code_before: str
    code_after: str
    maximum_after_fen: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a draft would have done. `unjudged` are decisions under versions that nobody has any more."""

    judged: int
    unjudged: int
    refused: tuple[Difference, ...]
    allowed: tuple[Difference, ...]

    @property
    def same(self) -> int:
        """Decisions that would have come out as they did."""
        return self.judged - len(self.refused) - len(self.allowed)

    @property
    def by_rule(self) -> Counter[Rule]:
        """How many payouts each rule would have refused that were allowed."""
        return Counter(rule for each in self.refused for rule in each.rules)

    @property
    def by_rule_before(self) -> Counter[Rule]:
        """How many payouts each rule had refused that would have been allowed."""
        return Counter(rule for each in self.allowed for rule in each.rules)

    @property
    def refused_fen(self) -> int:
        """What would not have been paid."""
        return sum(each.amount_fen for each in self.refused)

    @property
    def allowed_fen(self) -> int:
        """What would have been paid besides."""
        return sum(each.amount_fen for each in self.allowed)


def simulate(
    connection: Connection,
    draft: RegionPolicy,
    book: PolicyBook,
    register: Register,
    since: date | None = None,
    until: date | None = None,
) -> Simulation:
    """Judge the stored payouts of the draft's region, from one day to another."""
    pool = pooling_region(draft.region)
    judged = unjudged = 0
    refused: list[Difference] = []
    allowed: list[Difference] = []
    query = select(decisions).where(decisions.c.facts.is_not(None), decisions.c.stage == Stage.PAYOUT)
    for row in connection.execute(query.order_by(decisions.c.id)).mappings().all():
        home_is_ours, place_is_ours = (pooling_region(row[side]) == pool for side in ("home", "place"))
        ask = _ask(row)
        day = ask.at.date()
        if not (home_is_ours or place_is_ours) or (since and day < since) or (until and day > until):
            continue
        home = _version(book, row["home"], row["home_version"])
        place = _version(book, row["place"], row["place_version"])
        if home is None or place is None:
            unjudged += 1
            continue
        judged += 1
        facts = register(connection, row["person_id"], day, decode_facts(row["facts"]))
        before = decide(home, place, facts, ask, book.calendar)
        after = decide(draft if home_is_ours else home, draft if place_is_ours else place, facts, ask, book.calendar)
        was_good, is_good = not before.refused, not after.refused
        if was_good and not is_good:
            refused.append(_difference(row, before, after, after))
        elif is_good and not was_good:
            allowed.append(_difference(row, before, after, before))
    return Simulation(judged, unjudged, tuple(refused), tuple(allowed))


def _ask(row: RowMapping) -> Ask:
    return Ask(
        at=datetime.fromisoformat(row["at"]).astimezone(SHANGHAI),
        amount_fen=row["amount_fen"],
        channel=Channel(row["channel"]),
        mode=PayoutMode(row["mode"]),
        purpose=Purpose(row["purpose"]),
        detail=None if row["detail"] is None else PurposeDetail(row["detail"]),
        situation=row["situation"],
        provider=row["provider"],
        stage=Stage(row["stage"]),
    )


def _version(book: PolicyBook, region: str, version: str) -> RegionPolicy | None:
    return next((policy for policy in book.versions(region) if policy.version == version), None)


def _difference(row: RowMapping, before: Decision, after: Decision, telling: Decision) -> Difference:
    return Difference(
        decision_id=row["id"],
        at=datetime.fromisoformat(row["at"]),
        amount_fen=row["amount_fen"],
        code_before=str(before.code),
        code_after=str(after.code),
        maximum_after_fen=after.maximum_fen,
        rules=tuple(dict.fromkeys(result.rule for result in telling.refused)),
    )
