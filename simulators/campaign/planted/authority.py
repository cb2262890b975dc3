"""Planted bugs of the authority: what the host does wrong, a terminal can only show."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import func, select, update

from protocol.money_line import ResponseCode
from simulators.authority import facts
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger import draws, ledger, payout_entries
from simulators.authority.ledger.draws import Ending, ExchangeKey
from simulators.authority.ledger.ledger import Account, Line, Movement
from simulators.authority.ledger.usage import PersonUse
from simulators.authority.money_line import authorisation, chip, switch
from simulators.authority.money_line.exchanges import Answer, earlier_answer
from simulators.authority.people import pins
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables import ledger as tables
from simulators.authority.tables.ledger import DrawState, EntryKind, Part
from simulators.campaign.planted.bug import Patch, Planted, changed, instead, silent, together

DRAWS: Final = "simulators/authority/ledger/draws.py"
ENTRIES: Final = "simulators/authority/ledger/payout_entries.py"
SWITCH: Final = "simulators/authority/money_line/switch.py"
PINS: Final = "simulators/authority/people/pins.py"
USAGE: Final = "simulators/authority/ledger/usage.py"
DESK: Final = "simulators/authority/money_line/authorisation.py"


def _pays_repetitions() -> Patch:
    """Whoever asks again gets it again, under a key of its own, and a chip's cryptogram may come again too."""
    repetitions = iter(range(1, 1_000_000))

    def make(before: Any) -> Any:
        def request(self: Any, connection: Any, terminal: Any, message: Any, asked: Any, at: Any) -> Answer:
            key = ExchangeKey(terminal.id, asked.batch, asked.stan, at.date())
            if earlier_answer(connection, key, message.mac or b"") is not None:
                asked = replace(asked, stan=900_000 + next(repetitions))
            return before(self, connection, terminal, message, asked, at)  # type: ignore[no-any-return]

        return request

    return together(changed(switch.Switch, "_request", make), changed(chip, "_count_on", silent))


def _credit(connection: Any, draw: Any, fen: int, at: Any) -> None:
    lines = (
        Line(Account.suspense(draw.key.terminal), debit_fen=fen),
        Line(Account.personal(draw.person_id), credit_fen=fen, part=Part.CURRENT_YEAR),
    )
    reference = f"back:{draw.id}:{at.isoformat()}"
    ledger.post(connection, reference, EntryKind.GIVE_BACK, lines, Movement(at, "reversal", draw.key.terminal))


def _reversal_credits(state: DrawState) -> Patch:
    """A reversal of what is not held any more is paid to the person."""

    def make(before: Any) -> Any:
        def reverse(connection: Any, key: Any, place: Any, at: Any) -> Ending:
            draw = draws.find_draw(connection, key)
            if draw is not None and draw.state is state:
                _credit(connection, draw, draw.amount_fen, at)
                return Ending.DONE
            return before(connection, key, place, at)  # type: ignore[no-any-return]

        return reverse

    return changed(switch, "reverse", make)


def _one_leg() -> Patch:
    def make(before: Any) -> Any:
        def post(connection: Any, reference: str, kind: Any, lines: Any, movement: Any) -> bool:
            posted: bool = before(connection, reference, kind, lines, movement)
            if posted and kind is EntryKind.DRAW:
                last = select(func.max(tables.postings.c.id)).scalar_subquery()
                connection.execute(tables.postings.delete().where(tables.postings.c.id == last))
            return posted

        return post

    return changed(payout_entries, "post", make)


def _no_tombstone() -> Patch:
    """No tombstone, and what the kiosk has told of its journal does not refuse a late request either."""

    def make(before: Any) -> Any:
        def reverse(connection: Any, key: Any, place: Any, at: Any) -> Ending:
            if draws.find_draw(connection, key) is None:
                return Ending.NOT_FOUND
            return before(connection, key, place, at)  # type: ignore[no-any-return]

        return reverse

    return together(changed(switch, "reverse", make), changed(switch, "heard", instead(lambda *_: True)))


def _another_person() -> Patch:
    def make(before: Any) -> Any:
        def payout(draw: Any, *rest: Any) -> Any:
            return before(replace(draw, person_id=draw.person_id % 8 + 1), *rest)

        return payout

    return changed(payout_entries, "payout_lines", make)


NO_LIMIT: Final = dict.fromkeys(PayoutMode, 10**9)


def _limits_off(**limits: Any) -> Patch:
    """A limit of the policies that nobody applies."""

    def make(before: Any) -> Any:
        def decide(home: Any, place: Any, *rest: Any) -> Any:
            free = (
                policy.model_copy(update={"limits": policy.limits.model_copy(update=limits)})
                for policy in (home, place)
            )
            return before(*free, *rest)

        return decide

    return changed(authorisation, "decide", make)


def _overdrawn() -> Patch:
    def make(before: Any) -> Any:
        return lambda *what: replace(before(*what), balance_fen=10**9)

    return changed(authorisation, "gather", make)


def _all_of_the_hold() -> Patch:
    def make(before: Any) -> Any:
        return lambda connection, draw, paid_fen, at: before(connection, draw, draw.amount_fen, at)

    return changed(draws, "capture", make)


def _confirms_what_was_reversed() -> Patch:
    def make(before: Any) -> Any:
        def confirm(connection: Any, key: Any, paid_fen: int, place: Any, at: Any) -> Ending:
            draw = draws.find_draw(connection, key)
            if draw is not None and draw.state is DrawState.REVERSED:
                held = update(tables.draws).where(tables.draws.c.id == draw.id).values(state=DrawState.HELD)
                connection.execute(held)
            return before(connection, key, paid_fen, place, at)  # type: ignore[no-any-return]

        return confirm

    return changed(switch, "confirm", make)


def _approves_without_holding() -> Patch:
    return changed(authorisation, "hold", instead(lambda *_: 1))


def _refuses_and_holds() -> Patch:
    """The hold comes before the decision, and a refusal leaves it."""

    def make(before: Any) -> Any:
        def decide(connection: Any, desk: Any, terminal: Any, key: Any, *rest: Any) -> Answer:
            answer: Answer = before(connection, desk, terminal, key, *rest)
            amount = getattr(rest[3], "amount", None)
            if amount is not None and answer.code is not ResponseCode.APPROVED:
                card, home = rest[0], rest[1]
                approval = draws.Approval(card.person_id, amount, home.region, terminal.region, "", 1)
                draws.hold(connection, key, approval, rest[-1])
            return answer

        return decide

    return changed(authorisation, "_decide", make)


def _tries_not_counted() -> Patch:
    return changed(pins, "count_wrong_pins", silent)


def _wrong_pins_stay() -> Patch:
    """A right PIN does not take the wrong ones back."""

    def make(before: Any) -> Any:
        return lambda connection, card, wrong, *on: before(connection, card, wrong, *on) if wrong else None

    return changed(pins, "count_wrong_pins", make)


def _holds_do_not_count() -> Patch:
    """Balance and limits know what was paid, and nothing of what is on its way."""

    def make(before: Any) -> Any:
        def use(*asked: Any) -> PersonUse:
            found: PersonUse = before(*asked)
            held = found.held_fen
            return replace(found, held_fen=0, today_fen=found.today_fen - held, year_fen=found.year_fen - held)

        return use

    return changed(facts, "person_use", make)


BUGS: Final = (
    Planted("M27", "a request that comes twice is held and answered twice", SWITCH, _pays_repetitions, (9, 18)),
    Planted(
        "M28",
        "a second reversal is paid out to the person",
        DRAWS,
        lambda: _reversal_credits(DrawState.REVERSED),
        (2, 20),
    ),
    Planted("M45", "the ledger posts one leg of a draw", ENTRIES, _one_leg, (1,)),
    Planted("K80", "a reversal that comes before its request leaves nothing behind", DRAWS, _no_tombstone, (9,)),
    Planted("K81", "another person's account is debited", ENTRIES, _another_person, (15, 20)),
    Planted(
        "K82",
        "the limit of one draw is not applied",
        DESK,
        lambda: _limits_off(single_fen=NO_LIMIT),
        (17, 18),
    ),
    Planted("K83", "the limit of a day is not applied", DESK, lambda: _limits_off(day_fen=10**9), (17, 18)),
    Planted("K84", "the balance is not looked at", DESK, _overdrawn, (1, 17, 18)),
    Planted("K85", "a confirm of a part debits the whole hold", ENTRIES, _all_of_the_hold, (4,)),
    Planted("K86", "a confirmed draw is reversed", DRAWS, lambda: _reversal_credits(DrawState.CONFIRMED), (1, 20)),
    Planted("K87", "a confirm of what was reversed debits the person", DRAWS, _confirms_what_was_reversed, (2,)),
    Planted(
        "K111",
        "what was paid without an open approval is booked nowhere",
        DRAWS,
        lambda: changed(draws, "suspend", silent),
        (4,),
    ),
    Planted("K88", "an approval holds nothing", DESK, _approves_without_holding, (5,)),
    Planted("K89", "a refused request leaves a hold", DESK, _refuses_and_holds, (9,)),
    Planted(
        "K90",
        "any PIN is right",
        "simulators/authority/hsm.py",
        lambda: changed(SoftHsm, "pin_is_right", instead(lambda *_: True)),
        (18,),
    ),
    Planted(
        "K91",
        "the MAC of a request is not checked",
        SWITCH,
        lambda: changed(SoftHsm, "mac_is_right", instead(lambda *_: True)),
        (4, 8),
    ),
    Planted("K92", "wrong PINs are not counted", PINS, _tries_not_counted, (18,)),
    Planted("K93", "wrong PINs of the past are never forgiven", PINS, _wrong_pins_stay, (18,)),
    Planted("K102", "what is on hold counts for nothing", USAGE, _holds_do_not_count, (1, 18)),
)
"""Of the authority."""
