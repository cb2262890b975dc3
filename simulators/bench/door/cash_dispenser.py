"""Rooms of the control door at the dispenser: the exit, cassettes, reject tray, safe."""

from collections.abc import Iterable

from fastapi import APIRouter

from simulators.bench.door.cash_dispenser_models import (
    Cassettes,
    CassetteShown,
    Inserted,
    Notes,
    NoteShown,
    Refill,
    SomeNotes,
)
from simulators.bench.door.models import REFUSALS, Opened
from simulators.bench.hands import Hands
from simulators.world.custody import Note


def routes(hands: Hands) -> APIRouter:
    """What customers and staff do at a dispenser."""
    router = APIRouter(prefix="/cash_dispenser", tags=["cash dispenser"], responses=REFUSALS)

    @router.get("/exit", summary="Notes within the customer's reach")
    async def at_exit() -> Notes:
        return _notes(hands.hardware.dispenser.notes_at_exit)

    @router.post("/take", summary="Take notes from the exit, the topmost first, all by default")
    async def take(body: SomeNotes | None = None) -> Notes:
        return _notes(hands.take_notes(None if body is None else body.number))

    @router.post("/put_back", summary="Lay taken notes into the exit again")
    async def put_back(body: SomeNotes | None = None) -> Notes:
        return _notes(hands.put_back_notes(None if body is None else body.number))

    @router.get("/cassettes", summary="What is physically in the cassettes")
    async def cassettes() -> Cassettes:
        return Cassettes(cassettes=tuple(_cassette(hands, position) for position in hands.cassettes()))

    @router.put("/cassettes/{position}", summary="Pull a cassette out, or put it back")
    async def insert(position: int, body: Inserted) -> CassetteShown:
        hands.insert_cassette(position, inserted=body.inserted)
        return _cassette(hands, position)

    @router.post("/cassettes/{position}/notes", summary="Lay new notes into a cassette, right ones or wrong ones")
    async def refill(position: int, body: Refill) -> CassetteShown:
        hands.refill_cassette(position, body.denomination, body.notes)
        return _cassette(hands, position)

    @router.delete("/cassettes/{position}/notes", summary="Take all notes out of a cassette")
    async def empty(position: int) -> Notes:
        return _notes(hands.empty_cassette(position))

    @router.put("/reject_tray", summary="Pull the reject tray out and empty it, or put it back")
    async def reject_tray(body: Inserted) -> Notes:
        return _notes(hands.insert_reject_tray(inserted=body.inserted))

    @router.put("/capture_box", summary="Pull the box for retracted notes out and empty it, or put it back")
    async def capture_box(body: Inserted) -> Notes:
        return _notes(hands.insert_capture_box(inserted=body.inserted))

    @router.post("/empty_pool", summary="Staff take the notes that wait to be presented")
    async def empty_pool() -> Notes:
        return _notes(hands.empty_pool())

    @router.put("/safe", summary="Open or close the safe")
    async def safe(body: Opened) -> Opened:
        hands.open_safe(is_open=body.open)
        return body

    @router.post("/clear_jam", summary="Staff take out what is stuck in the transport")
    async def clear() -> Notes:
        return _notes(hands.clear_notes())

    return router


def _cassette(hands: Hands, position: int) -> CassetteShown:
    return CassetteShown(position=position, notes=hands.in_cassette(position))


def _notes(notes: Iterable[Note]) -> Notes:
    shown = tuple(NoteShown(denomination=note.denomination, serial=note.serial) for note in notes)
    return Notes(notes=shown, total=sum(note.denomination for note in shown))
