"""Rooms of the control door at the printer: receipts, paper, cover."""

import asyncio
from functools import cache

from fastapi import APIRouter, Response

from simulators.bench.door.models import REFUSALS, Opened
from simulators.bench.door.receipt_printer_models import Jam, Paper, PrinterState, ReceiptShown, Slot
from simulators.bench.hands import CantBe, Hands, NotThere
from simulators.devices.receipt import Receipt
from simulators.devices.receipt_image import Font, NoFont, png


def routes(hands: Hands) -> APIRouter:
    """Receipts, paper, cover, jams."""
    router = APIRouter(prefix="/receipt_printer", tags=["receipt printer"], responses=REFUSALS)

    def now() -> dict[str, str]:
        return dict(hands.hardware.printer.snapshot())

    @router.get("/slot", summary="Does a receipt hang from the slot?")
    async def slot() -> Slot:
        return Slot(receipt=hands.hardware.printer.receipt_at_slot is not None)

    @router.post("/tear_off", summary="Tear off the receipt that hangs from the slot, and read it")
    async def tear_off() -> ReceiptShown:
        return _shown(hands.tear_off(), len(hands.torn_off))

    @router.get(
        "/receipts/{number}.png",
        summary="A receipt that was torn off, as a picture",
        response_class=Response,
        responses={200: {"content": {"image/png": {"example": "the bytes of a PNG file"}}}},
    )
    async def picture(number: int) -> Response:
        try:
            drawn = await asyncio.to_thread(_drawn, _torn_off(hands, number))
        except NoFont as error:
            raise CantBe(str(error)) from None
        return Response(drawn, media_type="image/png")

    @router.get("/receipts/{number}", summary="Read a receipt again that was torn off")
    async def read(number: int) -> ReceiptShown:
        return _shown(_torn_off(hands, number), number)

    @router.put("/paper", summary="Put in a roll; one of 0 lines takes it out, a short one is near its end")
    async def load(body: Paper) -> PrinterState:
        hands.load_paper(body.lines)
        return PrinterState(state=now())

    @router.put("/cover", summary="Open or close the cover")
    async def cover(body: Opened) -> PrinterState:
        hands.open_cover(is_open=body.open)
        return PrinterState(state=now())

    @router.post("/jam", summary="Have the paper jam, now or after some lines")
    async def jam(body: Jam | None = None) -> PrinterState:
        hands.jam_paper(0 if body is None else body.after_lines)
        return PrinterState(state=now())

    @router.post("/clear_jam", summary="Remove jammed paper")
    async def clear() -> PrinterState:
        hands.clear_paper()
        return PrinterState(state=now())

    return router


def _torn_off(hands: Hands, number: int) -> Receipt:
    if not 1 <= number <= len(hands.torn_off):
        raise NotThere(f"no receipt {number}; {len(hands.torn_off)} were torn off here")
    return hands.torn_off[number - 1]


def _shown(receipt: Receipt, number: int) -> ReceiptShown:
    return ReceiptShown(
        number=number, text=receipt.text, qr=receipt.qr, cut="" if receipt.cut is None else receipt.cut.name.lower()
    )


_font = cache(Font)


def _drawn(receipt: Receipt) -> bytes:
    return png([receipt], _font())
