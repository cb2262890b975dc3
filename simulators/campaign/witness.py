"""What really happened, as nobody inside the kiosk can see it: notes and cards, records, messages, books.

The witness of one run. It judges nothing; `invariants` does.
"""

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from drivers.trace import Sender, TraceRecord
from protocol.money_line import ResponseCode
from simulators.authority.report import DrawRow
from simulators.authority.tables.ledger import DrawState
from simulators.campaign.rig import Rig
from simulators.campaign.told import Told
from simulators.campaign.transfers import Transfers, is_transfer
from simulators.campaign.written import Written
from simulators.world.custody import Note
from terminal.journal import Entry, Journal, Record

if TYPE_CHECKING:
    from simulators.campaign.onlooker import Onlooker

CUSTOMER: Final = "customer"
STAFF: Final = "staff"

SEPARATORS: Final = str.maketrans("", "", " .-_/:,")
"""What may stand between the groups of a number."""

REACH: Final = ("dispenser/exit", "dispenser/throat", CUSTOMER)
"""Places where a hand can get at a note."""

INTENTS: Final = {
    Entry.DISPENSE_INTENT: "dispense",
    Entry.STACK_INTENT: "dispense",
    Entry.PRESENT_INTENT: "present",
    Entry.RETRACT_INTENT: "retract",
    Entry.REJECT_INTENT: "reject",
    Entry.DISPENSER_RESET_INTENT: "reset",
}
"""Records that must be on the disk before notes move, and which motion each is for."""

MOTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "DISPENSE": ("dispense",),
    "COUNT": ("dispense",),
    "TRANSPORT": ("present", "retract", "reject"),
    "RETRIEVAL": ("retract",),
    "PURGE": ("reset",),
    "INITIALISE": ("reset",),
}
"""What a motion's message begins with in a trace, and which intents allow it."""

RETRIEVED: Final = re.compile(r"RETRIEVE: .*; (?:not counted|(\d+) notes)")
"""How a trace words that notes were taken back."""

CONFIRM, REVERSAL = "0220", "0400"

BOOKS_DOWN: Final = ResponseCode.SYSTEM_ERROR

ANSWERS: Final[Mapping[str, str]] = {
    Entry.HOST_REQUEST: Entry.HOST_REPLY,
    Entry.ADVICE_STORED: Entry.ADVICE_ANSWERED,
}
"""Records whose messages about money tell the host how far the journal goes, and the records of their answers."""


@dataclass(slots=True)
class Draw:
    """One approval as the terminal named it in its journal, and the notes that moved for it."""

    transaction: str
    stan: int
    amount_fen: int
    picked: list[Note] = field(default_factory=list)
    reached: set[Note] = field(default_factory=set)
    counted: bool = False
    """A person has counted since."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A message to the dispenser that moves notes: its words, and the intent that was on the disk then, if any.

    `warned`: the battery had said before that intent that the power fails.
    """

    at: float
    words: str
    intent: str | None
    synced: bool
    times: int
    warned: bool = False


class Witness:
    """Follows one rig from before its first start. `changed` is called after everything that may have broken a rule."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.booked_cash_fen = rig.authority.terminal_cash_fen(rig.file.kiosk.terminal)
        """What the host believes to be in the kiosk at the beginning."""
        self.cash_requests: list[Record] = []
        self.loaded = sum(rig.custody.number(place) for place in rig.custody.places())
        self.records: list[Record] = []
        """Every record that was acknowledged, by all programs."""
        self.found: list[tuple[int, bool]] = []
        """At each start: how many acknowledged records were still there, and whether the chain held."""
        self.put_away: list[str] = []
        """Why people had to put a journal away, once its disk was mended."""
        self.set_back = False
        """A start found a journal that lacks what the host knows of, and the authority has not agreed to that."""
        self.draws: dict[str, Draw] = {}
        self.confirmed: dict[int, set[int]] = {}
        """By trace number, what the kiosk has told the host was paid, in fen, where the host has taken note of it."""
        self.transfers = Transfers()
        self.written = Written(rig.books)
        self.told = Told()
        self.motions: list[Motion] = []
        self.trace: list[TraceRecord] = []
        self.log: list[str] = []
        self.unhandled: list[str] = []
        """Errors in tasks that nobody waited for."""
        self.onlooker: Onlooker | None = None
        self.served: str | None = None
        """What the last customer missed at the end of the day; None for nothing."""
        self.changed: list[Callable[[], None]] = []
        self.states = Counter[str]()
        self.transitions = Counter[str]()
        self.seconds_in: dict[str, float] = {}
        self.retrieved: int | None = None
        """Notes that the dispenser said it has counted when it last took some back; None: it did not count."""
        self._since = 0.0
        self._origin: dict[Note, int] = {}
        self._intent: Record | None = None
        self._uses = 0
        self._warned = self._intent_warned = False
        self.captures = 0
        """Cards that any journal says are to be kept."""
        self._journals = 0
        self._heard_before = False
        """The records that come are old ones, read again."""
        self._hashes: set[str] = set()
        """Of all records that ever were."""
        self._ends: dict[int, DrawState] = {}
        self._digest = hashlib.sha256()
        self._requests: dict[int, Record] = {}
        self._confirms: dict[int, int] = {}
        rig.custody.watch(self._note_moved)
        rig.tracer.add(self._message)
        rig.heard.append(self._recorded)
        rig.started.append(self._started)

    @property
    def digest(self) -> str:
        """SHA-256 over every message on every wire and every record: the same for two runs that went the same way."""
        whole = self._digest.copy()
        whole.update("".join(record.hash for record in self.records).encode())
        return whole.hexdigest()

    # What was seen

    def worth_fen(self, notes: "set[Note] | list[Note]") -> int:
        """What the terminal takes notes for: the value of the cassette each came from."""
        return sum(fen * number for fen, number in self._by_worth(notes).items())

    def kiosk_draws(self) -> Sequence[DrawRow]:
        """What the books have of the kiosk's requests; what was drawn online has no trace number."""
        return [row for row in self.rig.authority.draws() if row.stan]

    def ends_undone(self) -> Iterator[str]:
        """What had ended in one way at the host when this was last asked, and has ended in another now.

        A transfer is paid with its approval, and can be given up after that.
        """
        transfers = {transfer.stan for transfer in self.transfers}
        for row in self.rig.authority.draws():
            before, self._ends[row.id] = self._ends.get(row.id, row.state), row.state
            given_up = before is DrawState.CONFIRMED and row.stan in transfers
            if before not in (DrawState.HELD, row.state) and not given_up:
                yield f"draw {row.stan or row.id} was {before}, and is {row.state} now"

    def gone(self, draw: Draw) -> set[Note]:
        """The notes of a draw that the kiosk has no more. What lies in reach counts as gone until somebody counts."""
        places = (CUSTOMER,) if draw.counted else REACH
        return {note for note in draw.reached if self.rig.custody.where(note) in places or self._left(note, draw)}

    def by_unit(self, notes: "set[Note]") -> dict[str, int]:
        """Notes by the unit they came from."""
        return dict(Counter(f"unit{self._origin[note]}" for note in sorted(notes, key=lambda note: note.serial)))

    def secrets_found(self) -> Iterator[str]:
        """PINs and card numbers in the journal or in what the trace says of the wires."""
        records = "\n".join(f"{record.transaction} {_unsealed(record.data)}" for record in self.records)
        notes = "\n".join(f"{record.note} {record.hex}" for record in self.trace)
        places = {"the journal": records, "a wire trace": notes, "the log": "\n".join(self.log)}
        if self.onlooker is not None:
            places |= {"a screen or receipt": "\n".join(self.onlooker.seen)}
        joined = {place: text.translate(SEPARATORS) for place, text in places.items()}
        for person in self.rig.people:
            for name, secret, texts in (("PIN", person.pin, places), ("card number", person.pan, joined)):
                looks = (secret, digits := secret.encode().hex(), _bytes(secret), _bytes(digits))
                for place, text in texts.items():
                    if any(look in text for look in looks):
                        yield f"the {name} of {person.id} is in {place}"

    def _by_worth(self, notes: "set[Note] | list[Note]") -> Counter[int]:
        cassettes = self.rig.file.cash_dispenser.cassettes
        return Counter(cassettes[self._origin[note] - 1].denomination * 100 for note in notes)

    def _left(self, note: Note, draw: Draw) -> bool:
        """Staff found it in reach, and nobody had to count: it was paid, and left behind."""
        return not draw.counted and self.rig.custody.where(note) == STAFF

    def accepted(self) -> None:
        """The authority agrees to go on with what the journal has now."""
        self.set_back = False
        self._heard_before = True
        self.new_journal()

    def new_journal(self) -> None:
        """The old one can't be used any more: records count from one again."""
        self.records.clear()
        self._journals += 1
        old = f"journal {self._journals}, "
        self.draws = {f"{old}{visit}": draw for visit, draw in self.draws.items()}
        self.transfers.new_journal(old)
        if self.onlooker is not None:
            self.onlooker.new_journal(old)

    def catch_up(self, journal: Journal) -> None:
        """Take the records that somebody else has written."""
        for record in journal.records(after=len(self.records)):
            self._recorded(record)
        self._heard_before = False

    # What happens

    def hear_log(self, line: str) -> None:
        """A line of the terminal's log."""
        if '"event": "transition"' not in line:
            self.log.append(line)
            return
        moved = json.loads(line)
        self.states[moved["dest"]] += 1
        now = asyncio.get_running_loop().time()
        self.seconds_in[moved["source"]] = self.seconds_in.get(moved["source"], 0.0) + now - self._since
        self._since = now
        self.transitions[f"{moved['source']} {moved['cause']} {moved['dest']}"] += 1

    def _note_moved(self, note: Note, place: str, to: str) -> None:
        if place.startswith("dispenser/cassette"):
            self._origin[note] = int(place.removeprefix("dispenser/cassette"))
        draw = self._draw_now()
        if draw is not None and to != STAFF:
            if place.startswith("dispenser/cassette"):
                draw.picked.append(note)
            if to in REACH:
                self._owner(note, draw).reached.add(note)
        if to in REACH:
            self._tell()

    def _owner(self, note: Note, draw: Draw) -> Draw:
        """Whose note it is: that of the draw that picked it."""
        return next((each for each in reversed(self.draws.values()) if note in each.picked), draw)

    def _draw_now(self) -> Draw | None:
        return None if self._intent is None else self.draws.get(self._intent.transaction or "")

    def _recorded(self, record: Record) -> None:
        self.records.append(record)
        is_new = not self._heard_before and record.hash not in self._hashes
        self._hashes.add(record.hash)
        match record.kind:
            case Entry.HOST_REQUEST if "amount_fen" in record.data:
                self._requests[record.data["stan"]] = record
                self.cash_requests.append(record)
                self.transfers.asked(record)
            case Entry.HOST_REPLY if record.data.get("approved"):
                request = self._requests[record.data["stan"]]
                visit = record.transaction or ""
                if is_transfer(request):
                    self.transfers.approved(record.data["stan"])
                elif is_new or visit not in self.draws:
                    self.draws[visit] = Draw(visit, record.data["stan"], request.data["amount_fen"])
            case Entry.ADVICE_STORED if record.data["mti"] == REVERSAL:
                self.transfers.given_up(record.data["stan"])
            case Entry.ADVICE_STORED:
                self._confirms[record.data["stan"]] = record.data["amount_fen"]
            case Entry.ADVICE_ANSWERED if record.data["mti"] == CONFIRM and record.data["ended"]:
                stan = record.data["stan"]
                self.confirmed.setdefault(stan, set()).add(self._confirms[stan])
            case Entry.CAPTURE_INTENT if is_new:
                self.captures += 1
            case Entry.POWER_FAILING | Entry.POWER_RESTORED | Entry.STARTED:
                self._warned = record.kind == Entry.POWER_FAILING
            case kind if kind in INTENTS:
                self._intent, self._uses, self._intent_warned = record, 0, self._warned
            case Entry.SUSPENSE_CLOSED if record.transaction in self.draws:
                self.draws[record.transaction].counted = True
        if is_new:
            draw = self.draws.get(visit := record.transaction or "")
            reached = Counter[int]() if draw is None else self._by_worth(draw.reached)
            self.told.hear(record, draw, self.transfers.of_visit(visit), reached)
            self.written.hear(record)
            if self.onlooker is not None:
                self.onlooker.recorded(record)
        self._tell()

    def _message(self, record: TraceRecord) -> None:
        self.trace.append(record)
        self._digest.update(f"{record.t:.6f} {record.port} {record.direction} {record.hex}\n".encode())
        if record.port != "cash_dispenser":
            return
        if record.direction is Sender.DEVICE:
            if record.note and (told := RETRIEVED.match(record.note)):
                self.retrieved = int(told[1]) if told[1] else None
            return
        word = record.note.split()[0].split("_")[0].rstrip(";") if record.note else ""
        if word in MOTIONS:
            self._uses += 1
            allowed = self._intent is not None and INTENTS[Entry(self._intent.kind)] in MOTIONS[word]
            intent = self._intent.kind if allowed and self._intent is not None else None
            self.motions.append(
                Motion(record.t, record.note, intent, self.rig.disk.all_synced, self._uses, self._intent_warned)
            )
            self._tell()

    def _started(self, journal: Journal) -> None:
        self._since = asyncio.get_running_loop().time()
        kept = list(journal.records())
        same = sum(1 for mine, there in zip(self.records, kept, strict=False) if mine.hash == there.hash)
        self.found.append((len(self.records) - same, journal.verify().ok))
        self.set_back = self.set_back or _known_to_host(self.records[same:])
        del self.records[same:]  # what follows takes their numbers
        if self.onlooker is not None and self.found[-1][0]:
            self.onlooker.set_back(self.records)
        self.catch_up(journal)  # one that was under way may have been kept without being acknowledged
        self._tell()

    def _tell(self) -> None:
        for hear in self.changed:
            hear()


def _known_to_host(lost: list[Record]) -> bool:
    """The host has answered a message about money that told the place of one of these records, its own not counted.

    A host whose books are down says so (96), and remembers nothing of what it was told.
    """
    told = {(ANSWERS[record.kind], *_exchange(record)) for record in lost[1:] if _tells(record)}
    answers = (each for each in lost if each.kind in ANSWERS.values() and each.data.get("code") != BOOKS_DOWN)
    return any((answer.kind, *_exchange(answer)) in told for answer in answers)


def _tells(record: Record) -> bool:
    return record.kind in ANSWERS and "sealed" in record.data


def _exchange(record: Record) -> tuple[int, int]:
    return record.data["batch"], record.data["stan"]


def _bytes(digits: str) -> str:
    """As a trace shows them, two digits in a byte: other bytes can't look like them by halves."""
    return " ".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def _unsealed(data: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in data.items() if name != "sealed"}
