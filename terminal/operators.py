"""Who may decide about cash at this kiosk, and that two of them do: dual control.

- The book is a file that only the kiosk's user may read. It holds names and salted scrypt hashes, no passwords.
- What decides about money needs two operators with different names and different passwords.
- Wrong passwords are counted in the journal, where no copy of a file can undo them. After `TRIES` of them in a row an
  operator is locked, until two others unlock.
- The first two are entered by whoever commissions the kiosk; every later change needs two operators. The journal keeps
  a digest of the book, so a book that was changed or exchanged by other means is refused.

What this can't do: know that two names are two people.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from terminal.journal import Entry, Journal
from terminal.private_file import readable_by_others, write_private
from terminal.redaction import in_letters

TRIES: Final = 5
"""Wrong passwords in a row before an operator is locked."""

SHORTEST_PASSWORD: Final = 8

COST: Final = (2**15, 8, 3)
"""n, r and p of scrypt for new passwords: 32 MiB, thrice."""

_SALT_SIZE: Final = 16
_MEMORY: Final = 2**26
_NAME = re.compile(r"[a-z][a-z0-9._-]{0,31}")


class OperatorError(Exception):
    """An operator is not accepted, or the book can't be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One entry of the book; salt and hash are hexadecimal."""

    name: str
    salt: str = field(repr=False)
    hash: str = field(repr=False)
    n: int
    r: int
    p: int

    def is_right(self, password: str) -> bool:
        """Is it this operator's password?"""
        return hmac.compare_digest(
            _hashed(password, bytes.fromhex(self.salt), (self.n, self.r, self.p)), bytes.fromhex(self.hash)
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody claims to be."""

    name: str
    password: str = field(repr=False)


class Operators:
    """The book at `path`, watched over by `journal`. `entropy` makes salts. Raises OperatorError, JournalError."""

    def __init__(self, path: Path, journal: Journal, entropy: Callable[[int], bytes]) -> None:
        self._path = path
        self._journal = journal
        self._entropy = entropy
        self._book, digest = _read(path)
        known = next(journal.records(Entry.OPERATORS_CHANGED, newest_first=True), None)
        self._strange = known is not None and known.data["book"] != digest

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody in the book, in order."""
        return tuple(sorted(self._book))

    def locked(self, name: str) -> bool:
        """Were there too many wrong passwords in a row?"""
        wrong = 0
        kinds = (Entry.OPERATOR_ACCEPTED, Entry.OPERATOR_REFUSED, Entry.OPERATORS_CHANGED)
        for record in self._journal.records(*kinds):
            if record.data.get("name") != name:
                continue
            wrong = wrong + 1 if record.kind == Entry.OPERATOR_REFUSED else 0
        return wrong >= TRIES

    def authorise(self, act: str, claims: Sequence[Credentials]) -> tuple[str, str]:
        """Two operators stand for `act`: their names. Raises OperatorError; every refusal is on record."""
        self._check_book()
        if len(self._book) < 2:
            raise OperatorError("fewer than two operators are entered; run: medteller operator add")
        if len(claims) != 2 or _plain(claims[0].name) == _plain(claims[1].name):
            raise OperatorError("two different operators are needed: name each with --by")
        first, second = (self._accepted(act, claim) for claim in claims)
        if self._book[first].is_right(claims[1].password):
            raise OperatorError("both gave the same password: every operator has a password of their own")
        for name in (first, second):
            self._journal.write(Entry.OPERATOR_ACCEPTED, name=name, act=act)
        return first, second

    def add(self, name: str, password: str, claims: Sequence[Credentials] = ()) -> None:
        """Enter somebody. The first two need nobody's leave."""
        if not _NAME.fullmatch(name):
            raise OperatorError("a name is a small letter, then small letters, digits and . _ -, at most 32 in all")
        if name in self._book:
            raise OperatorError(f"{name} is entered already; remove first to give a new password")
        if len(password) < SHORTEST_PASSWORD:
            raise OperatorError(f"a password has at least {SHORTEST_PASSWORD} characters")
        self._check_book()
        by = self.authorise(f"add operator {name}", claims) if len(self._book) >= 2 else ()
        salt = self._entropy(_SALT_SIZE)
        self._book[name] = Operator(name, salt.hex(), _hashed(password, salt, COST).hex(), *COST)
        self._keep("added", name, by)

    def remove(self, name: str, claims: Sequence[Credentials]) -> None:
        """Strike somebody out; two remain."""
        if name not in self._book:
            raise OperatorError(f"there is no operator {name}")
        if len(self._book) <= 2:
            raise OperatorError("two operators must remain; add another one first")
        by = self.authorise(f"remove operator {name}", claims)
        del self._book[name]
        self._keep("removed", name, by)

    def unlock(self, name: str, claims: Sequence[Credentials]) -> None:
        """Forgive wrong passwords."""
        if name not in self._book:
            raise OperatorError(f"there is no operator {name}")
        self._keep("unlocked", name, self.authorise(f"unlock operator {name}", claims))

    def commission_again(self) -> None:
        """Begin with an empty book where the old one is lost or was changed; the journal keeps that it was done."""
        self._book.clear()
        self._strange = False
        self._keep("commissioned again", "", ())

    def _accepted(self, act: str, claim: Credentials) -> str:
        name = _plain(claim.name)
        known = self._book.get(name)
        if known is None:
            # What somebody types where a name is asked may be a password: it is not written down.
            _hashed(claim.password, bytes(_SALT_SIZE), COST)
            self._journal.write(Entry.OPERATOR_REFUSED, name=None, act=act, why="unknown name")
            raise OperatorError("name or password is wrong")
        if self.locked(name):
            self._journal.write(Entry.OPERATOR_REFUSED, name=name, act=act, why="locked")
            raise OperatorError(f"{name} is locked after {TRIES} wrong passwords; two others can unlock")
        if not known.is_right(claim.password):
            self._journal.write(Entry.OPERATOR_REFUSED, name=name, act=act, why="wrong password")
            raise OperatorError("name or password is wrong")
        return name

    def _check_book(self) -> None:
        if self._strange:
            raise OperatorError(
                f"{self._path} is not the book of operators that the journal knows: put the right one back. If it is "
                "lost, run: medteller operator commission"
            )

    def _keep(self, what: str, name: str, by: Sequence[str]) -> None:
        """The file first: a book that the journal does not know is refused, never believed."""
        data = json.dumps([asdict(self._book[each]) for each in sorted(self._book)], indent=1).encode()
        try:
            write_private(self._path, data)
        except OSError as error:
            raise OperatorError(f"{self._path} can't be written: {error.strerror}") from error
        self._journal.write(Entry.OPERATORS_CHANGED, name=name, what=what, by=list(by), book=_digest(data))


def _plain(name: str) -> str:
    return name.strip().lower()


def _hashed(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY)


def _digest(data: bytes) -> str:
    return in_letters(hashlib.sha256(data).digest())


def _read(path: Path) -> tuple[dict[str, Operator], str]:
    if not path.exists():
        return {}, ""
    try:
        if readable_by_others(path):
            raise OperatorError(f"{path} can be read by others; run: chmod 600 {path}")
        data = path.read_bytes()
        entries: list[dict[str, Any]] = json.loads(data)
        if not isinstance(entries, list):
            raise TypeError("it is no list")
        return {entry["name"]: Operator(**entry) for entry in entries}, _digest(data)
    except OSError as error:
        raise OperatorError(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise OperatorError(f"{path} is no book of operators: {error}") from None
