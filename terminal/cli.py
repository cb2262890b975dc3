"""`medteller`: run a kiosk, look into its journal, check its configuration and its devices, enter what people counted.

Exit codes: 0 good; 1 what was checked is not good (a broken journal, a wrong kiosk.toml, a kiosk that stopped on an
error); 2 the command line is wrong; 130 interrupted while it was starting.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from terminal import operator_cli
from terminal.config import ConfigError, KioskConfig, load_config
from terminal.journal import JournalError, Record, inspect
from terminal.operator_desk import DEFAULT_CONFIG, ConfigOption, JsonOption, fail
from terminal.vault import VaultError

T = TypeVar("T")

_EXIT_CODES = "Exit codes: 0 good, 1 not good, 2 wrong usage, 130 interrupted."

app = typer.Typer(
    name="medteller",
    help="The cash kiosk for medical-insurance personal accounts.",
    epilog=f"Example: medteller run --config kiosk.toml. {_EXIT_CODES}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
journal = typer.Typer(
    help="Look into a journal that no kiosk has open, and resolve what waits for a count.", no_args_is_help=True
)
config = typer.Typer(help="Check a kiosk.toml.", no_args_is_help=True)
app.add_typer(journal, name="journal")
app.add_typer(config, name="config")
app.add_typer(operator_cli.operator, name="operator")
app.add_typer(operator_cli.cash, name="cash")
app.add_typer(operator_cli.advice, name="advice")
for _name, _command in operator_cli.COMMANDS.items():
    journal.command(_name, epilog=operator_cli.EXAMPLES[_name])(_command)

JournalArgument = Annotated[Path, typer.Argument(help="The journal file.")]


@app.command(epilog=f"Example: medteller run --config /etc/medteller/kiosk.toml. {_EXIT_CODES}")
def run(
    file: ConfigOption = DEFAULT_CONFIG,
    trace: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Append the wire trace (secrets removed) here, whatever wire_trace says."),
    ] = None,
) -> None:
    """Run the kiosk until SIGINT or SIGTERM."""
    settings = _loaded(file)
    if trace is not None:
        settings = settings.model_copy(update={"wire_trace": trace})
    # Imported here: looking into a journal needs no screens and no drivers.
    from terminal.program import run_kiosk

    def work() -> None:
        with _naming(file):
            run_kiosk(settings)

    _guarded(work)


@app.command(epilog=f"Example: medteller doctor --config kiosk.toml --json. {_EXIT_CODES}")
def doctor(file: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Ask every device and the host how they are, and say what to do. Moves nothing. Not while the kiosk runs."""
    settings = _loaded(file)
    import asyncio

    from drivers.link import open_link
    from terminal.doctor import examine

    findings = _guarded(lambda: asyncio.run(examine(settings, open_link, lambda step: typer.echo(step, err=True))))
    for found in findings:
        if as_json:
            typer.echo(json.dumps(asdict(found), ensure_ascii=False))
            continue
        typer.echo(f"{found.role:<16} {found.model:<18} {found.port} {found.line}".rstrip())
        if found.problem:
            typer.echo(f"    PROBLEM  {found.problem}\n    DO       {found.remedy}")
        if found.detail:
            typer.echo(f"    {found.state}: {found.detail}")
    if problems := sum(bool(found.problem) for found in findings):
        fail(f"{problems} of {len(findings)} have a problem")


@journal.command(epilog="Example: medteller journal show journal.db --transaction visit-17 --json")
def show(
    file: JournalArgument,
    kind: Annotated[list[str] | None, typer.Option(help="Only records of this kind; may be repeated.")] = None,
    transaction: Annotated[str | None, typer.Option(help="Only records of this visit.")] = None,
    last: Annotated[int, typer.Option(help="Only so many, the newest; 0 for all.", min=0)] = 0,
    as_json: JsonOption = False,
) -> None:
    """Print records, oldest first. A broken chain is said at the end."""
    verification, records = _guarded(lambda: inspect(file))
    chosen = [
        record
        for record in records
        if (not kind or record.kind in kind) and (transaction is None or record.transaction == transaction)
    ]
    for record in chosen[-last:]:
        typer.echo(json.dumps(_as_data(record), ensure_ascii=False) if as_json else _as_line(record))
    if not verification.ok:
        fail(f"the chain is broken: {verification.problem}")


@journal.command(epilog=f"Example: medteller journal verify journal.db. {_EXIT_CODES}")
def verify(file: JournalArgument, as_json: JsonOption = False) -> None:
    """Walk the hash chain; name the first place where it breaks."""
    verification, records = _guarded(lambda: inspect(file))
    head = records[-1].hash if records else ""
    if as_json:
        result = {"ok": verification.ok, "records": verification.records, "problem": verification.problem, "head": head}
        typer.echo(json.dumps(result, ensure_ascii=False))
    elif verification.ok:
        typer.echo(f"{file}: {verification.records} records, the chain holds; last hash {head or 'none'}")
    if not verification.ok:
        fail(f"{file}: {verification.records} records are good; {verification.problem}")


@config.command(epilog=f"Example: medteller config check --config kiosk.toml. {_EXIT_CODES}")
def check(file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Check a configuration without opening a port or reading a secret."""
    settings = _loaded(file)
    typer.echo(f"{file}: terminal {settings.host.terminal} at {settings.host.url}, {len(settings.cassettes)} cassettes")


def main() -> None:
    """The program."""
    app()


def _loaded(file: Path) -> KioskConfig:
    from terminal.assembly import check_devices

    def work() -> KioskConfig:
        settings = load_config(file)
        with _naming(file):
            check_devices(settings)
        return settings

    return _guarded(work)


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Every line of a ConfigError begins with the file."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from None


def _guarded(work: Callable[[], T]) -> T:
    """Known failures become one message and an exit code."""
    try:
        return work()
    except (ConfigError, JournalError, VaultError, OSError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _as_data(record: Record) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "time": record.time,
        "kind": record.kind,
        "transaction": record.transaction,
        "data": record.data,
        "hash": record.hash,
    }


def _as_line(record: Record) -> str:
    data = " ".join(f"{name}={value}" for name, value in record.data.items() if name != "sealed")
    return f"{record.seq:>6}  {record.time}  {record.transaction or '-':<12}  {record.kind:<20}  {data}"
