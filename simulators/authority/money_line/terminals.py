"""Registered terminals, their keys and whether they are signed on."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from protocol.money_line import WorkingKeys
from simulators.authority.hsm import SoftHsm
from simulators.authority.tables.money_line import terminals

_FIND = select(terminals).where(terminals.c.id == bindparam("terminal"))
_CHANGE = update(terminals).where(terminals.c.id == bindparam("terminal"))


@dataclass(frozen=True, slots=True)
class Terminal:
    """A registered terminal. Its keys are wrapped; they stay good for advices after a sign-off."""

    id: str
    merchant: str
    region: str
    tmk: bytes = field(repr=False)
    pik: bytes | None = field(repr=False)
    mak: bytes | None = field(repr=False)
    batch: int
    signed_on_at: datetime | None


def register_terminal(
    connection: Connection, hsm: SoftHsm, terminal: str, merchant: str, region: str, tmk: bytes
) -> None:
    """Admit a terminal of a provider; `tmk` is its clear master key, which only the security module keeps."""
    connection.execute(
        insert(terminals).values(id=terminal, merchant=merchant, region=region, tmk=hsm.import_terminal_master_key(tmk))
    )


def find_terminal(connection: Connection, terminal: str) -> Terminal | None:
    """The terminal of this id (without padding)."""
    row = connection.execute(_FIND, {"terminal": terminal}).mappings().first()
    if row is None:
        return None
    since = row["signed_on_at"]
    return Terminal(
        id=row["id"],
        merchant=row["merchant"],
        region=row["region"],
        tmk=row["tmk"],
        pik=row["pik"],
        mak=row["mak"],
        batch=row["batch"],
        signed_on_at=None if since is None else datetime.fromisoformat(since),
    )


def sign_on(connection: Connection, hsm: SoftHsm, terminal: Terminal, at: datetime) -> WorkingKeys:
    """Give a terminal new working keys, which replace the old ones."""
    keys = hsm.generate_working_keys(terminal.tmk)
    connection.execute(
        _CHANGE, {"terminal": terminal.id, "pik": keys.pik, "mak": keys.mak, "signed_on_at": at.isoformat()}
    )
    return keys.download


def sign_off(connection: Connection, terminal: Terminal) -> None:
    """Take no more requests from a terminal until it signs on; its advices are still taken."""
    connection.execute(_CHANGE, {"terminal": terminal.id, "signed_on_at": None})
