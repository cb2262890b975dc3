"""`medteller-sim trace`: record a line, show what was recorded, play it back, hold it against a simulator."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from drivers.trace_file import BadLine, TraceHeader, read_trace
from simulators.trace.show import Screen, Shown, timed, told

DIFFERENT, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: what was compared or read is not as it should be; the command can't be carried out; Ctrl-C."""

_EXIT_CODES = "Exit code 0: good; 1: not good; 2: wrong use; 130: interrupted."

trace = typer.Typer(
    help="Wire traces: record, show, play back, compare.",
    epilog=f"Example: medteller-sim trace show wire.jsonl --port card_reader. {_EXIT_CODES}",
    no_args_is_help=True,
)

TraceArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A trace: JSON lines.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs; nothing else on standard output.")]


@trace.command(epilog=f"Example: medteller-sim trace show wire.jsonl --port card_reader --raw. {_EXIT_CODES}")
def show(
    file: TraceArgument,
    port: Annotated[str | None, typer.Option(help="Only this port.")] = None,
    as_json: JsonOption = False,
    raw: Annotated[bool, typer.Option("--raw", help="All bytes, below each message.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Never colour.")] = False,
) -> None:
    """Print a trace: time since its start, silence before each message on its port, direction, meaning, bytes."""
    screen = Screen(Console(no_color=no_color, highlight=False), raw=raw)
    bad = shown = 0
    try:
        for each in timed(read_trace(file), port):
            if isinstance(each, Shown):
                shown += 1
                if as_json:
                    typer.echo(each.to_json())
                else:
                    screen.record(each)
                continue
            number, line = each
            if isinstance(line, BadLine):
                bad += 1
                typer.echo(f"{file}: {told(number, line)}", err=True)
            elif isinstance(line, TraceHeader) and not as_json:
                screen.header(line)
    except OSError as error:
        _unreadable(file, error)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if port is not None and not shown:
        typer.echo(f"{file}: nothing was recorded on a port {port!r}", err=True)
    if bad:
        typer.echo(f"{file}: {bad} lines could not be read; {shown} messages are shown", err=True)
    raise typer.Exit(DIFFERENT if bad else 0)


def _unreadable(file: Path, error: OSError) -> NoReturn:
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()  # whoever read our output has seen enough
        raise typer.Exit(0)
    _misused(f"{file}: {error.strerror}; give the file that --trace or wire_trace wrote")


def _misused(message: str) -> NoReturn:
    typer.echo(f"medteller-sim: {message}", err=True)
    raise typer.Exit(MISUSED)
