"""A campaign as one page of HTML that needs nothing else: no script, no font, no picture from elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final

from simulators.campaign import catalogue, rules
from simulators.campaign.campaign import Campaign
from simulators.campaign.findings import Finding
from simulators.campaign.plots import Bar, bars, room_for
from simulators.campaign.version import commit
from terminal.states import TRANSITIONS, State

STYLE: Final = Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def page(campaign: Campaign, findings: Sequence[Finding], at: datetime) -> str:
    """The page, made at that time."""
    return "\n".join(_page(campaign, findings, at)) + "\n"


def _page(campaign: Campaign, findings: Sequence[Finding], at: datetime) -> Iterator[str]:
    tally = campaign.tally
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>medteller campaign</title>'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
    yield "<h1>Campaign</h1>"
    until = (
        f"{tally.seeds} seeds from {tally.first_seed} on, commit <code>{escape(commit())}</code>, {at:%Y-%m-%d %H:%M}"
    )
    yield f'<p class="dim">{until}{"; interrupted" if campaign.interrupted else ""}</p>'
    yield from _tiles(campaign)
    yield from _violations(campaign, findings)
    yield "<h2>What went wrong on purpose</h2>"
    yield from _faults(campaign)
    yield "<h2>How visits ended</h2>"
    yield bars(_counted(tally.endings.most_common()), "visits by their end")
    yield "<h2>States of the terminal</h2>"
    yield from _states(campaign)
    yield "<h2>Transitions</h2>"
    yield from _transitions(campaign)
    yield "<h2>The rules</h2><table>"
    yield from (
        f'<tr><td class="number">{number}</td><td>{escape(rules.words(number))}</td></tr>' for number in rules.RULES
    )
    yield f'</table><p class="dim">Trace hash over all seeds: <code>{tally.trace_hash}</code></p></body></html>'


def _tiles(campaign: Campaign) -> Iterator[str]:
    tally, wall = campaign.tally, max(campaign.wall_seconds, 1e-9)
    yield '<div class="tiles">'
    for kind, value, words in (
        ("bad" if tally.violations else "good", f"{tally.violations}", "violations"),
        ("", f"{tally.seeds:,}", f"seeds, {tally.twice:,} played twice"),
        ("", f"{sum(tally.endings.values()):,}", "visits"),
        ("", f"{sum(tally.fired.values()):,}", f"faults of {len(tally.fired)} kinds"),
        ("", f"{tally.cuts:,}", f"power cuts, {tally.starts:,} starts"),
        ("", f"{tally.seconds / 3600:,.1f}", f"simulated hours in {wall:,.0f} s"),
        ("", f"{tally.seeds / wall:,.2f}", "seeds a second"),
    ):
        yield f'<div class="{kind}"><b>{value}</b>{words}</div>'
    yield "</div>"


def _violations(campaign: Campaign, findings: Sequence[Finding]) -> Iterator[str]:
    if not campaign.tally.violations:
        yield "<p>No rule was broken.</p>"
        return
    yield "<h2>Broken rules</h2>"
    for found in findings:
        number = found.violation.invariant
        story = escape("\n".join(found.text()))
        yield f'<div class="finding"><b>Rule {number}: {escape(rules.words(number))}</b> in seed {found.tape.seed}'
        yield f"<p>{escape(found.violation.words)}</p><p><code>{escape(found.replay)}</code></p>"
        yield f"<details><summary>What happened</summary><pre>{story}</pre></details>"
        yield f"<details><summary>The tape</summary><pre>{escape(found.tape.as_json())}</pre></details></div>"
    yield "<details><summary>All of them</summary><table><tr><th>seed</th><th>rule</th><th>at</th><th></th></tr>"
    for played in campaign.tally.broken:
        for each in played.violations:
            yield f'<tr><td class="number">{played.job.seed}</td><td class="number">{each.invariant}</td>'
            yield f'<td class="number">{each.at:.1f}&nbsp;s</td><td>{escape(each.words)}</td></tr>'
    yield "</table></details>"


def _faults(campaign: Campaign) -> Iterator[str]:
    fired = campaign.tally.fired
    possible = catalogue.in_order(catalogue.WORDS.keys() - catalogue.CANT_HAPPEN.keys())
    left, most = room_for(map(_fault, possible)), max(fired.values(), default=0)
    for family, words in catalogue.FAMILIES.items():
        rows = [_reached(_fault(fault), fired[fault]) for fault in possible if fault[0] == family]
        yield f"<h3>{family}: {escape(words)}</h3>"
        yield bars(rows, words, left=left, most=most)
    yield "<h3>These can't happen here</h3><table>"
    for fault in catalogue.in_order(catalogue.CANT_HAPPEN):
        yield f"<tr><td>{fault}</td><td>{escape(catalogue.CANT_HAPPEN[fault])}</td></tr>"
    yield "</table>"


def _states(campaign: Campaign) -> Iterator[str]:
    tally = campaign.tally
    yield "<h3>How often each was entered</h3>"
    yield bars([_reached(state, tally.states[state]) for state in State], "states entered")
    yield "<h3>How long the terminal was in them, besides idle and out of service</h3>"
    resting = (State.IDLE, State.OUT_OF_SERVICE)
    times = {state: tally.seconds_in.get(state, 0.0) for state in State if state not in resting}
    yield bars([Bar(state, seconds, _time(seconds)) for state, seconds in times.items()], "time in each state")
    rest = ", ".join(f"{_time(tally.seconds_in.get(state, 0.0))} {state}" for state in resting)
    yield f'<p class="dim">Besides: {rest}.</p>'


def _transitions(campaign: Campaign) -> Iterator[str]:
    counts = campaign.tally.transitions
    table = {f"{row.source} {row.event} {row.dest}" for row in TRANSITIONS}
    reached, never = sorted(table & counts.keys()), sorted(table - counts.keys())
    yield f"<p>{len(reached)} of {len(table)} rows of the table were reached.</p>"
    yield "<details><summary>Reached, and how often</summary><table>"
    yield from (_row(name, f"{counts[name]:,}") for name in sorted(reached, key=lambda name: -counts[name]))
    yield "</table></details><details><summary>Never reached</summary><table>"
    yield from (_row(name, "") for name in never)
    yield "</table></details>"


def _row(name: str, count: str) -> str:
    cells = "".join(f"<td>{escape(word)}</td>" for word in name.split())
    return f'<tr>{cells}<td class="number">{count}</td></tr>'


def _fault(fault: str) -> str:
    return f"{fault:<4} {catalogue.WORDS[fault]}"


def _reached(label: str, count: int) -> Bar:
    return Bar(label, count, f"{count:,}") if count else Bar(label, 0, "never", "bad")


def _counted(rows: Iterable[tuple[str, int]]) -> list[Bar]:
    return [Bar(name, count, f"{count:,}") for name, count in rows]


def _time(seconds: float) -> str:
    return (
        f"{seconds / 3600:,.1f} h"
        if seconds >= 3600
        else f"{seconds / 60:.1f} min"
        if seconds >= 60
        else f"{seconds:.1f} s"
    )
