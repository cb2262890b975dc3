"""`medteller-sim campaign`: whole days of a kiosk on which everything goes wrong, from seeds."""

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from simulators.campaign.job import Played

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: a rule was broken, or a fault that is required never fired; wrong use; Ctrl-C."""

DEFAULT_SEEDS = 100

EPILOG = (
    "Example: medteller-sim campaign --seeds 500 --report campaign.html. "
    "Exit code 0: no rule was broken; 1: one was (with --require-all-faults also: a fault never fired); "
    "2: wrong use; 130: Ctrl-C, after what is known until then was told."
)


def campaign(
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="How many seeds to play.")] = DEFAULT_SEEDS,
    first_seed: Annotated[int, typer.Option(min=0, metavar="S", help="The first of them.")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Draw the first seed by chance; it is told.")] = False,
    seconds: Annotated[
        float | None, typer.Option(min=1, metavar="T", help="Begin no seed later than after so many seconds.")
    ] = None,
    visits: Annotated[
        int | None, typer.Option(min=1, metavar="V", help="Customers of each seed; the seed decides without it.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, metavar="P", help="Worker processes; one for each processor without it.")
    ] = None,
    limit: Annotated[float, typer.Option(min=1, metavar="T", help="Seconds of wall time for one seed.")] = 120.0,
    twice: Annotated[
        bool, typer.Option("--twice", help="Play every seed twice and compare; without it every 20th.")
    ] = False,
    require_all_faults: Annotated[
        bool, typer.Option("--require-all-faults", help="A fault that could happen and never did is a failure.")
    ] = False,
    tapes: Annotated[Path, typer.Option(metavar="DIR", help="Where tapes of broken rules go.")] = Path(
        "campaign-tapes"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON line; all else goes to stderr.")] = False,
) -> None:
    """Play many seeds: whole days of a kiosk with faults and power cuts, judged by sixteen rules."""
    # What plays is loaded only by those who play.
    from simulators.campaign import telling
    from simulators.campaign.campaign import Campaign, Order
    from simulators.campaign.crew import Crew, processors
    from simulators.campaign.tally import Tally

    if fresh:
        first_seed = 1 + secrets.randbelow(2**31)
    order = Order(seeds, first_seed, visits, 1 if twice else 20, seconds)
    console = Console(stderr=as_json, highlight=False)
    played = Campaign(Tally(first_seed))
    telling.begin(console, order)
    with Crew(min(processes or processors(), seeds), limit) as crew, telling.Progress(order) as progress:
        played.play(order, crew, progress.hear)
    telling.end(console, played)
    if played.tally.broken:
        console.print(f"their tapes are in {_save(played.tally.broken, tapes)}", soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(played.summary(), ensure_ascii=False))
    if played.interrupted:
        raise typer.Exit(INTERRUPTED)
    incomplete = require_all_faults and played.never_fired
    raise typer.Exit(FAILED if played.tally.violations or incomplete else 0)


def _save(broken: list["Played"], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for played in broken:
        played.job.read().save(folder / f"seed-{played.job.seed}.json")
    return folder


def _misused(message: str) -> NoReturn:
    typer.echo(f"medteller-sim: {message}", err=True)
    raise typer.Exit(MISUSED)
