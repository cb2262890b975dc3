"""The class of every decline and incident: compliance, information security, legal, or service."""

from collections.abc import Mapping
from typing import Final

from protocol.money_line import ResponseCode as Code
from simulators.authority.tables.supervision import Matter

_SECURITY, _LEGAL, _COMPLIANCE = Matter.INFORMATION_SECURITY, Matter.LEGAL, Matter.COMPLIANCE

DECLINES: Final[Mapping[Code, Matter]] = {
    Code.INVALID_MERCHANT: _COMPLIANCE,
    Code.NO_SUCH_ISSUER: _COMPLIANCE,
    Code.NO_SUCH_ACCOUNT: _COMPLIANCE,
    Code.NOT_PERMITTED_HOLDER: _COMPLIANCE,
    Code.NOT_PERMITTED_TERMINAL: _COMPLIANCE,
    Code.OVER_LIMIT: _COMPLIANCE,
    Code.OVER_COUNT: _COMPLIANCE,
    Code.SUSPECTED_FRAUD: _LEGAL,
    Code.RESTRICTED_CARD: _LEGAL,
    Code.DO_NOT_HONOUR: _SECURITY,
    Code.INVALID_CARD: _SECURITY,
    Code.LOST_CARD: _SECURITY,
    Code.STOLEN_CARD: _SECURITY,
    Code.WRONG_PIN: _SECURITY,
    Code.PIN_TRIES_EXCEEDED: _SECURITY,
    Code.PIN_TRIES_CAPTURE: _SECURITY,
    Code.PIN_FORMAT: _SECURITY,
    Code.MAC_ERROR: _SECURITY,
    Code.NO_SUCH_TERMINAL: _SECURITY,
}
"""By the code of field 39; every other decline is a matter of service."""

INCIDENTS: Final[Mapping[str, Matter]] = {
    "no request": _SECURITY,
    "damaged": _SECURITY,
    "malformed": _SECURITY,
    "unknown terminal": _SECURITY,
    "wrong provider": _SECURITY,
    "not signed on": _SECURITY,
    "wrong MAC": _SECURITY,
    "wrong cryptogram": _SECURITY,
    "cryptogram used again": _SECURITY,
    "journal set back": _SECURITY,
    "books differ": _COMPLIANCE,
    "no_provider": _COMPLIANCE,
    "not_yet_authorised": _COMPLIANCE,
    "no_longer_authorised": _COMPLIANCE,
    "suspended": _LEGAL,
    "legal_hold": _LEGAL,
    "risk": _LEGAL,
}
"""By the kind of incident; every other one is a matter of service."""


def matter_of_decline(code: Code) -> Matter | None:
    """The class of a decline; None for an approval."""
    return None if code is Code.APPROVED else DECLINES.get(code, Matter.SERVICE)


def matter_of_incident(kind: str) -> Matter:
    """The class of an incident."""
    return INCIDENTS.get(kind, Matter.SERVICE)
