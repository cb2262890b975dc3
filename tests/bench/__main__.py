"""`python -m tests.bench`: run the measurements, show progress on standard error, print tables or one JSON object."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.bench import authority, kiosks, round_trip, simulation
from tests.bench.authority import Measured
from tests.bench.codecs import PLAIN_LOOP, cases
from tests.bench.kiosks import Memory
from tests.bench.round_trip import LINE_TIME, RoundTrips
from tests.bench.samples import Spread, rates
from tests.bench.simulation import Simulation

Rates = Mapping[str, Mapping[str, Spread]]


class Part(StrEnum):
    """What can be measured."""

    CODECS = "codecs"
    ROUND_TRIP = "round-trip"
    MEMORY = "memory"
    SIMULATION = "simulation"
    AUTHORITY = "authority"


def main(
    parts: Annotated[list[Part] | None, typer.Argument(help="What to measure; everything without it.")] = None,
    rounds: Annotated[int, typer.Option(min=2, help="Rounds; every round takes one sample of each.")] = 30,
    kiosks_: Annotated[int, typer.Option("--kiosks", min=1, help="Kiosks in the memory's process.")] = 50,
    who: Annotated[bool, typer.Option("--who", help="Tell which lines of the program own the memory.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measure codecs, round trips, memory, simulation and the authority. Takes a few minutes; nothing is asserted."""
    chosen = parts or list(Part)
    days = max(2, rounds // 5)
    steps = (len(cases()) * rounds if Part.CODECS in chosen else 0) + (rounds if Part.ROUND_TRIP in chosen else 0)
    steps += days * (Part.SIMULATION in chosen) + 2 * days * (Part.AUTHORITY in chosen)
    codecs: Rates = {}
    trips: RoundTrips | None = None
    memory: Memory | None = None
    owners: list[str] = []
    simulated: Simulation | None = None
    served: list[Measured] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=steps + (Part.MEMORY in chosen) * (1 + who))

        def step() -> None:
            progress.advance(task)

        if Part.CODECS in chosen:
            codecs = {case.name: rates(case.doings(), rounds, step) for case in cases()}
        if Part.ROUND_TRIP in chosen:
            trips = round_trip.measure(rounds, step)
        if Part.MEMORY in chosen:
            memory = kiosks.measure(kiosks_)
            step()
            owners = kiosks.owners(min(kiosks_, 10)) if who else []
        if Part.SIMULATION in chosen:
            simulated = simulation.measure(days, step)
        if Part.AUTHORITY in chosen:
            served = authority.measure(days, step)
    if as_json:
        found = _data(codecs, trips, memory, owners)
        if simulated is not None:
            found["simulation"] = asdict(simulated)
        if served:
            found["authority"] = [asdict(each) | {"ratio": each.ratio} for each in served]
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    _told(Console(), codecs, trips, memory, owners)
    if simulated is not None:
        _told_simulation(Console(), simulated)
    if served:
        _told_authority(Console(), served)


def _machine() -> dict[str, object]:
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def _data(codecs: Rates, trips: RoundTrips | None, memory: Memory | None, owners: list[str]) -> dict[str, object]:
    found: dict[str, object] = {"machine": _machine()}
    if codecs:
        found["frames_per_second"] = {
            name: {what: asdict(spread) for what, spread in measured.items()} for name, measured in codecs.items()
        }
    if trips is not None:
        derived = {"ratio": trips.ratio, "line_seconds": LINE_TIME, "share_of_line": trips.share_of_line}
        found["round_trip_seconds"] = {**asdict(trips), **derived}
    if memory is not None:
        found["memory_bytes"] = {**asdict(memory), "thousand_kiosks_mib": memory.thousand, "owners": owners}
    return found


def _told(console: Console, codecs: Rates, trips: RoundTrips | None, memory: Memory | None, owners: list[str]) -> None:
    console.print(", ".join(f"{name} {value}" for name, value in _machine().items()))
    if codecs:
        table = Table("1000 frames/s", "", "ours", "quartiles", "construct", "quartiles", "ratio", "loops")
        for name, measured in codecs.items():
            for way in ("decode", "encode"):
                ours, theirs = measured[way], measured[f"construct {way}"]
                ratio = f"{ours.median / theirs.median:.1f}"
                loops = f"{measured[PLAIN_LOOP].median / ours.median:.1f}"
                table.add_row(name, way, *_thousands(ours), *_thousands(theirs), ratio, loops)
        console.print(table)
    if trips is not None:
        table = Table("round trip over a pty (µs)", "median", "quartiles")
        for name, spread in (
            ("read and write", trips.bare),
            ("read and write, asyncio", trips.loop),
            ("least client, asyncio", trips.client),
            ("driver", trips.driver),
        ):
            low, middle, high = (value * 1e6 for value in (spread.low, spread.median, spread.high))
            table.add_row(name, f"{middle:.0f}", f"{low:.0f} to {high:.0f}")
        console.print(table)
        console.print(
            f"driver / bare {trips.ratio:.1f}, driver / asyncio {trips.ratio_to_loop:.1f}, driver / client "
            f"{trips.ratio_to_client:.1f}; the driver adds "
            f"{trips.share_of_line:.2%} of the {LINE_TIME * 1000:.2f} ms that the bytes take at 9600 baud"
        )
    if memory is not None:
        console.print(
            f"memory: {memory.each / 2**10:.0f} KiB for each of {memory.kiosks} kiosks; by that 1,000 kiosks take "
            f"{memory.thousand:.0f} MiB, {memory.before / 2**20:.0f} MiB of which are the program"
        )
    for owner in owners:
        console.print(f"  {owner}")


def _told_simulation(console: Console, simulated: Simulation) -> None:
    table = Table("simulation", "median", "quartiles")
    for name, spread, scale, digits in (
        ("withdrawals/s", simulated.visits, 1, 1),
        ("ms until a kiosk is up", simulated.start, 1000, 0),
        ("idle hours/s", simulated.idle_hours, 1, 1),
        ("hours/s of a campaign's day", simulated.day_hours, 1, 1),
    ):
        low, middle, high = (f"{value * scale:.{digits}f}" for value in (spread.low, spread.median, spread.high))
        table.add_row(name, middle, f"{low} to {high}")
    console.print(table)


def _told_authority(console: Console, served: list[Measured]) -> None:
    table = Table("authority", "withdrawals/s", "p99 (ms)", "beside it", "a second", "commits / beside it")
    for each in served:
        table.add_row(
            each.database,
            f"{each.withdrawals.median:.0f}",
            f"{each.p99.median * 1000:.0f}",
            each.yardstick_is,
            f"{each.yardstick.median:.0f}",
            f"{each.ratio:.0%}",
        )
    console.print(table)
    table = Table(
        f"authority, {authority.AGREED_TERMINALS} terminals, {authority.AGREED_MESSAGES} messages/s",
        "answer (ms)",
        "p99 (ms)",
    )
    for each in served:
        table.add_row(each.database, f"{each.agreed.median * 1000:.0f}", f"{each.agreed_p99.median * 1000:.0f}")
    console.print(table)


def _thousands(spread: Spread) -> tuple[str, str]:
    low, middle, high = (f"{value / 1000:.0f}" for value in (spread.low, spread.median, spread.high))
    return middle, f"{low} to {high}"


if __name__ == "__main__":
    typer.run(main)
