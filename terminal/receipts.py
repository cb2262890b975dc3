"""The receipt of one visit: what is printed, in one language or several, for any paper width.

A receipt carries masked numbers only, and a check code (a truncated keyed hash over what it says, made by the caller)
by which the counter can tell that it is genuine. The QR code holds reference and check code.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from unicodedata import east_asian_width

from drivers.interfaces import Align, PrintItem, PrintQr, PrintText
from terminal.texts import DEFAULT_LANGUAGE, render, yuan
from terminal.view import Words


class ReceiptKind(StrEnum):
    """How the visit ended; `terminal/texts` has the words under `receipt.`."""

    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    NOT_PAID = "not_paid"
    SUSPENSE = "suspense"
    RETRACTED = "retracted"
    CARD_RETAINED = "card_retained"


_FULL_NUMBER = re.compile(r"\d(?:[ -]?\d){12,}")
"""Thirteen or more digits: a PAN or an ID number that nobody has masked. References of the host have twelve."""

_MASKED = re.compile(r"[0-9A-Z]{0,6}\*{4,}[0-9A-Z]{0,4}")


@dataclass(frozen=True, slots=True)
class ReceiptData:
    """What a receipt says. Amounts are fen.

    `masked_pan` and `masked_card_number` show at most the first six and last four characters; ValueError otherwise.
    `amount_paid` is None while the notes have to be counted, `balance` when the host did not tell it, and the numbers
    of the host are empty when it was never asked. `reason` says why it is not a plain payment;
    a `copy` says that it is one.
    """

    kind: ReceiptKind
    time: datetime
    terminal_id: str
    masked_pan: str
    check_code: str
    reference: str = ""
    stan: str = ""
    masked_card_number: str = ""
    amount_asked: int | None = None
    amount_paid: int | None = None
    balance: int | None = None
    hotline: str = ""
    reason: Words | None = None
    copy: bool = False
    languages: tuple[str, ...] = (DEFAULT_LANGUAGE,)

    def __post_init__(self) -> None:
        for name in ("masked_pan", "masked_card_number"):
            if (number := getattr(self, name)) and not _MASKED.fullmatch(number):
                raise ValueError(f"{name} is not masked")


def receipt(data: ReceiptData, columns: int) -> tuple[PrintItem, ...]:
    """The receipt for paper of `columns` narrow characters; a Chinese character takes two."""
    items: list[PrintItem] = []
    for number, language in enumerate(data.languages):
        if number:
            items.append(PrintText("-" * columns))
        items += _in_language(data, language, columns)
    if data.reference:
        items.append(PrintQr(f"{_safe(data.reference)} {_safe(data.check_code)}".rstrip()))
    return tuple(items)


def width(text: str) -> int:
    """Columns that `text` takes; wide and full-width characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`; breaks at spaces, between Chinese characters, and inside a word only if it must."""
    lines = [""]
    for piece in _pieces(text):
        if width(lines[-1]) + width(piece.rstrip()) <= columns:
            lines[-1] += piece
            continue
        lines.append("")
        for character in piece:
            if width(lines[-1] + character) > columns:
                lines.append("")
            lines[-1] += character
    return [line.rstrip() for line in lines if line.strip()]


def _in_language(data: ReceiptData, language: str, columns: int) -> Iterator[PrintText]:
    def words(key: str) -> str:
        return render(Words(f"receipt.{key}"), language)

    for line in wrap(words("title"), columns):
        yield PrintText(line, Align.CENTER)
    if data.copy:
        for line in wrap(words("copy"), columns):
            yield PrintText(line, Align.CENTER, emphasized=True)
    for line in wrap(words(data.kind), columns // 2):
        yield PrintText(line, Align.CENTER, emphasized=True, double_size=True)
    for key, value in _facts(data):
        yield from map(PrintText, _pair(words(key), value, columns))
    notes = [words(f"{data.kind}_note"), words("keep")]
    if data.reason is not None:
        notes.insert(0, f"{words('reason')}{render(data.reason, language)}")
    for note in notes:
        yield from map(PrintText, wrap(_safe(note), columns))


def _facts(data: ReceiptData) -> Sequence[tuple[str, str]]:
    facts = (
        ("time", data.time.strftime("%Y-%m-%d %H:%M:%S")),
        ("terminal", data.terminal_id),
        ("pan", data.masked_pan),
        ("card_number", data.masked_card_number),
        ("stan", data.stan),
        ("reference", data.reference),
        ("asked", _amount(data.amount_asked)),
        ("paid_amount", _amount(data.amount_paid)),
        ("balance", _amount(data.balance)),
        ("check_code", data.check_code),
        ("hotline", data.hotline),
    )
    return [(key, _safe(value)) for key, value in facts if value]


def _safe(text: str) -> str:
    return _FULL_NUMBER.sub("****", text)


def _amount(fen: int | None) -> str:
    return "" if fen is None else yuan(fen)


def _pair(label: str, value: str, columns: int) -> list[str]:
    """Label on the left, value on the right; on a line of its own where both don't fit."""
    gap = columns - width(label) - width(value)
    if gap >= 1:
        return [f"{label}{' ' * gap}{value}"]
    return [*wrap(label, columns), *(" " * (columns - width(line)) + line for line in wrap(value, columns))]


def _pieces(text: str) -> Iterator[str]:
    """What must not be broken: a word with the spaces after it, or one wide character with its closing punctuation."""
    return (
        found.group() for found in re.finditer(r"[^\s\u2e80-\uffff]+\s*|[\u2e80-\uffff][,。;:!?、)》”]*\s*|\s+", text)
    )
