"""`medteller-sim`: stories, benches and the workbench."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console

from drivers.trace_file import JsonLinesSink, TraceHeader
from simulators.bench.bench import Bench
from simulators.bench.door.server import DoorBlocked
from simulators.bench.file import BenchError, load_bench
from simulators.bench.journeys.caller import Unexpected
from simulators.bench.journeys.catalogue import JOURNEYS
from simulators.bench.journeys.play import play_journey
from simulators.bench.lines import LinkKind
from simulators.bench.play import Result, Unfinished, play
from simulators.bench.scenarios import SCENARIOS
from simulators.bench.story import Storyteller, default_language
from simulators.campaign.commands import EPILOG, campaign
from simulators.commands.authority import authority
from simulators.commands.devices import address_of, devices
from simulators.commands.receipt import receipt
from simulators.trace.commands import trace as trace_commands
from terminal.assembly import traced_ports

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: a check did not hold; the command can't be carried out; Ctrl-C."""

app = typer.Typer(
    help="A whole kiosk without hardware: simulated devices on their own wire protocols, and a host behind them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(trace_commands, name="trace")
app.add_typer(authority, name="authority")
app.command(
    epilog="Example: medteller-sim devices --folder /tmp/bench --control 127.0.0.1:8700. "
    "Exit code 0: ended by SIGTERM; 2: wrong use; 130: Ctrl-C."
)(devices)
app.command(epilog=EPILOG)(campaign)
app.command(epilog="Example: medteller-sim receipt receipt.bin --png receipt.png --columns 48")(receipt)

STORIES: Final[Mapping[str, str]] = {
    **{name: scenario.story for name, scenario in SCENARIOS.items()},
    **{name: journey.story for name, journey in JOURNEYS.items()},
}
"""What `demo` can tell."""

BenchOption = Annotated[
    Path | None, typer.Option("--bench", metavar="FILE", help="Bench file; the default bench without it.")
]


@app.command(
    epilog="Example: medteller-sim demo --scenario card-left-behind --link memory --json. "
    "Exit code 0: every check held; 1: one did not; 2: wrong use; 130: interrupted."
)
def demo(
    scenario: Annotated[str, typer.Option(help="Which story; see --list.")] = "withdraw",
    link: Annotated[
        LinkKind, typer.Option(help="Lines in memory (virtual time, about a second), on ptys, or on TCP.")
    ] = LinkKind.PTY,
    seed: Annotated[int, typer.Option(help="Decides all chance; the same seed gives the same story.")] = 1,
    bench: BenchOption = None,
    trace: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the wire trace (JSON lines, secrets removed).")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the screens in the story.")] = default_language(),
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON line; tell nothing else.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the scenarios.")] = False,
) -> None:
    """Play a visit from card to receipt, or a story of several days and places, and tell it step by step."""
    if list_:
        _list(as_json)
        return
    if scenario not in SCENARIOS and scenario not in JOURNEYS:
        _misused(f"there is no scenario {scenario!r}; medteller-sim demo --list shows them")
    teller = None
    if not as_json:
        teller = Storyteller(Console(highlight=False), language, briefly=scenario in JOURNEYS)
        teller.open(scenario, STORIES[scenario], link, seed)
    try:
        file = load_bench(bench)
        sink = None if trace is None else JsonLinesSink(trace)
    except (BenchError, OSError) as error:
        _misused(str(error))

    def follow(played: Bench) -> None:
        if sink is not None:
            sink.begin(TraceHeader(traced_ports(played.config())))
            played.tracer.add(sink)
        if teller is not None:
            teller.follow(played)

    try:
        if scenario in JOURNEYS:
            journey = JOURNEYS[scenario]
            result = play_journey(scenario, journey, file, link=link, seed=seed, follow=follow, narrator=teller)
        else:
            result = play(scenario, file, link=link, seed=seed, follow=follow)
    except BenchError as error:
        _misused(f"{bench}: {error}" if bench else str(error))
    except (Unfinished, Unexpected) as error:
        typer.echo(f"medteller-sim: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    finally:
        if sink is not None:
            sink.close()
    if teller is not None:
        teller.told(result)
    else:
        typer.echo(json.dumps(_summary(result), ensure_ascii=False))
    raise typer.Exit(0 if result.ok else FAILED)


@app.command(epilog="Example: medteller-sim workbench --bench my-bench.toml. Keys are shown at the bottom.")
def workbench(
    bench: BenchOption = None,
    link: Annotated[LinkKind, typer.Option(help="What lies between terminal and devices.")] = LinkKind.PTY,
    control: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Open the control door there, such as 127.0.0.1:8700.")
    ] = None,
) -> None:
    """The developer's TUI: the kiosk's screen, its devices, the wires, the journal."""
    from simulators.workbench.launch import launch

    try:
        file = load_bench(bench)
        door = None if control is None else address_of(control)
    except (BenchError, ValueError) as error:
        _misused(str(error))
    try:
        with TemporaryDirectory(prefix="medteller-") as folder:
            launch(file, Path(folder), link, door)
    except BenchError as error:
        _misused(f"{bench}: {error}")
    except DoorBlocked as error:
        _misused(str(error))


def _list(as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(STORIES, ensure_ascii=False))
        return
    for name, story in STORIES.items():
        typer.echo(f"{name:24} {story}")


def _summary(result: Result) -> dict[str, object]:
    return {
        "scenario": result.scenario,
        "outcome": result.outcome,
        "ok": result.ok,
        "amount_fen": result.amount_fen,
        "notes_taken": {str(denomination): count for denomination, count in result.notes_taken.items()},
        "card": result.card,
        "account_debit_fen": result.account_debit_fen,
        "ledger_balanced": result.ledger_balanced,
        "journal_verified": result.journal_verified,
        "frames": result.frames,
        "seconds": result.seconds,
        "link": result.link,
        "seed": result.seed,
        "trace_hash": result.trace_hash,
        "failed_checks": [check.name for check in result.checks if not check.held],
    }


def _misused(message: str) -> NoReturn:
    typer.echo(f"medteller-sim: {message}", err=True)
    raise typer.Exit(MISUSED)
