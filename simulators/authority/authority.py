"""The authority put together: database, security module, policies, switch and line."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date, datetime
from ssl import SSLContext

from sqlalchemy import Connection

from protocol.money_line import Message, ResponseCode
from simulators.authority import report
from simulators.authority.actors import SYSTEM
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.business_time import business_time
from simulators.authority.clockwork import Works, tick
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.credits import credit_person
from simulators.authority.ledger.draws import Ending, decide_enquiry, held_fen, unheld_fen
from simulators.authority.ledger.enquiries import Enquiry, all_enquiries
from simulators.authority.ledger.exceptions import collect_exceptions
from simulators.authority.ledger.ledger import Account, balance_fen, ledger_balanced, load_cash
from simulators.authority.ledger.reconciliation import By, Reconciliation, reconcile
from simulators.authority.money_line.anchors import forget_anchor
from simulators.authority.money_line.authorisation import Desk
from simulators.authority.money_line.grouping import Grouped
from simulators.authority.money_line.host_line import HostLine, LineFaults
from simulators.authority.money_line.switch import Switch, SwitchRules
from simulators.authority.money_line.terminals import register_terminal
from simulators.authority.people.register import Card, Insured, find_card, load_people, set_card_state, set_person_state
from simulators.authority.policy.policy_book import PolicyBook, our_policies
from simulators.authority.policy.vocabulary import Purpose
from simulators.authority.supervision.providers import Provider, authorise_provider, find_provider
from simulators.authority.supervision.risk.rules import RiskBook, our_risk_rules
from simulators.authority.tables.people import CardState, PersonState
from simulators.world.line import LineEnd


class UnknownCard(LookupError):
    """No card with that number was issued; the message does not tell the number."""


class Authority:
    """A whole host. `now` must know its zone. `regions_down` lists home regions that can't be asked just now.

    With an `issuer_key` (16 bytes, clear) every request needs a right cryptogram of the card's chip. Persons are named
    by the number of their card. Amounts are fen.
    """

    def __init__(
        self,
        database: Database,
        hsm: SoftHsm,
        now: Callable[[], datetime],
        policies: PolicyBook | None = None,
        rules: SwitchRules = SwitchRules(),  # noqa: B008  # frozen
        purpose: Purpose = Purpose.TREATMENT_AWAY,
        issuer_key: bytes | None = None,
        risk: RiskBook | None = None,
    ) -> None:
        self.regions_down: list[str] = []
        self.policies = (policies or our_policies()).copy()
        self._database = database
        self._hsm = hsm
        self._now = now
        self._rules = rules
        desk = Desk(
            hsm,
            self.policies,
            lambda region: region not in self.regions_down,
            purpose,
            None if issuer_key is None else hsm.import_issuer_key(issuer_key),
            risk or our_risk_rules(),
        )
        self.switch = Switch(database, desk, now, rules)
        refuse = self.switch.refuse_stranger
        self._line = HostLine(self.switch.handle, self.switch.note_damage, refuse=refuse)
        together = Grouped(self.switch.handle_all, self.switch.handle)
        self._many_lines = HostLine(together.answer, self.switch.note_damage, self._line.faults, refuse=refuse)

    # --- the money line

    @property
    def faults(self) -> LineFaults:
        """What scenarios let go wrong on the line."""
        return self._line.faults

    def refuse_next(self, mti: str, code: ResponseCode) -> None:
        """Answer the next message of a type with `code`, and post nothing."""
        self.switch.refuse_next[mti] = code

    def handle(self, message: Message) -> Message | None:
        """Answer one message; see `Switch.handle`."""
        return self.switch.handle(message)

    async def serve(self, line: LineEnd) -> None:
        """Answer on one connection until it is down."""
        await self._line.serve(line)

    async def serve_tcp(self, host: str, port: int, tls: SSLContext | None = None) -> asyncio.Server:
        """Listen for terminals; close the returned server to stop. What comes in together is kept by one commit."""
        return await self._many_lines.serve_tcp(host, port, tls)

    # --- running the authority

    def register_terminal(
        self, terminal: str, merchant: str, region: str, tmk: bytes, cash_fen: int = 0, sm4_tmk: bytes | None = None
    ) -> None:
        """Admit a terminal with its clear master keys (16 bytes each) and the notes it begins with.

        A provider that is not in the register is entered as authorised.
        """
        with self._database.transaction() as connection:
            self.admit(connection, terminal, merchant, region, tmk, cash_fen, sm4_tmk)

    def admit(
        self,
        connection: Connection,
        terminal: str,
        merchant: str,
        region: str,
        tmk: bytes,
        cash_fen: int = 0,
        sm4_tmk: bytes | None = None,
    ) -> None:
        """As `register_terminal`, in a transaction of the caller."""
        at = business_time(self._now())
        if find_provider(connection, merchant) is None:
            authorise_provider(connection, SYSTEM, at, Provider(merchant, merchant, region, date.min))
        register_terminal(connection, self._hsm, terminal, merchant, region, tmk, sm4_tmk)
        if cash_fen:
            load_cash(connection, f"load:{terminal}:0", terminal, region, cash_fen, at)

    def load_people(self, people: Iterable[Insured]) -> None:
        """Enrol people with a card and an opening balance each."""
        with self._database.transaction() as connection:
            load_people(connection, self._hsm, people, business_time(self._now()))

    def credit(self, pan: str, fen: int, reference: str) -> None:
        """Post a contribution or transfer-in, once per reference. Raises UnknownCard."""
        card = self._card(pan)
        with self._database.transaction() as connection:
            credit_person(connection, reference, card.person_id, card.region, fen, business_time(self._now()))

    def grant(self, pan: str, granted: Granted) -> str:
        """Give a person an application that was approved before a scenario begins; its number. Raises UnknownCard."""
        card = self._card(pan)
        with self._database.transaction() as connection:
            return grant(connection, card.person_id, granted, business_time(self._now())).number

    def set_card_state(self, pan: str, state: CardState) -> None:
        """For example a loss report. Raises UnknownCard."""
        card = self._card(pan)
        with self._database.transaction() as connection:
            set_card_state(connection, card, state)

    def set_person_state(self, pan: str, state: PersonState) -> None:
        """For example a legal hold. Raises UnknownCard."""
        card = self._card(pan)
        with self._database.transaction() as connection:
            set_person_state(connection, card.person_id, state)

    def expire_holds(self) -> int:
        """Open an enquiry for every hold whose advice is too long in coming; how many are new. Releases nothing."""
        at = business_time(self._now())
        with self._database.transaction() as connection:
            return self.switch.expire_holds(connection, at)

    def do_what_is_due(self) -> None:
        """All that happens by the clock, see `clockwork`. Late or twice, it comes to the same. Raises ChoresFailed."""
        works = Works(self._hsm, self.policies, self._rules.hold_lifetime, self._rules.answer_within)
        tick(self._database.transaction, works, business_time(self._now()))

    def accept_journal(self, terminal: str) -> None:
        """People have settled with a terminal whose journal was lost or set back: believe the one it has now."""
        with self._database.transaction() as connection:
            forget_anchor(connection, terminal)

    def decide_enquiry(self, enquiry_id: int, paid_fen: int, by: tuple[str, str]) -> Ending:
        """Two people say, after a count, what was paid of a hold. Raises LedgerError."""
        with self._database.transaction() as connection:
            return decide_enquiry(connection, enquiry_id, paid_fen, by, business_time(self._now()))

    # --- what the books say

    def balance_fen(self, pan: str) -> int:
        """The personal account, holds included. Raises UnknownCard."""
        person = self._card(pan).person_id
        with self._database.transaction() as connection:
            return balance_fen(connection, Account.personal(person))

    def held_fen(self, pan: str) -> int:
        """What is set aside. Raises UnknownCard."""
        person = self._card(pan).person_id
        with self._database.transaction() as connection:
            return held_fen(connection, person)

    def unheld_fen(self, pan: str) -> int:
        """Balance minus holds. Raises UnknownCard."""
        person = self._card(pan).person_id
        with self._database.transaction() as connection:
            return unheld_fen(connection, person)

    def account_debit_fen(self, pan: str) -> int:
        """What draws took from the account, less what was given back. Raises UnknownCard."""
        person = self._card(pan).person_id
        with self._database.transaction() as connection:
            return report.person_debit_fen(connection, person)

    def drawn_fen(self, pan: str) -> int:
        """What was confirmed of the person's draws, less what was given back, by the draws themselves.

        The account's own debits are `account_debit_fen`. Raises UnknownCard.
        """
        person = self._card(pan).person_id
        with self._database.transaction() as connection:
            return report.drawn_fen(connection, person)

    def suspense_fen(self, terminal: str) -> int:
        """Notes that a terminal reported as paid without an open approval."""
        with self._database.transaction() as connection:
            return -balance_fen(connection, Account.suspense(terminal))

    def terminal_cash_fen(self, terminal: str) -> int:
        """Notes that should be in a terminal."""
        with self._database.transaction() as connection:
            return -balance_fen(connection, Account.terminal_cash(terminal))

    def ledger_balanced(self) -> bool:
        """Does every entry balance?"""
        with self._database.transaction() as connection:
            return ledger_balanced(connection)

    def reconcile(self, first: date, last: date, by: By = By.ALL) -> Reconciliation:
        """Are debits what was paid, of these business dates, but for what has a name?"""
        with self._database.transaction() as connection:
            collect_exceptions(connection, business_time(self._now()))
            return reconcile(connection, first, last, by)

    def postings(self, draw_id: int | None = None) -> tuple[report.PostingRow, ...]:
        """The postings of one draw, or all."""
        with self._database.transaction() as connection:
            return report.posting_rows(connection, draw_id)

    def draws(self, terminal: str | None = None) -> tuple[report.DrawRow, ...]:
        """All approvals and what became of them."""
        with self._database.transaction() as connection:
            return report.draw_rows(connection, terminal)

    def decision(self, decision_id: int) -> report.DecisionRow | None:
        """A stored decision; a draw names its own."""
        with self._database.transaction() as connection:
            return report.decision_row(connection, decision_id)

    def trial_balance(self) -> tuple[report.BalanceRow, ...]:
        """Every account with its sums."""
        with self._database.transaction() as connection:
            return report.trial_balance(connection)

    def incidents(self) -> tuple[report.IncidentRow, ...]:
        """What went wrong so far."""
        with self._database.transaction() as connection:
            return report.incident_rows(connection)

    def enquiries(self, *, undecided: bool = False) -> tuple[Enquiry, ...]:
        """Holds whose advice never came, and what became of the question."""
        with self._database.transaction() as connection:
            return tuple(all_enquiries(connection, undecided=undecided))

    def _card(self, pan: str) -> Card:
        with self._database.transaction() as connection:
            card = find_card(connection, self._hsm, pan)
        if card is None:
            raise UnknownCard("no such card was issued")
        return card
