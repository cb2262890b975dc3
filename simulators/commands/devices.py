"""`medteller-sim devices`: the devices of a bench on ptys or TCP ports, for drivers that others wrote."""

import asyncio
import contextlib
import json
import re
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NoReturn

import typer
from filelock import FileLock, Timeout

from simulators.bench.door.app import is_loopback
from simulators.bench.door.server import DoorBlocked, open_door
from simulators.bench.events import EventLog, Watch
from simulators.bench.file import BenchError, BenchFile, load_bench
from simulators.bench.hands import Hands
from simulators.bench.hardware import Hardware, Outlets
from simulators.bench.lines import LinkKind
from simulators.world.people import load_people
from terminal.assembly import ROLES

MISUSED, INTERRUPTED = 2, 130
"""Exit codes: the command can't be carried out; Ctrl-C. SIGTERM is the proper end: 0."""


class Role(StrEnum):
    """The devices a bench has."""

    CARD_READER = "card_reader"
    PIN_PAD = "pin_pad"
    CASH_DISPENSER = "cash_dispenser"
    RECEIPT_PRINTER = "receipt_printer"


class Outside(StrEnum):
    """Lines that other programs can open."""

    PTY = LinkKind.PTY
    TCP = LinkKind.TCP


def devices(
    bench: Annotated[
        Path | None, typer.Option("--bench", metavar="FILE", help="Bench file; the default bench without it.")
    ] = None,
    link: Annotated[Outside, typer.Option(help="Serial ports (ptys), or TCP ports.")] = Outside.PTY,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where ptys get their names; a temporary folder without it.")
    ] = None,
    only: Annotated[list[Role] | None, typer.Option(metavar="ROLE", help="Only this device; may be repeated.")] = None,
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=N", help="TCP port of a device; else that of the bench file, or any."),
    ] = None,
    address: Annotated[str, typer.Option(metavar="HOST", help="Where TCP ports listen.")] = "127.0.0.1",
    control: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Where the control door listens; port 0: any.")
    ] = "127.0.0.1:0",
    no_control: Annotated[bool, typer.Option("--no-control", help="No control door.")] = False,
    expose: Annotated[
        bool,
        typer.Option(
            "--expose",
            help="Allow addresses that other machines reach. There is no password: whoever reaches the door can insert "
            "cards, press keys and take notes, and whoever reaches a device can talk to it.",
        ),
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Decides all chance.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell ports and door in one JSON line, and nothing else.")
    ] = False,
) -> None:
    """Put every device of a bench on a port of its own, and run until stopped."""
    try:
        file = load_bench(bench)
        outlets = Outlets(address=address, ports=_ports(port or ()))
        door = None if no_control or control is None else address_of(control)
        if link is Outside.TCP and not expose and not is_loopback(address):
            raise DoorBlocked(f"{address} can be reached by other machines; say --expose to allow that")
    except (BenchError, DoorBlocked, ValueError) as error:
        _misused(str(error))
    roles = tuple(map(str, only or ROLES))
    try:
        with _named(folder) as names:
            placed = Outlets(names if link is Outside.PTY else None, outlets.address, outlets.ports)
            code = asyncio.run(
                _run(file, LinkKind(link), roles, placed, door, expose=expose, seed=seed, as_json=as_json)
            )
    except BenchError as error:
        _misused(f"{bench}: {error}" if bench else str(error))
    except (DoorBlocked, OSError) as error:
        _misused(str(error))
    raise typer.Exit(code)


async def _run(
    file: BenchFile,
    link: LinkKind,
    roles: Sequence[str],
    outlets: Outlets,
    door: tuple[str, int] | None,
    *,
    expose: bool,
    seed: int | None,
    as_json: bool,
) -> int:
    """Serve until a signal comes; the exit code. Raises BenchError, DoorBlocked, OSError."""
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for number, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stopped, code)
    hardware = Hardware(file, link=link, seed=seed, roles=roles, outlets=outlets)
    log = EventLog(lambda: hardware.world.now().isoformat(timespec="milliseconds"))
    hands = Hands(hardware, log, load_people())
    serving = asyncio.ensure_future(hardware.serve())
    laid = asyncio.ensure_future(hardware.laid.wait())
    telling: asyncio.Task[None] | None = None
    try:
        await asyncio.wait((serving, laid, stopped), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        Watch(hardware, log)
        async with _door(hands, door, expose=expose) as url:
            _tell(hardware, url, as_json=as_json)
            if not as_json:
                telling = asyncio.ensure_future(_tell_events(log))
            await asyncio.wait((serving, stopped), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        return stopped.result()
    finally:
        rest = [task for task in (telling, laid, serving) if task is not None]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


@contextlib.asynccontextmanager
async def _door(hands: Hands, at: tuple[str, int] | None, *, expose: bool) -> AsyncIterator[str | None]:
    if at is None:
        yield None
        return
    async with open_door(hands, *at, exposed=expose) as url:
        yield url


def _tell(hardware: Hardware, door: str | None, *, as_json: bool) -> None:
    """Where everything is."""
    places = {
        role: {"url": line.url, "model": hardware.configured[role].model} for role, line in hardware.lines.items()
    }
    if as_json:
        print(json.dumps({"devices": places, "control": door}), flush=True)
        return
    for role, line in hardware.lines.items():
        print(f"{role:16} {places[role]['model']:17} {line.url}  ({line.settings})")
    print(f"{'control door':34} {door or 'none'}{' (what it can do: /docs)' if door else ''}")
    print("Ctrl-C ends this.", flush=True)


async def _tell_events(log: EventLog) -> None:
    with contextlib.suppress(BrokenPipeError):
        async for event in log.follow():
            print(f"{event.at[11:23]} {event.device:16} {event.words}", flush=True)


def _stop(stopped: asyncio.Future[int], code: int) -> None:
    if not stopped.done():
        stopped.set_result(code)


@contextlib.contextmanager
def _named(folder: Path | None) -> Iterator[Path]:
    """The folder for names, for one program at a time. Raises OSError, BenchError."""
    if folder is None:
        with TemporaryDirectory(prefix="medteller-") as passing:
            yield Path(passing)
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".medteller-devices.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BenchError(f"{folder} is in use by another medteller-sim devices; choose another --folder") from None
    try:
        yield folder.resolve()
    finally:
        lock.release()


def _ports(given: Sequence[str]) -> dict[str, int]:
    """`ROLE=N`. Raises ValueError."""
    ports: dict[str, int] = {}
    for text in given:
        role, _, number = text.partition("=")
        if role not in ROLES or not number.isdecimal() or not 0 <= int(number) <= 65_535:
            raise ValueError(f"--port {text}: write ROLE=N, with a role of {', '.join(ROLES)} and a port number")
        ports[role] = int(number)
    return ports


def address_of(text: str, option: str = "--control") -> tuple[str, int]:
    """`HOST:PORT`. Raises ValueError."""
    found = re.fullmatch(r"\[?([^\[\]]+)\]?:(\d{1,5})", text)
    if found is None or int(found[2]) > 65_535:
        raise ValueError(f"{option} {text}: write HOST:PORT, such as 127.0.0.1:8700")
    return found[1], int(found[2])


def _misused(message: str) -> NoReturn:
    typer.echo(f"medteller-sim: {message}", err=True)
    raise typer.Exit(MISUSED)
