"""What the books say, as rows for people and tests. Amounts are fen."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from simulators.authority.tables.base import total
from simulators.authority.tables.decisions import decision_rules, decisions
from simulators.authority.tables.ledger import AccountKind, DrawState, accounts, draws, entries, postings
from simulators.authority.tables.supervision import incidents


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One line of one entry."""

    entry: int
    account: str
    debit_fen: int
    credit_fen: int
    text: str
    purpose: str | None
    place: str | None
    terminal: str | None


@dataclass(frozen=True, slots=True)
class DrawRow:
    """One approval and what became of it. One that passed no terminal has its provider there, and the stan 0."""

    id: int
    terminal: str
    stan: int
    state: DrawState
    amount_fen: int
    confirmed_fen: int
    given_back_fen: int
    decision_id: int | None


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """The sums of one account."""

    account: str
    debit_fen: int
    credit_fen: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of a stored decision: whose word counted, how it came out, and where it stands, with its days."""

    rule: str
    region: str
    version: str
    outcome: str
    value: str
    basis: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A stored decision: the reply code, and the policies of home and place in their versions."""

    code: str
    home: str
    home_version: str
    place: str
    place_version: str
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident."""

    kind: str
    terminal: str | None
    text: str


def posting_rows(connection: Connection, draw_id: int | None = None) -> tuple[PostingRow, ...]:
    """The postings of one draw, or all, in the order in which they were made."""
    query = select(postings, accounts, entries).select_from(postings.join(accounts).join(entries))
    if draw_id is not None:
        query = query.where(entries.c.draw_id == draw_id)
    return tuple(
        PostingRow(
            row[entries.c.id],
            _account(row[accounts.c.kind], row[accounts.c.owner]),
            row[postings.c.debit_fen],
            row[postings.c.credit_fen],
            row[entries.c.text],
            row[entries.c.purpose],
            row[entries.c.place],
            row[entries.c.terminal],
        )
        for row in connection.execute(query.order_by(postings.c.id)).mappings()
    )


def draw_rows(connection: Connection, terminal: str | None = None) -> tuple[DrawRow, ...]:
    """All approvals, of one terminal or of all, oldest first."""
    query = select(draws).order_by(draws.c.id)
    if terminal is not None:
        query = query.where(draws.c.terminal == terminal)
    return tuple(
        DrawRow(
            row["id"],
            row["terminal"] or row["provider"] or "",
            row["stan"] or 0,
            DrawState(row["state"]),
            row["amount_fen"],
            row["confirmed_fen"],
            row["given_back_fen"],
            row["decision_id"],
        )
        for row in connection.execute(query).mappings()
    )


def trial_balance(connection: Connection) -> tuple[BalanceRow, ...]:
    """Every account with its sums; all debits together equal all credits."""
    query = (
        select(
            accounts.c.kind,
            accounts.c.owner,
            total(postings.c.debit_fen).label("debit_fen"),
            total(postings.c.credit_fen).label("credit_fen"),
        )
        .select_from(postings.join(accounts))
        .group_by(accounts.c.id)
        .order_by(accounts.c.id)
    )
    return tuple(
        BalanceRow(_account(row["kind"], row["owner"]), row["debit_fen"], row["credit_fen"])
        for row in connection.execute(query).mappings()
    )


def person_debit_fen(connection: Connection, person_id: int) -> int:
    """What a person's draws took from the account, less what was given back."""
    taken = total(postings.c.debit_fen - postings.c.credit_fen)
    query = (
        select(taken)
        .select_from(postings.join(accounts).join(entries))
        .where(
            accounts.c.kind == AccountKind.PERSONAL,
            accounts.c.owner == str(person_id),
            entries.c.draw_id.is_not(None),
        )
    )
    return int(connection.scalar(query) or 0)


def drawn_fen(connection: Connection, person_id: int) -> int:
    """What was confirmed of a person's draws, less what was given back."""
    query = select(total(draws.c.confirmed_fen - draws.c.given_back_fen)).where(draws.c.person_id == person_id)
    return int(connection.scalar(query) or 0)


def decision_row(connection: Connection, decision_id: int) -> DecisionRow | None:
    """A stored decision with every rule that it evaluated, in order."""
    row = connection.execute(select(decisions).where(decisions.c.id == decision_id)).mappings().first()
    if row is None:
        return None
    query = select(decision_rules).where(decision_rules.c.decision_id == decision_id).order_by(decision_rules.c.id)
    rules = tuple(
        RuleRow(rule["rule"], rule["region"], rule["version"], rule["outcome"], rule["value"], rule["basis"])
        for rule in connection.execute(query).mappings()
    )
    return DecisionRow(row["code"], row["home"], row["home_version"], row["place"], row["place_version"], rules)


def incident_rows(connection: Connection) -> tuple[IncidentRow, ...]:
    """All incidents, oldest first."""
    rows = connection.execute(select(incidents).order_by(incidents.c.id)).mappings()
    return tuple(IncidentRow(row["kind"], row["terminal"], row["text"]) for row in rows)


def _account(kind: str, owner: str) -> str:
    return f"{kind}:{owner}"
