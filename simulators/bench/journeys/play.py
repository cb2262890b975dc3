"""Plays a journey on a bench and checks, besides what its script found, what must hold at the end of any."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from drivers.trace import TraceRecord, trace_hash
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.supervision.audit import chain_state
from simulators.bench.bench import Bench
from simulators.bench.file import BenchFile
from simulators.bench.host import Host
from simulators.bench.journeys.course import Course
from simulators.bench.journeys.journey import Journey
from simulators.bench.journeys.narrator import Narrator, Nobody
from simulators.bench.lines import LinkKind
from simulators.bench.result import Check, Result, Unfinished
from simulators.world import virtual_time
from simulators.world.virtual_time import World
from terminal import recovery
from terminal.journal import Entry

PATIENCE = 1800.0
"""Seconds by the loop's clock after which a journey that has not ended is given up."""


def play_journey(
    name: str,
    journey: Journey,
    file: BenchFile,
    *,
    link: LinkKind = LinkKind.MEMORY,
    seed: int = 1,
    follow: Callable[[Bench], None] = lambda _: None,
    narrator: Narrator | None = None,
    folder: Path | None = None,
) -> Result:
    """Play it to its end; `follow` may subscribe to events. Days go by in no time, on real lines too.

    Journal, database and keys stay in `folder`, if there is one. Raises Unfinished, and Unexpected where the authority
    answers otherwise than the story says.
    """
    with TemporaryDirectory(prefix="medteller-") as passing:
        played = _played(name, journey, file, link, seed, folder or Path(passing), follow, narrator or Nobody())
        return virtual_time.run(played) if link is LinkKind.MEMORY else asyncio.run(played)


async def _played(
    name: str,
    journey: Journey,
    file: BenchFile,
    link: LinkKind,
    seed: int,
    folder: Path,
    follow: Callable[[Bench], None],
    narrator: Narrator,
) -> Result:
    file = journey.set_up(file)
    world = World(seed, journey.begins if link is LinkKind.MEMORY else None)
    world.put_clock(journey.begins)
    policies = our_policies().with_versions(journey.policies())
    host = Host(world, folder / "authority.db", mac=file.kiosk.mac, people=(), policies=policies)
    bench = Bench(file, folder=folder, link=link, seed=seed, host=host, world=world)
    records: list[TraceRecord] = []
    bench.tracer.add(records.append)
    follow(bench)
    course = Course(bench, narrator)
    began = asyncio.get_running_loop().time()
    running = asyncio.ensure_future(bench.run())

    async def go() -> None:
        await course.kiosk_ready()
        await journey.script(course)

    script = asyncio.ensure_future(go())
    try:
        await asyncio.wait((running, script), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        if not script.done():
            raise Unfinished(f"{name} did not end; the kiosk is {bench.session.state}")
        script.result()
        seconds = asyncio.get_running_loop().time() - began
    finally:
        running.cancel()
        script.cancel()
        await asyncio.gather(running, script, return_exceptions=True)
        await course.client.aclose()
    try:
        return _judge(name, journey, course, records, link, seed, seconds)
    finally:
        bench.close()
        host.close()


def _judge(
    name: str,
    journey: Journey,
    course: Course,
    records: list[TraceRecord],
    link: LinkKind,
    seed: int,
    seconds: float,
) -> Result:
    bench, authority = course.bench, course.bench.authority
    journal = tuple(bench.journal.records())
    ended = [record.data["ending"] for record in journal if record.kind == Entry.VISIT_ENDED]
    outcome = ended[-1] if ended else "nobody came to the kiosk"
    taken = Counter(note.denomination for who in course.travellers for note in who.notes)
    taken_fen = sum(who.notes_fen for who in course.travellers)
    debit = sum(authority.account_debit_fen(who.person.pan) for who in course.travellers)
    held = sum(authority.held_fen(who.person.pan) for who in course.travellers)
    books = authority.reconcile(date.min, date.max)
    with bench.behind.database.transaction() as connection:
        chain = chain_state(connection)
    decided = all(authority.decision(draw.decision_id or 0) is not None for draw in authority.draws())
    verified, balanced = bench.journal.verify().ok, authority.ledger_balanced()
    bench.custody.check()
    told = hashlib.sha256()
    for part in (trace_hash(records).encode(), journal[-1].hash.encode(), *course.heard):
        told.update(part)
    return Result(
        scenario=name,
        link=link,
        seed=seed,
        outcome=outcome,
        amount_fen=debit,
        notes_taken=dict(sorted(taken.items(), reverse=True)),
        card="returned" if all(who.has_card for who in course.travellers) else "retained",
        account_debit_fen=debit,
        ledger_balanced=balanced,
        journal_verified=verified,
        frames=len(records),
        seconds=round(seconds, 3),
        trace_hash=told.hexdigest(),
        receipts=tuple(receipt for who in course.travellers for receipt in who.receipts),
        postings=tuple(row for row in authority.postings() if row.entry > course.opened_by),
        journal=journal,
        checks=(
            *course.checks,
            Check("the last visit ended as the story says", outcome == journey.ending),
            Check("account debits = notes taken + transfers", debit == taken_fen + course.transferred_fen),
            Check("nothing is left on hold", held == 0),
            Check("nothing waits for a count", not recovery.fold(journal).suspended),
            Check("no note lies in reach", not bench.dispenser.notes_at_exit),
            Check("every approval stands on a stored decision", decided),
            Check("the books reconcile to zero, and no exception is open", books.is_even and not books.exceptions),
            Check("the ledger balances", balanced),
            Check("the audit chain is whole", chain.broken is None and not chain.unlinked),
            Check("the journal's chain is whole", verified),
            Check("every advice was answered", not bench.equipment.money.open_advices),
        ),
    )
