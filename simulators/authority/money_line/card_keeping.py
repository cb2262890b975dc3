"""Whether a terminal keeps the card is the policy's word, and it is told by the code of field 39.

A terminal keeps a card by the code alone. Most codes against a card have a twin that says the same and treats the card
the other way; field 63 still names the reason.
"""

from collections.abc import Collection, Mapping
from typing import Final

from protocol.money_line import ResponseCode as Code
from protocol.money_line import Treatment

_KEEPING: Final[Mapping[Code, Code]] = {
    Code.EXPIRED_CARD: Code.EXPIRED_CAPTURE,
    Code.SUSPECTED_FRAUD: Code.FRAUD_CAPTURE,
    Code.RESTRICTED_CARD: Code.RESTRICTED_CAPTURE,
    Code.PIN_TRIES_EXCEEDED: Code.PIN_TRIES_CAPTURE,
}
_RETURNING: Final[Mapping[Code, Code]] = {keeping: returning for returning, keeping in _KEEPING.items()}


def told(code: Code, capture_codes: Collection[str]) -> Code:
    """The code to be sent for `code`, so that the card is kept where the policy lists `code`, and nowhere else."""
    keeps = code.treatment is Treatment.CAPTURE
    if keeps == (code in capture_codes):
        return code
    return _RETURNING.get(code, Code.RESTRICTED_CARD) if keeps else _KEEPING.get(code, Code.CAPTURE_CARD)
