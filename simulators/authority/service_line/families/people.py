"""1101, 8411 and 8412: who a person is (masked), what the account has, and what moved it."""

from datetime import date, datetime

from sqlalchemy import func, select

from protocol.service_line import people as wire
from protocol.service_line.values import yuan
from simulators.authority.ledger.draws import held_fen
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.people.identity import age
from simulators.authority.people.names import masked_id_number, masked_name
from simulators.authority.people.numbers import read_id_number
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.supervision.audit import note
from simulators.authority.tables.ledger import AccountKind, EntryKind, accounts, entries, postings
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


def person(call: Call, body: wire.PersonInput) -> wire.PersonOutput:
    """Basic data in the platform's form; name and number masked."""
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


def balance(call: Call, body: wire.PersonInput) -> wire.BalanceOutput:
    """Balance, holds, and what is available: the same figure in every channel."""
    person_id = _looked_at(call, body)
    row = call.connection.execute(select(persons).where(persons.c.id == person_id)).mappings().one()
    held = held_fen(call.connection, person_id)
    total = balance_fen(call.connection, Account.personal(person_id))
    home = call.rooms.policies.in_force(row["region"], call.at.date())
    remainder = 0 if home is None else home.limits.minimum_remainder_fen
    return wire.BalanceOutput(
        person=masked_name(call.rooms.hsm.unseal(row["name_sealed"])),
        home=row["region"],
        balance_fen=max(total, 0),
        held_fen=held,
        available_fen=max(total - held - remainder, 0),
        at=call.at,
    )


def history(call: Call, body: wire.HistoryInput) -> wire.HistoryOutput:
    """What moved the account, newest first, with the balance after each line."""
    person_id = _looked_at(call, body)
    moved = (
        select(
            entries.c.posted_at,
            entries.c.business_date,
            entries.c.kind,
            entries.c.place,
            entries.c.purpose,
            func.sum(postings.c.credit_fen - postings.c.debit_fen).label("fen"),
        )
        .select_from(postings.join(entries).join(accounts))
        .where(accounts.c.kind == AccountKind.PERSONAL, accounts.c.owner == str(person_id))
        .group_by(entries.c.id)
        .order_by(entries.c.id)
    )
    first, last = body.since or date.min, body.until or date.max
    total, lines = 0, []
    for row in call.connection.execute(moved).mappings():
        fen = int(row["fen"])
        total += fen
        if first <= row["business_date"] <= last:
            lines.append(
                wire.HistoryLine(
                    at=datetime.fromisoformat(row["posted_at"]),
                    business_date=row["business_date"],
                    kind=_kind(row["kind"], fen),
                    amount_fen=fen,
                    balance_fen=total,
                    place=row["place"],
                    purpose=row["purpose"],
                )
            )
    drawn = {wire.Kind.WITHDRAWAL, wire.Kind.REVERSAL}
    return wire.HistoryOutput(
        lines=tuple(reversed(lines[-body.limit :])),
        credits_fen=sum(line.amount_fen for line in lines if line.kind not in drawn and line.amount_fen > 0),
        draws_fen=max(0, -sum(line.amount_fen for line in lines if line.kind in drawn)),
        more=len(lines) > body.limit,
    )


def _kind(kind: str, fen: int) -> wire.Kind:
    """What the ledger calls it, as people call it."""
    known = {
        EntryKind.DRAW: wire.Kind.WITHDRAWAL,
        EntryKind.GIVE_BACK: wire.Kind.REVERSAL,
        EntryKind.CREDIT: wire.Kind.CONTRIBUTION,
    }
    if kind in set(wire.Kind):
        return wire.Kind(kind)
    return known.get(EntryKind(kind), wire.Kind.CORRECTION)


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


HANDLERS = (Handler(wire.PERSON, person), Handler(wire.BALANCE, balance), Handler(wire.HISTORY, history))
