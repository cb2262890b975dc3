"""The form: what is wrong with it in itself, before anybody looks into a register or policy.

The form is that of the service line, whatever the channel. Its fields are judged as `cleaned_form` leaves them. Whoever
is known already (by PIN, sign-on or the teller's reading of the card) may leave out name, ID number and card number.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

from protocol.service_line.applications import Agent, Form
from simulators.authority.applications.declaration import CURRENT as CURRENT_DECLARATION
from simulators.authority.applications.problems import Problem
from simulators.authority.people.names import is_name
from simulators.authority.people.numbers import (
    card_number_problems,
    cleaned,
    id_number_problems,
    pan_problems,
    phone_problems,
)
from simulators.authority.policy.vocabulary import Purpose, PurposeDetail
from simulators.authority.tables.applications import Kinship

OWN_CARD = "CARD"
"""Payee account of somebody who wants the money on the bank account of the own social-security card."""

LARGEST_FEN = 100_000_000
"""A form above a million yuan is a slip of the finger: no account of this kind holds it."""

EARLIEST = timedelta(days=365)
"""Treatment that began longer ago than this is no longer in need of money."""

REQUIRED = ("phone", "place", "purpose", "detail", "reason", "amount_fen", "payee_account", "declaration")
"""Fields that every form has."""

IDENTITY = ("name", "certno", "card_number")
"""Fields that a form has besides, where the person is not known."""

_PLAIN = ("phone", "place", "hospital", "purpose", "detail", "situation", "reason", "icd10", "provider")
_AGENT = ("name", "certno", "phone", "kinship")


def cleaned_form(form: Form) -> Form:
    """Blank fields are missing ones; numbers without spaces and hyphens, half-width, upper case."""
    values: dict[str, object] = {name: _blank(getattr(form, name)) for name in (*_PLAIN, "name", "payee_name")}
    for name in ("certno", "card_number", "payee_account", "phone", "icd10"):
        text = _blank(getattr(form, name))
        values[name] = None if text is None else cleaned(text)
    if form.agent is not None:
        values["agent"] = _cleaned_agent(form.agent)
    return form.model_copy(update=values)


def merged(form: Form, changes: Form) -> Form:
    """The form with the fields that `changes` has."""
    return form.model_copy(update={name: getattr(changes, name) for name in changes.model_fields_set})


def form_problems(form: Form, on: date, *, known: bool) -> Iterator[Problem]:
    """Everything that is missing or wrong in a cleaned form of this day; `known`: it is clear who the person is."""
    for name in REQUIRED if known else (*IDENTITY, *REQUIRED):
        if getattr(form, name) is None:
            yield Problem(name, "missing")
    yield from _identity(form, on)
    yield from _choices(form)
    yield from _treatment(form, on)
    if form.amount_fen is not None:
        yield from _amount(form.amount_fen)
    if form.payee_account not in (None, OWN_CARD):
        for wrong in pan_problems(form.payee_account):
            yield Problem("payee_account", wrong)
    if form.payee_name is not None and not is_name(form.payee_name):
        yield Problem("payee_name", "characters")
    if form.declaration is not None:
        if not form.declaration.accepted:
            yield Problem("declaration", "not_accepted")
        if form.declaration.version != CURRENT_DECLARATION:
            yield Problem("declaration", "old_version", CURRENT_DECLARATION)
    if form.agent is not None:
        yield from _agent(form.agent, form.certno, on)


def fen_of(yuan: str) -> int | Problem:
    """An amount as people type it, 3000 or 1234.50; at most two decimals."""
    typed = _YUAN.fullmatch("".join(unicodedata.normalize("NFKC", yuan).split()))
    if typed is None:
        return Problem("amount_fen", "characters")
    decimals = typed[2] or ""
    if len(decimals) > 2:
        return Problem("amount_fen", "decimals")
    return int(typed[1]) * 100 + int(decimals.ljust(2, "0"))


def _identity(form: Form, on: date) -> Iterator[Problem]:
    if form.name is not None and not is_name(form.name):
        yield Problem("name", "characters")
    if form.certno is not None:
        for wrong in id_number_problems(form.certno, on):
            yield Problem("certno", wrong)
    if form.card_number is not None:
        for wrong in card_number_problems(form.card_number):
            yield Problem("card_number", wrong)
    if form.phone is not None:
        for wrong in phone_problems(form.phone):
            yield Problem("phone", wrong)


def _choices(form: Form) -> Iterator[Problem]:
    if form.place is not None and not (len(form.place) == 6 and form.place.isascii() and form.place.isdigit()):
        yield Problem("place", "no_region")
    if form.purpose is not None and form.purpose not in set(Purpose):
        yield Problem("purpose", "unknown")
    if form.detail is not None and form.detail not in set(PurposeDetail):
        yield Problem("detail", "unknown")


def _treatment(form: Form, on: date) -> Iterator[Problem]:
    if form.detail in (PurposeDetail.INPATIENT, PurposeDetail.SURGERY):
        for name in ("hospital", "begins"):
            if getattr(form, name) is None:
                yield Problem(name, "missing")
    if form.begins is not None and form.begins < on - EARLIEST:
        yield Problem("begins", "too_long_ago")
    if form.begins is not None and form.ends is not None and form.ends < form.begins:
        yield Problem("ends", "before_begin")
    if form.icd10 is not None and not is_icd10(form.icd10):
        yield Problem("icd10", "characters")


_YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,9}))?")
_ICD10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Za-z]{1,8})?")


def is_icd10(code: str) -> bool:
    """Has it the form of an ICD-10 code, as in I21 or S72.001x002?"""
    return _ICD10.fullmatch(code) is not None


def _amount(fen: int) -> Iterator[Problem]:
    if fen <= 0:
        yield Problem("amount_fen", "not_positive")
    elif fen > LARGEST_FEN:
        yield Problem("amount_fen", "too_large", str(LARGEST_FEN))


def _agent(agent: Agent, certno: str | None, on: date) -> Iterator[Problem]:
    for name in _AGENT:
        if getattr(agent, name) is None:
            yield Problem(f"agent.{name}", "missing")
    if agent.name is not None and not is_name(agent.name):
        yield Problem("agent.name", "characters")
    if agent.certno is not None:
        for wrong in id_number_problems(agent.certno, on):
            yield Problem("agent.certno", wrong)
        if agent.certno == certno:
            yield Problem("agent.certno", "is_applicant")
    if agent.phone is not None:
        for wrong in phone_problems(agent.phone):
            yield Problem("agent.phone", wrong)
    if agent.kinship is not None and agent.kinship not in set(Kinship):
        yield Problem("agent.kinship", "unknown")


def _cleaned_agent(agent: Agent) -> Agent:
    numbers = {name: _blank(getattr(agent, name)) for name in ("certno", "phone")}
    values = {name: None if text is None else cleaned(text) for name, text in numbers.items()}
    kinship = _blank(agent.kinship)
    return agent.model_copy(
        update={**values, "name": _blank(agent.name), "kinship": None if kinship is None else kinship.lower()}
    )


def _blank(text: str | None) -> str | None:
    return None if text is None or not text.strip() else text.strip()
