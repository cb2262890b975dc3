"""`medteller-sim authority risk measure`: what the risk rules catch, and whom they block."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from simulators.authority.policy.policy_book import policies_with
from simulators.authority.policy.policy_file import PolicyError
from simulators.authority.supervision.fraud_set.measure import BLOCKED_GOAL, CAUGHT_GOAL, Measured, measured, our_set
from simulators.authority.supervision.fraud_set.replay import replay
from simulators.authority.supervision.fraud_set.stories import StoriesError, load_stories
from simulators.authority.supervision.risk.rules import RiskBook, RiskRulesError, our_risk_rules
from simulators.commands.authority_opening import AsJson, PoliciesIn, RiskIn, misused

risk = typer.Typer(help="The risk rules that every payout passes.", no_args_is_help=True)

MISSED = 1


@risk.command(
    epilog="Example: medteller-sim authority risk measure --seed 7 --json. Exit code 0: both goals are met; "
    "1: they are not; 2: wrong use."
)
def measure(
    patterns: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Stories to replay (JSON) instead of our own.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides our own people and stories.")] = 1,
    people: Annotated[int, typer.Option(min=0, help="How many honest people of our own.")] = 300,
    of_each: Annotated[int, typer.Option(min=0, help="How many stories of each disguise of fraud.")] = 3,
    rules: RiskIn = None,
    policies: PoliciesIn = None,
    as_json: AsJson = False,
) -> None:
    """Replay honest people and fraud through the real authorisation; which fraud is caught, and who is blocked.

    A story of fraud is caught when a risk rule declines one of its requests. `--patterns` alone replays the file;
    it may hold honest stories too.
    """
    try:
        stories = our_set(seed, people, of_each) if patterns is None else load_stories(patterns)
        book = our_risk_rules() if rules is None else RiskBook.load(rules)
        policy_book = policies_with(policies)
    except (StoriesError, RiskRulesError, PolicyError) as error:
        misused(str(error))
    result = measured(replay(stories, seed=seed, risk=book, policies=policy_book))
    if as_json:
        told = asdict(result) | {"caught_share": result.caught_share, "blocked_share": result.blocked_share}
        typer.echo(json.dumps(told | {"good": result.good}, ensure_ascii=False))
    else:
        _tell(result)
    raise typer.Exit(0 if result.good else MISSED)


def _tell(result: Measured) -> None:
    console = Console()
    table = Table("fraud", "disguise", "stories", "caught", "only limited")
    for row in result.rows:
        table.add_row(row.kind, row.disguise, str(row.stories), str(row.caught), str(row.limited or ""))
    console.print(table)
    console.print(
        f"caught   {result.caught_share:.1%} of {result.fraud_stories} stories (goal: {CAUGHT_GOAL:.0%})\n"
        f"blocked  {result.blocked_share:.1%} of {result.honest_people} honest people (goal: {BLOCKED_GOAL:.0%}), "
        f"{result.honest_requests_blocked} of {result.honest_requests} requests"
    )
    for words, names in (("missed", result.missed), ("blocked", result.blocked)):
        if names:
            console.print(f"{words}: {', '.join(names)}", style="red")
