"""`medteller-sim campaign`: whole days of a kiosk on which everything goes wrong, from seeds."""

import json
import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from simulators.campaign.campaign import Campaign
    from simulators.campaign.cluster import Cluster
    from simulators.campaign.findings import Finding

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: a rule was broken, or a fault that is required never fired; wrong use; Ctrl-C."""

DEFAULT_SEEDS = 100

DEFAULT_TAPES = Path("campaign-tapes")

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
    limit: Annotated[float, typer.Option(min=1, metavar="T", help="Seconds of wall time for one run.")] = 120.0,
    twice: Annotated[
        bool, typer.Option("--twice", help="Play every seed twice and compare; without it every 20th.")
    ] = False,
    require_all_faults: Annotated[
        bool, typer.Option("--require-all-faults", help="A fault that could happen and never did is a failure.")
    ] = False,
    shrink: Annotated[
        float, typer.Option(min=0, metavar="T", help="Seconds for the search of a short tape for each broken rule.")
    ] = 60.0,
    tapes: Annotated[Path, typer.Option(metavar="DIR", help="Where tapes of broken rules go.")] = DEFAULT_TAPES,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page of HTML that stands alone.")] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Play on this Dask cluster, such as tcp://10.0.0.1:8786.")
    ] = None,
    planted: Annotated[
        bool, typer.Option("--planted", help="Hunt the bugs that are planted on purpose instead; all must be found.")
    ] = False,
    replay: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Play this tape instead, and tell what happens.")
    ] = None,
    exhaustive: Annotated[
        str | None,
        typer.Option(metavar="VISIT", help="Cut this visit at every step, journal write, byte and statement; or: all."),
    ] = None,
    every: Annotated[int, typer.Option(min=1, metavar="N", help="With --exhaustive: only every n-th cut.")] = 1,
    again: Annotated[
        int, typer.Option(min=0, metavar="N", help="Cut once more at every n-th place of each recovery; 0: never.")
    ] = 0,
    list_visits: Annotated[bool, typer.Option("--list", help="Tell the visits that --exhaustive knows.")] = False,
    storage: Annotated[
        bool, typer.Option("--storage", help="Cut journal and ledger at every disk operation, under several settings.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the screens in what --replay tells.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON line; all else goes to stderr.")] = False,
) -> None:
    """Play many seeds: whole days of a kiosk with faults and power cuts, judged by rules that must always hold."""
    # What plays is loaded only by those who play.
    from simulators.campaign import job, telling
    from simulators.campaign.campaign import Campaign, Order
    from simulators.campaign.crew import Crew, processors
    from simulators.campaign.report import page
    from simulators.campaign.tally import Tally
    from simulators.world.virtual_time import BEIJING

    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    if replay is not None:
        _replay(replay, console, language, as_json)
    _writable("--tapes", tapes)
    if report is not None:
        _writable("--report", report.parent)
    if planted:
        _hunt(first_seed, processes or processors(), console, as_json)
    if list_visits:
        _list()
    if storage:
        _prove_storage(processes or processors(), console, as_json)
    if exhaustive is not None:
        _cut(exhaustive, every, again, first_seed, processes or processors(), tapes, console, as_json)
    order = Order(seeds, secrets.randbelow(2**31) if fresh else first_seed, visits, 1 if twice else 20, seconds)
    number = min(processes or processors(), seeds)
    played = Campaign(Tally(order.first_seed))
    players = Crew(number, limit, job.play, job.failed) if dask is None else _cluster(dask, limit)
    telling.begin(console, order)
    with players as crew, telling.Progress(order) as progress:
        played.play(order, crew, progress.hear)
    findings = _work_out(played, console, tapes, number, limit, shrink)
    telling.end(console, played)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(page(played, findings, datetime.now(BEIJING)), encoding="utf-8")
    if as_json:
        found = [
            {"invariant": each.violation.invariant, "words": each.violation.words, "tape": str(each.path)}
            for each in findings
        ]
        typer.echo(json.dumps({**played.summary(), "found": found}, ensure_ascii=False))
    if played.interrupted:
        raise typer.Exit(INTERRUPTED)
    incomplete = require_all_faults and played.never_fired
    raise typer.Exit(FAILED if played.tally.violations or incomplete else 0)


def _cluster(address: str, limit: float) -> "Cluster":
    try:
        from simulators.campaign.cluster import Cluster, NoCluster
    except ModuleNotFoundError as missing:
        _misused(f"--dask: {missing.name} is not installed; run: pip install 'medteller[dask]'")
    try:
        return Cluster(address, limit)
    except NoCluster as error:
        _misused(f"--dask: {error}")


def _hunt(first_seed: int, processes: int, console: Console, as_json: bool) -> NoReturn:
    from simulators.campaign.hunting import Hunting
    from simulators.campaign.planted import hunt

    hunting = Hunting()
    hunting.play(hunt(first=first_seed, processes=processes), console)
    hunting.tell(console)
    if as_json:
        typer.echo(json.dumps(hunting.summary(), ensure_ascii=False))
    if hunting.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if hunting.missed else 0)


def _work_out(
    played: "Campaign", console: Console, folder: Path, processes: int, limit: float, seconds: float
) -> "list[Finding]":
    """Short tapes and stories of what was broken; Ctrl-C ends the search."""
    from simulators.campaign import findings, job, story
    from simulators.campaign.crew import Crew

    kinds = findings.first_of_each_kind(played.tally.broken)
    found: list[Finding] = []
    if not kinds:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    for broken in played.tally.broken:
        broken.job.read().save(folder / f"seed-{broken.job.seed}.json")
    try:
        with (
            Crew(processes, limit, job.play, job.failed) as players,
            Crew(1, limit, story.tell, findings.untold) as tellers,
            console.status("looking for the shortest tapes"),
        ):
            workshop = findings.Workshop(players.play, tellers.play, folder, seconds, processes)
            for broken, violation in kinds[: findings.MOST]:
                found.append(workshop.work_out(broken, violation))
                for line in found[-1].text():
                    console.print(line, markup=False)
                console.print()
    except KeyboardInterrupt:
        played.interrupted = True
    return found


def _replay(file: Path, console: Console, language: str, as_json: bool) -> NoReturn:
    from simulators.campaign import rules, story
    from simulators.campaign.tape import Tape, TapeError
    from terminal.texts import languages

    if language not in languages():
        _misused(f"--language {language}: known are {', '.join(languages())}")
    try:
        tape = Tape.load(file)
    except TapeError as error:
        _misused(str(error))
    told = story.tell(tape, language=language)
    for line in told.text():
        console.print(line, markup=False)
    console.print()
    trace_hash = None if told.outcome is None else told.outcome.trace_hash
    for violation in told.violations:
        console.print(f"rule {violation.invariant} is broken: {rules.words(violation.invariant)}", markup=False)
    console.print(f"{len(told.violations)} violations; trace hash {trace_hash}")
    if as_json:
        violations = [{"invariant": each.invariant, "at": each.at, "words": each.words} for each in told.violations]
        typer.echo(json.dumps({"seed": tape.seed, "violations": violations, "trace_hash": trace_hash}))
    raise typer.Exit(FAILED if told.violations else 0)


def _prove_storage(processes: int, console: Console, as_json: bool) -> NoReturn:
    from simulators.campaign import storage_proof

    found = []
    try:
        with console.status("cutting the power at every disk operation"):
            for verdict in storage_proof.verdicts(processes):
                found.append(verdict)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    storage_proof.tell(console, found)
    if as_json:
        typer.echo(json.dumps(storage_proof.summary(found)))
    raise typer.Exit(0 if all(verdict.expected for verdict in found) else FAILED)


def _list() -> NoReturn:
    from simulators.campaign.exhaustive import SCENARIOS

    for name, scenario in SCENARIOS.items():
        typer.echo(f"{name:24} {scenario.dispenser}")
    raise typer.Exit


def _cut(
    visit: str, every: int, again: int, seed: int, processes: int, tapes: Path, console: Console, as_json: bool
) -> NoReturn:
    from simulators.campaign.cutting import Cutting
    from simulators.campaign.exhaustive import SCENARIOS, Order

    if visit != "all" and visit not in SCENARIOS:
        _misused(f"--exhaustive {visit}: known are all, {', '.join(SCENARIOS)}")
    cutting = Cutting(tapes)
    cutting.play(list(SCENARIOS) if visit == "all" else [visit], processes, Order(every, again, seed), console)
    summary = cutting.summary()
    for name in ("cut_points", "second_cuts", "violations", "unresolved", "power_cuts", "wall_seconds"):
        console.print(f"{name.replace('_', ' ')}: {summary[name]}")
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    if cutting.campaign.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if summary["violations"] else 0)


def _writable(option: str, folder: Path) -> None:
    """Better known now than after a night."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        _misused(f"{option} {folder}: {there} is no folder")


def _misused(message: str) -> NoReturn:
    typer.echo(f"medteller-sim: {message}", err=True)
    raise typer.Exit(MISUSED)
