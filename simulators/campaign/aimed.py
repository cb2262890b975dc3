"""Faults where they hurt: between a motion and its record, between a message and its answer, alone and in pairs."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from simulators.campaign.moments import Aim, Subject
from simulators.campaign.possible import Possible
from simulators.campaign.tape import Act, Visit
from simulators.world.fault_options import Option
from simulators.world.faulty_line import Direction
from terminal.journal import Entry
from terminal.view import Screen

TO_THE_CUSTOMER: Final = (
    Aim(Entry.DISPENSE_INTENT),
    Aim(Entry.DISPENSE_INTENT),
    Aim(Entry.DISPENSE_DONE),
    Aim(Entry.ADVICE_STORED, Subject.CONFIRM),
)
WITH_A_STACKER: Final = (
    Aim(Entry.STACK_INTENT),
    Aim(Entry.STACK_INTENT),
    Aim(Entry.STACK_DONE),
    Aim(Entry.PRESENT_INTENT),
    Aim(Entry.PRESENT_INTENT),
    Aim(Entry.PRESENT_DONE),
    Aim(Entry.PRESENT_DONE),
    Aim(Entry.CASH_TAKEN),
    Aim(Entry.CASH_LEFT),
    Aim(Entry.RETRACT_INTENT),
    Aim(Entry.REJECT_INTENT),
)
"""Records after which the notes of a dispenser move or have moved, without and with a stacker."""

CARD: Final = (
    Aim(Entry.CARD_READ),
    Aim(Entry.CARD_TAKEN),
    Aim(Entry.CARD_LEFT),
    Aim(Entry.CAPTURE_INTENT),
    Aim(Entry.STACK_DONE),
    Aim(Entry.HOST_REPLY, Subject.CASH),
    Aim(Entry.HOST_REPLY, Subject.TRANSFER),
)
"""Records after which a card is on its way."""

OTHERS: Final = (
    Aim(Entry.STARTED),
    Aim(Entry.SUSPENSE_OPENED),
    Aim(Entry.VISIT_ENDED),
    Aim(Entry.SETTLEMENT_BEGUN),
    Aim(Entry.SERVICE_REQUEST),
)
"""Records after which something else is under way that must not be done twice or be lost."""

WRITES: Final = (Aim(Entry.SERVICE_REQUEST), Aim(Entry.SERVICE_REQUEST), Aim(Entry.VISIT_ENDED))
"""Records after which the service line has something to do once; a rating comes after the visit."""

LOSSES: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("D1", {"reply": True}),
    ("D1", {"reply": True}),
    ("D1", {"reply": False}),
    ("D2", {"seconds": 45.0}),
    ("D2", {"seconds": 35.0}),
    ("D2", {"seconds": 45.0, "reply": False}),
    ("D3", {}),
    ("D4", {}),
    ("D4", {"seconds": 20.0}),
    ("D5", {}),
    ("D6", {}),
    ("D9", {}),
    ("D9", {"reply": False, "more": False}),
    ("D10", {"reply": True}),
    ("D10", {"reply": False}),
    ("D11", {"reply": False}),
    ("D11", {"reply": True, "alone": True}),
    ("D13", {"byte": 30, "reply": True}),
    ("A6", {}),
    ("A7", {}),
    ("A8", {}),
)
"""What becomes of a message about money, or of its answer."""

BANKS: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("D24", {"seconds": 300.0}),
    ("D24", {"seconds": 3_000.0}),
    ("D25", {"after": False}),
    ("D25", {"after": True}),
)
"""What else becomes of a transfer."""

CLOCK: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("F1", {"seconds": 86_400}),
    ("F1", {"seconds": 3_600}),
    ("F2", {"seconds": 86_400}),
    ("F2", {"seconds": 600}),
    ("F4", {}),
    ("F6", {}),
)
"""What a wall clock does between a request and what settles it."""

MUTE: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("B3", {"number": 2_000}),
    ("B5", {"seconds": 60.0}),
    ("B17", {"seconds": 90.0}),
    ("B19", {}),
)
"""How nothing can be heard of a device for a while."""

UNSETTLED: Final = (
    Aim(Entry.ADVICE_STORED, Subject.REVERSAL),
    Aim(Entry.ADVICE_STORED, Subject.REVERSAL),
    Aim(Entry.HOST_NO_ANSWER),
    Aim(Entry.ADVICE_STORED, Subject.CONFIRM),
)
"""Records after which the host does not know yet how something ended."""

LEAVES: Final[Mapping[Entry, Screen]] = {
    Entry.CARD_LEFT: Screen.TAKE_CARD,
    Entry.CAPTURE_INTENT: Screen.TAKE_CARD,
    Entry.REJECT_INTENT: Screen.TAKE_CARD,
    Entry.PRESENT_DONE: Screen.TAKE_CASH,
    Entry.CASH_LEFT: Screen.TAKE_CASH,
    Entry.RETRACT_INTENT: Screen.TAKE_CASH,
}
"""Records that there are, or that matter, only where somebody leaves, and at which screen."""

NEAR: Final = 40
"""Steps and bytes that lie close to a record."""

RECOVERY: Final = 150
"""Steps that a start needs to settle what it finds."""


def money(visit: Visit) -> Subject:
    """What this customer asks the host for."""
    return Subject.TRANSFER if visit.transfer_fen else Subject.CASH


def messages(visit: Visit) -> tuple[Aim, ...]:
    """Records after which a message is on its way; what follows on the quote's answer is the request for money."""
    request, reply = Aim(Entry.HOST_REQUEST, money(visit)), Aim(Entry.HOST_REPLY, money(visit))
    return (
        *(request, request, reply),
        Aim(Entry.HOST_REPLY, Subject.QUOTE),
        Aim(Entry.HOST_REPLY, Subject.QUOTE),
        Aim(Entry.ADVICE_STORED),
        Aim(Entry.ADVICE_STORED),
        Aim(Entry.ADVICE_ANSWERED),
        Aim(Entry.HOST_REQUEST, Subject.QUOTE),
        Aim(Entry.HOST_REQUEST, Subject.SIGN_ON),
    )


def moments(one: Possible, notes: Sequence[Aim], visit: Visit) -> Sequence[Aim]:
    """When it matters most that this goes wrong; `notes` are the moments of this dispenser."""
    match one.target, one.fault:
        case "cash_dispenser", _ if visit.amount:
            return notes
        case "card_reader", _:
            return CARD
        case _, "D19" | "D20" | "D21" | "D22" | "D23":
            return WRITES
        case _, "A6" | "A7" | "A8":
            return messages(visit)
        case _ if one.fault[0] == "D":
            return messages(visit)
        case _:
            return (*(notes if visit.amount else ()), *CARD, *messages(visit), *OTHERS)


def cut_at(chance: random.Random, notes: Sequence[Aim], visit: Visit) -> Act:
    """A cut at a moment of this visit; `notes` are the records after which its notes move."""
    kind, where = chance.random(), ""
    if kind < 0.5 and visit.amount:
        aim, role = chance.choice(notes), "cash_dispenser"
        where = chance.choice(("A10", "A12")) if chance.random() < 0.2 else ""
    elif kind < 0.65:
        aim, role = chance.choice(CARD), "card_reader"
        where = "A11" if chance.random() < 0.3 else ""
    else:
        aim, role = chance.choice(messages(visit) if kind < 0.9 else OTHERS), "pin_pad"
    return _cut(chance, aim, role, where)


def loss(chance: random.Random, visit: Visit) -> Act:
    """The request for money of this visit, or its answer, does not come as it should."""
    fault, options = chance.choice((*LOSSES, *BANKS) if visit.transfer_fen else LOSSES)
    return Act(fault=fault, at=Entry.HOST_REPLY, about=Subject.QUOTE, options=dict(options))


def advice_lost(chance: random.Random) -> Act:
    """A confirm or reversal, or its answer, does not come as it should."""
    fault, options = chance.choice((*LOSSES, ("D17", {})))
    about = Subject.REVERSAL if fault == "D17" else chance.choice((None, None, Subject.CONFIRM))
    return Act(fault=fault, at=Entry.ADVICE_STORED, about=about, options=dict(options))


def mute(chance: random.Random, notes: Sequence[Aim]) -> Act:
    """Notes have moved, and the dispenser can't be asked where they are."""
    fault, options = chance.choice(MUTE)
    done = [aim for aim in notes if aim.at in (Entry.DISPENSE_DONE, Entry.PRESENT_DONE, Entry.STACK_DONE)]
    return Act(fault=fault, at=chance.choice(done).at, target="cash_dispenser", options=dict(options))


def write_lost(chance: random.Random) -> Act:
    """What is to be done once on the service line has no good answer, or the kiosk dies before it hears one."""
    if chance.random() < 0.3:
        return _cut(chance, Aim(chance.choice((Entry.SERVICE_REQUEST, Entry.SERVICE_ANSWER))), "pin_pad")
    fault, requests = chance.choice(("D23", "D23", "D19", "D20", "D21", "D22")), chance.choice((1, 1, 2))
    return Act(fault=fault, at=Entry.SERVICE_REQUEST, options={"requests": requests})


def pair(chance: random.Random, notes: Sequence[Aim], motions: Sequence[Possible], visit: Visit) -> tuple[Act, ...]:
    """Two faults near one another: the second strikes while the kiosk is still at what the first has left.

    `motions`: what can happen to the dispenser.
    """
    kind = chance.random()
    if kind < 0.25:
        return loss(chance, visit), _cut(chance, chance.choice(UNSETTLED), "pin_pad")
    if kind < 0.45:
        aim = chance.choice((Aim(Entry.HOST_REQUEST, money(visit)), *UNSETTLED))
        return chance.choice((loss(chance, visit), advice_lost(chance))), _clock(chance, aim)
    if kind < 0.6:
        return advice_lost(chance), _cut(chance, Aim(Entry.ADVICE_STORED), "pin_pad")
    if kind < 0.8 and visit.amount and motions:
        one, aim = chance.choice(motions), chance.choice(notes)
        options = dict(one.ailment.draw(chance))
        device = Act(fault=one.fault, at=aim.at, about=aim.about, target=one.target, command=1, options=options)
        return device, _cut(chance, chance.choice((aim, aim, Aim(Entry.SUSPENSE_OPENED))), "cash_dispenser")
    return cut_at(chance, notes, visit), _again(chance)


def with_cause(chance: random.Random, visit: Visit) -> Visit:
    """This visit, so that what its acts are aimed at comes about: with a customer who goes, where one has to."""
    screens = [LEAVES[act.at] for act in visit.acts if act.at is not None and act.at in LEAVES]
    if not screens or not visit.amount or visit.cancels_at or visit.walks_away_at or visit.wrong_pins:
        return visit
    return visit.model_copy(update={"walks_away_at": chance.choice(screens), "comes_back": False})


def _again(chance: random.Random) -> Act:
    """While a start sorts out what was left: power, a program that dies, or a clock that is not what it was."""
    if chance.random() < 0.25:
        return _clock(chance, Aim(Entry.STARTED))
    seconds = round(chance.uniform(0, 20), 3)
    step = chance.randint(1, RECOVERY)
    return Act(fault="A1", at=Entry.STARTED, options={"step": step, "seconds": seconds})


def _clock(chance: random.Random, aim: Aim) -> Act:
    fault, options = chance.choice(CLOCK)
    return Act(fault=fault, at=aim.at, about=aim.about, options=dict(options))


def _cut(chance: random.Random, aim: Aim, role: str, where: str = "") -> Act:
    fault = where or chance.choice(("A1", "A1", "A2", "A3", "A3", "A4", "A9", "A14"))
    seconds = round(chance.uniform(0, 20), 3)
    options = _options(chance, fault, role, seconds)
    return Act(fault=fault, at=aim.at, about=aim.about, after=_after(chance, fault), options=options)


def _after(chance: random.Random, fault: str) -> float:
    """A watchdog knows no place; everything else has one of its own, counted from the record."""
    return round(chance.uniform(0, 4), 3) if fault == "A14" else 0.0


def _options(chance: random.Random, fault: str, role: str, seconds: float) -> dict[str, str | float]:
    match fault:
        case "A1":
            return {"step": chance.randint(1, NEAR), "seconds": seconds}
        case "A2":
            direction = chance.choice(tuple(Direction))
            return {"role": role, "byte": chance.randint(1, NEAR), "direction": direction, "seconds": seconds}
        case "A3" | "A4":
            return {"number": chance.choice((1, 1, 1, 2, 3)), "seconds": seconds}
        case "A9":
            return {"step": chance.randint(1, NEAR), "second": chance.randint(1, RECOVERY), "seconds": seconds}
        case "A10" | "A11" | "A12":
            return {"after": round(chance.uniform(0, 3), 3), "seconds": seconds}
        case _:
            return {"seconds": seconds}
