"""Registered terminals, their keys and whether they are signed on."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from protocol.keys import Cipher
from protocol.money_line import WorkingKeys
from simulators.authority.hsm import SoftHsm
from simulators.authority.tables.money_line import terminals

HIGHEST_BATCH = 999_999
"""Six digits of field 60."""

_FIND = select(terminals).where(terminals.c.id == bindparam("terminal"))
_CHANGE = update(terminals).where(terminals.c.id == bindparam("terminal"))


@dataclass(frozen=True, slots=True)
class Terminal:
    """A registered terminal. Its keys are wrapped; they stay good for advices after a sign-off.

    `cipher` is that of the working keys; a terminal without an `sm4_tmk` gets TDES keys only.
    """

    id: str
    merchant: str
    region: str
    tmk: bytes = field(repr=False)
    sm4_tmk: bytes | None = field(repr=False)
    pik: bytes | None = field(repr=False)
    mak: bytes | None = field(repr=False)
    cipher: Cipher
    batch: int
    signed_on_at: datetime | None

    def has_master_key(self, cipher: Cipher) -> bool:
        """Can it be given working keys of this cipher?"""
        return cipher is Cipher.TDES or self.sm4_tmk is not None


def register_terminal(
    connection: Connection,
    hsm: SoftHsm,
    terminal: str,
    merchant: str,
    region: str,
    tmk: bytes,
    sm4_tmk: bytes | None = None,
) -> None:
    """Admit a terminal of a provider; `tmk` is its clear master key, which only the security module keeps.

    One that is to have SM4 keys has an `sm4_tmk` too: a key serves one cipher.
    """
    sealed = None if sm4_tmk is None else hsm.import_terminal_master_key(sm4_tmk, Cipher.SM4)
    connection.execute(
        insert(terminals).values(
            id=terminal,
            merchant=merchant,
            region=region,
            tmk=hsm.import_terminal_master_key(tmk),
            sm4_tmk=sealed,
        )
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
        sm4_tmk=row["sm4_tmk"],
        pik=row["pik"],
        mak=row["mak"],
        cipher=Cipher(row["cipher"]),
        batch=row["batch"],
        signed_on_at=None if since is None else datetime.fromisoformat(since),
    )


def sign_on(
    connection: Connection, hsm: SoftHsm, terminal: Terminal, at: datetime, cipher: Cipher = Cipher.TDES
) -> WorkingKeys:
    """Give a terminal new working keys, which replace the old ones; it has a master key of that cipher."""
    master = terminal.tmk if cipher is Cipher.TDES else terminal.sm4_tmk
    assert master is not None, "has_master_key() comes first"
    keys = hsm.generate_working_keys(master, cipher)
    values = {"pik": keys.pik, "mak": keys.mak, "cipher": str(cipher), "signed_on_at": at.isoformat()}
    connection.execute(_CHANGE, {"terminal": terminal.id, **values})
    return keys.download


def sign_off(connection: Connection, terminal: Terminal) -> None:
    """Take no more requests from a terminal until it signs on; its advices are still taken."""
    connection.execute(_CHANGE, {"terminal": terminal.id, "signed_on_at": None})


def open_next_batch(connection: Connection, terminal: Terminal) -> None:
    """The terminal's batch is settled; what it does from now on belongs to the next."""
    connection.execute(_CHANGE, {"terminal": terminal.id, "batch": terminal.batch % HIGHEST_BATCH + 1})
