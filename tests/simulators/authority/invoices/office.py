"""The office of the authority where cases are settled, each act one transaction."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.cases import Case, cases_of, extend
from simulators.authority.invoices.dunning import run_dunning
from simulators.authority.invoices.hand_in import HandedIn, Invoice, cancel_invoice, hand_in
from simulators.authority.invoices.settle import Settled, repay, settle
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.people.register import find_person
from simulators.authority.policy.policy_book import PolicyBook, our_policies
from simulators.authority.policy.vocabulary import PurposeDetail
from tests.simulators.authority.kiosk import JIA, WEIHAI, Clock, Kiosk, Somebody

REVIEWER = Actor(Role.REVIEWER, "r1", WEIHAI)
BILL = Invoice(
    "04400260011223344556", date(2026, 5, 25), WEIHAI, "威海测试医院", PurposeDetail.DRUGS, 100_000, "测试甲",
    pooled_fen=0, third_party=False,
)  # fmt: skip
BING = Somebody("测试丙", "34052419800101001X", "S00000020", WEIHAI, "6299991234567890122", "3012", "246802")


class Office:
    """Where JIA's payouts of one kiosk are settled."""

    def __init__(self, authority: Authority, database: Database, clock: Clock, kiosk: Kiosk) -> None:
        self.authority = authority
        self.database = database
        self.clock = clock
        self.kiosk = kiosk
        self.hsm = SoftHsm(b"M" * 32, random.Random(3).randbytes)
        self.policies: PolicyBook = our_policies()
        self._number = 0

    @property
    def at(self) -> datetime:
        return self.clock.now()

    @contextmanager
    def work(self) -> Iterator[Connection]:
        with self.database.transaction() as connection:
            yield connection

    def person(self, somebody: Somebody = JIA) -> int:
        with self.work() as connection:
            found = find_person(connection, self.hsm, somebody.id_number)
        assert found is not None
        return found

    def pay_out(self, fen: int = 100_000, kiosk: Kiosk | None = None, somebody: Somebody = JIA) -> Case:
        """A withdrawal, and the case it made."""
        at = kiosk or self.kiosk
        reply = at.cash(fen, somebody)
        assert reply.code == "00"
        at.confirm(reply, fen)
        return self.cases(somebody)[-1]

    def cases(self, somebody: Somebody = JIA) -> tuple[Case, ...]:
        person = self.person(somebody)
        with self.work() as connection:
            return cases_of(connection, self.policies, person)

    def hand_in(self, case: Case, actor: Actor = SYSTEM, **changes: Any) -> HandedIn:
        """An invoice with a number of its own, unless one is given."""
        self._number += 1
        bill = replace(BILL, **({"number": f"0440026000{self._number:06d}"} | changes))
        with self.work() as connection:
            return hand_in(connection, self.hsm, self.policies, actor, self.at, case.number, bill)

    def cancel(self, number: str) -> tuple[Case, ...]:
        with self.work() as connection:
            return cancel_invoice(connection, self.hsm, REVIEWER, self.at, number, "red invoice")

    def settle(self, case: Case, actor: Actor = REVIEWER) -> Settled:
        with self.work() as connection:
            return settle(connection, self.hsm, self.policies, actor, self.at, case.number)

    def repay(self, case: Case, fen: int) -> Case:
        with self.work() as connection:
            return repay(connection, self.policies, REVIEWER, self.at, case.number, fen)

    def extend(self, case: Case, actor: Actor = REVIEWER) -> Case:
        with self.work() as connection:
            return extend(connection, self.policies, actor, self.at, case.number, "still in hospital")

    def dun(self) -> int:
        with self.work() as connection:
            return run_dunning(connection, self.hsm, self.policies, self.at)

    def balance(self, somebody: Somebody = JIA) -> int:
        person = self.person(somebody)
        with self.work() as connection:
            return balance_fen(connection, Account.personal(person))
