"""The banks of payees: what they have been sent, and how they fail."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from protocol.money_line import Message, ProcessingCode
from simulators.authority.applications.bank import account_of_card, close_account
from simulators.authority.ledger.transfers import set_bank_down
from simulators.authority.people.register import find_card
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.applications import AccountState, payee_accounts
from simulators.authority.tables.ledger import (
    AccountKind,
    DrawState,
    EntryKind,
    TransferState,
    accounts,
    draws,
    entries,
    postings,
    transfers,
)
from simulators.bench.host import Host
from simulators.world.fault_options import Seconds
from simulators.world.faults import Ailment

BANK_DIGITS: Final = 6
"""Digits of a card number that name its bank."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What the books say of one transfer, in fen. `kept`: gone from the person's account and not given back.

    `credited` is with the bank, `pending` on its way there; `times`: how often each kind of entry was made.
    """

    stan: int
    amount: int
    held: bool
    kept: int
    credited: int
    pending: int
    payee: str
    payee_open: bool
    state: TransferState | None
    times: Mapping[str, int]


class Bank:
    """All banks as one. `fired` hears of each fault when it meets a transfer."""

    def __init__(self, host: Host, fired: Callable[[str], None]) -> None:
        self._host = host
        self._fired = fired
        self._silent = 0.0
        self._closing: bool | None = None
        self._down: dict[str, asyncio.TimerHandle] = {}

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong with them, by the fault's id; each waits for a transfer."""

        def silent(seconds: float = 60.0) -> None:
            self._silent = seconds

        def closed(after: bool = False) -> None:
            self._closing = after

        return {
            "D24": Ailment(silent, limits={"seconds": Seconds(200_000, usual=3_000)}),
            "D25": Ailment(closed),
        }

    def heal(self) -> None:
        """They answer. An account that was closed stays closed."""
        self._silent, self._closing = 0.0, None
        for prefix, timer in tuple(self._down.items()):
            timer.cancel()
            self._answers_again(prefix)

    def before(self, message: Message) -> None:
        """A message reaches the authority."""
        if not self._is_transfer(message):
            return
        prefix = self._pan(message)[:BANK_DIGITS]
        if self._silent:
            seconds, self._silent = self._silent, 0.0
            self._set_down(prefix, down=True)
            self._down[prefix] = asyncio.get_running_loop().call_later(seconds, self._answers_again, prefix)
        if prefix in self._down:
            self._fired("D24")
        if self._closing is False:
            self._close(message)

    def after(self, message: Message) -> None:
        """The authority has answered it."""
        if self._closing and self._is_transfer(message):
            self._close(message)

    def booked(self) -> Iterator[Booked]:
        """Every transfer of the books."""
        with self._host.database.transaction() as connection:
            wanted = select(
                draws,
                transfers.c.state.label("transfer"),
                payee_accounts.c.masked_number,
                payee_accounts.c.state.label("account"),
            )
            joined = draws.join(payee_accounts, payee_accounts.c.id == draws.c.payee_account_id).outerjoin(
                transfers, transfers.c.draw_id == draws.c.id
            )
            rows = (
                connection.execute(
                    wanted.select_from(joined).where(draws.c.mode == PayoutMode.TRANSFER).order_by(draws.c.id)
                )
                .mappings()
                .all()
            )
            for row in rows:
                lines = select(
                    entries.c.id,
                    entries.c.kind,
                    accounts.c.kind.label("account"),
                    postings.c.debit_fen,
                    postings.c.credit_fen,
                )
                made = connection.execute(
                    lines.select_from(postings.join(accounts).join(entries)).where(entries.c.draw_id == row["id"])
                ).all()
                sums = {
                    kind: sum(line.credit_fen - line.debit_fen for line in made if line.account == kind)
                    for kind in (AccountKind.BANK, AccountKind.TRANSFER)
                }
                kinds = [kind for _, kind in {(line.id, line.kind) for line in made}]
                yield Booked(
                    row["stan"],
                    row["amount_fen"],
                    row["state"] == DrawState.HELD,
                    row["confirmed_fen"] - row["given_back_fen"],
                    sums[AccountKind.BANK],
                    sums[AccountKind.TRANSFER],
                    row["masked_number"],
                    row["account"] == AccountState.OPEN,
                    None if row["transfer"] is None else TransferState(row["transfer"]),
                    {kind: kinds.count(kind) for kind in EntryKind},
                )

    def _is_transfer(self, message: Message) -> bool:
        return message.mti == "0200" and message.fields.get(3) == ProcessingCode.TRANSFER

    def _pan(self, message: Message) -> str:
        return str(message.fields.get(2, ""))

    def _answers_again(self, prefix: str) -> None:
        self._down.pop(prefix, None)
        self._set_down(prefix, down=False)

    def _set_down(self, prefix: str, *, down: bool) -> None:
        with self._host.database.transaction() as connection:
            set_bank_down(connection, prefix, self._host.rooms.now(), down=down)

    def _close(self, message: Message) -> None:
        self._closing = None
        self._fired("D25")
        hsm = self._host.rooms.hsm
        with self._host.database.transaction() as connection:
            card = find_card(connection, hsm, self._pan(message))
            account = None if card is None else account_of_card(connection, hsm, card.person_id)
            if account is not None:
                close_account(connection, account.id)
