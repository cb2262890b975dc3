"""What happens in a visit for cash, from the request to the notes: one story for one visit, told in faults."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from simulators.bench.faults import CUSTOMER
from simulators.campaign.moments import Aim, Subject
from simulators.campaign.network import DELAY
from simulators.campaign.possible import Possible
from simulators.campaign.tape import Act
from simulators.world.fault_options import Option
from simulators.world.faulty_line import Direction, Part
from terminal.journal import Entry

TROUBLES: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("C1", {}),
    ("C2", {}),
    ("C2", {}),
    ("C3", {}),
    ("C3", {"at_exit": True}),
    ("C5", {}),
)
"""What can happen to a note on its way, or keep it where it is."""

ON_THE_LINE: Final = 0.35
NOISE: Final = 0.45
OUT_OF_STEP: Final = 0.3
"""How many stories are about the dispenser's line; how many of these are about bits that flip, how many about answers
that do not belong to their command.
"""

FIRST_PICKS: Final = (1, 1, 2, 3, 4)
"""A trouble comes with one of them: most amounts are a few notes, and before the first one nothing has moved."""

MOTION: Final = 2
"""Which command after the record of its intent moves notes: the driver asks first whether the dispenser is idle."""

COMMANDS: Final = (1, MOTION, MOTION, MOTION, 3)
"""Around the motion: what is asked before it, and what after it."""

FLIPPED: Final = ("B1", "B2", "B2")
"""How a noisy line damages messages."""

NOISY: Final = 5
"""How many messages in a row are damaged."""

WAYS: Final = (Direction.FROM_DEVICE, Direction.FROM_DEVICE, Direction.TO_DEVICE)
"""Which way they go."""

AS_IT_STARTS: Final = ("E1", "E2", "E3", "E10", "E11", "E11", "E11")
"""What a disk can do to a program that starts."""

SILENCE: Final = (5.0, 150.0)
"""Seconds, up to more than any driver waits for the end of a motion."""

JUMPS: Final[Sequence[tuple[str, Mapping[str, Option]]]] = (
    ("F1", {"seconds": 86_400}),
    ("F1", {"seconds": 3_600}),
    ("F2", {"seconds": 3_600}),
    ("F2", {"seconds": 3_600}),
    ("F6", {}),
)
"""Where a wall clock goes."""

READING: Final = (
    Aim(Entry.CARD_READ),
    Aim(Entry.HOST_REPLY, Subject.QUOTE),
    Aim(Entry.CONFIRMED),
    Aim(Entry.VISIT_ENDED),
    Aim(Entry.RECEIPT_PRINTED),
)
"""Records after which somebody reads a screen."""

IN_REACH: Final = (Entry.DISPENSE_DONE, Entry.PRESENT_INTENT, Entry.PRESENT_DONE)
"""Records after which notes can be taken, or soon."""

ALL_NOTES: Final = 200

DISPENSER: Final = "cash_dispenser"

Moments = Sequence[Entry]
Story = Callable[[random.Random, Moments], tuple[Act, ...]]


def worn(chance: random.Random, notes: Sequence[Aim]) -> tuple[Act, ...]:
    """The first cassette has picked two notes at once, as it does for everybody."""
    return (_at_pick(chance, [aim.at for aim in notes], "C2", {}),)


def stale(_: random.Random, notes: Sequence[Aim]) -> tuple[Act, ...]:
    """What the dispenser said of an earlier dispense comes before what it says of this one."""
    at = _begin([aim.at for aim in notes])
    return (Act(fault="B16", at=at, target=DISPENSER, command=MOTION, options={"same_form": True}),)


def story(chance: random.Random, notes: Sequence[Aim], suffers: Sequence[Possible]) -> tuple[Act, ...]:
    """One of the stories of a dispenser whose notes move at these records; `suffers`: what can happen to it."""
    at = [aim.at for aim in notes]
    if chance.random() < ON_THE_LINE:
        return _on_the_line(chance, at, [one for one in suffers if one.fault[0] == "B"])
    return chance.choice(WITH_A_STACKER if Entry.STACK_INTENT in at else TO_THE_CUSTOMER)(chance, at)


def approved_after_all(chance: random.Random) -> tuple[Act, ...]:
    """The host refuses, and an approval comes after it or in its place."""
    return (Act(fault="D8", at=Entry.CARD_READ, options={"instead": chance.random() < 0.5}),)


def _on_the_line(chance: random.Random, at: Moments, suffers: Sequence[Possible]) -> tuple[Act, ...]:
    """What is said about the first motion is damaged, lost, doubled or out of order."""
    kind = chance.random()
    if kind < NOISE:
        return _noise(chance, at)
    if kind < NOISE + OUT_OF_STEP:
        return _out_of_step(chance, at)
    one = chance.choice(suffers)
    command, options = chance.choice(COMMANDS), dict(one.ailment.draw(chance))
    return (Act(fault=one.fault, at=_begin(at), target=DISPENSER, command=command, options=options),)


def _begin(at: Moments) -> Entry:
    return Entry.STACK_INTENT if Entry.STACK_INTENT in at else Entry.DISPENSE_INTENT


def _trouble(chance: random.Random, at: Moments) -> tuple[Act, ...]:
    """A note jams, is not picked, or comes with another one."""
    return (_at_pick(chance, at, *chance.choice(TROUBLES)),)


def _at_pick(chance: random.Random, at: Moments, fault: str, options: Mapping[str, Option]) -> Act:
    where = {} if fault == "C5" else {"cassette": 1, "pick": chance.choice(FIRST_PICKS)}
    return Act(fault=fault, at=_begin(at), target=DISPENSER, command=1, options={**options, **where})


def _noise(chance: random.Random, at: Moments) -> tuple[Act, ...]:
    """Bits flip in what is said around a motion, one way or the other."""
    fault, begin = chance.choice(FLIPPED), chance.choice([moment for moment in at if moment.endswith("_intent")])
    first = chance.choice((1, MOTION, MOTION))
    return tuple(
        Act(
            fault=fault,
            at=begin,
            target=DISPENSER,
            command=first + number,
            options={"direction": chance.choice(WAYS), "part": Part.MESSAGE},
        )
        for number in range(NOISY)
    )


def _out_of_step(chance: random.Random, at: Moments) -> tuple[Act, ...]:
    """The ACK to a motion is lost, or an older answer comes before the one that is due."""
    fault, command = chance.choice((("B13", MOTION), ("B16", MOTION), ("B16", MOTION), ("B16", 1)))
    options: dict[str, Option] = {"same_form": chance.random() < 0.7} if fault == "B16" else {}
    return (Act(fault=fault, at=_begin(at), target=DISPENSER, command=command, options=options),)


def _silence(chance: random.Random, at: Moments) -> tuple[Act, ...]:
    """Nobody hears for a while how a motion ends."""
    begin = chance.choice([moment for moment in at if moment.endswith("_intent")])
    after, seconds = round(chance.uniform(0, 2), 3), round(chance.uniform(*SILENCE), 3)
    return (Act(fault="B5", at=begin, after=after, target=DISPENSER, options={"seconds": seconds}),)


def _death(chance: random.Random, at: Moments) -> tuple[Act, ...]:
    """The program dies with notes in reach or a card at the gate, and people go on without it, or go."""
    begin = chance.choice([*(moment for moment in at if moment in IN_REACH), Entry.CARD_LEFT])
    after, seconds = round(chance.uniform(0, 2), 3), round(chance.uniform(10, 40), 3)
    death = Act(fault="A14", at=begin, after=after, options={"seconds": seconds})
    return chance.choice(((death,), (death, Act(fault="G2", at=begin, target=CUSTOMER))))


def _dies_asking(chance: random.Random, _: Moments) -> tuple[Act, ...]:
    """The program dies before it hears what the host says to the request for money."""
    after, seconds = round(chance.uniform(0, 2 * DELAY), 3), round(chance.uniform(10, 40), 3)
    return (Act(fault="A14", at=Entry.HOST_REQUEST, about=Subject.CASH, after=after, options={"seconds": seconds}),)


def _card_left(_: random.Random, __: Moments) -> tuple[Act, ...]:
    """A person goes without card and money, and the host does not take back what did not come."""
    gone = Act(fault="G2", at=Entry.HOST_REPLY, about=Subject.CASH, target=CUSTOMER)
    return gone, Act(fault="D17", at=Entry.ADVICE_STORED, about=Subject.REVERSAL)


def _last_moment(chance: random.Random, _: Moments) -> tuple[Act, ...]:
    """A person takes the notes after all, as the kiosk is about to take them back."""
    begin, after = chance.choice((Entry.CASH_LEFT, Entry.RETRACT_INTENT)), round(chance.choice((0.0, 0.1, 0.5)), 3)
    return (Act(fault="C12", at=begin, after=after, target=DISPENSER, options={"notes": ALL_NOTES}),)


def _miscounted(chance: random.Random, at: Moments) -> tuple[Act, ...]:
    """Notes that were never presented, left or not all that were asked for, are taken back, and fewer are counted."""
    counts_short = Act(fault="C15", at=Entry.REJECT_INTENT, target=DISPENSER, options={"notes": 1})
    return (*chance.choice(((), _trouble(chance, at))), counts_short)


def _forgotten(chance: random.Random, _: Moments) -> tuple[Act, ...]:
    """The disk comes back as it was before the approval, or spoilt, when all is settled."""
    before = Act(fault=chance.choice(("E8", "E8", "E9")), at=Entry.HOST_REQUEST, about=Subject.CASH)
    return before, Act(fault="A14", at=chance.choice((Entry.ADVICE_ANSWERED, Entry.VISIT_ENDED)))


def _starts_badly(chance: random.Random, at: Moments) -> tuple[Act, ...]:
    """The program dies, and the disk fails as it starts again."""
    begin, dead = chance.choice((*at, Entry.HOST_REQUEST, Entry.VISIT_ENDED)), round(chance.uniform(2, 10), 3)
    fault = chance.choice(AS_IT_STARTS)
    return Act(fault="A14", at=begin, options={"seconds": dead}), Act(fault=fault, at=begin, after=dead / 2)


def _clock(chance: random.Random, _: Moments) -> tuple[Act, ...]:
    """The wall clock is put to another time while a person reads a screen."""
    fault, options = chance.choice(JUMPS)
    at = chance.choice(READING)
    after = round(chance.uniform(0, 2), 3)
    return (Act(fault=fault, at=at.at, about=at.about, after=after, options=dict(options)),)


def _replayed(chance: random.Random, _: Moments) -> tuple[Act, ...]:
    """The answer to the request for money is an approval of before, and mostly nothing but that."""
    options = {"reply": True, "alone": chance.random() < 0.7}
    return (Act(fault="D11", at=Entry.HOST_REPLY, about=Subject.QUOTE, options=options),)


def _altered(_: random.Random, __: Moments) -> tuple[Act, ...]:
    """Somebody on the way makes less of what a confirm says was paid."""
    less: dict[str, Option] = {"reply": False, "more": False}
    return (Act(fault="D9", at=Entry.ADVICE_STORED, about=Subject.CONFIRM, options=less),)


def _out_of_date(_: random.Random, __: Moments) -> tuple[Act, ...]:
    """One of two mirrored disks has missed the approval and all that follows, and serves for one start."""
    return (
        Act(fault="E8", at=Entry.HOST_REQUEST, about=Subject.CASH, options={"newer_comes_back": True}),
        Act(fault="D1", at=Entry.ADVICE_STORED, about=Subject.CONFIRM, options={"reply": False}),
        Act(fault="A14", at=Entry.ADVICE_STORED, about=Subject.CONFIRM),
        Act(fault="A14", at=Entry.ADVICE_ANSWERED, about=Subject.REVERSAL),
    )


TO_THE_CUSTOMER: Final[Sequence[Story]] = (
    *(_trouble, _trouble, _trouble, _silence, _silence, _starts_badly, _death),
    *(_dies_asking, _card_left, _forgotten, _out_of_date, _clock, _replayed, _altered, _altered),
)
WITH_A_STACKER: Final = (*TO_THE_CUSTOMER, _last_moment, _last_moment, _miscounted, _miscounted)
