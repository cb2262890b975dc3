"""Plays a scenario on a bench and checks, against the physical truth and the ledger, that it ended as it must."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from drivers.trace import TraceRecord, trace_hash
from simulators.bench.bench import Bench
from simulators.bench.customer import Customer
from simulators.bench.faults import CUSTOMER, Target
from simulators.bench.file import BenchFile
from simulators.bench.lines import LinkKind
from simulators.bench.result import Check, Result, Unfinished
from simulators.bench.scenarios import SCENARIOS, Scenario
from simulators.world import virtual_time
from simulators.world.cards import issue
from simulators.world.people import person
from terminal import recovery
from terminal.journal import Entry

__all__ = ["Check", "Result", "Unfinished", "play"]

PATIENCE = 600.0
"""Seconds by the loop's clock after which a story that has not ended is given up."""


def play(
    name: str,
    file: BenchFile,
    *,
    link: LinkKind = LinkKind.MEMORY,
    seed: int = 1,
    follow: Callable[[Bench], None] = lambda _: None,
    folder: Path | None = None,
    scenario: Scenario | None = None,
) -> Result:
    """Play the scenario called `name`, or `scenario` under that name, to its end; `follow` may subscribe to events.

    Journal, database and keys stay in `folder`, if there is one. Raises Unfinished.
    """
    with TemporaryDirectory(prefix="medteller-") as passing:
        story = _story(name, scenario or SCENARIOS[name], file, link, seed, folder or Path(passing), follow)
        return virtual_time.run(story) if link is LinkKind.MEMORY else asyncio.run(story)


async def _story(
    name: str,
    scenario: Scenario,
    file: BenchFile,
    link: LinkKind,
    seed: int,
    folder: Path,
    follow: Callable[[Bench], None],
) -> Result:
    bench = Bench(scenario.set_up(file), folder=folder, link=link, seed=seed)
    records: list[TraceRecord] = []
    bench.tracer.add(records.append)
    follow(bench)
    scenario.host(bench.authority)
    for fault, options in scenario.faults.items():
        bench.injector.arm(fault, options=options)
    who = person(scenario.person)
    place = bench.surroundings()
    customer = Customer(who, issue(who), place, bench.world.chance("customer"))
    bench.injector.add(CUSTOMER, Target(customer.ailments()))
    began = asyncio.get_running_loop().time()
    running = asyncio.ensure_future(bench.run())

    async def visits() -> None:
        for plan in scenario.before:
            await customer.visit(plan)
        scenario.then(bench.authority, who.pan)
        await customer.visit(scenario.plan)

    visit = asyncio.ensure_future(visits())
    try:
        await asyncio.wait((running, visit), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        if not visit.done():
            raise Unfinished(f"{name} did not end; the kiosk is {bench.session.state}")
        visit.result()
        seconds = asyncio.get_running_loop().time() - began
    finally:
        running.cancel()
        visit.cancel()
        await asyncio.gather(running, visit, return_exceptions=True)
    try:
        return _judge(name, scenario, bench, customer, records, link, seed, seconds)
    finally:
        bench.close()


def _judge(
    name: str,
    scenario: Scenario,
    bench: Bench,
    customer: Customer,
    records: list[TraceRecord],
    link: LinkKind,
    seed: int,
    seconds: float,
) -> Result:
    journal = tuple(bench.journal.records())
    ended = [record.data["ending"] for record in journal if record.kind == Entry.VISIT_ENDED]
    outcome = ended[-1] if ended else "nothing recorded"
    taken = Counter(note.denomination for note in customer.notes)
    taken_fen = sum(denomination * count for denomination, count in taken.items()) * 100
    known = customer.person.known_to_host
    debit = bench.authority.account_debit_fen(customer.person.pan) if known else 0
    held = bench.authority.held_fen(customer.person.pan) if known else 0
    verified = bench.journal.verify().ok
    balanced = bench.authority.ledger_balanced()
    bench.custody.check()
    first = next(row.entry for row in bench.authority.postings()[::-1]) if debit else 0
    return Result(
        scenario=name,
        link=link,
        seed=seed,
        outcome=outcome,
        amount_fen=(scenario.plan.amount or scenario.transferred) * 100,
        notes_taken=dict(sorted(taken.items(), reverse=True)),
        card="returned" if customer.has_card else "retained",
        account_debit_fen=debit,
        ledger_balanced=balanced,
        journal_verified=verified,
        frames=len(records),
        seconds=round(seconds, 3),
        trace_hash=hashlib.sha256((trace_hash(records) + journal[-1].hash).encode()).hexdigest(),
        receipts=tuple(customer.receipts),
        postings=tuple(row for row in bench.authority.postings() if first and row.entry >= first),
        journal=journal,
        checks=(
            Check("the visit ended as the story says", outcome == scenario.ending),
            *_money_checks(
                scenario, taken_fen + scenario.transferred * 100, debit, held, recovery.fold(journal).suspended
            ),
            Check("the amount is that of the story", taken_fen == scenario.amount_paid * 100),
            Check("no note lies in reach", not bench.dispenser.notes_at_exit),
            Check("the card is where the story says", customer.has_card == scenario.card_returned),
            Check("the ledger balances", balanced),
            Check("the journal's chain is whole", verified),
            Check("every advice was answered", not bench.equipment.money.open_advices),
        ),
    )


def _money_checks(
    scenario: Scenario, taken_fen: int, debit: int, held: int, suspended: Mapping[str, int]
) -> tuple[Check, ...]:
    """What the account must say for the notes taken. Until a person has counted it says nothing, and all is held."""
    if not scenario.awaits_count:
        return (
            Check("notes taken = account debit", taken_fen == debit),
            Check("nothing is left on hold", held == 0),
            Check("nothing waits for a count", not suspended),
        )
    return (
        Check("nothing is debited or given back before the count", debit == 0),
        Check("the full amount is held until the count", held == scenario.plan.amount * 100),
        Check("notes taken <= amount held", taken_fen <= held),
        Check("one item waits for a count", len(suspended) == 1),
    )
