"""Draws the state table of the terminal: `python -m tests.state_diagram` writes docs/state_machine.md."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from terminal.states import FAULTS, TRANSITIONS, Event, State, Transition

PAGE = Path(__file__).parent.parent / "docs" / "state_machine.md"

_HEAD = """\
# The state machine

Drawn from the table in `terminal/states.py` by `python -m tests.state_diagram`; a test fails when this page is not that
table. The rules behind the table stand at the head of that file.

An effect is the method of `terminal.effects.Effects` that a transition starts. It never waits: the work it starts ends
in one event, and that event is looked up here again.

## Without faults
"""

_FAULTS = f"""\
## With faults

Every state has a row for each of {", ".join(f"`{fault}`" for fault in FAULTS)}.
"""

_JOURNAL = """\
## Without a journal

A journal that can't be written ends in the same place from every state. Nothing is settled then: a restart reads what
is really on the disk.
"""

_POWER = """\
## While the power is failing

The battery's warning ends in the same place from every state. The motion that has begun is waited for, no other begins;
when the power is back the kiosk starts up, which settles what is open.
"""


def page(table: Iterable[Transition] = TRANSITIONS) -> str:
    """The whole page as Markdown."""
    rows = tuple(table)
    regular = [row for row in rows if row.event not in (*FAULTS, Event.JOURNAL_FAULT, Event.POWER_WARNING)]
    faults = [row for row in rows if row.event in FAULTS]
    journal = [row for row in rows if row.event is Event.JOURNAL_FAULT]
    power = [row for row in rows if row.event is Event.POWER_WARNING]
    parts = (
        _HEAD,
        "\n".join(_diagram(regular)),
        "\n".join(_rows(regular)),
        _FAULTS,
        "\n".join(_rows(faults, merged="any of them" if _same_for_all(faults) else "")),
        _JOURNAL,
        "\n".join(_rows(journal)),
        _POWER,
        "\n".join(_rows(power)),
    )
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def _diagram(rows: Iterable[Transition]) -> Iterator[str]:
    """Mermaid: one arrow for each pair of states, with its events."""
    arrows: dict[tuple[State, State], list[Event]] = {}
    for row in rows:
        arrows.setdefault((row.source, row.dest), []).append(row.event)
    yield from ("```mermaid", "stateDiagram-v2", f"    [*] --> {State.STARTING}")
    for (source, dest), events in arrows.items():
        yield f"    {source} --> {dest}: {', '.join(events)}"
    yield "```"


def _rows(rows: Iterable[Transition], merged: str = "") -> Iterator[str]:
    """A table; with `merged`, one row a state that stands for all its events."""
    yield from ("| in state | on event | go to | and start |", "|---|---|---|---|")
    lines = (f"| `{row.source}` | {merged or f'`{row.event}`'} | `{row.dest}` | `{row.effect}` |" for row in rows)
    yield from dict.fromkeys(lines)


def _same_for_all(rows: Iterable[Transition]) -> bool:
    """Whether each state treats all these events alike."""
    ways = {(row.source, row.dest, row.effect) for row in rows}
    return len(ways) == len({source for source, _, _ in ways})


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
