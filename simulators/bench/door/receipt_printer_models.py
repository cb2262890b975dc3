"""What goes in and out of the rooms at the receipt printer: one model for each request and reply, with an example."""

from typing import Annotated

from pydantic import BaseModel, Field

from simulators.bench.door.models import example


class ReceiptShown(BaseModel):
    """A receipt as a person reads it. `number` counts the receipts that were torn off here, from 1."""

    model_config = example(number=1, text="        RECEIPT\n500.00 yuan", qr=["https://example.org"], cut="partial")

    number: int
    text: str
    qr: tuple[str, ...]
    cut: str


class Slot(BaseModel):
    """Does a receipt hang from the printer's slot?"""

    model_config = example(receipt=True)

    receipt: bool


class Paper(BaseModel):
    """A roll with so many lines; 0: none."""

    model_config = example(lines=150)

    lines: Annotated[int, Field(ge=0, le=1_000_000)]


class Jam(BaseModel):
    """When the paper jams."""

    model_config = example(after_lines=3)

    after_lines: Annotated[int, Field(ge=0, le=10_000)] = 0


class PrinterState(BaseModel):
    """How the printer is, in words."""

    model_config = example(state={"cover": "open", "paper": "150 lines, near end"})

    state: dict[str, str]
