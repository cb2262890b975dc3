"""The recordings in tests/vectors/traces. `python -m tests.simulators.trace.golden` makes those of `SESSIONS` anew.

They are redacted, as every trace is. `puloon-lcdm-2000-by-hand` is not recorded: it is put together from the vectors of
the specification and of a capture, with round times.
"""

from pathlib import Path

from drivers.trace_file import read_trace
from simulators.trace.conversation import Conversation, conversation
from simulators.world import virtual_time
from tests.simulators.trace.sessions import PORT, SESSIONS, header, record

FOLDER = Path(__file__).parents[2] / "vectors" / "traces"


def golden(name: str) -> Conversation:
    """A recording by its name, most often the model."""
    return conversation(read_trace(FOLDER / f"{name}.jsonl"), PORT)


def main() -> None:
    """Record every session."""
    for session in SESSIONS:
        _, records = virtual_time.run(record(session))
        lines = [header(session).to_json(), *(each.to_json() for each in records)]
        (FOLDER / f"{session.model}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
