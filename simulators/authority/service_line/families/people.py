"""1101 and 8411 to 8413: who a person is (masked), what the account has, and what moved it."""

from datetime import date

from sqlalchemy import select

from protocol.service_line import people as wire
from protocol.service_line.policy import PayoutMode as WireMode
from protocol.service_line.service import DECIDERS
from protocol.service_line.values import yuan
from simulators.authority.ledger.draws import held_fen
from simulators.authority.ledger.history import Moved
from simulators.authority.ledger.history import history as account_history
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.ledger.usage import available_fen
from simulators.authority.people.codes import code_problem, send_code
from simulators.authority.people.identity import Identity, age, identify
from simulators.authority.people.names import masked_id_number, masked_name
from simulators.authority.people.numbers import read_id_number
from simulators.authority.people.powers import not_of_home
from simulators.authority.people.refusal import Refused as PeopleRefused
from simulators.authority.policy.vocabulary import Channel, PayoutMode
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.payouts import quote, reasons_of
from simulators.authority.service_line.families.told import of_people
from simulators.authority.service_line.refusal import Problem, Refused, refused
from simulators.authority.service_line.texts import reason_of
from simulators.authority.supervision.audit import note
from simulators.authority.tables.ledger import CreditKind, EntryKind
from simulators.authority.tables.people import PersonState, person_groups, persons

INSURED = {
    PersonState.NEVER_INSURED: "0",
    PersonState.SUSPENDED: "2",
    PersonState.STOPPED: "4",
    PersonState.MOVED_OUT: "4",
    PersonState.CLOSED: "4",
    PersonState.DECEASED: "4",
}
"""`psn_insu_stas`; all other states are 1, insured."""

MALE, FEMALE = "1", "2"

ENQUIRY = "phone enquiry"
"""What a one-time code to a caller is sent for."""

CREDITS = {
    CreditKind.CONTRIBUTION: wire.Kind.CONTRIBUTION,
    CreditKind.ARREARS: wire.Kind.ARREARS,
    CreditKind.TRANSFER_IN: wire.Kind.TRANSFER_IN,
    CreditKind.INTEREST: wire.Kind.INTEREST,
    CreditKind.RECOVERY: wire.Kind.REPAYMENT,
    CreditKind.CORRECTION: wire.Kind.CORRECTION,
    CreditKind.GIVE_BACK: wire.Kind.REVERSAL,
}
KINDS = {
    EntryKind.DRAW: wire.Kind.WITHDRAWAL,
    EntryKind.EXCEPTION: wire.Kind.WITHDRAWAL,  # paid without an open hold: paid all the same
    EntryKind.GIVE_BACK: wire.Kind.REVERSAL,
    EntryKind.SETTLEMENT: wire.Kind.SETTLEMENT,
    EntryKind.INHERITANCE: wire.Kind.INHERITANCE,
}
"""What the ledger calls a movement, as people call it."""


def person(call: Call, body: wire.PersonInput) -> wire.PersonOutput:
    """Basic data in the platform's form; name and number masked."""
    if call.who.caller in DECIDERS and (away := not_of_home(call.connection, call.actor, call.person(body))):
        raise of_people(away)
    person_id = _looked_at(call, body)
    row = call.connection.execute(select(persons).where(persons.c.id == person_id)).mappings().one()
    hsm = call.rooms.hsm
    number = hsm.unseal(row["id_number_sealed"])
    told = read_id_number(number)
    born = told.birth_date or date(1900, 1, 1)
    groups = select(person_groups).where(person_groups.c.person_id == person_id).order_by(person_groups.c.id)
    return wire.PersonOutput(
        baseinfo=wire.BaseInfo(
            psn_no=str(person_id),
            psn_name=masked_name(hsm.unseal(row["name_sealed"])),
            certno=masked_id_number(number),
            gend=MALE if told.is_male else FEMALE,
            brdy=born,
            age=age(born, call.at.date()),
        ),
        insuinfo=(
            wire.InsuInfo(
                balc=yuan(balance_fen(call.connection, Account.personal(person_id))),
                insutype=row["insurance"],
                psn_type=row["person_type"],
                psn_insu_stas=INSURED.get(PersonState(row["state"]), "1"),
                psn_insu_date=row["insured_since"],
                insuplc_admdvs=row["region"],
            ),
        ),
        idetinfo=tuple(
            wire.IdetInfo(psn_idet_type=each["code"], begntime=each["valid_from"], endtime=each["valid_to"])
            for each in call.connection.execute(groups).mappings()
        ),
    )


def balance(call: Call, body: wire.BalanceInput) -> wire.BalanceOutput:
    """Balance, holds, what is available, and what would be paid here: the figures of the decision. Raises Refused."""
    person_id = _looked_at(call, body)
    row = call.connection.execute(select(persons).where(persons.c.id == person_id)).mappings().one()
    mode = PayoutMode.TRANSFER if call.channel is Channel.ONLINE else PayoutMode.CASH
    mode = mode if body.mode is None else PayoutMode(body.mode)
    online_cash = call.channel is Channel.ONLINE and mode is PayoutMode.CASH
    answer = quote(call, person_id, mode, body.number)
    decision = answer.decision
    total = balance_fen(call.connection, Account.personal(person_id))
    held = held_fen(call.connection, person_id)
    home = call.rooms.policies.in_force(row["region"], call.at.date())
    remainder = 0 if home is None else home.limits.minimum_remainder_fen
    reasons = (Problem("cash_at_counters_only", "mode"),) if online_cash else reasons_of(answer)
    return wire.BalanceOutput(
        person=masked_name(call.rooms.hsm.unseal(row["name_sealed"])),
        home=row["region"],
        balance_fen=max(total, 0),
        held_fen=held,
        available_fen=max(0, total - held - remainder) if decision is None else decision.available_fen,
        mode=WireMode(mode),
        drawable_fen=0 if decision is None or online_cash else decision.maximum_fen,
        rest_of_day_fen=None if decision is None else decision.rest_of_day_fen,
        rest_of_year_fen=None if decision is None else decision.rest_of_year_fen,
        rest_of_application_fen=None if decision is None else decision.rest_of_application_fen,
        limited_by=tuple(map(reason_of, reasons)),
        at=call.at,
    )


def history(call: Call, body: wire.HistoryInput) -> wire.HistoryOutput:
    """What moved the account, newest first, with the balance after each line."""
    person_id = _looked_at(call, body)
    first, last = body.since or date.min, body.until or date.max
    lines = [
        wire.HistoryLine(
            at=each.at,
            business_date=each.business_date,
            kind=_kind(each),
            amount_fen=each.fen,
            balance_fen=each.balance_fen,
            place=each.place,
            mode=each.mode,
            channel=each.channel,
            purpose=each.purpose,
            reference=each.reference,
            omsgid=each.message_id,
        )
        for each in account_history(call.connection, person_id)
        if first <= each.business_date <= last
    ]
    drawn = {wire.Kind.WITHDRAWAL, wire.Kind.TRANSFER, wire.Kind.REVERSAL}
    return wire.HistoryOutput(
        lines=tuple(reversed(lines[-body.limit :])),
        credits_fen=sum(line.amount_fen for line in lines if line.kind not in drawn and line.amount_fen > 0),
        draws_fen=max(0, -sum(line.amount_fen for line in lines if line.kind in drawn)),
        more=len(lines) > body.limit,
    )


def by_phone(call: Call, body: wire.PhoneInput) -> wire.PhoneOutput | Refused:
    """Tell a caller the balance once number, name and a code to the phone are right; each call is on record."""
    if call.who.channel is None or call.channel is not Channel.PHONE:
        raise refused("phone_only")
    connection, hsm = call.connection, call.rooms.hsm
    said: dict[str, str | int | None] = {"channel": call.who.channel.id}
    try:
        person_id = identify(connection, hsm, Identity(body.certno, body.name), call.at.date())
        if body.code is None:
            send_code(connection, hsm, call.actor, call.at, person_id, ENQUIRY)
            return wire.PhoneOutput(code_sent=True)
    except PeopleRefused as error:
        note(connection, call.at, call.actor, "phone enquiry refused", "person:unknown", said)
        return of_people(error.problems)
    if (wrong := code_problem(connection, hsm, person_id, ENQUIRY, body.code, call.at)) is not None:
        note(connection, call.at, call.actor, "phone enquiry refused", f"person:{person_id}", said)
        return of_people([wrong])
    note(connection, call.at, call.actor, "phone enquiry", f"person:{person_id}", said)
    row = connection.execute(select(persons).where(persons.c.id == person_id)).mappings().one()
    home = call.rooms.policies.in_force(row["region"], call.at.date())
    return wire.PhoneOutput(
        code_sent=False,
        person=masked_name(hsm.unseal(row["name_sealed"])),
        balance_fen=max(0, balance_fen(connection, Account.personal(person_id))),
        held_fen=held_fen(connection, person_id),
        available_fen=available_fen(connection, person_id, home.limits.minimum_remainder_fen if home else 0),
    )


def _kind(moved: Moved) -> wire.Kind:
    """What the ledger calls it, as people call it."""
    if moved.credit_kind is not None:
        return wire.Kind.OPENING if moved.is_opening else CREDITS[moved.credit_kind]
    if moved.kind is EntryKind.DRAW and moved.mode == PayoutMode.TRANSFER:
        return wire.Kind.TRANSFER
    return KINDS.get(moved.kind, wire.Kind.CORRECTION)


def _looked_at(call: Call, body: wire.PersonInput) -> int:
    """The person; that somebody looked at the data is on record."""
    person_id = call.person(body)
    note(
        call.connection,
        call.at,
        call.actor,
        "looked at the account",
        f"person:{person_id}",
        {"infno": call.envelope.infno},
    )
    return person_id


HANDLERS = (
    Handler(wire.PERSON, person),
    Handler(wire.BALANCE, balance),
    Handler(wire.HISTORY, history),
    Handler(wire.BY_PHONE, by_phone),
)
