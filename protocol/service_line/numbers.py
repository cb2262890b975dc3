"""THE table of numbers: every service of the line by its `infno`.

Numbers below 8000 and from 9000 on are the platform's, those between are our own: it has none for withdrawals.
"""

from collections.abc import Mapping
from typing import Any

from protocol.service_line import (
    applications,
    cards,
    documents,
    information,
    invoices,
    life_events,
    payouts,
    people,
    policy,
    review,
    sessions,
    supervision,
)
from protocol.service_line.service import Service

_ALL: tuple[Service[Any, Any], ...] = (
    people.PERSON,
    applications.APPLY,
    applications.SUPPLEMENT,
    applications.CHANGE,
    applications.STATUS,
    applications.APPEAL,
    payouts.AUTHORISE,
    payouts.CONFIRM,
    invoices.INVOICE,
    invoices.SETTLE,
    invoices.CASES,
    invoices.EXTEND,
    invoices.REPAY,
    invoices.CANCEL,
    cards.LOSS,
    cards.ACTIVATE,
    cards.CHANGE_PIN,
    cards.OWN_RULES,
    sessions.REGISTER,
    cards.FOUND,
    cards.REPLACE,
    cards.UNBLOCK_PIN,
    life_events.EVENT,
    life_events.CLAIM,
    life_events.APPROVE,
    life_events.CLAIMS,
    policy.POLICY,
    information.HOURS,
    information.HELP,
    information.VERIFY_RECEIPT,
    information.RATE,
    information.CHANNELS,
    people.BALANCE,
    people.HISTORY,
    review.QUEUE,
    review.CASE,
    review.DECIDE,
    review.IDENTITY,
    review.APPEALS,
    review.DECIDE_APPEAL,
    supervision.REGISTER,
    supervision.ORDER,
    supervision.LIFT,
    sessions.SIGN_ON,
    sessions.SIGN_OFF,
    documents.UPLOAD,
    documents.DOWNLOAD,
)

SERVICES: Mapping[str, Service[Any, Any]] = {service.infno: service for service in _ALL}
