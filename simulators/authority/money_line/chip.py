"""Is it the card's own chip that asks for this, and asks now? Each cryptogram of a chip counts once.

A chip counts its transactions (tag 9F36) and never counts back, so what comes with a number that is not above the last
one is a copy of what the chip once said. Numbers may be left out: a visit that ended early has used some up. A card
that an issuer makes again under the same number has another sequence (field 23), and counts for itself. A right
cryptogram is used up also where PIN or policy refuse its request; one that is not right changes nothing.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from protocol.ber_tlv import parse_tlv
from protocol.chip_card import Tag
from protocol.cryptogram import sequence_digits
from protocol.money_line import CashRequest, QuoteRequest, TransferRequest
from protocol.money_line import ResponseCode as Code
from simulators.authority.hsm import SoftHsm
from simulators.authority.money_line.exchanges import Answer
from simulators.authority.money_line.terminals import Terminal
from simulators.authority.people.misuse import Misuse, note_misuse
from simulators.authority.people.register import Card
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.money_line import chip_counters

_OF_CHIP = (chip_counters.c.card_id == bindparam("card"), chip_counters.c.sequence == bindparam("digits"))
_COUNT_ON = (
    update(chip_counters)
    .where(*_OF_CHIP, chip_counters.c.counter < bindparam("told"))
    .values(counter=bindparam("told"), at=bindparam("heard"))
)
_LAST = select(chip_counters.c.counter).where(*_OF_CHIP)
_BEGIN = insert(chip_counters)


def chip_refused(
    connection: Connection,
    hsm: SoftHsm,
    issuer_key: bytes | None,
    terminal: Terminal,
    card: Card,
    request: QuoteRequest | CashRequest | TransferRequest,
    at: datetime,
) -> Answer | None:
    """Why this request is not the chip's: no right cryptogram over its amount, or one that was used.

    None: it is, or without a key nobody can say. The person of the card is locked.
    """
    if issuer_key is None:
        return None
    counter = _genuine(hsm, issuer_key, request)
    if counter is None:
        note_incident(connection, at, "wrong cryptogram", f"card {card.masked_pan}", terminal.id)
        return Answer(Code.DO_NOT_HONOUR)
    last = _count_on(connection, card.id, sequence_digits(request.pan_sequence or ""), counter, at)
    if last is None:
        return None
    text = f"card {card.masked_pan}: transaction {counter} after {last}"
    note_incident(connection, at, "cryptogram used again", text, terminal.id)
    note_misuse(connection, at, Misuse.COPIED_CHIP, hsm.index(request.pan), terminal.region, terminal.id, card)
    return Answer(Code.DO_NOT_HONOUR)


def _genuine(hsm: SoftHsm, issuer_key: bytes, request: QuoteRequest | CashRequest | TransferRequest) -> int | None:
    """The chip's number of this transaction, where its cryptogram is right and covers the amount that is asked."""
    data = request.chip_data
    if data is None or not hsm.cryptogram_is_right(issuer_key, request.pan, request.pan_sequence or "", data):
        return None
    covered = {found.tag: found.value for found in parse_tlv(data)}
    asked_fen = 0 if isinstance(request, QuoteRequest) else request.amount
    if covered[Tag.AMOUNT] != bytes.fromhex(f"{asked_fen:012d}"):
        return None
    return int.from_bytes(covered[Tag.ATC], "big")


def _count_on(connection: Connection, card_id: int, digits: str, counter: int, at: datetime) -> int | None:
    """Take a number that is above the last one; the last one where it is not."""
    chip = {"card": card_id, "digits": digits}
    if connection.execute(_COUNT_ON, {**chip, "told": counter, "heard": at.isoformat()}).rowcount:
        return None
    last = connection.scalar(_LAST, chip)
    if last is None:
        values = {"card_id": card_id, "sequence": digits, "counter": counter, "at": at.isoformat()}
        connection.execute(_BEGIN, values)
    return last
