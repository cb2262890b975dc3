"""8113 and 8114: what became of one withdrawal, for the counter; and what a terminal reports of notes in doubt."""

from typing import Annotated

from pydantic import Field

from protocol.service_line.information import Done
from protocol.service_line.service import TELLERS, Caller, Service
from protocol.service_line.values import Body, Count, Fen, Instant, Reference, Region, Text, Yes, example

FAMILY = "payouts"

MOST_WORDS = 120
"""Characters of a cause."""

Word = Annotated[Text, Field(max_length=40)]


class LookUpInput(Body):
    """The number that stands on the screen and on the receipt."""

    model_config = example(reference="614000000017")

    reference: Reference


class Told(Body):
    """What the terminal has said of the notes, or the authority has noted of it."""

    at: Instant
    kind: Text
    text: Text


class LookUpOutput(Body):
    """What the books say, and what the terminal says; name and card are masked."""

    model_config = example(
        reference="614000000017",
        at="2026-05-20 10:00:00",
        terminal="K3710001",
        place="371000",
        person="测**",
        card="621700*********0012",
        code="00",
        code_text="交易成功",
        code_text_en="approved",
        outcome="held",
        outcome_text="已授权,资金冻结中",
        outcome_text_en="authorised, on hold",
        asked_fen=50000,
        held_fen=50000,
        paid_fen=0,
        awaits_count=True,
        told=[
            {
                "at": "2026-05-20 10:01:30",
                "kind": "cash in doubt",
                "text": "notes were not taken and are in the retract area; phase retracted; 5 notes, 5 counted",
            }
        ],
    )

    reference: Reference
    at: Instant
    terminal: Text
    place: Region
    person: Text | None = None
    card: Text | None = None
    code: Annotated[Text, Field(description="reply code of the money line")]
    code_text: Text
    code_text_en: Text
    outcome: Text
    outcome_text: Text
    outcome_text_en: Text
    asked_fen: Fen | None = None
    held_fen: Fen = 0
    paid_fen: Annotated[Fen, Field(description="less what was given back")] = 0
    awaits_count: Annotated[Yes, Field(description="held, and the terminal can't say what was paid: people count")]
    told: Annotated[tuple[Told, ...], Field(description="oldest first")] = ()
    enquiry_due: Annotated[Instant | None, Field(description="by when the keeper of the terminal must have said")] = (
        None
    )


class DoubtInput(Body):
    """Notes of an approval of which nobody knows how many were taken; `reference` is that of the approval."""

    model_config = example(
        reference="614000000017",
        cause="notes were not taken and are in the retract area",
        asked=5,
        phase="retracted",
        notes=5,
        counted=5,
    )

    reference: Reference
    cause: Annotated[Text, Field(min_length=1, max_length=MOST_WORDS)]
    asked: Annotated[Count, Field(description="notes asked of the cassettes")]
    phase: Annotated[Word | None, Field(description="where the bundle is, on a dispenser with a stacker")] = None
    notes: Annotated[Count | None, Field(description="notes in the bundle")] = None
    counted: Annotated[Count | None, Field(description="what the device counted when it took notes back")] = None


LOOK_UP = Service(
    "8113",
    FAMILY,
    "取现交易查询",
    "look up a withdrawal by its reference",
    TELLERS,
    LookUpInput,
    LookUpOutput,
    writes=False,
    about="For counters of the provider whose terminal it was, and of the person's home region.",
)
DOUBT = Service(
    "8114",
    FAMILY,
    "存疑现金上报",
    "report cash in doubt",
    frozenset({Caller.TERMINAL}),
    DoubtInput,
    Done,
    writes=True,
)
