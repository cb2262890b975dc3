"""`medteller operator`, `cash`, `advice`, and the items of `journal`: what people decide, while the kiosk is stopped.

Whatever changes money needs two operators (`--by`, twice), who are asked for their passwords. Passwords are typed, or
come one a line from a standard input that is no terminal.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from drivers.interfaces import DeviceError, Done, Outcome, ReceiptPrinter, UnitCounts
from drivers.link import open_link
from drivers.trace import Tracer
from terminal import counting, suspense
from terminal.advices import hand_over, not_found
from terminal.assembly import make_driver, settings_of
from terminal.host_memory import KINDS, HostMemory
from terminal.journal import Entry
from terminal.operator_desk import (
    DEFAULT_CONFIG,
    ByOption,
    ConfigOption,
    JsonOption,
    at_desk,
    claims,
    fail,
    new_password,
    tell,
)
from terminal.operator_slip import Waiting, slip
from terminal.redaction import looks_secret
from terminal.texts import yuan

VisitArgument = Annotated[str, typer.Argument(help="The visit, such as visit-000017.")]
CaseOption = Annotated[str, typer.Option("--case", help="The authority's name for the case that takes it.")]

operator = typer.Typer(help="Who may decide about cash: names and passwords.", no_args_is_help=True)
cash = typer.Typer(help="Counts of cassettes and retract area, while the kiosk is stopped.", no_args_is_help=True)
advice = typer.Typer(help="Confirms and reversals that wait for the host.", no_args_is_help=True)


# --- who may


@operator.command(epilog="Example: medteller operator add wang --config kiosk.toml; the third one: --by li --by wang")
def add(
    name: Annotated[str, typer.Argument(help="Small letters, digits and . _ -")],
    by: ByOption = None,
    file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Enter an operator. The first two need nobody's leave, every later one that of two others."""
    with at_desk(file) as desk:
        approved_by = claims(by) if by else ()
        desk.operators.add(name, new_password(name), approved_by)
    typer.echo(f"{name} is entered")


@operator.command(epilog="Example: medteller operator remove wang --by li --by zhao --config kiosk.toml")
def remove(name: str, by: ByOption = None, file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Strike an operator out."""
    with at_desk(file) as desk:
        desk.operators.remove(name, claims(by))
    typer.echo(f"{name} is removed")


@operator.command(epilog="Example: medteller operator unlock wang --by li --by zhao --config kiosk.toml")
def unlock(name: str, by: ByOption = None, file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Let an operator try again after too many wrong passwords."""
    with at_desk(file) as desk:
        desk.operators.unlock(name, claims(by))
    typer.echo(f"{name} is unlocked")


@operator.command(epilog="Example: medteller operator commission --config kiosk.toml")
def commission(file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Begin again with no operators, where the book is lost. The journal keeps that it was done."""
    with at_desk(file) as desk:
        desk.operators.commission_again()
    typer.echo("the book of operators is empty; enter two with: medteller operator add")


@operator.command("list", epilog="Example: medteller operator list --config kiosk.toml --json")
def list_operators(file: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Name the operators."""
    with at_desk(file) as desk:
        for name in desk.operators.names:
            locked = desk.operators.locked(name)
            tell({"name": name, "locked": locked}, f"{name}{'  locked' if locked else ''}", as_json=as_json)


# --- suspense


def suspense_command(file: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List withdrawals that wait for a count, with age, amount and evidence. Exit code 1 when there are any."""
    with at_desk(file) as desk:
        items = suspense.open_items(desk.journal.records())
    now = datetime.now().astimezone()
    for item in items:
        tell(item.data(now), "\n".join(_in_lines(item, now)), as_json=as_json)
    if not as_json:
        typer.echo(f"{len(items)} open", err=True)
    if items:
        raise typer.Exit(1)


def slip_command(file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print what waits for people on the receipt printer of a stopped kiosk."""
    with at_desk(file) as desk:
        memory, remains = HostMemory(desk.journal.records(*KINDS)), desk.remains
        found = Waiting(suspense.open_items(desk.journal.records()), memory.refused_advices)
        config = desk.config

        async def printing() -> Outcome[None]:
            device = config.devices.receipt_printer
            link = await open_link(device.port, settings_of("receipt_printer", device))
            try:
                printer: ReceiptPrinter = make_driver("receipt_printer", device, link, Tracer())
                now = datetime.now().astimezone()
                return await printer.print_form(
                    slip(found, remains.cash, config.host.terminal, now, printer.columns, config.language)
                )
            finally:
                link.close()

        try:
            outcome = asyncio.run(printing())
        except (DeviceError, ConnectionError) as error:
            fail(str(error))
        if not isinstance(outcome, Done):
            fail(f"the slip may not have come: {outcome}")
        names = [item.visit for item in found.items]
        desk.journal.write(Entry.OPERATOR_SLIP_PRINTED, items=names, certain=True)
    typer.echo(f"printed: {len(names)} waiting for a count")


def resolve_command(
    visit: VisitArgument,
    paid: Annotated[
        list[str] | None, typer.Option(help="Notes the customer got: unit1=5; again for other cassettes.")
    ] = None,
    rejected: Annotated[
        list[str] | None, typer.Option(help="Notes of it found in the reject bin: unit1=2; again for others.")
    ] = None,
    nothing: Annotated[bool, typer.Option("--nothing", help="The customer got no note.")] = False,
    by: ByOption = None,
    case: CaseOption = "",
    note: Annotated[str, typer.Option(help="What was found, in words; no numbers of cards or persons.")] = "",
    file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Enter what two operators counted for one item. The next start tells the host."""
    if bool(paid) == nothing:
        raise typer.BadParameter("say what the customer got with --paid, or --nothing")
    with at_desk(file) as desk:
        item = next((item for item in suspense.open_items(desk.journal.records()) if item.visit == visit), None)
        if item is None:
            raise LookupError(f"no item is open for {visit}; see: medteller journal suspense")
        got, bin_ = _counts(paid), _counts(rejected)
        counted = {unit: UnitCounts(got.get(unit, 0), bin_.get(unit, 0)) for unit in {*got, *bin_}}
        units = desk.remains.cash
        suspense.check(item, counted, units, case, note)
        two = desk.two(f"resolve {visit}", by)
        told = suspense.resolve(desk.journal, item, counted, units, two, case, note)
    what = f"confirms {yuan(told)} yuan" if told else "gives the whole amount back"
    typer.echo(f"{visit} is resolved; at its next start the kiosk {what}")


# --- counts


@cash.command(epilog="Example: medteller cash counts --config kiosk.toml --json")
def counts(file: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """What the kiosk believes to be in its cassettes."""
    with at_desk(file) as desk:
        units = desk.remains.cash
    for name, unit in units.units.items():
        line = (
            f"{name}  {unit.remaining:>5} x {unit.denomination_fen // 100:<3}  of {unit.initial}, "
            f"{unit.dispensed} dispensed, {unit.rejected} rejected, {unit.unknown} in doubt, {unit.accuracy}"
        )
        tell({"unit": name, "remaining": unit.remaining} | asdict(unit), line, as_json=as_json)
    area = units.retract_area
    line = f"retract area: {area.bundles} bundles, {area.counted} notes counted, {area.uncounted} at most uncounted"
    tell({"unit": "retract", **asdict(area)}, line, as_json=as_json)


@cash.command(epilog="Example: medteller cash replenish unit1=1000 unit2=1000 --by li --by wang --config kiosk.toml")
def replenish(
    notes: Annotated[list[str], typer.Argument(help="unit1=1000: what is in the cassette after filling.")],
    by: ByOption = None,
    file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Enter that cassettes were filled."""
    _enter(notes, counting.Why.REPLENISHED, by, file)


@cash.command(epilog="Example: medteller cash count unit1=195 --by li --by wang --config kiosk.toml")
def count(
    notes: Annotated[list[str], typer.Argument(help="unit1=195: what was counted in the cassette.")],
    by: ByOption = None,
    file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Correct counts after two operators counted."""
    _enter(notes, counting.Why.COUNTED, by, file)


@cash.command("empty-retract", epilog="Example: medteller cash empty-retract 3 --by li --by wang --config kiosk.toml")
def empty_retract(
    found: Annotated[int, typer.Argument(help="How many notes were taken out.")],
    by: ByOption = None,
    file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Enter that the retract area was emptied."""
    with at_desk(file) as desk:
        units = desk.remains.cash
        counting.empty_retract_area(desk.journal, units, found, desk.two("empty the retract area", by))
    typer.echo(f"retract area: {found} notes taken out; the device had counted {units.retract_area.counted}")


@cash.command("day-end", epilog="Example: medteller cash day-end --by li --by wang --config kiosk.toml")
def day_end(by: ByOption = None, file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Have the batch settled with the host at the next start, whatever the time of day."""
    with at_desk(file) as desk:
        memory = HostMemory(desk.journal.records(*KINDS))
        names = desk.two("settle the batch", by)
        desk.journal.write(Entry.DAY_END_ORDERED, by=list(names))
    paid = sum(each.amount_fen for each in memory.paid.values())
    typer.echo(f"{len(memory.paid)} payouts of {yuan(paid)} yuan are settled at the next start")


def _enter(notes: Sequence[str], why: counting.Why, by: Sequence[str] | None, file: Path) -> None:
    with at_desk(file) as desk:
        units, wanted = desk.remains.cash, _counts(notes)
        counting.check(units, wanted)
        two = desk.two(f"{why}: {', '.join(sorted(wanted))}", by)
        differences = counting.set_counts(desk.journal, units, wanted, why, two)
    for found in differences:
        typer.echo(f"{found.unit}: {found.notes} notes of {found.denomination_fen // 100} yuan; it was {found.was}")


# --- advices


@advice.command("list", epilog="Example: medteller advice list --config kiosk.toml --json")
def list_advices(
    file: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
    unknown: Annotated[
        bool, typer.Option("--not-found", help="Instead, those of which the host did not know the original (25).")
    ] = False,
) -> None:
    """Confirms and reversals that the host has not taken yet."""
    if unknown:
        _list_not_found(file, as_json=as_json)
        return
    with at_desk(file) as desk:
        memory = HostMemory(desk.journal.records(*KINDS))
    for waiting in memory.advices.values():
        code = memory.refused.get(waiting.exchange, "")
        kind = waiting.kind.name.lower()
        data = {"visit": waiting.transaction, "kind": kind, "amount_fen": waiting.amount_fen, "refused_with": code}
        refused = f"  refused with {code}" if code else "  not answered"
        tell(data, f"{waiting.transaction}  {kind} of {yuan(waiting.amount_fen)} yuan{refused}", as_json=as_json)


def _list_not_found(file: Path, *, as_json: bool) -> None:
    with at_desk(file) as desk:
        found = not_found(desk.journal.records(*KINDS))
    for each in found:
        kind, original = each.kind.name.lower(), each.original
        named = {"batch": original.batch, "stan": original.stan, "date": original.date}
        line = f"{each.transaction}  {kind} of {yuan(each.amount_fen)} yuan  batch {original.batch:06d}  "
        line += f"trace number {original.stan:06d}  day {original.date}"
        data = {"visit": each.transaction, "kind": kind, "amount_fen": each.amount_fen, **named}
        tell(data, line, as_json=as_json)


@advice.command(
    "hand-over",
    epilog="Example: medteller advice hand-over visit-000017 --case C-2026-0042 --by li --by wang --config kiosk.toml",
)
def hand_over_command(
    visit: VisitArgument,
    case: CaseOption,
    by: ByOption = None,
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help="Also one that can't be sent at all, such as after a lost vault key.")
    ] = False,
    file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Give an advice that the host refuses to a case of the authority; it is sent no more."""
    with at_desk(file) as desk:
        memory = HostMemory(desk.journal.records(*KINDS))
        waiting = next((each for each in memory.advices.values() if each.transaction == visit), None)
        if waiting is not None and waiting.exchange not in memory.refused and not unanswered:
            raise LookupError(f"the host has not refused that of {visit}: it is sent at the next start")
        if not case.strip() or looks_secret(case):
            raise typer.BadParameter("--case is the authority's name for the case, without numbers of cards or persons")
        given = hand_over(desk.journal, memory, visit, case, desk.two(f"hand over the advice of {visit}", by))
    typer.echo(f"{visit}: {given.kind.name.lower()} of {yuan(given.amount_fen)} yuan is the matter of case {case}")


# --- helpers


def _counts(texts: Sequence[str] | None) -> dict[str, int]:
    """`unit1=5` as a number of notes for a cassette."""
    found: dict[str, int] = {}
    for text in texts or ():
        unit, equals, number = text.partition("=")
        if not equals or not number.isdecimal() or unit in found:
            raise typer.BadParameter(f"{text}: write each cassette once, as unit1=5")
        found[unit] = int(number)
    return found


def _in_lines(item: suspense.Item, now: datetime) -> Iterator[str]:
    hours, rest = divmod(int(item.age(now).total_seconds()), 3600)
    amount = "amount unknown" if item.amount_fen is None else f"{yuan(item.amount_fen)} yuan held"
    age = f"open {hours} h {rest // 60} min"
    yield f"{item.visit}  {item.opened:%Y-%m-%d %H:%M}  {age}  {amount}  card {item.card or '-'}"
    yield f"    {item.cause}"
    if item.mix:
        yield "    asked: " + ", ".join(f"{notes} of {unit}" for unit, notes in item.mix.items())
    if item.phase is not None:
        yield f"    notes had come to: {item.phase}; in the bundle {item.notes}; counted when taken back {item.counted}"
    for said in item.said:
        yield "    the dispenser said: " + ", ".join(
            f"{key} {value}" for key, value in said.items() if key != "verdict"
        )


COMMANDS: Mapping[str, Callable[..., None]] = {
    "suspense": suspense_command,
    "slip": slip_command,
    "resolve": resolve_command,
}
"""What belongs under `medteller journal`."""

EXAMPLES: Mapping[str, str] = {
    "suspense": "Example: medteller journal suspense --config kiosk.toml --json",
    "slip": "Example: medteller journal slip --config kiosk.toml",
    "resolve": "Example: medteller journal resolve visit-000017 --paid unit1=5 --by li --by wang --config kiosk.toml",
}
