"""`medteller-sim authority books`: post credits, reconcile, and show exceptions and what regions owe each other."""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import typer

from simulators.authority.actors import Actor, Role
from simulators.authority.business_time import business_time
from simulators.authority.ledger.clearing import statement
from simulators.authority.ledger.credits import correct_person, credit_person
from simulators.authority.ledger.exceptions import LedgerException, collect_exceptions, open_exceptions
from simulators.authority.ledger.ledger import Account, LedgerError, balance_fen
from simulators.authority.ledger.reconciliation import By, table
from simulators.authority.ledger.releases import all_releases
from simulators.authority.people.register import find_person
from simulators.authority.supervision.audit import note
from simulators.authority.tables.ledger import CreditKind
from simulators.authority.tables.people import persons
from simulators.commands.authority_opening import DEFAULT_DATABASE, AsJson, DatabaseAt, KeysIn, misused, now, opened

UNEVEN = 1
"""Exit code: something is not accounted for."""

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="A business date.")]

books = typer.Typer(help="The ledger of an authority.", no_args_is_help=True)


@books.command(
    context_settings={"ignore_unknown_options": True},  # a negative sum is no option
    epilog="Example: medteller-sim authority books credit 310101198001010018 30000 --reference 2026-05 "
    "--kind contribution",
)
def credit(
    id_number: Annotated[str, typer.Argument(metavar="ID-NUMBER", help="Whose account.")],
    fen: Annotated[int, typer.Argument(metavar="FEN", help="How much, in fen; a correction may be less than nothing.")],
    reference: Annotated[str, typer.Option(metavar="TEXT", help="A credit with the same reference is posted once.")],
    kind: Annotated[CreditKind, typer.Option(help="What is credited.")] = CreditKind.CONTRIBUTION,
    vintage: Day = None,
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Post what the authority credits: a person can't pay in. `--vintage`: the day on which it counts as credited."""
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        when = business_time(now())
        person_id = find_person(connection, authority.hsm, id_number)
        if person_id is None:
            misused("nobody with that ID number is known")
        region = connection.execute(persons.select().where(persons.c.id == person_id)).mappings().one()["region"]
        named = f"operator:{person_id}:{reference}"
        try:
            if kind is CreditKind.CORRECTION:
                posted = correct_person(connection, named, person_id, region, fen, when)
            else:
                day = None if vintage is None else vintage.date()
                posted = credit_person(connection, named, person_id, region, fen, when, kind, day)
        except LedgerError as error:
            misused(str(error))
        if posted:
            detail = {"kind": kind.value, "fen": fen, "reference": reference}
            note(connection, when, Actor(Role.SYSTEM, "operator"), "credited", f"person:{person_id}", detail)
        total = balance_fen(connection, Account.personal(person_id))
    told = {"posted": posted, "balance_fen": total}
    _tell(told if as_json else ("posted" if posted else "posted before"), as_json=as_json)


@books.command("reconcile", epilog="Example: medteller-sim authority books reconcile --by payer. Exit code 1: uneven.")
def reconcile_(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DAY", help="First business date.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DAY", help="Last business date.")
    ] = None,
    by: Annotated[By, typer.Option(help="What a row is about.")] = By.DAY,
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Debits = notes + transfers + named exceptions? And do all sums follow from the postings?"""
    with opened(at, keys) as authority:
        begins = date.min if first is None else first.date()
        ends = date.max if last is None else last.date()
        found = authority.authority.reconcile(begins, ends, by)
    if as_json:
        rows = [{**asdict(row), "difference_fen": row.difference_fen} for row in found.rows]
        named = [asdict(each) for each in found.exceptions]
        _tell({"rows": rows, "exceptions": named, "faults": found.faults}, as_json=True)
    else:
        for line in table(found.rows):
            typer.echo("  ".join(cell.rjust(15) for cell in line))
        for each in found.exceptions:
            typer.echo(_words(each))
        for fault in found.faults:
            typer.echo(f"NOT EVEN: {fault}")
    raise typer.Exit(0 if found.is_even else UNEVEN)


@books.command(epilog="Example: medteller-sim authority books exceptions --json")
def exceptions(at: DatabaseAt = DEFAULT_DATABASE, keys: KeysIn = None, as_json: AsJson = False) -> None:
    """What is open, with its owner."""
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        collect_exceptions(connection, business_time(now()))
        found = open_exceptions(connection)
    if as_json:
        _tell([asdict(each) for each in found], as_json=True)
    else:
        _tell("\n".join(map(_words, found)) or "nothing is open", as_json=False)


@books.command("releases", epilog="Example: medteller-sim authority books releases --json")
def releases_(at: DatabaseAt = DEFAULT_DATABASE, keys: KeysIn = None, as_json: AsJson = False) -> None:
    """What came free again unpaid, because an approval or the hold of a transfer had reached its end."""
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        found = all_releases(connection)
    words = [
        f"{each.at}  person {each.person_id}  {each.fen} fen of "
        + (f"draw {each.draw_id}" if each.application_id is None else f"application {each.application_id}")
        for each in found
    ]
    _tell([asdict(each) for each in found] if as_json else "\n".join(words) or "nothing was released", as_json=as_json)


@books.command(epilog="Example: medteller-sim authority books clearing 2026-05-20")
def clearing(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="DAY", help="A day that was cleared.")],
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """What regions settled with each other for a day."""
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        found = statement(connection, day.date())
    rows = [{**asdict(each), "net_fen": each.net_fen} for each in found]
    words = [f"{each.debtor} pays {each.creditor} {each.net_fen} fen for {each.payouts} payouts" for each in found]
    _tell(rows if as_json else "\n".join(words) or "nothing was cleared", as_json=as_json)


def _words(each: LedgerException) -> str:
    return f"{each.id}  {each.kind}  {each.amount_fen} fen  {each.payer or '-'}  owner {each.owner}  {each.opened_at}"


def _tell(what: Any, *, as_json: bool) -> None:
    typer.echo(json.dumps(what, default=str) if as_json else what)
