"""The bank's answers about payee accounts: whose is it, and is it open?

A social-security card is a bank card too, so every card brings an account of its holder. Others the bank enters.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update

from protocol.money_line import masked_pan
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.names import same_name
from simulators.authority.tables.applications import AccountState, payee_accounts
from simulators.authority.tables.people import CardState, cards, persons


@dataclass(frozen=True, slots=True)
class PayeeAccount:
    """A bank account as its bank tells it."""

    id: int
    masked_number: str
    holder_id_index: str
    holder_name: str = field(repr=False)
    is_open: bool

    def is_of(self, id_index: str, name: str) -> bool:
        """Is it this person's own? By ID number and by name, however the bank spells it."""
        return self.holder_id_index == id_index and same_name(self.holder_name, name)


def open_account(connection: Connection, hsm: SoftHsm, number: str, holder_name: str, holder_id_number: str) -> int:
    """The bank tells of an account; its id."""
    inserted = connection.execute(
        insert(payee_accounts).values(
            number_index=hsm.index(number),
            number_sealed=hsm.seal(number),
            masked_number=masked_pan(number),
            holder_id_index=hsm.index(holder_id_number),
            holder_name_sealed=hsm.seal(holder_name),
            state=AccountState.OPEN,
        )
    ).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def close_account(connection: Connection, account_id: int) -> None:
    """The bank tells that an account is closed."""
    closed = update(payee_accounts).where(payee_accounts.c.id == account_id).values(state=AccountState.CLOSED)
    connection.execute(closed)


def find_account(connection: Connection, hsm: SoftHsm, number: str) -> PayeeAccount | None:
    """The account with this number; None when no bank knows it."""
    index = hsm.index(number)
    return _by_index(connection, hsm, index) or _of_card(connection, hsm, cards.c.pan_index == index)


def account_of_card(connection: Connection, hsm: SoftHsm, person_id: int) -> PayeeAccount | None:
    """The account of the person's card in use."""
    in_use = (cards.c.person_id == person_id) & (cards.c.state == CardState.ACTIVE)
    return _of_card(connection, hsm, in_use)


def account_by_id(connection: Connection, hsm: SoftHsm, account_id: int) -> PayeeAccount:
    """Raises LookupError."""
    row = connection.execute(select(payee_accounts).where(payee_accounts.c.id == account_id)).mappings().first()
    if row is None:
        raise LookupError(f"no payee account {account_id}")
    return PayeeAccount(
        row["id"],
        row["masked_number"],
        row["holder_id_index"],
        hsm.unseal(row["holder_name_sealed"]),
        row["state"] == AccountState.OPEN,
    )


def _by_index(connection: Connection, hsm: SoftHsm, index: str) -> PayeeAccount | None:
    found = connection.scalar(select(payee_accounts.c.id).where(payee_accounts.c.number_index == index))
    return None if found is None else account_by_id(connection, hsm, found)


def _of_card(connection: Connection, hsm: SoftHsm, which: object) -> PayeeAccount | None:
    """The account of a card, entered when it is first asked for."""
    found = select(cards.c.pan_index, cards.c.masked_pan, persons.c.id_index, persons.c.name_sealed)
    newest = found.select_from(cards.join(persons)).where(which).order_by(cards.c.id.desc())  # type: ignore[arg-type]
    row = connection.execute(newest).mappings().first()
    if row is None:
        return None
    known = _by_index(connection, hsm, row["pan_index"])
    if known is not None:
        return known
    connection.execute(
        insert(payee_accounts).values(
            number_index=row["pan_index"],
            masked_number=row["masked_pan"],
            holder_id_index=row["id_index"],
            holder_name_sealed=row["name_sealed"],
            state=AccountState.OPEN,
        )
    )
    return _by_index(connection, hsm, row["pan_index"])
