"""`medteller-sim trace`: record a line, show what was recorded, play it back, hold it against a simulator."""

import asyncio
import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console

from drivers.link import LineSettings, LinkDown, Parity, open_link
from drivers.trace import Recorder, Tracer
from drivers.trace_file import BadLine, JsonLinesSink, Sender, TracedPort, TraceHeader, read_trace
from simulators.bench.file import BenchError, load_bench
from simulators.trace.bench_device import asked_of_bench, role_of, with_model
from simulators.trace.comparison import Comparison, against, between
from simulators.trace.conversation import Conversation, TraceUnusable, conversation, ports_of
from simulators.trace.device import Played, PlayedDevice
from simulators.trace.dialects import NoDialect, dialect
from simulators.trace.host import Answered, PlayedHost
from simulators.trace.outlet import Listen, offer
from simulators.trace.show import Screen, Shown, timed, told
from simulators.trace.tap import Tap
from simulators.world import virtual_time

T = TypeVar("T")

DIFFERENT, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: what was compared or read is not as it should be; the command can't be carried out; Ctrl-C."""

LINGER = 1.0
"""Seconds that a port stays open after the last recorded message, so that the other program can read it."""

_EXIT_CODES = "Exit code 0: good; 1: not good; 2: wrong use; 130: interrupted."

trace = typer.Typer(
    help="Wire traces: record, show, play back, compare.",
    epilog=f"Example: medteller-sim trace show wire.jsonl --port card_reader. {_EXIT_CODES}",
    no_args_is_help=True,
)


class Side(StrEnum):
    """Who is played."""

    DEVICE = "device"
    HOST = "host"


TraceArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A trace: JSON lines.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs; nothing else on standard output.")]
ModelOption = Annotated[str | None, typer.Option(help="The model on the port, where the trace does not tell.")]
ListenOption = Annotated[Listen, typer.Option(help="What the other program opens: a pty or a TCP port.")]
LinkOption = Annotated[Path | None, typer.Option(metavar="PATH", help="Keep a symbolic link to the pty here.")]
TcpPortOption = Annotated[int, typer.Option(min=0, max=65535, help="The TCP port to listen at; 0 finds a free one.")]
BenchOption = Annotated[Path | None, typer.Option("--bench", metavar="FILE", help="Bench file; default without it.")]
UrlOption = Annotated[str | None, typer.Option(help="A port: device path, socket://host:port, a pySerial URL.")]
FillOption = Annotated[
    bool, typer.Option("--fill", help="Fill bytes that were not written down, and make check codes anew.")
]
PatienceOption = Annotated[float, typer.Option(min=0.0, help="Seconds that an answer may be late.")]
SeedOption = Annotated[int, typer.Option(help="Decides all chance of the bench.")]


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


@trace.command(
    epilog="Example: medteller-sim trace record --model sankyo-ict3q8 --port /dev/ttyUSB0 --out wire.jsonl, then let "
    f"the program open the pty that is told. {_EXIT_CODES} Ctrl-C is the usual end, and good."
)
def record(
    model: Annotated[str, typer.Option(help="What is on the port: a model that has a driver, or money-line.")],
    port: Annotated[str, typer.Option(help="The device's port: device path, socket://host:port, a pySerial URL.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Append the trace here (secrets removed).")],
    listen: ListenOption = Listen.PTY,
    link: LinkOption = None,
    tcp_port: TcpPortOption = 0,
    name: Annotated[str | None, typer.Option(help="The port's name in the trace; a kiosk's name without it.")] = None,
    baud: Annotated[int | None, typer.Option(min=300, max=921_600, help="Another speed than the model's.")] = None,
    parity: Annotated[Parity | None, typer.Option(help="Another parity than the model's.")] = None,
) -> None:
    """Stand between a program and a device: pass every byte on unchanged and at once, and record it."""
    line = _guarded(lambda: dialect(model)).line
    line = replace(line, baud=baud or line.baud, parity=parity or line.parity)
    called = name or (role_of(model) if model != "money-line" else "host")
    records: list[None] = []
    try:
        asyncio.run(_tap(model, port, out, listen, link, tcp_port, called, line, records))
    except KeyboardInterrupt:
        typer.echo(f"{len(records)} messages recorded in {out}", err=True)
    except (OSError, LinkDown) as error:
        typer.echo(f"{len(records)} messages recorded in {out}", err=True)
        typer.echo(f"medteller-sim: {error}", err=True)
        raise typer.Exit(DIFFERENT if records else MISUSED) from None


async def _tap(
    model: str,
    port: str,
    out: Path,
    listen: Listen,
    link: Path | None,
    tcp_port: int,
    name: str,
    line: LineSettings,
    records: list[None],
) -> None:
    clock = asyncio.get_running_loop().time
    device = await open_link(port, line)
    began = datetime.now().astimezone().isoformat(timespec="milliseconds")
    sink = JsonLinesSink(out, TraceHeader({name: TracedPort(model, str(line))}, clock(), began))
    tracer = Tracer(sink, lambda _: records.append(None))
    end, where = await offer(listen, link, tcp_port)
    try:
        typer.echo(f"recording {model} at {port} ({line}); open {where} in its place; Ctrl-C ends", err=True)
        await Tap(end, device, Recorder(name, dialect(model).wire, tracer), clock).run()
    finally:
        end.close()
        device.close()
        sink.close()
        for failure in tracer.failures:
            typer.echo(f"medteller-sim: the trace is not complete: {failure}", err=True)


@trace.command(
    epilog="Example: medteller-sim trace replay wire.jsonl --port card_reader, then let a driver open the pty that is "
    f"told; or --as host --url /dev/ttyUSB0 to ask a device what was asked then. {_EXIT_CODES}"
)
def replay(
    file: TraceArgument,
    port: Annotated[str, typer.Option(help="The port of the trace.")],
    side: Annotated[Side, typer.Option("--as", help="Play the device for a driver, or the host for a device.")] = (
        Side.DEVICE
    ),
    model: ModelOption = None,
    fill: FillOption = False,
    fast: Annotated[bool, typer.Option("--fast", help="Answer at once; as host, leave long pauses out.")] = False,
    tolerant: Annotated[
        bool, typer.Option("--tolerant", help="Let the host speak early, ask again, and leave questions out.")
    ] = False,
    listen: ListenOption = Listen.PTY,
    link: LinkOption = None,
    tcp_port: TcpPortOption = 0,
    url: UrlOption = None,
    bench: BenchOption = None,
    seed: SeedOption = 1,
    patience: PatienceOption = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Play a recorded device for a driver, or the recorded host for a device, and tell where they part."""
    recorded = _loaded(file, port, model)
    if side is Side.HOST:
        _fillable(recorded, Sender.HOST, fill)
        answered = _host_plays(recorded, url, bench, seed, min(patience, 5.0), fast)
        _report(recorded, against(recorded, answered, ("recorded", "now")), ("recorded", "now"), as_json)
    if url is not None or bench is not None:
        _misused("a played device takes no --url and no --bench; it offers a port itself (see --listen)")
    _fillable(recorded, Sender.DEVICE, fill)
    player = PlayedDevice(recorded, pace=0.0 if fast else 1.0, tolerant=tolerant, patience=patience)
    interrupted = False
    try:
        asyncio.run(_device_plays(player, recorded, listen, link, tcp_port))
    except KeyboardInterrupt:
        interrupted = True
    except OSError as error:
        _misused(str(error))
    _played(player.report, as_json)
    raise typer.Exit(INTERRUPTED if interrupted else 0 if player.report.ok else DIFFERENT)


async def _device_plays(
    player: PlayedDevice, recorded: Conversation, listen: Listen, link: Path | None, tcp_port: int
) -> None:
    end, where = await offer(listen, link, tcp_port)
    try:
        typer.echo(f"playing {recorded.model}, {len(recorded.said)} messages; open {where}", err=True)
        await player.serve(end)
        await player.listen_on(end, LINGER)
    finally:
        end.close()


def _played(report: Played, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"ok": report.ok, **asdict(report)}, ensure_ascii=False))
        return
    more = [f"{report.repeated} asked again"] * bool(report.repeated)
    more += [f"{report.left_out} left out"] * bool(report.left_out)
    counted = f"{report.played} of {report.messages} messages played{', ' if more else ''}{', '.join(more)}"
    if (parted := report.divergence) is None:
        end = "; the host goes on after the end of the recording" if report.beyond else ""
        typer.echo(f"{counted}; {'everything matched' if report.ok else 'the host came no further'}{end}")
        return
    typer.echo(f"{counted}; then, at line {parted.line} ({parted.t:.3f} s of the recording):")
    typer.echo(f"  expected: {parted.expected}\n  got:      {parted.got}")
    for part in parted.fields:
        typer.echo(f"    {part}")


@trace.command(
    epilog="Example: medteller-sim trace diff captured.jsonl --port cash_dispenser --bench my-bench.toml; or two "
    "traces: medteller-sim trace diff before.jsonl after.jsonl. Exit code 0: the same; 1: different; 2: wrong use."
)
def diff(
    file: TraceArgument,
    other: Annotated[Path | None, typer.Argument(metavar="[OTHER]", help="Another trace of the same port.")] = None,
    port: Annotated[str | None, typer.Option(help="The port of the trace; the only one without it.")] = None,
    bench: BenchOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    fill: FillOption = False,
    fast: Annotated[bool, typer.Option("--fast", help="Leave long pauses out (at a real port).")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="REGEX", help="Not a difference where a message or field fits this.")
    ] = None,
    seed: SeedOption = 1,
    patience: PatienceOption = 2.0,
    as_json: JsonOption = False,
) -> None:
    """Hold a recorded device against our simulator, a device at a port, or another recording of it.

    The recorded host asks again what it asked then. Nobody acts at the simulator: cards, keys and notes that people
    moved during the recording show as differences.
    """
    patterns = ignore or []
    for pattern in patterns:
        _checked(pattern)
    if sum(given is not None for given in (other, bench, url)) > 1:
        _misused("another trace, --bench and --url are three different things to compare with; give one")
    recorded = _loaded(file, port, model)
    if other is not None:
        names = "recorded", "other"
        _report(
            recorded, between(recorded, _loaded(other, port or recorded.port, model), names, patterns), names, as_json
        )
    _fillable(recorded, Sender.HOST, fill)
    names = "recorded", "now" if url else "simulator"
    answered = _host_plays(recorded, url, bench, seed, patience, fast)
    _report(recorded, against(recorded, answered, names, patterns), names, as_json)


def _host_plays(
    recorded: Conversation, url: str | None, bench: Path | None, seed: int, patience: float, fast: bool
) -> list[Answered]:
    if url is not None and bench is not None:
        _misused("--url and --bench are two different devices; give one")
    if url is not None:
        return _guarded(lambda: asyncio.run(_asked_at(url, recorded, patience, 0.1 if fast else None)))

    def simulated() -> list[Answered]:
        file = load_bench(bench)
        if bench is None:
            file = with_model(file, role_of(recorded.model), recorded.model)
        return virtual_time.run(asked_of_bench(recorded, file, seed=seed, patience=patience))

    return _guarded(simulated)


async def _asked_at(url: str, recorded: Conversation, patience: float, longest_pause: float | None) -> list[Answered]:
    link = await open_link(url, recorded.dialect.line)
    try:
        return await PlayedHost(recorded, patience=patience, longest_pause=longest_pause).play(link)
    finally:
        link.close()


def _report(recorded: Conversation, found: Comparison, names: tuple[str, str], as_json: bool) -> NoReturn:
    if as_json:
        whole = {"same": not found.differences, "port": recorded.port, "model": recorded.model, **asdict(found)}
        typer.echo(json.dumps(whole, ensure_ascii=False))
        raise typer.Exit(DIFFERENT if found.differences else 0)
    head = f"{recorded.port} ({recorded.model}), {found.exchanges} exchanges:"
    if found.differences:
        typer.echo(f"{head} {len(found.differences)} differences; the first:")
        for line in found.differences[0].told(names):
            typer.echo(f"  {line}")
    else:
        typer.echo(f"{head} the same")
    if found.pace is not None:
        typer.echo(f"timing: {found.pace.told()}")
    raise typer.Exit(DIFFERENT if found.differences else 0)


def _loaded(file: Path, port: str | None, model: str | None) -> Conversation:
    """One port of a trace."""

    def load() -> Conversation:
        chosen = port
        if chosen is None:
            ports = ports_of(read_trace(file))
            if len(ports) != 1:
                raise TraceUnusable(f"choose one of the ports with --port: {', '.join(ports) or 'there is none'}")
            chosen = next(iter(ports))
        return conversation(read_trace(file), chosen, model)

    try:
        return _guarded(load, str(file))
    except OSError as error:
        _unreadable(file, error)


def _fillable(recorded: Conversation, sender: Sender, fill: bool) -> None:
    """What was redacted can't be played as it was; say what would be said in its place."""
    if (hidden := recorded.hidden(sender)) and not fill:
        _misused(
            f"{hidden} of the {sender}'s messages have bytes that were not written down, so they can't be played as "
            f"they were. With --fill, {recorded.dialect.filler:02x} stands for each of them and the check codes are "
            "made anew: then keys, PIN blocks, card data and random numbers are not those of the recording"
        )


def _checked(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        _misused(f"--ignore {pattern!r} is no regular expression: {error}")


def _guarded(work: Callable[[], T], about: str = "") -> T:
    """Known failures become one message and an exit code."""
    try:
        return work()
    except (TraceUnusable, NoDialect, BenchError, ConnectionError) as error:
        _misused(f"{about}: {error}" if about else str(error))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _unreadable(file: Path, error: OSError) -> NoReturn:
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()  # whoever read our output has seen enough
        raise typer.Exit(0)
    _misused(f"{file}: {error.strerror}; give the file that --trace or wire_trace wrote")


def _misused(message: str) -> NoReturn:
    typer.echo(f"medteller-sim: {message}", err=True)
    raise typer.Exit(MISUSED)
